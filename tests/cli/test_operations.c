/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/common.h"
#include "cli/operations.h"
#include "config/env.h"
#include "op/table.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_tables_are_well_made(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    if (op_table_check(&cli_operations, &err))
        fail_msg("%s", err.message);
}

/* A list of objects can't be typed. */
static void test_no_parameter_is_for_json_only(void **state)
{
    (void)state;
    for (const struct operation *const *item = cli_operations.items; *item; item++)
        for (const struct op_param *param = (*item)->params; param && param->name; param++)
            if (param->type == OP_OBJECTS)
                fail_msg("'%s' has '%s', which no command line can give", (*item)->name, param->name);
}

/* --format and its like mean the same everywhere. */
static void test_common_options_are_not_taken(void **state)
{
    (void)state;
    for (const struct operation *const *item = cli_operations.items; *item; item++) {
        for (const struct op_param *common = cli_common_params; common->name; common++) {
            if (op_param_find((*item)->params, str_z(common->name)))
                fail_msg("'%s' redefines '--%s'", (*item)->name, common->name);
            if (op_param_find_letter((*item)->params, common->letter))
                fail_msg("'%s' redefines '-%c'", (*item)->name, common->letter);
        }
    }
}

static const struct config_var *find_variable(const char *name)
{
    for (const struct config_var *var = config_vars; var->name; var++) {
        if (strcmp(var->name, name) == 0)
            return var;
    }
    return NULL;
}

/* What a parameter reads from the environment is a variable that config knows and ascribes to that command. */
static void test_variables_agree(void **state)
{
    (void)state;
    for (const struct operation *const *item = cli_operations.items; *item; item++) {
        for (const struct op_param *param = (*item)->params; param && param->name; param++) {
            const struct config_var *var = param->env ? find_variable(param->env) : NULL;
            if (param->env && (!var || !var->commands || !strstr(var->commands, (*item)->name)))
                fail_msg("'%s' of '%s' reads %s, which config/env.c does not know of it", param->name, (*item)->name,
                         param->env);
        }
    }
}

static bool is_read(const char *variable)
{
    for (const struct op_param *param = cli_common_params; param->name; param++) {
        if (param->env && strcmp(param->env, variable) == 0)
            return true;
    }
    for (const struct operation *const *item = cli_operations.items; *item; item++) {
        for (const struct op_param *param = (*item)->params; param && param->name; param++) {
            if (param->env && strcmp(param->env, variable) == 0)
                return true;
        }
    }
    return false;
}

/* A variable that stands for an option does so in an option's table; the others are config's own. */
static void test_variables_are_read(void **state)
{
    (void)state;
    static const char *const options[] = {"BAREHULL_MIRROR", "BAREHULL_OFFLINE"};
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        if (!is_read(options[i]))
            fail_msg("no parameter reads %s", options[i]);
    }
}

/* What touches the network or starts programs says so: these commands are known by heart. */
static void test_effects(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned effects;
    } known[] = {
        {"build", OP_READS_FILES | OP_WRITES_FILES | OP_NETWORK | OP_RUNS_PROCESSES},
        {"inspect", OP_READS_FILES},
        {"help", OP_PURE},
        {"completion", OP_PURE},
        {"version", OP_PURE},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        const struct operation *operation = op_table_find(&cli_operations, str_z(known[i].name));
        if (operation)
            assert_int_equal(operation->effects, known[i].effects);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_are_well_made),         cmocka_unit_test(test_no_parameter_is_for_json_only),
        cmocka_unit_test(test_common_options_are_not_taken), cmocka_unit_test(test_variables_agree),
        cmocka_unit_test(test_variables_are_read),           cmocka_unit_test(test_effects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

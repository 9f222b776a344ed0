/* SPDX-License-Identifier: Apache-2.0 */
#include "op/table.h"

#include "base/buf.h"

const struct operation *op_table_find(const struct op_table *table, struct str name)
{
    for (const struct operation *const *item = table->items; *item; item++) {
        if (str_eq_z(name, (*item)->name))
            return *item;
    }
    return NULL;
}

const struct op_param *op_param_find(const struct op_param *params, struct str name)
{
    for (const struct op_param *param = params; param && param->name; param++) {
        if (str_eq_z(name, param->name))
            return param;
    }
    return NULL;
}

const struct op_param *op_param_find_letter(const struct op_param *params, char letter)
{
    for (const struct op_param *param = params; param && param->name; param++) {
        if (letter && param->letter == letter)
            return param;
    }
    return NULL;
}

size_t op_param_count(const struct op_param *params)
{
    size_t count = 0;
    while (params && params[count].name)
        count++;
    return count;
}

void op_param_metavar(const struct op_param *param, struct buf *out)
{
    static const char *const by_type[OP_TYPES] = {
        [OP_STRING] = "TEXT",   [OP_INTEGER] = "N",     [OP_SIZE] = "SIZE", [OP_PATH_IN] = "PATH",
        [OP_PATH_OUT] = "PATH", [OP_MAP] = "KEY=VALUE", [OP_ARGV] = "JSON",
    };
    if (param->metavar) {
        buf_add_z(out, param->metavar);
    } else if (param->type == OP_ENUM) {
        for (const struct op_choice *choice = param->choices; choice->name; choice++)
            buf_addf(out, "%s%s", choice == param->choices ? "" : "|", choice->name);
    } else if (by_type[param->type]) {
        buf_add_z(out, by_type[param->type]);
    }
}

void op_param_json_name(const struct op_param *param, char name[OP_NAME_MAX])
{
    size_t len = 0;
    for (const char *c = param->name; *c && len + 1 < OP_NAME_MAX; c++)
        name[len++] = *c == '-' ? '_' : *c;
    name[len] = '\0';
}

size_t op_effect_names(unsigned effects, const char **names)
{
    static const struct {
        unsigned bit;
        const char *name;
    } known[] = {
        {OP_READS_FILES, "reads-files"},
        {OP_WRITES_FILES, "writes-files"},
        {OP_NETWORK, "network"},
        {OP_RUNS_PROCESSES, "runs-processes"},
    };
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (effects & known[i].bit)
            names[count++] = known[i].name;
    }
    return count;
}

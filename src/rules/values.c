/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "data/yaml.h"
#include "rules/judge.h"

static bool is_scalar(const struct data_node *node)
{
    return node->kind != DATA_OBJECT && node->kind != DATA_ARRAY;
}

static int read_strings(const struct data_node *node, struct arena *arena, struct rule_strings *ret_strings,
                        struct err *err)
{
    struct str *items = ARENA_ARRAY(arena, node->count + 1, struct str);
    size_t count = 0;
    if (!items)
        return err_nomem(err);
    DATA_EACH(child, node)
    {
        if (child->kind != DATA_STRING)
            return err_set(err, ERR_INVALID, "is to be a list of texts");
        items[count++] = child->value;
    }
    *ret_strings = (struct rule_strings){items, count};
    return 0;
}

int rule_value_read(const struct rule_param *param, const struct data_node *node, struct arena *arena,
                    struct rule_value *ret_value, struct err *err)
{
    bool flag = false;
    switch (param->type) {
    case RULE_PARAM_NUMBER:
        if (node->kind != DATA_NUMBER || data_u64(node, &ret_value->number, NULL) != 0)
            return err_set(err, ERR_INVALID, "is to be a whole number");
        return 0;
    case RULE_PARAM_SIZE:
        if (!is_scalar(node) || !num_parse_size(node->value, &ret_value->number))
            return err_set(err, ERR_INVALID, "is to be a size such as 10MB");
        return 0;
    case RULE_PARAM_BOOL:
        if (node->kind != DATA_BOOL || data_bool(node, &flag, NULL) != 0)
            return err_set(err, ERR_INVALID, "is to be true or false");
        ret_value->number = flag;
        return 0;
    case RULE_PARAM_STRINGS:
    default:
        if (node->kind != DATA_ARRAY)
            return err_set(err, ERR_INVALID, "is to be a list of texts");
        return read_strings(node, arena, &ret_value->strings, err);
    }
}

int rule_values_default(const struct rule *rule, struct arena *arena, struct rule_value **ret_values, struct err *err)
{
    size_t count = 0;
    while (rule->params && rule->params[count].name)
        count++;
    struct rule_value *values = count ? ARENA_ARRAY(arena, count, struct rule_value) : NULL;
    if (count && !values)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        const struct data_node *node = NULL;
        if (!rule->params[i].default_text)
            continue;
        int r = yaml_parse(str_z(rule->params[i].default_text), NULL, arena, &node, err);
        if (r == 0)
            r = rule_value_read(&rule->params[i], node, arena, &values[i], err);
        if (r != 0)
            return r;
    }
    *ret_values = values;
    return 0;
}

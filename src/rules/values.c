/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "data/yaml.h"
#include "rules/judge.h"

#include <string.h>

enum { PLAIN_ITEMS = 16 };

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

/* A word of a list as the table writes it: a letter or '/' and what YAML takes for nothing else. */
static size_t plain_word(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./";
    return char_is_digit(*text) || *text == '-' || *text == '.' ? 0 : strspn(text, letters);
}

static bool is_text(struct str word)
{
    return !str_eq_z(word, "true") && !str_eq_z(word, "false") && !str_eq_z(word, "null");
}

/*
 * Reads TEXT when it is "[a, b]", as nearly all defaults are: each check reads them, and YAML's reader would take
 * longer than the judgement of a small file. *ret_read says whether it was.
 */
static int read_plain_list(const char *text, struct arena *arena, struct rule_strings *ret_strings, bool *ret_read,
                           struct err *err)
{
    struct str items[PLAIN_ITEMS];
    size_t count = 0;
    *ret_read = false;
    if (*text++ != '[')
        return 0;
    for (size_t len; *text != ']'; count++, text += len) {
        if (count > 0 && strncmp(text, ", ", 2) != 0)
            return 0;
        text += count > 0 ? 2 : 0;
        len = plain_word(text);
        if (len == 0 || count == PLAIN_ITEMS || !is_text(str_of(text, len)))
            return 0;
        items[count] = str_of(text, len);
    }
    struct str *copy = text[1] == '\0' ? ARENA_ARRAY(arena, count + 1, struct str) : NULL;
    if (text[1] != '\0')
        return 0;
    if (!copy)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++)
        copy[i] = items[i];
    *ret_strings = (struct rule_strings){copy, count};
    *ret_read = true;
    return 0;
}

static int read_default(const struct rule_param *param, struct arena *arena, struct rule_value *ret_value,
                        struct err *err)
{
    const struct data_node *node = NULL;
    bool done = false;
    int r = 0;
    if (param->type == RULE_PARAM_NUMBER)
        done = num_parse_u64(str_z(param->default_text), &ret_value->number);
    else if (param->type == RULE_PARAM_STRINGS)
        r = read_plain_list(param->default_text, arena, &ret_value->strings, &done, err);
    if (r != 0 || done)
        return r;
    r = yaml_parse(str_z(param->default_text), NULL, arena, &node, err);
    return r != 0 ? r : rule_value_read(param, node, arena, ret_value, err);
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
        int r = rule->params[i].default_text ? read_default(&rule->params[i], arena, &values[i], err) : 0;
        if (r != 0)
            return r;
    }
    *ret_values = values;
    return 0;
}

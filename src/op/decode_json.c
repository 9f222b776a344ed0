/* SPDX-License-Identifier: Apache-2.0 */
#include "op/decode_json.h"

#include "base/num.h"
#include "base/suggest.h"
#include "data/json.h"

#include <stdio.h>

static int refuse_kind(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                       const char *wanted, struct err *err)
{
    return op_decode_refuse(decoder, param, err, " is %s, not %s", data_kind_name(node->kind), wanted);
}

static int decode_list(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                       struct err *err)
{
    if (node->kind != DATA_ARRAY)
        return refuse_kind(decoder, param, node, "an array of strings", err);
    int rc = op_decode_empty_list(decoder, param, err);
    DATA_EACH(item, node)
    {
        if (rc)
            return rc;
        if (item->kind != DATA_STRING)
            return refuse_kind(decoder, param, item, "a string", err);
        rc = op_decode_append(decoder, param, item->value, err);
    }
    return rc;
}

static int decode_map(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                      struct err *err)
{
    if (node->kind != DATA_OBJECT)
        return refuse_kind(decoder, param, node, "an object of strings", err);
    DATA_EACH(item, node)
    {
        if (item->kind != DATA_STRING)
            return refuse_kind(decoder, param, item, "a string", err);
        int rc = op_decode_pair(decoder, param, item->key, item->value, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int decode_object(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                         size_t index, struct err *err)
{
    char name[OP_NAME_MAX], inside[OP_NAME_MAX + 32];
    op_param_json_name(param, name);
    snprintf(inside, sizeof(inside), "%s[%zu].", name, index);
    if (node->kind != DATA_OBJECT)
        return refuse_kind(decoder, param, node, "an object", err);
    void *item = op_decode_add_object(decoder, param);
    if (!item)
        return err_nomem(err);
    struct op_decoder own = op_decoder_init(param->object->params, item, decoder->arena, OP_SURFACE_JSON);
    own.inside = inside;
    int rc = op_decode_object(&own, node, err);
    return rc ? rc : op_decode_finish(&own, NULL, err);
}

static int decode_objects(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                          struct err *err)
{
    if (node->kind != DATA_ARRAY)
        return refuse_kind(decoder, param, node, "an array of objects", err);
    size_t index = 0;
    if ((param->flags & OP_REQUIRED) && node->count == 0)
        return op_decode_refuse(decoder, param, err, " is empty");
    if (node->count > param->object->max)
        return op_decode_refuse(decoder, param, err, " has more than %zu elements", param->object->max);
    DATA_EACH(item, node)
    {
        int rc = decode_object(decoder, param, item, index++, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int decode_number(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                         struct err *err)
{
    if (param->type == OP_SIZE && node->kind == DATA_STRING)
        return op_decode_text(decoder, param, node->value, err);
    if (node->kind != DATA_NUMBER)
        return refuse_kind(decoder, param, node, "a whole number", err);
    int64_t value = 0;
    if (data_i64(node, &value, NULL))
        return op_decode_refuse(decoder, param, err, ": '%.*s' is not a whole number that fits", STR_ARG(node->value));
    return op_decode_integer(decoder, param, value, err);
}

static int decode_value(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                        struct err *err)
{
    if (param->flags & OP_REPEATED)
        return decode_list(decoder, param, node, err);
    switch (param->type) {
    case OP_STRING:
    case OP_PATH_IN:
    case OP_PATH_OUT:
    case OP_ENUM:
        if (node->kind != DATA_STRING)
            return refuse_kind(decoder, param, node, "a string", err);
        return op_decode_text(decoder, param, node->value, err);
    case OP_BOOL:
        if (node->kind != DATA_BOOL)
            return refuse_kind(decoder, param, node, "a boolean", err);
        return op_decode_flag(decoder, param, str_eq_z(node->value, "true"), err);
    case OP_INTEGER:
    case OP_SIZE:
        return decode_number(decoder, param, node, err);
    case OP_MAP:
        return decode_map(decoder, param, node, err);
    case OP_ARGV:
        return decode_list(decoder, param, node, err);
    case OP_OBJECTS:
        return decode_objects(decoder, param, node, err);
    case OP_TYPES:
        break;
    }
    return err_set(err, ERR_INTERNAL, "parameter '%s' has no type", param->name);
}

static const struct op_param *find_json(const struct op_param *params, struct str name)
{
    for (const struct op_param *param = params; param && param->name; param++) {
        char own[OP_NAME_MAX];
        op_param_json_name(param, own);
        if (str_eq_z(name, own))
            return param;
    }
    return NULL;
}

static int refuse_name(const struct op_decoder *decoder, struct str name, struct err *err)
{
    const char *inside = decoder->inside ? decoder->inside : "";
    struct suggest suggest = suggest_begin(name);
    for (const struct op_param *param = decoder->params; param && param->name; param++)
        suggest_offer(&suggest, str_z(param->name));
    int rc = err_set(err, ERR_USAGE, "unknown parameter '%s%.*s'", inside, STR_ARG(name));
    if (suggest.best.len == 0)
        return rc;
    char best[OP_NAME_MAX];
    op_param_json_name(op_param_find(decoder->params, suggest.best), best);
    return err_hint(err, "did you mean '%s'?", best);
}

int op_decode_object(struct op_decoder *decoder, const struct data_node *object, struct err *err)
{
    if (object->kind != DATA_OBJECT)
        return err_set(err, ERR_USAGE, "the arguments are %s, not an object", data_kind_name(object->kind));
    DATA_EACH(member, object)
    {
        const struct op_param *param = find_json(decoder->params, member->key);
        if (!param)
            return refuse_name(decoder, member->key, err);
        int rc = data_absent(member) ? 0 : decode_value(decoder, param, member, err);
        if (rc)
            return rc;
    }
    return 0;
}

int op_decode_argv_text(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err)
{
    const struct data_node *root = NULL;
    struct err parse = ERR_INIT;
    if (json_parse(value, decoder->arena, &root, &parse)) {
        if (parse.code == ERR_NOMEM)
            return err_nomem(err);
        op_decode_refuse(decoder, param, err, ": '%.*s' is not JSON: %s", STR_ARG(value), parse.message);
        return err_hint(err, "write it as '[\"/path/program\", \"argument\"]'");
    }
    return decode_list(decoder, param, root, err);
}

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

static void point_at(struct op_decoder *decoder, const struct data_node *node)
{
    struct data_span use = data_use_span(node);
    decoder->refused = use.len > 0 ? use : node->key_span; /* a value that is not written at all has its key */
}

/* Whether NODE can be meant as a text; its value then is. */
static bool is_text(const struct op_decoder *decoder, const struct data_node *node)
{
    return node->kind == DATA_STRING || (decoder->by_hand && node->kind == DATA_NUMBER);
}

/* A boolean may be meant as the text that it is written with. */
static int quote_hint(const struct data_node *node, struct err *err)
{
    if (node->kind == DATA_BOOL)
        return err_hint(err, "write it in quotes: \"%.*s\"", STR_ARG(node->value));
    return err ? -(int)err->code : -(int)ERR_USAGE;
}

static int refuse_text(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                       struct err *err)
{
    int rc = refuse_kind(decoder, param, node, "a string", err);
    return decoder->by_hand ? quote_hint(node, err) : rc;
}

static int check_length(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                        struct err *err)
{
    if (decoder->list_max == 0 || node->count <= decoder->list_max)
        return 0;
    return op_decode_refuse(decoder, param, err, " has more than %zu items", decoder->list_max);
}

static int decode_item(struct op_decoder *decoder, const struct op_param *param, const struct data_node *item,
                       struct err *err)
{
    if (!is_text(decoder, item))
        return refuse_text(decoder, param, item, err);
    if (decoder->by_hand && param->flags & OP_PAIRS &&
        !(item->value.len > 0 && item->value.ptr[0] != '=' && str_has_char(item->value, '='))) {
        op_decode_refuse(decoder, param, err, ": '%.*s' is not of the form %s", STR_ARG(item->value), param->metavar);
        return err_hint(err, "a mapping is simpler: NAME: VALUE");
    }
    return op_decode_append(decoder, param, item->value, err);
}

/* What an element of a list or of pairs becomes. */
typedef int take_item(struct op_decoder *decoder, const struct op_param *param, const struct data_node *item,
                      struct err *err);

static int decode_each(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                       take_item *take, struct err *err)
{
    int rc = check_length(decoder, param, node, err);
    if (rc == 0)
        rc = op_decode_empty_list(decoder, param, err);
    DATA_EACH(item, node)
    {
        if (rc)
            return rc;
        point_at(decoder, item);
        rc = take(decoder, param, item, err);
    }
    return rc;
}

static int decode_list(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                       struct err *err)
{
    if (node->kind == DATA_ARRAY)
        return decode_each(decoder, param, node, decode_item, err);
    int rc = refuse_kind(decoder, param, node, "an array of strings", err);
    bool words = decoder->by_hand && node->kind == DATA_STRING;
    return words ? err_hint(err, "write its words one by one: [/bin/program, --option]; there is no shell") : rc;
}

/* KEY: VALUE becomes "KEY=VALUE". */
static int append_pair(struct op_decoder *decoder, const struct op_param *param, const struct data_node *item,
                       struct err *err)
{
    if (item->key.len == 0 || str_has_char(item->key, '='))
        return op_decode_refuse(decoder, param, err, ": '%.*s' can't be a name", STR_ARG(item->key));
    if (!is_text(decoder, item)) {
        op_decode_refuse(decoder, param, err, ": '%.*s' is %s, not a string", STR_ARG(item->key),
                         data_kind_name(item->kind));
        return quote_hint(item, err);
    }
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_str(&text, item->key);
    buf_add_char(&text, '=');
    buf_add_str(&text, item->value);
    int rc = buf_check(&text, err);
    return rc ? rc : op_decode_append(decoder, param, buf_str(&text), err);
}

static int decode_repeated(struct op_decoder *decoder, const struct op_param *param, const struct data_node *node,
                           struct err *err)
{
    if (!decoder->by_hand || node->kind == DATA_ARRAY)
        return decode_list(decoder, param, node, err);
    if (param->flags & OP_PAIRS && node->kind == DATA_OBJECT)
        return decode_each(decoder, param, node, append_pair, err);
    if (!is_text(decoder, node))
        return refuse_kind(
            decoder, param, node,
            param->flags & OP_PAIRS ? "an object or an array of strings" : "a string or an array of them", err);
    int rc = op_decode_empty_list(decoder, param, err);
    return rc ? rc : decode_item(decoder, param, node, err);
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
        return decode_repeated(decoder, param, node, err);
    switch (param->type) {
    case OP_STRING:
    case OP_PATH_IN:
    case OP_PATH_OUT:
        if (!is_text(decoder, node))
            return refuse_text(decoder, param, node, err);
        return op_decode_text(decoder, param, node->value, err);
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
    int rc =
        err_set(err, ERR_USAGE, "unknown %s '%s%.*s'", decoder->by_hand ? "key" : "parameter", inside, STR_ARG(name));
    if (suggest.best.len == 0)
        return rc;
    char best[OP_NAME_MAX];
    op_param_json_name(op_param_find(decoder->params, suggest.best), best);
    return err_hint(err, "did you mean '%s'?", best);
}

int op_decode_member(struct op_decoder *decoder, const struct data_node *member, struct err *err)
{
    const struct op_param *param = find_json(decoder->params, member->key);
    if (!param) {
        decoder->refused = member->key_span;
        return refuse_name(decoder, member->key, err);
    }
    point_at(decoder, member);
    if (!data_absent(member))
        return decode_value(decoder, param, member, err);
    return decoder->by_hand ? op_decode_refuse(decoder, param, err, " has no value") : 0;
}

int op_decode_object(struct op_decoder *decoder, const struct data_node *object, struct err *err)
{
    if (object->kind != DATA_OBJECT)
        return err_set(err, ERR_USAGE, "the arguments are %s, not an object", data_kind_name(object->kind));
    DATA_EACH(member, object)
    {
        int rc = op_decode_member(decoder, member, err);
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

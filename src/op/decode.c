/* SPDX-License-Identifier: Apache-2.0 */
#include "op/decode.h"

#include "base/num.h"
#include "base/suggest.h"
#include "op/decode_json.h"

#include <inttypes.h>
#include <string.h>

struct op_decoder op_decoder_init(const struct op_param *params, void *args, struct arena *arena,
                                  enum op_surface surface)
{
    return (struct op_decoder){.params = params, .args = args, .arena = arena, .surface = surface};
}

struct op_decoder op_decoder_of(const struct operation *operation, void *args, struct arena *arena,
                                enum op_surface surface)
{
    struct op_decoder decoder = op_decoder_init(operation->params, args, arena, surface);
    decoder.ret_given = operation->given_at ? (bool *)((char *)args + operation->given_at) : NULL;
    return decoder;
}

static size_t index_of(const struct op_decoder *decoder, const struct op_param *param)
{
    return (size_t)(param - decoder->params);
}

static void *field_of(const struct op_decoder *decoder, const struct op_param *param)
{
    return (char *)decoder->args + param->offset;
}

bool op_decoder_was_given(const struct op_decoder *decoder, const struct op_param *param)
{
    return decoder->given[index_of(decoder, param)];
}

void op_decoder_name(const struct op_decoder *decoder, const struct op_param *param, struct buf *out)
{
    if (decoder->from_env) {
        buf_addf(out, "environment variable '%s'", decoder->from_env);
    } else if (decoder->surface == OP_SURFACE_JSON) {
        char name[OP_NAME_MAX];
        op_param_json_name(param, name);
        buf_addf(out, "'%s%s'", decoder->inside ? decoder->inside : "", name);
    } else if (param->flags & OP_POSITIONAL) {
        buf_add_z(out, "argument '");
        op_param_metavar(param, out);
        buf_add_char(out, '\'');
    } else {
        buf_addf(out, "option '--%s'", param->name);
    }
}

int op_decode_refuse(const struct op_decoder *decoder, const struct op_param *param, struct err *err,
                     const char *format, ...)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    op_decoder_name(decoder, param, &text);
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    int rc = buf_check(&text, err);
    return rc ? rc : err_set(err, ERR_USAGE, "%s", buf_z(&text));
}

/* A cleared element behind PARAM's list; old copies stay in the arena, as all does. */
static void *list_add(struct op_decoder *decoder, const struct op_param *param, size_t element)
{
    struct op_decoder_list *list = &decoder->lists[index_of(decoder, param)];
    if (list->len == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        void *items = arena_array(decoder->arena, cap, element);
        if (!items)
            return NULL;
        if (list->len > 0)
            memcpy(items, list->items, list->len * element);
        list->items = items;
        list->cap = cap;
    }
    return (char *)list->items + element * list->len++;
}

/* Shows the list in the arguments: an op_strings, or an OP_LIST, which is laid out alike. */
static void publish_list(struct op_decoder *decoder, const struct op_param *param)
{
    size_t index = index_of(decoder, param);
    struct str_list *field = field_of(decoder, param);
    *field = (struct str_list){decoder->lists[index].items, decoder->lists[index].len};
    decoder->given[index] = true;
}

/* A copy in the arena of what may stand in an argument: no NUL, valid UTF-8 in JSON only (paths are bytes). */
static int copy_text(struct op_decoder *decoder, const struct op_param *param, struct str value, struct str *ret_copy,
                     struct err *err)
{
    if (str_has_char(value, '\0'))
        return op_decode_refuse(decoder, param, err, " holds a NUL character");
    bool path = param->type == OP_PATH_IN || param->type == OP_PATH_OUT;
    if (value.len == 0 && (path || (param->flags & (OP_REQUIRED | OP_MAY_BE_EMPTY)) == OP_REQUIRED))
        return op_decode_refuse(decoder, param, err, " is empty");
    struct str copy = arena_str(decoder->arena, value);
    if (!copy.ptr)
        return err_nomem(err);
    *ret_copy = copy;
    return 0;
}

int op_decode_append(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err)
{
    struct str copy;
    int rc = copy_text(decoder, param, value, &copy, err);
    if (rc)
        return rc;
    struct str *item = list_add(decoder, param, sizeof(*item));
    if (!item)
        return err_nomem(err);
    *item = copy;
    publish_list(decoder, param);
    return 0;
}

void *op_decode_add_object(struct op_decoder *decoder, const struct op_param *param)
{
    void *item = list_add(decoder, param, param->object->size);
    if (item)
        publish_list(decoder, param);
    return item;
}

int op_decode_empty_list(struct op_decoder *decoder, const struct op_param *param, struct err *err)
{
    struct op_decoder_list *list = &decoder->lists[index_of(decoder, param)];
    if (!list->items && !(list->items = arena_array(decoder->arena, 1, sizeof(struct str))))
        return err_nomem(err);
    list->cap = list->cap ? list->cap : 1;
    list->len = 0;
    publish_list(decoder, param);
    return 0;
}

int op_decode_pair(struct op_decoder *decoder, const struct op_param *param, struct str key, struct str value,
                   struct err *err)
{
    if (key.len == 0)
        return op_decode_refuse(decoder, param, err, ": a name before '=' is missing");
    if (str_has_char(key, '\0') || str_has_char(key, '='))
        return op_decode_refuse(decoder, param, err, ": '%.*s' can't be a name", STR_ARG(key));
    struct str value_copy;
    int rc = copy_text(decoder, param, value, &value_copy, err);
    if (rc)
        return rc;
    size_t index = index_of(decoder, param);
    struct op_pair *pair = NULL, *pairs = decoder->lists[index].items;
    for (size_t i = 0; i < decoder->lists[index].len && !pair; i++)
        pair = str_eq(pairs[i].key, key) ? &pairs[i] : NULL;
    if (!pair) {
        struct str key_copy = arena_str(decoder->arena, key);
        pair = key_copy.ptr ? list_add(decoder, param, sizeof(*pair)) : NULL;
        if (!pair)
            return err_nomem(err);
        pair->key = key_copy;
    }
    pair->value = value_copy;
    struct op_map *field = field_of(decoder, param);
    *field = (struct op_map){decoder->lists[index].items, decoder->lists[index].len};
    decoder->given[index] = true;
    return 0;
}

int op_decode_flag(struct op_decoder *decoder, const struct op_param *param, bool value, struct err *err)
{
    if (param->type != OP_BOOL)
        return op_decode_refuse(decoder, param, err, " needs a value");
    *(bool *)field_of(decoder, param) = value;
    decoder->given[index_of(decoder, param)] = true;
    return 0;
}

static int decode_bool(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err)
{
    if (str_eq_z(value, "true") || str_eq_z(value, "1") || str_eq_z(value, "yes"))
        return op_decode_flag(decoder, param, true, err);
    if (str_eq_z(value, "false") || str_eq_z(value, "0") || str_eq_z(value, "no"))
        return op_decode_flag(decoder, param, false, err);
    return op_decode_refuse(decoder, param, err, ": '%.*s' is neither true nor false", STR_ARG(value));
}

int op_decode_integer(struct op_decoder *decoder, const struct op_param *param, int64_t value, struct err *err)
{
    bool bounded = param->min != 0 || param->max != 0;
    if (bounded && (value < param->min || value > param->max))
        return op_decode_refuse(decoder, param, err, ": %" PRId64 " is not between %" PRId64 " and %" PRId64, value,
                                param->min, param->max);
    if (param->type == OP_SIZE && value < 0)
        return op_decode_refuse(decoder, param, err, ": %" PRId64 " is negative", value);
    if (param->type == OP_SIZE)
        *(uint64_t *)field_of(decoder, param) = (uint64_t)value;
    else
        *(int64_t *)field_of(decoder, param) = value;
    decoder->given[index_of(decoder, param)] = true;
    return 0;
}

static int decode_integer_text(struct op_decoder *decoder, const struct op_param *param, struct str value,
                               struct err *err)
{
    bool negative = value.len > 0 && value.ptr[0] == '-';
    uint64_t magnitude = 0;
    if (!num_parse_u64(str_skip(value, negative), &magnitude))
        return op_decode_refuse(decoder, param, err, ": '%.*s' is not a whole number", STR_ARG(value));
    if (magnitude > INT64_MAX)
        return op_decode_refuse(decoder, param, err, ": '%.*s' is too large", STR_ARG(value));
    return op_decode_integer(decoder, param, negative ? -(int64_t)magnitude : (int64_t)magnitude, err);
}

static int decode_size_text(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err)
{
    uint64_t bytes = 0;
    if (!num_parse_size(value, &bytes) || bytes > INT64_MAX) {
        op_decode_refuse(decoder, param, err, ": '%.*s' is not a size", STR_ARG(value));
        return err_hint(err, "write bytes as 512, 10M (powers of 1000) or 10Mi (powers of 1024)");
    }
    return op_decode_integer(decoder, param, (int64_t)bytes, err);
}

static int refuse_choice(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err)
{
    CLEANUP_BUF struct buf known = BUF_INIT;
    struct suggest suggest = suggest_begin(value);
    for (const struct op_choice *choice = param->choices; choice->name; choice++) {
        suggest_offer(&suggest, str_z(choice->name));
        buf_addf(&known, "%s%s", choice == param->choices ? "" : ", ", choice->name);
    }
    int rc = op_decode_refuse(decoder, param, err, ": unknown value '%.*s'", STR_ARG(value));
    if (rc == -ERR_NOMEM || known.failed)
        return err_nomem(err);
    if (suggest.best.len > 0)
        return err_hint(err, "did you mean '%.*s'? known are: %s", STR_ARG(suggest.best), buf_z(&known));
    return err_hint(err, "known are: %s", buf_z(&known));
}

static int decode_choice(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err)
{
    for (int i = 0; param->choices[i].name; i++) {
        if (str_eq_z(value, param->choices[i].name)) {
            *(int *)field_of(decoder, param) = i;
            decoder->given[index_of(decoder, param)] = true;
            return 0;
        }
    }
    return refuse_choice(decoder, param, value, err);
}

static int decode_pair_text(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err)
{
    size_t at = str_find_char(value, '=');
    if (at == value.len) {
        op_decode_refuse(decoder, param, err, ": '%.*s' has no '='", STR_ARG(value));
        return err_hint(err, "write it as NAME=VALUE");
    }
    return op_decode_pair(decoder, param, str_head(value, at), str_skip(value, at + 1), err);
}

int op_decode_text(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err)
{
    if (param->flags & OP_REPEATED)
        return op_decode_append(decoder, param, value, err);
    switch (param->type) {
    case OP_STRING:
    case OP_PATH_IN:
    case OP_PATH_OUT: {
        struct str copy;
        int rc = copy_text(decoder, param, value, &copy, err);
        if (rc)
            return rc;
        *(struct str *)field_of(decoder, param) = copy;
        decoder->given[index_of(decoder, param)] = true;
        return 0;
    }
    case OP_BOOL:
        return decode_bool(decoder, param, value, err);
    case OP_INTEGER:
        return decode_integer_text(decoder, param, value, err);
    case OP_SIZE:
        return decode_size_text(decoder, param, value, err);
    case OP_ENUM:
        return decode_choice(decoder, param, value, err);
    case OP_MAP:
        return decode_pair_text(decoder, param, value, err);
    case OP_ARGV:
        return op_decode_argv_text(decoder, param, value, err);
    case OP_OBJECTS:
    case OP_TYPES:
        break;
    }
    return err_set(err, ERR_INTERNAL, "parameter '%s' has no type", param->name);
}

/* What was not given: the environment first, then the table. */
static int fill_in(struct op_decoder *decoder, const struct op_param *param, const struct op_environment *environment,
                   struct err *err)
{
    struct str value = param->env && environment ? environment->get(environment->self, param->env) : STR_NONE;
    if (value.len > 0) {
        decoder->from_env = param->env;
        int rc = op_decode_text(decoder, param, value, err);
        decoder->from_env = NULL;
        return rc;
    }
    size_t index = index_of(decoder, param);
    if (!param->default_text)
        return 0;
    int rc = op_decode_text(decoder, param, str_z(param->default_text), err);
    decoder->given[index] = false; /* a default is not a choice of the caller's */
    return rc;
}

int op_decode_finish(struct op_decoder *decoder, const struct op_environment *environment, struct err *err)
{
    for (const struct op_param *param = decoder->params; param && param->name; param++) {
        if (op_decoder_was_given(decoder, param))
            continue;
        int rc = fill_in(decoder, param, environment, err);
        if (rc)
            return rc;
        if ((param->flags & OP_REQUIRED) && !op_decoder_was_given(decoder, param)) {
            CLEANUP_BUF struct buf name = BUF_INIT;
            op_decoder_name(decoder, param, &name);
            rc = buf_check(&name, err);
            return rc ? rc : err_set(err, ERR_USAGE, "%s is missing", buf_z(&name));
        }
    }
    if (decoder->ret_given)
        memcpy(decoder->ret_given, decoder->given, sizeof(decoder->given));
    return 0;
}

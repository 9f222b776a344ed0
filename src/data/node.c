/* SPDX-License-Identifier: Apache-2.0 */
#include "data/node.h"

#include "base/limits.h"

#include <stdio.h>
#include <string.h>

const struct data_node *data_get_str(const struct data_node *object, struct str key)
{
    if (!object || object->kind != DATA_OBJECT)
        return NULL;
    for (const struct data_node *child = object->first; child; child = child->next)
        if (str_eq(child->key, key))
            return child;
    return NULL;
}

const struct data_node *data_get(const struct data_node *object, const char *key)
{
    return data_get_str(object, str_z(key));
}

bool data_absent(const struct data_node *node)
{
    return !node || node->kind == DATA_NULL;
}

const char *data_kind_name(enum data_kind kind)
{
    static const char *const names[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};
    return (size_t)kind < ARRAY_LEN(names) ? names[kind] : "unknown";
}

struct str data_tag(const struct data_node *node)
{
    return node && node->extra ? node->extra->tag : STR_NONE;
}

struct data_span data_use_span(const struct data_node *node)
{
    return (node->flags & (DATA_ALIASED | DATA_MERGED)) != 0 && node->extra ? node->extra->use_span : node->span;
}

const struct data_node *data_origin(const struct data_node *node)
{
    return node && node->extra && node->extra->origin ? node->extra->origin : node;
}

static void add_shown(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(out, (unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? '?' : text.ptr[i]);
}

static size_t index_of(const struct data_node *node)
{
    size_t index = 0;
    for (const struct data_node *child = node->parent->first; child && child != node; child = child->next)
        index++;
    return index;
}

void data_path(struct buf *out, const struct data_node *node)
{
    const struct data_node *chain[LIMIT_JSON_DEPTH + 1];
    size_t depth = 0;
    for (; node && node->parent && depth < ARRAY_LEN(chain); node = node->parent)
        chain[depth++] = node;
    if (depth == 0)
        buf_add_z(out, "document");
    for (size_t i = depth; i-- > 0;) {
        if (chain[i]->key.ptr) {
            if (i + 1 < depth)
                buf_add_char(out, '.');
            add_shown(out, chain[i]->key);
        } else {
            buf_addf(out, "[%zu]", index_of(chain[i]));
        }
    }
}

int data_err(struct err *err, const struct data_node *node, const char *format, ...)
{
    char rest[ERR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(rest, sizeof(rest), format, args);
    va_end(args);
    CLEANUP_BUF struct buf path = BUF_INIT;
    data_path(&path, node);
    return err_set(err, ERR_INVALID, "'%.300s' %s", buf_z(&path), len < 0 ? "is not valid" : rest);
}

int data_expect(const struct data_node *node, enum data_kind kind, struct err *err)
{
    if (data_absent(node) || node->kind == kind)
        return 0;
    return data_err(err, node, "is %s, not %s", data_kind_name(node->kind), data_kind_name(kind));
}

int data_need(const struct data_node *object, const char *key, const struct data_node **ret_member, struct err *err)
{
    if (!object || object->kind != DATA_OBJECT)
        return data_err(err, object, "is %s, not an object", data_kind_name(object ? object->kind : DATA_NULL));
    const struct data_node *member = data_get(object, key);
    if (data_absent(member))
        return data_err(err, object, "has no '%s'", key);
    *ret_member = member;
    return 0;
}

int data_str(const struct data_node *node, struct str *ret_value, struct err *err)
{
    int r = data_expect(node, DATA_STRING, err);
    if (r == 0 && !data_absent(node))
        *ret_value = node->value;
    return r;
}

/* VALUE is a boolean's: true, True, yes, Y, on, ... */
static bool is_true(struct str value)
{
    char first = value.len > 0 ? char_lower(value.ptr[0]) : '\0';
    return first == 't' || first == 'y' || str_eq_fold(value, STR("on"));
}

int data_bool(const struct data_node *node, bool *ret_value, struct err *err)
{
    int r = data_expect(node, DATA_BOOL, err);
    if (r == 0 && !data_absent(node))
        *ret_value = is_true(node->value);
    return r;
}

static int not_whole(const struct data_node *node, const char *range, struct err *err)
{
    return data_err(err, node, "is %.*s, not a whole number %s", STR_ARG(str_head(node->value, 40)), range);
}

/* Digits of BASE, '_' between them passed over. */
static bool parse_digits(struct str text, unsigned base, uint64_t *ret_value)
{
    uint64_t value = 0;
    bool some = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = char_lower(text.ptr[i]);
        if (c == '_')
            continue;
        unsigned digit = char_is_digit(c) ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
        some = true;
    }
    *ret_value = value;
    return some;
}

/* The number's sign and size; false when it is not whole or too large. */
static bool parse_whole(const struct data_node *node, bool *ret_negative, uint64_t *ret_magnitude)
{
    struct str text = node->value;
    *ret_negative = str_starts(text, STR("-"));
    text = str_skip(text, *ret_negative || str_starts(text, STR("+")));
    char letter = text.len > 2 && text.ptr[0] == '0' ? char_lower(text.ptr[1]) : '\0';
    if (letter == 'x')
        return parse_digits(str_skip(text, 2), 16, ret_magnitude);
    if (letter == 'o')
        return parse_digits(str_skip(text, 2), 8, ret_magnitude);
    if (letter == 'b')
        return parse_digits(str_skip(text, 2), 2, ret_magnitude);
    return parse_digits(text, (node->flags & DATA_OCTAL) != 0 ? 8 : 10, ret_magnitude);
}

int data_u64(const struct data_node *node, uint64_t *ret_value, struct err *err)
{
    int r = data_expect(node, DATA_NUMBER, err);
    if (r != 0 || data_absent(node))
        return r;
    bool negative;
    uint64_t value;
    if (!parse_whole(node, &negative, &value) || negative)
        return not_whole(node, "from 0 to 2^64-1", err);
    *ret_value = value;
    return 0;
}

int data_i64(const struct data_node *node, int64_t *ret_value, struct err *err)
{
    int r = data_expect(node, DATA_NUMBER, err);
    if (r != 0 || data_absent(node))
        return r;
    bool negative;
    uint64_t magnitude;
    if (!parse_whole(node, &negative, &magnitude) || magnitude > (uint64_t)INT64_MAX + negative)
        return not_whole(node, "from -2^63 to 2^63-1", err);
    *ret_value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return 0;
}

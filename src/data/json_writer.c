/* SPDX-License-Identifier: Apache-2.0 */
#include "data/json_writer.h"

#include "data/json_chars.h"
#include "data/node.h"

#include <string.h>

enum {
    ESCAPE_BYTES = 6,  /* of "\u0000", the longest that a byte becomes */
    PIECE_BYTES = 256, /* what room is made for at once, as if all of it became escapes */
};

void json_writer_init(struct json_writer *json, struct buf *out, enum json_layout layout)
{
    memset(json, 0, sizeof(*json));
    json->out = out;
    json->layout = layout;
}

int json_writer_check(const struct json_writer *json, struct err *err)
{
    if (json->misused || !json->complete)
        return err_set(err, ERR_INTERNAL, "a JSON document was written in a wrong order");
    return buf_check(json->out, err);
}

static void new_line(struct json_writer *json)
{
    if (json->layout == JSON_INDENTED) {
        buf_add_char(json->out, '\n');
        buf_add_fill(json->out, ' ', (size_t)json->depth * 2);
    }
}

/* What stands before a member; false when none may come here. */
static bool begin_member(struct json_writer *json, bool is_key)
{
    bool in_object = json->depth > 0 && json->stack[json->depth - 1].object;
    if (json->misused || json->complete || json->key_given || in_object != is_key) {
        json->misused = true;
        return false;
    }
    if (json->depth > 0) {
        if (json->stack[json->depth - 1].filled)
            buf_add_char(json->out, ',');
        json->stack[json->depth - 1].filled = true;
        new_line(json);
    }
    return true;
}

static bool begin_value(struct json_writer *json)
{
    if (json->key_given && !json->misused) {
        json->key_given = false;
        return true;
    }
    return begin_member(json, false);
}

static void end_value(struct json_writer *json)
{
    json->complete = json->depth == 0;
}

static void open(struct json_writer *json, bool object)
{
    if (!begin_value(json))
        return;
    if (json->depth >= LIMIT_JSON_DEPTH) {
        json->misused = true;
        return;
    }
    json->stack[json->depth].object = object;
    json->stack[json->depth].filled = false;
    json->depth++;
    buf_add_char(json->out, object ? '{' : '[');
}

void json_object(struct json_writer *json)
{
    open(json, true);
}

void json_array(struct json_writer *json)
{
    open(json, false);
}

void json_end(struct json_writer *json)
{
    if (json->misused || json->depth == 0 || json->key_given) {
        json->misused = true;
        return;
    }
    json->depth--;
    if (json->stack[json->depth].filled)
        new_line(json);
    buf_add_char(json->out, json->stack[json->depth].object ? '}' : ']');
    end_value(json);
}

static char *put_escaped(char *to, unsigned char c)
{
    static const char letters[] = "btn\0fr", hex[] = "0123456789abcdef"; /* letters from \b on */
    *to++ = '\\';
    if (c == '"' || c == '\\') {
        *to++ = (char)c;
    } else if (c >= '\b' && c <= '\r' && c != '\v') {
        *to++ = letters[c - '\b'];
    } else {
        memcpy(to, "u00", 3);
        to[3] = hex[c >> 4];
        to[4] = hex[c & 15];
        to += 5;
    }
    return to;
}

/* The character beyond ASCII that REST begins with, or U+FFFD for a byte of none. */
static char *put_wide(char *to, struct str rest, size_t *ret_used)
{
    unsigned char c = (unsigned char)rest.ptr[0];
    size_t len = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    bool valid = rest.len >= len && str_utf8_valid(str_head(rest, len)) == len;
    memcpy(to, valid ? rest.ptr : "\xEF\xBF\xBD", valid ? len : 3);
    *ret_used = valid ? len : 1;
    return to + (valid ? len : 3);
}

static size_t plain_before(uint64_t word)
{
    return json_mask_first(json_mask_special(word) | json_mask_wide(word));
}

/* Copies what is plain in words, the last of which may reach 8 bytes beyond; behind it stands *at_ptr. */
static char *put_plain(char *to, const char **at_ptr, const char *end)
{
    const char *at = *at_ptr;
    while (end - at >= JSON_WORD_BYTES) {
        uint64_t word = json_word(at);
        size_t plain = plain_before(word);
        memcpy(to, at, JSON_WORD_BYTES);
        at += plain;
        to += plain;
        if (plain < JSON_WORD_BYTES) {
            *at_ptr = at;
            return to;
        }
    }
    size_t left = (size_t)(end - at);
    uint64_t word = json_word_tail(at, left);
    size_t plain = plain_before(word);
    plain = plain < left ? plain : left;
    word = htole64(word);
    memcpy(to, &word, JSON_WORD_BYTES);
    *at_ptr = at + plain;
    return to + plain;
}

/* From *at_ptr to STOP, or to the end of the character that begins before STOP. */
static char *put_piece(char *to, const char **at_ptr, const char *stop, const char *end)
{
    const char *at = *at_ptr;
    while (at < stop) {
        to = put_plain(to, &at, stop);
        if (at == stop)
            break;
        unsigned char c = (unsigned char)*at;
        size_t used = 1;
        if (c >= 0x80)
            to = put_wide(to, str_of(at, (size_t)(end - at)), &used);
        else if (c < 0x20 || c == '"' || c == '\\')
            to = put_escaped(to, c);
        else
            *to++ = (char)c;
        at += used;
    }
    *at_ptr = at;
    return to;
}

void json_quote(struct buf *out, struct str text)
{
    const char *at = text.ptr ? text.ptr : "", *end = at + text.len;
    for (bool first = true, more = true; more; first = false) {
        size_t left = (size_t)(end - at), piece = left < PIECE_BYTES ? left : PIECE_BYTES;
        if (!buf_reserve(out, piece * ESCAPE_BYTES + JSON_WORD_BYTES + 2))
            return;
        char *to = out->ptr + out->len;
        if (first)
            *to++ = '"';
        to = put_piece(to, &at, at + piece, end);
        more = at < end;
        if (!more)
            *to++ = '"';
        *to = '\0';
        out->len = (size_t)(to - out->ptr);
    }
}

void json_key_str(struct json_writer *json, struct str key)
{
    if (!begin_member(json, true))
        return;
    json_quote(json->out, key);
    buf_add_z(json->out, json->layout == JSON_INDENTED ? ": " : ":");
    json->key_given = true;
}

void json_key(struct json_writer *json, const char *key)
{
    json_key_str(json, str_z(key));
}

void json_str(struct json_writer *json, struct str value)
{
    if (!begin_value(json))
        return;
    json_quote(json->out, value);
    end_value(json);
}

void json_raw(struct json_writer *json, struct str text)
{
    if (!begin_value(json))
        return;
    buf_add_str(json->out, text);
    end_value(json);
}

void json_null(struct json_writer *json)
{
    json_raw(json, STR("null"));
}

void json_z(struct json_writer *json, const char *value)
{
    if (value)
        json_str(json, str_z(value));
    else
        json_null(json);
}

void json_bool(struct json_writer *json, bool value)
{
    json_raw(json, value ? STR("true") : STR("false"));
}

void json_u64(struct json_writer *json, uint64_t value)
{
    if (!begin_value(json))
        return;
    buf_add_u64(json->out, value);
    end_value(json);
}

void json_i64(struct json_writer *json, int64_t value)
{
    if (!begin_value(json))
        return;
    if (value < 0)
        buf_add_char(json->out, '-');
    buf_add_u64(json->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    end_value(json);
}

/* Whole and fractional part are printed as integers: printf("%f") would use the locale's decimal point. */
void json_fixed(struct json_writer *json, double value, unsigned decimals)
{
    uint64_t scale = 1;
    for (unsigned i = 0; i < decimals && i < 9; i++)
        scale *= 10;
    double scaled = value < 0 ? -value * (double)scale : value * (double)scale;
    if (!(scaled < 9e18)) {
        json_null(json);
        return;
    }
    uint64_t units = (uint64_t)(scaled + 0.5);
    if (!begin_value(json))
        return;
    if (value < 0 && units > 0)
        buf_add_char(json->out, '-');
    buf_add_u64(json->out, units / scale);
    if (scale > 1) {
        buf_add_char(json->out, '.');
        for (uint64_t digit = scale / 10; digit > 0; digit /= 10)
            buf_add_char(json->out, (char)('0' + units / digit % 10));
    }
    end_value(json);
}

void json_field_str(struct json_writer *json, const char *key, struct str value)
{
    json_key(json, key);
    json_str(json, value);
}

void json_field_z(struct json_writer *json, const char *key, const char *value)
{
    json_key(json, key);
    json_z(json, value);
}

void json_field_u64(struct json_writer *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_u64(json, value);
}

void json_field_i64(struct json_writer *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_i64(json, value);
}

void json_field_bool(struct json_writer *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_field_object(struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_object(json);
}

void json_field_array(struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_array(json);
}

static void node_open(struct json_writer *json, const struct data_node *node, bool with_key)
{
    if (with_key && node->key.ptr)
        json_key_str(json, node->key);
    switch (node->kind) {
    case DATA_OBJECT:
        json_object(json);
        break;
    case DATA_ARRAY:
        json_array(json);
        break;
    case DATA_STRING:
        json_str(json, node->value);
        break;
    case DATA_NULL:
        json_null(json);
        break;
    case DATA_BOOL:
    case DATA_NUMBER:
        json_raw(json, node->value);
        break;
    }
}

void json_node(struct json_writer *json, const struct data_node *root)
{
    const struct data_node *node = root;
    node_open(json, node, false);
    while (node) {
        bool container = node->kind == DATA_OBJECT || node->kind == DATA_ARRAY;
        if (container && node->first) {
            node = node->first;
            node_open(json, node, true);
            continue;
        }
        if (container)
            json_end(json);
        while (node != root && !node->next) {
            node = node->parent;
            json_end(json);
        }
        node = node == root ? NULL : node->next;
        if (node)
            node_open(json, node, true);
    }
}

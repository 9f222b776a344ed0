/* SPDX-License-Identifier: Apache-2.0 */
#include "data/json.h"

#include "base/limits.h"
#include "base/map.h"
#include "data/json_chars.h"

#include <string.h>

enum {
    NODES_PER_BLOCK = 64,
    NODES_FIRST = 16, /* what a message of a protocol needs: blocks are cleared */
    FEW_KEYS = 16,    /* compared with each other; more go through a map */
};

/* An open container; `last` is where its next child is hung. */
struct level {
    struct data_node *container;
    struct data_node *last;
};

struct parser {
    struct str source;
    const char *at;
    const char *end;
    struct arena *arena;
    struct err *err;
    const struct data_node *root;
    struct data_node *block; /* free nodes */
    size_t block_left;
    size_t node_count;
    unsigned node_max;
    const struct op_ctx *ctx;
    size_t depth;
    /* The key that was read for the next value. */
    struct str key;
    struct data_span key_span;
    struct level levels[LIMIT_JSON_DEPTH]; /* the first `depth` of them are set; the rest is never cleared */
};

static int fail_at(struct parser *parser, const char *at, enum err_code code, const char *what, const char *hint)
{
    struct data_position place = data_position_of(parser->source, (size_t)(at - parser->source.ptr));
    int r = err_set(parser->err, code, "line %u, column %u: %s", place.line, place.column, what);
    err_hint(parser->err, "%s", hint);
    return r;
}

static int fail(struct parser *parser, const char *what, const char *hint)
{
    if (parser->at >= parser->end)
        return fail_at(parser, parser->end, ERR_INVALID, "the document ends too early", "the file may be cut short");
    return fail_at(parser, parser->at, ERR_INVALID, what, hint);
}

static int too_much(struct parser *parser, const char *what, unsigned limit)
{
    int r = fail_at(parser, parser->at, ERR_LIMIT, what, "");
    err_hint(parser->err, "the limit is %u", limit);
    return r;
}

static void skip_space(struct parser *parser)
{
    const char *at = parser->at;
    while (at < parser->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    parser->at = at;
}

static struct data_span span_from(const struct parser *parser, const char *start)
{
    return (struct data_span){(uint32_t)(start - parser->source.ptr), (uint32_t)(parser->at - start)};
}

/* The first byte at or behind AT that can't stand in a string as it is; parser->end when there is none. */
static const char *string_plain_end(const struct parser *parser, const char *at)
{
    while (parser->end - at >= JSON_WORD_BYTES) {
        size_t plain = json_mask_first(json_mask_special(json_word(at)));
        at += plain;
        if (plain < JSON_WORD_BYTES)
            return at;
    }
    while (at < parser->end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    return at;
}

static int hex4(const char *at, const char *end, unsigned *ret_unit)
{
    unsigned unit = 0;
    for (int i = 0; i < 4; i++, at++) {
        if (at >= end)
            return -1;
        char c = char_lower(*at);
        if (!char_is_digit(c) && !(c >= 'a' && c <= 'f'))
            return -1;
        unit = unit * 16 + (unsigned)(char_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *ret_unit = unit;
    return 0;
}

static char *put_utf8(char *out, unsigned point)
{
    if (point < 0x80) {
        *out++ = (char)point;
    } else if (point < 0x800) {
        *out++ = (char)(0xC0 | point >> 6);
        *out++ = (char)(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        *out++ = (char)(0xE0 | point >> 12);
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
        *out++ = (char)(0x80 | (point & 0x3F));
    } else {
        *out++ = (char)(0xF0 | point >> 18);
        *out++ = (char)(0x80 | (point >> 12 & 0x3F));
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
        *out++ = (char)(0x80 | (point & 0x3F));
    }
    return out;
}

static const char surrogate_hint[] =
    "characters above U+FFFF are written as \\uD800-\\uDBFF followed by \\uDC00-\\uDFFF";

/* parser->at is behind "\u"; a pair of surrogates becomes one character. */
static int unicode_escape(struct parser *parser, char **out)
{
    unsigned unit, low;
    const char *start = parser->at - 2;
    if (hex4(parser->at, parser->end, &unit) < 0)
        return fail_at(parser, start, ERR_INVALID, "an escape needs four hex digits", "write \\u0041 for 'A'");
    parser->at += 4;
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return fail_at(parser, start, ERR_INVALID, "a low surrogate stands alone", surrogate_hint);
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        bool pair = parser->end - parser->at >= 6 && parser->at[0] == '\\' && parser->at[1] == 'u' &&
                    hex4(parser->at + 2, parser->end, &low) == 0 && low >= 0xDC00 && low <= 0xDFFF;
        if (!pair)
            return fail_at(parser, start, ERR_INVALID, "a high surrogate stands alone", surrogate_hint);
        parser->at += 6;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    *out = put_utf8(*out, unit);
    return 0;
}

/* parser->at is behind the backslash. */
static int escape(struct parser *parser, char **out)
{
    static const char values[128] = {
        ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t'};
    unsigned char c = (unsigned char)*parser->at;
    if (c == 'u') {
        parser->at++;
        return unicode_escape(parser, out);
    }
    if (c >= sizeof(values) || !values[c]) {
        return fail_at(parser, parser->at - 1, ERR_INVALID, "there is no such escape",
                       "JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX");
    }
    *(*out)++ = values[c];
    parser->at++;
    return 0;
}

/* The quote that ends the string which begins at START: the first one that no backslash escapes. NULL: there is none.
 */
static const char *closing_quote(const struct parser *parser, const char *start)
{
    const char *quote = start;
    while ((quote = memchr(quote, '"', (size_t)(parser->end - quote))) != NULL) {
        const char *before = quote;
        while (before > start && before[-1] == '\\')
            before--;
        if ((quote - before) % 2 == 0)
            return quote;
        quote++;
    }
    return NULL;
}

/* Copies from parser->at to the next byte that needs a look, in words: OUT has room for a whole one. */
static char *copy_plain(struct parser *parser, char *out, const char *end)
{
    const char *at = parser->at;
    size_t plain = JSON_WORD_BYTES;
    while (plain == JSON_WORD_BYTES && end - at >= JSON_WORD_BYTES) {
        memcpy(out, at, JSON_WORD_BYTES);
        plain = json_mask_first(json_mask_special(json_word(at)));
        at += plain;
        out += plain;
    }
    while (plain == JSON_WORD_BYTES && at < end && (unsigned char)*at >= 0x20 && *at != '\\')
        *out++ = *at++;
    parser->at = at;
    return out;
}

/* The string from START (behind its quote) with escapes; decoding never makes it longer. */
static int string_with_escapes(struct parser *parser, const char *start, struct str *ret_value)
{
    const char *end = closing_quote(parser, start);
    if (!end) {
        return fail_at(parser, start - 1, ERR_INVALID, "a string does not end",
                       "a closing '\"' is missing, or the file is cut short");
    }
    char *decoded = arena_alloc(parser->arena, (size_t)(end - start) + JSON_WORD_BYTES);
    if (!decoded)
        return err_nomem(parser->err);
    char *out = decoded;
    parser->at = start;
    while ((out = copy_plain(parser, out, end), parser->at < end)) {
        if (*parser->at != '\\')
            return fail(parser, "a control character in a string", "write it as an escape such as \\n or \\u0000");
        parser->at++;
        int r = escape(parser, &out);
        if (r != 0)
            return r;
    }
    parser->at++;
    *out = '\0';
    *ret_value = str_of(decoded, (size_t)(out - decoded));
    return 0;
}

/* parser->at is at the opening quote. */
static int string(struct parser *parser, struct str *ret_value, struct data_span *ret_span)
{
    const char *open = parser->at;
    const char *stop = string_plain_end(parser, open + 1);
    parser->at = stop;
    if (stop == parser->end) {
        return fail_at(parser, open, ERR_INVALID, "a string does not end",
                       "a closing '\"' is missing, or the file is cut short");
    }
    if (*stop == '"') {
        *ret_value = str_of(open + 1, (size_t)(stop - open - 1));
        parser->at++;
    } else if (*stop == '\\') {
        int r = string_with_escapes(parser, open + 1, ret_value);
        if (r != 0)
            return r;
    } else {
        return fail(parser, "a control character in a string", "write it as an escape such as \\n or \\u0000");
    }
    *ret_span = span_from(parser, open);
    return 0;
}

static const char *digits(const char *at, const char *end)
{
    while (at < end && char_is_digit(*at))
        at++;
    return at;
}

static int number(struct parser *parser, struct data_node *node)
{
    static const char hint[] = "a number looks like 0, -12, 3.25 or 1e9: no leading zeros, no '+', digits on both "
                               "sides of the point";
    const char *start = parser->at, *end = parser->end;
    const char *at = start + (*start == '-');
    const char *whole = at;
    at = digits(at, end);
    bool good = at > whole && (*whole != '0' || at == whole + 1);
    if (good && at < end && *at == '.') {
        const char *fraction = at + 1;
        at = digits(fraction, end);
        good = at > fraction;
    }
    if (good && at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        const char *exponent = at;
        at = digits(exponent, end);
        good = at > exponent;
    }
    if (!good || (at < end && (char_is_alnum(*at) || *at == '.' || *at == '+' || *at == '-')))
        return fail_at(parser, start, ERR_INVALID, "this is no JSON number", hint);
    parser->at = at;
    node->kind = DATA_NUMBER;
    node->value = str_of(start, (size_t)(at - start));
    return 0;
}

static int word(struct parser *parser, struct data_node *node)
{
    static const struct {
        struct str text;
        enum data_kind kind;
    } words[] = {{STR_INIT("true"), DATA_BOOL}, {STR_INIT("false"), DATA_BOOL}, {STR_INIT("null"), DATA_NULL}};
    struct str rest = str_of(parser->at, (size_t)(parser->end - parser->at));
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t len = words[i].text.len;
        if (!str_starts(rest, words[i].text) ||
            (rest.len > len && (char_is_alnum(rest.ptr[len]) || rest.ptr[len] == '_')))
            continue;
        node->kind = words[i].kind;
        node->value = str_head(rest, len);
        parser->at += len;
        return 0;
    }
    return fail(parser, "a value is expected here",
                "JSON has no comments, no trailing commas, no single quotes; words are true, false and null");
}

/* Hangs a fresh node under the open container, with the key that was read for it. */
static struct data_node *new_node(struct parser *parser)
{
    if (parser->block_left == 0) {
        size_t count = parser->node_count == 0 ? NODES_FIRST : NODES_PER_BLOCK;
        parser->block = ARENA_ARRAY(parser->arena, count, struct data_node);
        if (!parser->block)
            return NULL;
        parser->block_left = count;
    }
    struct data_node *node = parser->block++;
    parser->block_left--;
    parser->node_count++;
    if (parser->depth == 0) {
        parser->root = node;
    } else {
        struct level *level = &parser->levels[parser->depth - 1];
        node->parent = level->container;
        if (level->last)
            level->last->next = node;
        else
            level->container->first = node;
        level->last = node;
        level->container->count++;
        if (level->container->kind == DATA_OBJECT) {
            node->key = parser->key;
            node->key_span = parser->key_span;
        }
    }
    return node;
}

static int duplicate(struct parser *parser, const struct data_node *first, const struct data_node *second)
{
    char what[ERR_MESSAGE_MAX];
    CLEANUP_BUF struct buf path = BUF_INIT;
    data_path(&path, second);
    struct data_position place = data_position_of(parser->source, first->key_span.offset);
    buf_truncate(&path, ERR_MESSAGE_MAX / 2);
    struct str shown = {buf_z(&path), str_utf8_valid(buf_str(&path))};
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "the key '%.*s' was given on line %u already", STR_ARG(shown), place.line);
    if (path.failed || text.failed)
        return err_nomem(parser->err);
    memcpy(what, buf_z(&text), text.len + 1);
    return fail_at(parser, parser->source.ptr + second->key_span.offset, ERR_INVALID, what, "keep one of the two");
}

static int check_many_keys(struct parser *parser, const struct data_node *object)
{
    CLEANUP_MAP struct map seen = MAP_INIT;
    for (struct data_node *child = object->first; child; child = child->next) {
        void **slot = map_slot(&seen, child->key);
        if (!slot)
            return err_nomem(parser->err);
        if (*slot)
            return duplicate(parser, *slot, child);
        *slot = child;
    }
    return 0;
}

static int check_keys(struct parser *parser, const struct data_node *object)
{
    if (object->count > FEW_KEYS)
        return check_many_keys(parser, object);
    for (const struct data_node *child = object->first; child; child = child->next)
        for (const struct data_node *other = object->first; other != child; other = other->next)
            if (str_eq(other->key, child->key))
                return duplicate(parser, other, child);
    return 0;
}

/* Reads `"key":`. */
static int member_key(struct parser *parser)
{
    skip_space(parser);
    if (parser->at >= parser->end || *parser->at != '"')
        return fail(parser, "a key in double quotes is expected here", "no comma may stand before '}'");
    int r = string(parser, &parser->key, &parser->key_span);
    if (r != 0)
        return r;
    skip_space(parser);
    if (parser->at >= parser->end || *parser->at != ':')
        return fail(parser, "a ':' is expected behind the key", "members look like \"key\": value");
    parser->at++;
    return 0;
}

static int close_container(struct parser *parser)
{
    struct data_node *container = parser->levels[--parser->depth].container;
    parser->at++;
    container->span = span_from(parser, parser->source.ptr + container->span.offset);
    return container->kind == DATA_OBJECT ? check_keys(parser, container) : 0;
}

/* Opens NODE; *ret_done when it is empty and closed again. */
static int open_container(struct parser *parser, struct data_node *node, bool *ret_done)
{
    bool object = *parser->at == '{';
    if (parser->depth == LIMIT_JSON_DEPTH)
        return too_much(parser, "the document is nested too deeply", LIMIT_JSON_DEPTH);
    node->kind = object ? DATA_OBJECT : DATA_ARRAY;
    node->style = DATA_STYLE_FLOW;
    parser->levels[parser->depth++] = (struct level){node, NULL};
    parser->at++;
    skip_space(parser);
    if (parser->at < parser->end && *parser->at == (object ? '}' : ']')) {
        *ret_done = true;
        return close_container(parser);
    }
    *ret_done = false;
    return object ? member_key(parser) : 0;
}

/* One value, or the opening of a container that has members (*ret_done is false then). */
static int value(struct parser *parser, bool *ret_done)
{
    skip_space(parser);
    if (parser->at >= parser->end)
        return fail(parser, "", "");
    if (parser->node_count >= parser->node_max)
        return too_much(parser, "the document has too many values", parser->node_max);
    struct data_node *node = new_node(parser);
    if (!node)
        return err_nomem(parser->err);
    const char *start = parser->at;
    node->span = span_from(parser, start);
    *ret_done = true;
    if (*start == '{' || *start == '[')
        return open_container(parser, node, ret_done);
    int r;
    if (*start == '"') {
        node->kind = DATA_STRING;
        node->style = DATA_STYLE_DOUBLE;
        return string(parser, &node->value, &node->span);
    }
    if (*start == '-' || char_is_digit(*start))
        r = number(parser, node);
    else
        r = word(parser, node);
    node->span = span_from(parser, start);
    return r;
}

/* Behind a value: closes what ends here. *ret_more is true when another value of the open container follows. */
static int after_value(struct parser *parser, bool *ret_more)
{
    while (parser->depth > 0) {
        bool object = parser->levels[parser->depth - 1].container->kind == DATA_OBJECT;
        skip_space(parser);
        if (parser->at < parser->end && *parser->at == ',') {
            parser->at++;
            *ret_more = true;
            return object ? member_key(parser) : 0;
        }
        if (parser->at >= parser->end || *parser->at != (object ? '}' : ']')) {
            return fail(parser, object ? "a ',' or '}' is expected here" : "a ',' or ']' is expected here",
                        "members are separated by commas");
        }
        int r = close_container(parser);
        if (r != 0)
            return r;
    }
    *ret_more = false;
    return 0;
}

static int check_source(struct parser *parser)
{
    struct str source = parser->source;
    if (source.len > LIMIT_JSON_BYTES) {
        return err_set(parser->err, ERR_LIMIT, "a JSON document of %zu bytes is larger than the limit of %llu bytes",
                       source.len, LIMIT_JSON_BYTES);
    }
    if (str_starts(source, STR("\xEF\xBB\xBF")))
        return fail_at(parser, source.ptr, ERR_INVALID, "a byte order mark", "save the file as UTF-8 without one");
    size_t valid = str_utf8_valid(source);
    if (valid < source.len)
        return fail_at(parser, source.ptr + valid, ERR_INVALID, "this is no valid UTF-8", "save the file as UTF-8");
    skip_space(parser);
    if (parser->at >= parser->end)
        return fail_at(parser, parser->at, ERR_INVALID, "the document is empty", "the file may be cut short");
    return 0;
}

enum { NODES_A_CHECK = 4096 }; /* a millisecond at most, but for texts of megabytes */

static int parse(struct parser *parser, struct str bytes, const struct data_node **ret_root)
{
    parser->source = bytes.ptr ? bytes : STR("");
    parser->at = parser->source.ptr;
    parser->end = parser->source.ptr + parser->source.len;
    int r = check_source(parser);
    for (bool more = true; r == 0 && more;) {
        bool done = false;
        r = value(parser, &done);
        if (r == 0 && done)
            r = after_value(parser, &more);
        if (r == 0 && parser->node_count % NODES_A_CHECK == 0)
            r = op_check(parser->ctx, parser->err);
    }
    if (r != 0)
        return r;
    skip_space(parser);
    if (parser->at < parser->end)
        return fail(parser, "more follows behind the value", "a JSON document is one value");
    *ret_root = parser->root;
    return 0;
}

static void parser_init(struct parser *parser, unsigned node_max, struct arena *arena, struct err *err)
{
    memset(parser, 0, offsetof(struct parser, levels));
    parser->arena = arena;
    parser->node_max = node_max;
    parser->err = err;
}

int json_parse_small(struct str bytes, unsigned node_max, struct arena *arena, const struct data_node **ret_root,
                     struct err *err)
{
    struct parser parser;
    parser_init(&parser, node_max, arena, err);
    return parse(&parser, bytes, ret_root);
}

int json_parse(struct str bytes, struct arena *arena, const struct data_node **ret_root, struct err *err)
{
    return json_parse_small(bytes, LIMIT_JSON_NODES, arena, ret_root, err);
}

int json_parse_long(const struct op_ctx *ctx, struct str bytes, struct arena *arena, const struct data_node **ret_root,
                    struct err *err)
{
    struct parser parser;
    parser_init(&parser, LIMIT_JSON_NODES, arena, err);
    parser.ctx = ctx;
    return parse(&parser, bytes, ret_root);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "data/toml.h"

#include "base/limits.h"

#include <string.h>

/* A container knows its last child, so that arrays of a thousand tables grow in steady time. */
struct toml_node {
    struct data_node node;
    struct data_node *last;
    bool tables; /* an array that [[NAME]] made */
    bool closed; /* an inline table or array: nothing is added from outside */
};

struct toml {
    struct str source;
    size_t at;
    struct arena *arena;
    struct err *err;
    size_t nodes;
    struct buf scratch;
};

static int parse_value(struct toml *toml, unsigned depth, struct toml_node **ret_node);

static int fail(struct toml *toml, enum err_code code, const char *what)
{
    struct data_position position = data_position_of(toml->source, toml->at);
    return err_set(toml->err, code, "line %u: %s", position.line, what);
}

static char peek(const struct toml *toml)
{
    return toml->at < toml->source.len ? toml->source.ptr[toml->at] : '\0';
}

static bool looking_at(const struct toml *toml, const char *text)
{
    return str_starts(str_skip(toml->source, toml->at), str_z(text));
}

static void skip_blanks(struct toml *toml)
{
    while (peek(toml) == ' ' || peek(toml) == '\t')
        toml->at++;
}

static void skip_comment(struct toml *toml)
{
    if (peek(toml) == '#')
        while (toml->at < toml->source.len && toml->source.ptr[toml->at] != '\n')
            toml->at++;
}

/* White space, line ends and comments. */
static void skip_space(struct toml *toml)
{
    for (;;) {
        size_t before = toml->at;
        while (toml->at < toml->source.len && char_is_space(toml->source.ptr[toml->at]))
            toml->at++;
        skip_comment(toml);
        if (toml->at == before)
            return;
    }
}

static int new_node(struct toml *toml, enum data_kind kind, struct toml_node **ret_node)
{
    if (++toml->nodes > LIMIT_TOML_NODES)
        return fail(toml, ERR_LIMIT, "the document has too many values");
    struct toml_node *node = ARENA_NEW(toml->arena, struct toml_node);
    if (!node)
        return err_nomem(toml->err);
    node->node.kind = kind;
    node->node.span = (struct data_span){(uint32_t)toml->at, 0};
    *ret_node = node;
    return 0;
}

static void append(struct toml_node *parent, struct toml_node *child)
{
    child->node.parent = &parent->node;
    if (parent->last)
        parent->last->next = &child->node;
    else
        parent->node.first = &child->node;
    parent->last = &child->node;
    parent->node.count++;
}

static int set_member(struct toml *toml, struct toml_node *table, struct str key, struct data_span span,
                      struct toml_node *value)
{
    if (table->node.count >= LIMIT_TOML_MEMBERS)
        return fail(toml, ERR_LIMIT, "the table has too many keys");
    if (data_get_str(&table->node, key))
        return fail(toml, ERR_INVALID, "the key has two values");
    value->node.key = key;
    value->node.key_span = span;
    append(table, value);
    return 0;
}

static void add_code_point(struct buf *out, uint64_t code)
{
    if (code < 0x80) {
        buf_add_char(out, (char)code);
        return;
    }
    if (code < 0x800) {
        buf_add_char(out, (char)(0xc0 | code >> 6));
    } else {
        if (code < 0x10000) {
            buf_add_char(out, (char)(0xe0 | code >> 12));
        } else {
            buf_add_char(out, (char)(0xf0 | code >> 18));
            buf_add_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
        }
        buf_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
    }
    buf_add_char(out, (char)(0x80 | (code & 0x3f)));
}

/* Behind the backslash. */
static int escape(struct toml *toml, bool lines)
{
    static const char from[] = "btnfr\"\\e", to[] = "\b\t\n\f\r\"\\\033";
    char c = peek(toml);
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        buf_add_char(&toml->scratch, to[known - from]);
        toml->at++;
        return 0;
    }
    if (c == 'u' || c == 'U') {
        uint64_t code = 0;
        size_t digits = c == 'u' ? 4 : 8;
        for (size_t i = 1; i <= digits; i++) {
            char digit = toml->at + i < toml->source.len ? char_lower(toml->source.ptr[toml->at + i]) : '\0';
            if (!char_is_digit(digit) && (digit < 'a' || digit > 'f'))
                return fail(toml, ERR_INVALID, "the escape is not complete");
            code = code << 4 | (uint64_t)(char_is_digit(digit) ? digit - '0' : digit - 'a' + 10);
        }
        if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return fail(toml, ERR_INVALID, "the escape is no character");
        add_code_point(&toml->scratch, code);
        toml->at += digits + 1;
        return 0;
    }
    if (lines && char_is_space(c)) { /* a backslash at the end of a line takes all white space that follows */
        while (toml->at < toml->source.len && char_is_space(toml->source.ptr[toml->at]))
            toml->at++;
        return 0;
    }
    return fail(toml, ERR_INVALID, "the escape is not known");
}

/* At the opening quote. */
static int parse_string(struct toml *toml, struct str *ret_text)
{
    char quote = peek(toml);
    const char triple[] = {quote, quote, quote, '\0'};
    bool lines = looking_at(toml, triple);
    toml->at += lines ? 3 : 1;
    if (lines && looking_at(toml, "\r\n"))
        toml->at += 2;
    else if (lines && peek(toml) == '\n')
        toml->at++;
    buf_reset(&toml->scratch);
    size_t start = toml->at;
    bool plain = true;
    while (toml->at < toml->source.len) {
        char c = peek(toml);
        if (lines ? looking_at(toml, triple) : c == quote)
            break;
        if (c == '\n' && !lines)
            return fail(toml, ERR_INVALID, "the string is not closed");
        toml->at++;
        if (c == '\\' && quote == '"') {
            if (plain)
                buf_add(&toml->scratch, toml->source.ptr + start, toml->at - 1 - start);
            plain = false;
            int r = escape(toml, lines);
            if (r < 0)
                return r;
        } else if (!plain) {
            buf_add_char(&toml->scratch, c);
        }
    }
    if (toml->at >= toml->source.len)
        return fail(toml, ERR_INVALID, "the string is not closed");
    size_t end = toml->at;
    toml->at += lines ? 3 : 1;
    for (int more = 0; lines && more < 2 && peek(toml) == quote; more++) { /* quotes before the closing three */
        toml->at++;
        end++;
        if (!plain)
            buf_add_char(&toml->scratch, quote);
    }
    *ret_text = plain ? str_of(toml->source.ptr + start, end - start) : arena_buf(toml->arena, &toml->scratch);
    return ret_text->ptr || plain ? 0 : err_nomem(toml->err);
}

static bool is_bare(char c)
{
    return char_is_alnum(c) || c == '-' || c == '_';
}

static int parse_key(struct toml *toml, struct str *ret_key, struct data_span *ret_span)
{
    skip_blanks(toml);
    size_t start = toml->at;
    int r = 0;
    if (peek(toml) == '"' || peek(toml) == '\'') {
        r = parse_string(toml, ret_key);
    } else {
        while (is_bare(peek(toml)))
            toml->at++;
        *ret_key = str_of(toml->source.ptr + start, toml->at - start);
        if (ret_key->len == 0)
            return fail(toml, ERR_INVALID, "a key was expected");
    }
    *ret_span = (struct data_span){(uint32_t)start, (uint32_t)(toml->at - start)};
    skip_blanks(toml);
    return r;
}

/* The table KEY of TABLE, made if absent; of an array of tables the last. */
static int enter(struct toml *toml, struct toml_node **table, struct str key, struct data_span span)
{
    struct toml_node *found = (struct toml_node *)(uintptr_t)data_get_str(&(*table)->node, key);
    int r = 0;
    if (!found) {
        r = new_node(toml, DATA_OBJECT, &found);
        if (r == 0)
            r = set_member(toml, *table, key, span, found);
    } else if (found->tables) {
        found = (struct toml_node *)found->last;
    } else if (found->node.kind != DATA_OBJECT || found->closed) {
        r = fail(toml, ERR_INVALID, "the key has a value and is no table");
    }
    if (r == 0)
        *table = found;
    return r;
}

/* KEY = VALUE, where KEY may have dots. */
static int parse_pair(struct toml *toml, struct toml_node *table, unsigned depth)
{
    struct str key;
    struct data_span span;
    int r = parse_key(toml, &key, &span);
    for (unsigned level = 0; r == 0 && peek(toml) == '.'; level++) {
        if (level > LIMIT_TOML_DEPTH)
            return fail(toml, ERR_LIMIT, "the key has too many parts");
        toml->at++;
        r = enter(toml, &table, key, span);
        if (r == 0)
            r = parse_key(toml, &key, &span);
    }
    if (r == 0 && peek(toml) != '=')
        r = fail(toml, ERR_INVALID, "'=' was expected");
    if (r < 0)
        return r;
    toml->at++;
    skip_blanks(toml);
    struct toml_node *value = NULL;
    r = parse_value(toml, depth, &value);
    return r < 0 ? r : set_member(toml, table, key, span, value);
}

static int parse_array(struct toml *toml, unsigned depth, struct toml_node *array)
{
    toml->at++;
    for (;;) {
        skip_space(toml);
        if (peek(toml) == ']')
            break;
        struct toml_node *value = NULL;
        int r = parse_value(toml, depth + 1, &value);
        if (r < 0)
            return r;
        append(array, value);
        skip_space(toml);
        if (peek(toml) == ',')
            toml->at++;
        else if (peek(toml) != ']')
            return fail(toml, ERR_INVALID, "the array is not closed");
    }
    toml->at++;
    return 0;
}

static int parse_inline(struct toml *toml, unsigned depth, struct toml_node *table)
{
    toml->at++;
    for (;;) {
        skip_space(toml);
        if (peek(toml) == '}')
            break;
        int r = parse_pair(toml, table, depth + 1);
        if (r < 0)
            return r;
        skip_space(toml);
        if (peek(toml) == ',')
            toml->at++;
        else if (peek(toml) != '}')
            return fail(toml, ERR_INVALID, "the table is not closed");
    }
    toml->at++;
    return 0;
}

/* A number, a date or a boolean. */
static int parse_plain(struct toml *toml, struct toml_node *node)
{
    size_t start = toml->at;
    while (is_bare(peek(toml)) || peek(toml) == '+' || peek(toml) == '.' || peek(toml) == ':')
        toml->at++;
    struct str text = str_of(toml->source.ptr + start, toml->at - start);
    bool date = text.len >= 8 && ((text.ptr[4] == '-' && text.ptr[7] == '-') || text.ptr[2] == ':');
    if (text.len == 0)
        return fail(toml, ERR_INVALID, "a value was expected");
    /* 1979-05-27 07:32:00 */
    if (date && text.len == 10 && peek(toml) == ' ' && toml->at + 1 < toml->source.len &&
        char_is_digit(toml->source.ptr[toml->at + 1])) {
        toml->at++;
        while (is_bare(peek(toml)) || peek(toml) == '.' || peek(toml) == ':' || peek(toml) == '+')
            toml->at++;
        text.len = toml->at - start;
    }
    char first = text.ptr[0] == '+' || text.ptr[0] == '-' ? (text.len > 1 ? text.ptr[1] : '\0') : text.ptr[0];
    if (str_eq_z(text, "true") || str_eq_z(text, "false"))
        node->node.kind = DATA_BOOL;
    else if (date)
        node->node.kind = DATA_STRING;
    else if (char_is_digit(first) || str_ends(text, STR("inf")) || str_ends(text, STR("nan")))
        node->node.kind = DATA_NUMBER;
    else
        return fail(toml, ERR_INVALID, "the value is no string, number, boolean or date");
    node->node.value = text;
    return 0;
}

static int parse_value(struct toml *toml, unsigned depth, struct toml_node **ret_node)
{
    struct toml_node *node = NULL;
    if (depth > LIMIT_TOML_DEPTH)
        return fail(toml, ERR_LIMIT, "values are nested too deep");
    int r = new_node(toml, DATA_NULL, &node);
    if (r < 0)
        return r;
    size_t start = toml->at;
    char c = peek(toml);
    if (c == '"' || c == '\'') {
        node->node.kind = DATA_STRING;
        node->node.style = c == '"' ? DATA_STYLE_DOUBLE : DATA_STYLE_SINGLE;
        r = parse_string(toml, &node->node.value);
    } else if (c == '[' || c == '{') {
        node->node.kind = c == '[' ? DATA_ARRAY : DATA_OBJECT;
        node->node.style = DATA_STYLE_FLOW;
        node->closed = true;
        r = c == '[' ? parse_array(toml, depth, node) : parse_inline(toml, depth, node);
    } else {
        r = parse_plain(toml, node);
    }
    node->node.span = (struct data_span){(uint32_t)start, (uint32_t)(toml->at - start)};
    *ret_node = node;
    return r;
}

/* Opens the array of tables KEY, or adds to it. */
static int enter_array(struct toml *toml, struct toml_node **table, struct str key, struct data_span span)
{
    struct toml_node *array = (struct toml_node *)(uintptr_t)data_get_str(&(*table)->node, key), *item = NULL;
    int r = 0;
    if (!array) {
        r = new_node(toml, DATA_ARRAY, &array);
        if (r == 0) {
            array->tables = true;
            r = set_member(toml, *table, key, span, array);
        }
    } else if (!array->tables) {
        r = fail(toml, ERR_INVALID, "the key has a value and is no array of tables");
    }
    if (r == 0)
        r = new_node(toml, DATA_OBJECT, &item);
    if (r == 0) {
        append(array, item);
        *table = item;
    }
    return r;
}

/* "[a.b]", "[[a.b]]". */
static int parse_header(struct toml *toml, struct toml_node *root, struct toml_node **ret_table)
{
    size_t start = toml->at;
    bool array = looking_at(toml, "[[");
    toml->at += array ? 2 : 1;
    *ret_table = root;
    for (unsigned level = 0;; level++) {
        struct str key;
        struct data_span span;
        int r = level > LIMIT_TOML_DEPTH ? fail(toml, ERR_LIMIT, "the table's name has too many parts")
                                         : parse_key(toml, &key, &span);
        if (r < 0)
            return r;
        bool last = peek(toml) != '.';
        r = array && last ? enter_array(toml, ret_table, key, span) : enter(toml, ret_table, key, span);
        if (r < 0)
            return r;
        if (last)
            break;
        toml->at++;
    }
    if (!looking_at(toml, array ? "]]" : "]"))
        return fail(toml, ERR_INVALID, "the table's name is not closed");
    toml->at += array ? 2 : 1;
    (*ret_table)->node.span = (struct data_span){(uint32_t)start, (uint32_t)(toml->at - start)};
    return 0;
}

static int parse_document(struct toml *toml, struct toml_node *root)
{
    struct toml_node *table = root;
    if (looking_at(toml, "\xef\xbb\xbf"))
        toml->at += 3;
    for (;;) {
        skip_space(toml);
        if (toml->at >= toml->source.len)
            return 0;
        int r = peek(toml) == '[' ? parse_header(toml, root, &table) : parse_pair(toml, table, 0);
        if (r < 0)
            return r;
        skip_blanks(toml);
        skip_comment(toml);
        if (toml->at < toml->source.len && peek(toml) != '\n' && !looking_at(toml, "\r\n"))
            return fail(toml, ERR_INVALID, "something stands behind the value");
    }
}

int toml_parse(struct str bytes, struct arena *arena, const struct data_node **ret_root, struct err *err)
{
    struct toml toml = {.source = bytes, .arena = arena, .err = err};
    struct toml_node *root = NULL;
    if (bytes.len > LIMIT_TOML_BYTES)
        return err_set(err, ERR_LIMIT, "the document has more than %llu MB", LIMIT_TOML_BYTES >> 20);
    int r = new_node(&toml, DATA_OBJECT, &root);
    if (r == 0)
        r = parse_document(&toml, root);
    buf_done(&toml.scratch);
    if (r == 0)
        *ret_root = &root->node;
    return r;
}

uint32_t toml_line(struct str bytes, const struct data_node *node)
{
    return data_position_of(bytes, node->key_span.len ? node->key_span.offset : node->span.offset).line;
}

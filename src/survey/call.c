/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/call.h"

#include <string.h>

struct reader {
    struct surveying *surveying;
    struct str text;
    size_t at;
    uint32_t line;
    enum call_syntax syntax;
    struct map *variables; /* name to struct str */
    size_t open;           /* conditions that are */
    size_t closed;         /* the outermost of these that may not hold, from 1; 0: none */
};

static char peek(const struct reader *reader)
{
    return reader->at < reader->text.len ? reader->text.ptr[reader->at] : '\0';
}

static void next(struct reader *reader)
{
    if (peek(reader) == '\n')
        reader->line++;
    reader->at++;
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->text.len) {
        bool comment = peek(reader) == '#' && reader->syntax != CALL_M4;
        if (reader->syntax == CALL_M4 && str_starts(str_skip(reader->text, reader->at), STR("dnl ")))
            comment = true;
        if (comment)
            while (reader->at < reader->text.len && peek(reader) != '\n')
                next(reader);
        else if (char_is_space(peek(reader)) || peek(reader) == ',')
            next(reader);
        else
            return;
    }
}

static bool is_name(char c)
{
    return char_is_alnum(c) || c == '_';
}

/* "${NAME}" and what is around it, one variable's depth. */
static int substitute(struct reader *reader, struct str word, struct str *ret_word, struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    size_t start = str_find(word, STR("${"));
    *ret_word = word;
    if (start >= word.len || reader->syntax != CALL_CMAKE)
        return 0;
    while (start < word.len && out.len < 4096) {
        buf_add_str(&out, str_head(word, start));
        struct str rest = str_skip(word, start + 2);
        size_t end = str_find_char(rest, '}');
        const struct str *value = map_get(reader->variables, str_head(rest, end));
        if (end >= rest.len || !value) /* not known: the word is none that says something */
            return 0;
        buf_add_str(&out, *value);
        word = str_skip(rest, end + 1);
        start = str_find(word, STR("${"));
    }
    buf_add_str(&out, word);
    *ret_word = arena_buf(reader->surveying->ctx->arena, &out);
    return ret_word->ptr ? 0 : err_nomem(err);
}

static struct str quoted(struct reader *reader, char close)
{
    bool triple = close == '\'' && str_starts(str_skip(reader->text, reader->at), STR("'''"));
    for (int i = triple ? 3 : 1; i > 0; i--)
        next(reader);
    size_t start = reader->at;
    while (reader->at < reader->text.len &&
           (triple ? !str_starts(str_skip(reader->text, reader->at), STR("'''")) : peek(reader) != close)) {
        if (peek(reader) == '\\' && close != ']')
            next(reader);
        if (reader->at < reader->text.len)
            next(reader);
    }
    struct str word = str_of(reader->text.ptr + start, reader->at - start);
    for (int i = triple ? 3 : 1; i > 0 && reader->at < reader->text.len; i--)
        next(reader);
    return word;
}

static struct str bare(struct reader *reader)
{
    size_t start = reader->at;
    while (reader->at < reader->text.len && !char_is_space(peek(reader)) && !strchr("()[],\"'#", peek(reader))) {
        char c = peek(reader);
        next(reader);
        if (c == '\\' && reader->syntax == CALL_CMAKE && reader->at < reader->text.len) /* -DNAME=\"text\" */
            next(reader);
        if (c == ':' && reader->syntax == CALL_MESON)
            break;
    }
    if (reader->at == start)
        next(reader);
    return str_of(reader->text.ptr + start, reader->at - start);
}

/* One word or sign of a call; *RET_SIGN is the sign, or 0. */
static int word(struct reader *reader, struct str *ret_word, char *ret_sign, struct err *err)
{
    char c = peek(reader);
    *ret_sign = '\0';
    if (c == '"' || (c == '\'' && reader->syntax == CALL_MESON)) {
        *ret_word = quoted(reader, c);
    } else if (c == '[' && reader->syntax == CALL_M4) {
        *ret_word = quoted(reader, ']');
    } else if (c == '(' || c == ')' || ((c == '[' || c == ']') && reader->syntax == CALL_MESON)) {
        next(reader);
        *ret_sign = c;
        return 0;
    } else {
        *ret_word = bare(reader);
        const struct str *value = reader->syntax == CALL_MESON ? map_get(reader->variables, *ret_word) : NULL;
        if (value)
            *ret_word = *value;
    }
    return substitute(reader, *ret_word, ret_word, err);
}

static int set_variable(struct reader *reader, struct str name, struct str value, struct err *err)
{
    struct str *kept = ARENA_NEW(reader->surveying->ctx->arena, struct str);
    if (!kept)
        return err_nomem(err);
    *kept = value;
    return map_set(reader->variables, name, kept) ? 0 : err_nomem(err);
}

/* CMake's set(); project() makes PROJECT_NAME known. */
static int note_variables(struct reader *reader, const struct call *call, struct err *err)
{
    if (reader->syntax != CALL_CMAKE || call->count == 0)
        return 0;
    if (str_eq_fold(call->name, STR("set")) && call->count > 1)
        return set_variable(reader, call->words[0], call->words[1], err);
    if (!str_eq_fold(call->name, STR("project")))
        return 0;
    int r = set_variable(reader, STR("PROJECT_NAME"), call->words[0], err);
    return r < 0 ? r : set_variable(reader, STR("CMAKE_PROJECT_NAME"), call->words[0], err);
}

/* At the parenthesis that opens. Calls within (Meson's dependency() in a list) are read by their own name as well. */
static int arguments(struct reader *reader, struct call *call, struct err *err)
{
    size_t depth = 0;
    do {
        struct str text = STR("");
        char sign;
        int r = word(reader, &text, &sign, err);
        if (r < 0)
            return r;
        if (sign == '(' || sign == '[')
            depth++;
        else if (sign && depth > 0)
            depth--;
        else if (!sign && call->count < CALL_WORDS_MAX)
            call->words[call->count++] = text;
        skip_space(reader);
    } while (depth > 0 && reader->at < reader->text.len);
    return 0;
}

/* Meson's NAME = 'text', AT behind the name. */
static int assignment(struct reader *reader, struct str name, struct err *err)
{
    if (reader->syntax != CALL_MESON || peek(reader) != '=')
        return 0;
    next(reader);
    skip_space(reader);
    if (peek(reader) != '\'')
        return 0;
    return set_variable(reader, name, quoted(reader, '\''), err);
}

/* Meson's `if get_option('name')`, where it is on by default. */
static bool is_on(const struct reader *reader)
{
    struct str line = str_skip(reader->text, reader->at);
    line = str_trim(str_head(line, str_find_char(line, '\n')));
    if (reader->syntax != CALL_MESON || !str_starts(line, STR("get_option('")) || !str_ends(line, STR("')")))
        return false;
    struct str name = str_of(line.ptr + 12, line.len - 14);
    const struct str *value = str_has_char(name, '\'') ? NULL : map_get(reader->variables, name);
    return value && str_eq_z(*value, "option: true");
}

/* Both have the same words, in CMake of any case; m4's are another matter. */
static void note_condition(struct reader *reader, struct str name)
{
    if (reader->syntax == CALL_M4)
        return;
    if (str_eq_fold(name, STR("if"))) {
        reader->open++;
        if (reader->closed == 0 && !is_on(reader))
            reader->closed = reader->open;
    } else if (str_eq_fold(name, STR("endif")) && reader->open > 0) {
        if (reader->closed == reader->open)
            reader->closed = 0;
        reader->open--;
    }
}

int calls_read(struct surveying *surveying, struct str text, enum call_syntax syntax, struct map *variables,
               int (*each)(void *self, const struct call *call, struct err *err), void *self, struct err *err)
{
    struct reader reader = {surveying, text, 0, 1, syntax, variables, 0, 0};
    struct call *call = ARENA_NEW(surveying->ctx->arena, struct call);
    if (!call)
        return err_nomem(err);
    while (skip_space(&reader), reader.at < text.len) {
        if (!is_name(peek(&reader))) {
            if (peek(&reader) == '\'' && syntax == CALL_MESON)
                quoted(&reader, '\'');
            else
                next(&reader);
            continue;
        }
        size_t start = reader.at;
        uint32_t line = reader.line;
        while (is_name(peek(&reader)))
            next(&reader);
        struct str name = str_of(text.ptr + start, reader.at - start);
        while (peek(&reader) == ' ' || peek(&reader) == '\t')
            next(&reader);
        note_condition(&reader, name);
        int r = assignment(&reader, name, err);
        if (r == 0 && peek(&reader) == '(') {
            struct reader inside = reader;
            *call = (struct call){.name = name, .line = line, .conditional = reader.closed > 0};
            r = arguments(&reader, call, err);
            if (r == 0)
                r = note_variables(&reader, call, err);
            if (r == 0)
                r = each(self, call, err);
            if (syntax == CALL_MESON) { /* the calls within: their time is that of the text times its depth */
                reader = inside;
                next(&reader);
            }
        }
        if (r < 0)
            return r;
    }
    return 0;
}

struct str call_option(const struct call *call, const char *key)
{
    for (size_t i = 0; i + 1 < call->count; i++)
        if (str_eq_z(call->words[i], key))
            return call->words[i + 1];
    return STR("");
}

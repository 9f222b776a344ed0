/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/token.h"

#include "base/limits.h"
#include "base/vec.h"

#include <string.h>

struct lexer {
    struct str source;
    enum token_syntax syntax;
    size_t at;
    uint32_t line;
    struct tokens *tokens;
};

static char peek(const struct lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;
    return at < lexer->source.len ? lexer->source.ptr[at] : '\0';
}

static bool starts(const struct lexer *lexer, const char *text)
{
    return str_starts(str_skip(lexer->source, lexer->at), str_z(text));
}

/* Moves to END, counting lines. */
static void move(struct lexer *lexer, size_t end)
{
    for (; lexer->at < end; lexer->at++)
        if (lexer->source.ptr[lexer->at] == '\n')
            lexer->line++;
}

static bool is_word(char c)
{
    return char_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

static int add(struct lexer *lexer, enum token_kind kind, uint32_t line, size_t start, size_t end, struct err *err)
{
    if (lexer->tokens->len >= LIMIT_SURVEY_TOKENS)
        return err_set(err, ERR_LIMIT, "the source has more than %u words", LIMIT_SURVEY_TOKENS);
    struct token token = {.kind = kind, .line = line, .text = str_of(lexer->source.ptr + start, end - start)};
    return VEC_PUSH(lexer->tokens, token) ? 0 : err_nomem(err);
}

/* The first place of CLOSE from FROM; the source's end without. */
static size_t find_from(const struct lexer *lexer, size_t from, struct str close)
{
    return from + str_find(str_skip(lexer->source, from), close);
}

/* Where the comment that starts here ends; at: there is none. */
static size_t comment_end(const struct lexer *lexer)
{
    const struct str source = lexer->source;
    bool hash = lexer->syntax == TOKEN_PYTHON || lexer->syntax == TOKEN_CALLS;
    if (hash ? peek(lexer, 0) == '#' : starts(lexer, "//")) {
        size_t end = lexer->at;
        while (end < source.len && source.ptr[end] != '\n') /* a backslash at the end of a line goes on, in C */
            end += lexer->syntax == TOKEN_C && source.ptr[end] == '\\' && end + 1 < source.len ? 2 : 1;
        return end < source.len ? end : source.len;
    }
    if (hash || !starts(lexer, "/*"))
        return lexer->at;
    size_t depth = 1, at = lexer->at + 2;
    while (at < source.len && depth > 0) {
        struct str rest = str_skip(source, at);
        if (str_starts(rest, STR("*/"))) {
            depth--;
            at += 2;
        } else if (lexer->syntax == TOKEN_RUST && str_starts(rest, STR("/*"))) {
            depth++;
            at += 2;
        } else {
            at++;
        }
    }
    return at;
}

/* A text that QUOTE begins and ends, on one line unless LINES; at is behind the opening quote. */
static int quoted(struct lexer *lexer, char quote, bool lines, struct err *err)
{
    const struct str source = lexer->source;
    size_t start = lexer->at, end = start;
    while (end < source.len && source.ptr[end] != quote && (lines || source.ptr[end] != '\n'))
        end += source.ptr[end] == '\\' && end + 1 < source.len ? 2 : 1;
    if (end > source.len)
        end = source.len;
    int r = add(lexer, TOKEN_TEXT, lexer->line, start, end, err);
    move(lexer, end < source.len && source.ptr[end] == quote ? end + 1 : end);
    return r;
}

/* A text without escapes from START on, up to CLOSE. */
static int raw(struct lexer *lexer, size_t start, struct str close, struct err *err)
{
    if (start > lexer->source.len)
        start = lexer->source.len;
    size_t end = find_from(lexer, start, close);
    int r = add(lexer, TOKEN_TEXT, lexer->line, start, end, err);
    move(lexer, end + close.len < lexer->source.len ? end + close.len : lexer->source.len);
    return r;
}

/* R"x(...)x" and r##"..."##; false: it is none, AT is the quote or the first '#'. */
static bool raw_prefixed(struct lexer *lexer, size_t at, int *r, struct err *err)
{
    char close[24];
    size_t len = 0;
    const struct str source = lexer->source;
    if (lexer->syntax == TOKEN_RUST) {
        size_t hashes = 0;
        while (at + hashes < source.len && source.ptr[at + hashes] == '#')
            hashes++;
        if (hashes + 1 > sizeof(close) || at + hashes >= source.len || source.ptr[at + hashes] != '"')
            return false;
        close[len++] = '"';
        memset(close + len, '#', hashes);
        *r = raw(lexer, at + hashes + 1, str_of(close, len + hashes), err);
        return true;
    }
    if (at >= source.len || source.ptr[at] != '"')
        return false;
    close[len++] = ')';
    for (at++; at < source.len && source.ptr[at] != '(' && len < 18; at++)
        close[len++] = source.ptr[at];
    if (at >= source.len || source.ptr[at] != '(')
        return false;
    close[len++] = '"';
    *r = raw(lexer, at + 1, str_of(close, len), err);
    return true;
}

/* A word, or the prefix of a text. */
static int word(struct lexer *lexer, struct err *err)
{
    size_t start = lexer->at, end = start;
    while (end < lexer->source.len && is_word(lexer->source.ptr[end]))
        end++;
    struct str text = str_of(lexer->source.ptr + start, end - start);
    char next = end < lexer->source.len ? lexer->source.ptr[end] : '\0';
    int r = 0;
    bool raw_c = lexer->syntax == TOKEN_C && next == '"' && text.ptr[text.len - 1] == 'R' && text.len <= 3;
    bool raw_rust = lexer->syntax == TOKEN_RUST && (next == '"' || next == '#') &&
                    (str_eq_z(text, "r") || str_eq_z(text, "br") || str_eq_z(text, "cr"));
    if ((raw_c || raw_rust) && raw_prefixed(lexer, end, &r, err))
        return r;
    bool prefix = (next == '"' && text.len <= 2 && lexer->syntax != TOKEN_GO) ||
                  (next == '\'' && text.len <= 2 && lexer->syntax == TOKEN_PYTHON);
    lexer->at = end;
    return prefix ? 0 : add(lexer, TOKEN_WORD, lexer->line, start, end, err);
}

static int number(struct lexer *lexer, struct err *err)
{
    size_t end = lexer->at;
    const struct str source = lexer->source;
    while (end < source.len &&
           (is_word(source.ptr[end]) || (lexer->syntax == TOKEN_C && source.ptr[end] == '\'' && end + 1 < source.len &&
                                         char_is_digit(source.ptr[end + 1]))))
        end++;
    int r = add(lexer, TOKEN_NUMBER, lexer->line, lexer->at, end, err);
    lexer->at = end;
    return r;
}

/* Rust's 'a and 'x', C's and Go's 'x'. */
static int apostrophe(struct lexer *lexer, struct err *err)
{
    if (lexer->syntax == TOKEN_RUST && peek(lexer, 1) != '\\') {
        size_t end = lexer->at + 1;
        while (end < lexer->source.len && is_word(lexer->source.ptr[end]))
            end++;
        if (end >= lexer->source.len || lexer->source.ptr[end] != '\'') {
            if (end > lexer->at + 1) { /* a lifetime */
                lexer->at = end;
                return 0;
            }
        }
    }
    const struct str source = lexer->source;
    size_t end = lexer->at + 1;
    while (end < source.len && source.ptr[end] != '\'' && source.ptr[end] != '\n')
        end += source.ptr[end] == '\\' && end + 1 < source.len ? 2 : 1;
    if (end > source.len)
        end = source.len;
    int r = add(lexer, TOKEN_NUMBER, lexer->line, lexer->at, end, err);
    move(lexer, end < source.len && source.ptr[end] == '\'' ? end + 1 : end);
    return r;
}

static int sign(struct lexer *lexer, struct err *err)
{
    static const char *const pairs[] = {":=", "==", "!=", "::", "->", "=>", "<=", ">=", "+="};
    size_t len = 1;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (starts(lexer, pairs[i]))
            len = 2;
    int r = add(lexer, TOKEN_SIGN, lexer->line, lexer->at, lexer->at + len, err);
    move(lexer, lexer->at + len);
    return r;
}

static int one(struct lexer *lexer, struct err *err)
{
    char c = peek(lexer, 0);
    bool script = lexer->syntax == TOKEN_PYTHON || lexer->syntax == TOKEN_CALLS;
    if (script && (starts(lexer, "\"\"\"") || starts(lexer, "'''"))) {
        char close[] = {c, c, c};
        return raw(lexer, lexer->at + 3, str_of(close, 3), err);
    }
    if (c == '"' || (c == '\'' && script)) {
        lexer->at++;
        return quoted(lexer, c, lexer->syntax == TOKEN_RUST || lexer->syntax == TOKEN_CALLS, err);
    }
    if (c == '`' && lexer->syntax == TOKEN_GO)
        return raw(lexer, lexer->at + 1, STR("`"), err);
    if (c == '\'' && !script)
        return apostrophe(lexer, err);
    if (char_is_digit(c))
        return number(lexer, err);
    return is_word(c) ? word(lexer, err) : sign(lexer, err);
}

static bool opens(const struct token *token)
{
    return token->kind == TOKEN_SIGN && memchr("([{", token->text.ptr[0], 3);
}

/*
 * Each bracket learns at once where it closes: who asks for each of a million that nothing closes would wait for long.
 * Until then it holds the place of the one around it.
 */
static void pair_brackets(struct tokens *tokens)
{
    size_t open = tokens->len;
    for (size_t i = 0; i < tokens->len; i++) {
        struct token *token = &tokens->ptr[i];
        if (opens(token)) {
            token->close = (uint32_t)open;
            open = i;
        } else if (token->kind == TOKEN_SIGN && memchr(")]}", token->text.ptr[0], 3) && open < tokens->len) {
            size_t around = tokens->ptr[open].close;
            tokens->ptr[open].close = (uint32_t)(i + 1);
            open = around;
        }
    }
    while (open < tokens->len) {
        size_t around = tokens->ptr[open].close;
        tokens->ptr[open].close = (uint32_t)tokens->len;
        open = around;
    }
}

int tokens_read(struct str source, enum token_syntax syntax, struct tokens *tokens, struct err *err)
{
    struct lexer lexer = {source, syntax, 0, 1, tokens};
    tokens->len = 0;
    while (lexer.at < source.len) {
        size_t end = comment_end(&lexer);
        if (end > lexer.at || char_is_space(source.ptr[lexer.at])) {
            move(&lexer, end > lexer.at ? end : lexer.at + 1);
            continue;
        }
        int r = one(&lexer, err);
        if (r < 0)
            return r;
    }
    pair_brackets(tokens);
    return 0;
}

void tokens_done(struct tokens *tokens)
{
    VEC_DONE(tokens);
}

bool token_is(const struct tokens *tokens, size_t at, const char *text)
{
    return at < tokens->len && (tokens->ptr[at].kind == TOKEN_WORD || tokens->ptr[at].kind == TOKEN_SIGN) &&
           str_eq_z(tokens->ptr[at].text, text);
}

bool token_is_kind(const struct tokens *tokens, size_t at, enum token_kind kind)
{
    return at < tokens->len && tokens->ptr[at].kind == kind;
}

size_t token_close(const struct tokens *tokens, size_t open)
{
    return open < tokens->len && opens(&tokens->ptr[open]) ? tokens->ptr[open].close : tokens->len;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "python/lexer.h"

#include "python/lexer_internal.h"

#include <string.h>

#define TAB_COLUMNS 8

#define N CHAR_NAME
#define D CHAR_DIGIT
#define B CHAR_BLANK
#define L CHAR_LINE
#define Q CHAR_QUOTE
#define O CHAR_OP
const uint8_t python_chars[256] = {
    ['\t'] = B, [' '] = B, ['\f'] = B,        ['\n'] = L,        ['\r'] = L,        ['"'] = Q,
    ['\''] = Q, ['_'] = N, ['%'] = O,         ['&'] = O,         ['('] = O,         [')'] = O,
    ['*'] = O,  ['+'] = O, [','] = O,         ['-'] = O,         ['.'] = O,         ['/'] = O,
    [':'] = O,  [';'] = O, ['<'] = O,         ['='] = O,         ['>'] = O,         ['@'] = O,
    ['['] = O,  [']'] = O, ['^'] = O,         ['{'] = O,         ['|'] = O,         ['}'] = O,
    ['~'] = O,  ['!'] = O, ['0' ... '9'] = D, ['A' ... 'Z'] = N, ['a' ... 'z'] = N, [0x80 ... 0xFF] = N};
#undef N
#undef D
#undef B
#undef L
#undef Q
#undef O

size_t lexer_line_end(const struct python_lexer *lexer, size_t at)
{
    size_t left = lexer->source.len - at;
    if (!lexer->has_cr) {
        const char *end = left ? memchr(lexer->source.ptr + at, '\n', left) : NULL;
        return end ? (size_t)(end - lexer->source.ptr) : lexer->source.len;
    }
    while (at < lexer->source.len && !char_in(lexer->source.ptr[at], CHAR_LINE))
        at++;
    return at;
}

/* Counts the line ends between LINE_START and AT. */
static void count_lines(const struct python_lexer *lexer, size_t at, uint32_t *line, size_t *line_start)
{
    for (;;) {
        size_t end = lexer_line_end(lexer, *line_start);
        if (end >= at)
            return;
        *line_start = end + line_end_len(lexer, end);
        ++*line;
    }
}

struct python_place lexer_place(const struct python_lexer *lexer, size_t at)
{
    uint32_t line = lexer->line;
    size_t line_start = lexer->line_start;
    if (at > lexer->at)
        count_lines(lexer, at, &line, &line_start);
    return (struct python_place){line, (uint32_t)(at - line_start) + 1};
}

bool lexer_fail(struct python_lexer *lexer, size_t at, const char *message)
{
    lexer->problem = (struct python_problem){message, lexer_place(lexer, at)};
    return false;
}

bool lexer_open(struct python_lexer *lexer, size_t at)
{
    if (lexer->bracket_count == LIMIT_PYTHON_BRACKETS)
        return lexer_fail(lexer, at, "too many nested parentheses");
    /* The place is for those that are never closed; in an f-string it is the string that is unterminated. */
    struct python_place place = at == lexer->at ? lexer_place(lexer, at) : (struct python_place){0};
    lexer->brackets[lexer->bracket_count++] = (struct python_bracket){byte_at(lexer, at), place};
    return true;
}

bool lexer_close(struct python_lexer *lexer, size_t at)
{
    char close = byte_at(lexer, at);
    if (lexer->bracket_count == 0)
        return lexer_fail(lexer, at, close == ')' ? "unmatched ')'" : close == ']' ? "unmatched ']'" : "unmatched '}'");
    char open = lexer->brackets[--lexer->bracket_count].open;
    if (close == (open == '(' ? ')' : open == '[' ? ']' : '}'))
        return true;
    return lexer_fail(lexer, at,
                      open == '('   ? "closing bracket does not match opening '('"
                      : open == '[' ? "closing bracket does not match opening '['"
                                    : "closing bracket does not match opening '{'");
}

/* What no encoding can mend: NUL, and bytes that the declared encoding does not have. */
static void check_bytes(struct python_lexer *lexer)
{
    struct str rest = str_skip(lexer->source, lexer->at);
    const struct python_source *about = &lexer->about;
    lexer->has_cr = str_has_char(rest, '\r');
    size_t nul = str_find_char(rest, '\0'), bad = rest.len;
    if (about->encoding == PYTHON_ENCODING_UTF8 || about->encoding == PYTHON_ENCODING_ASCII)
        bad = str_utf8_valid(rest);
    if (about->encoding == PYTHON_ENCODING_ASCII) {
        for (size_t i = 0; i < bad; i++) {
            if (rest.ptr[i] & 0x80)
                bad = i;
        }
    }
    if (about->byte_order_mark && about->encoding != PYTHON_ENCODING_UTF8)
        lexer_fail(lexer, lexer->at, "another encoding is declared than the byte order mark's");
    else if (nul < rest.len && nul <= bad)
        lexer_fail(lexer, lexer->at + nul, "source code cannot contain null bytes");
    else if (bad < rest.len)
        lexer_fail(lexer, lexer->at + bad,
                   about->encoding == PYTHON_ENCODING_ASCII ? "byte is not in the declared encoding"
                   : about->declared.len > 0                ? "byte is no UTF-8, which is declared"
                                                            : "byte is no UTF-8, and no other encoding is declared");
}

int python_lexer_init(struct python_lexer *lexer, struct str source, struct err *err)
{
    if (source.len > LIMIT_PYTHON_SOURCE_BYTES)
        return err_set(err, ERR_LIMIT, "Python source is larger than %llu bytes",
                       (unsigned long long)LIMIT_PYTHON_SOURCE_BYTES);
    /* The two stacks need no clearing. */
    memset(lexer, 0, offsetof(struct python_lexer, indents));
    lexer->source = source;
    lexer->about = python_source_about(source);
    lexer->at = lexer->line_start = lexer->about.byte_order_mark ? 3 : 0;
    lexer->line = 1;
    lexer->line_begins = true;
    lexer->indents[0] = lexer->alternatives[0] = 0;
    lexer->indent_count = 1;
    check_bytes(lexer);
    return 0;
}

/* Takes the line end at lexer->at. */
static void take_line_end(struct python_lexer *lexer)
{
    lexer->at += line_end_len(lexer, lexer->at);
    lexer->line_start = lexer->at;
    lexer->line++;
}

/* A backslash at lexer->at joins this line to the next, which must exist. */
static bool join_line(struct python_lexer *lexer)
{
    size_t backslash = lexer->at++;
    if (lexer->at == lexer->source.len)
        return lexer_fail(lexer, backslash, "unexpected end of file behind a line continuation character");
    if (!char_in(byte_at(lexer, lexer->at), CHAR_LINE)) {
        lexer->at--;
        return lexer_fail(lexer, backslash + 1, "unexpected character after line continuation character");
    }
    take_line_end(lexer);
    if (lexer->at == lexer->source.len)
        return lexer_fail(lexer, lexer->at, "unexpected end of file behind a line continuation character");
    return true;
}

/* The indentation of a line that has a token, in columns of 8 and of 1; blank lines and comments are passed over. */
static bool measure(struct python_lexer *lexer, uint32_t *ret_column, uint32_t *ret_alternative)
{
    uint32_t column = 0, alternative = 0, joined = 0;
    for (;; lexer->at++) {
        char c = byte_at(lexer, lexer->at);
        if (c == ' ') {
            column++;
            alternative++;
        } else if (c == '\t') {
            column = (column / TAB_COLUMNS + 1) * TAB_COLUMNS;
            alternative++;
        } else if (c == '\f') {
            column = alternative = 0;
        } else if (c == '\\') {
            joined = joined ? joined : column;
            if (!join_line(lexer))
                return false;
            lexer->at--;
        } else {
            if (c == '#')
                lexer->at = lexer_line_end(lexer, lexer->at);
            if (lexer->at == lexer->source.len || !char_in(byte_at(lexer, lexer->at), CHAR_LINE))
                break;
            take_line_end(lexer);
            lexer->at--;
            column = alternative = joined = 0;
        }
    }
    *ret_column = joined ? joined : column;
    *ret_alternative = joined ? joined : alternative;
    return true;
}

static bool indent(struct python_lexer *lexer, uint32_t column, uint32_t alternative)
{
    if (lexer->indent_count == LIMIT_PYTHON_INDENTS)
        return lexer_fail(lexer, lexer->at, "too many levels of indentation");
    lexer->indents[lexer->indent_count] = column;
    lexer->alternatives[lexer->indent_count++] = alternative;
    lexer->indent_due = true;
    return lexer->block_due || lexer_fail(lexer, lexer->at, "unexpected indent");
}

/* The start of a logical line: tells indent_due and dedents. */
static bool begin_line(struct python_lexer *lexer)
{
    static const char mixed[] = "inconsistent use of tabs and spaces in indentation";
    uint32_t column = 0, alternative = 0;
    if (!measure(lexer, &column, &alternative))
        return false;
    if (lexer->at == lexer->source.len)
        column = alternative = 0;
    uint32_t top = lexer->indents[lexer->indent_count - 1];
    if (column > top) {
        if (alternative <= lexer->alternatives[lexer->indent_count - 1])
            return lexer_fail(lexer, lexer->at, mixed);
        return indent(lexer, column, alternative);
    }
    while (column < lexer->indents[lexer->indent_count - 1]) {
        lexer->indent_count--;
        lexer->dedents++;
    }
    if (column != lexer->indents[lexer->indent_count - 1])
        return lexer_fail(lexer, lexer->at, "unindent does not match any outer indentation level");
    if (alternative != lexer->alternatives[lexer->indent_count - 1])
        return lexer_fail(lexer, lexer->at, mixed);
    return !lexer->block_due || lexer_fail(lexer, lexer->at, "expected an indented block");
}

/* Punctuation and spaces above ASCII that editors put into code; LEN is the name's. */
static bool check_name(struct python_lexer *lexer, size_t at, size_t len)
{
    const unsigned char *p = (const unsigned char *)lexer->source.ptr + at;
    if (lexer->about.encoding != PYTHON_ENCODING_UTF8)
        return true;
    for (size_t i = 0; i + 1 < len; i++) {
        bool latin = p[i] == 0xC2 && p[i + 1] != 0xAA && p[i + 1] != 0xB5 && p[i + 1] != 0xBA && p[i + 1] != 0xB7;
        bool three = i + 2 < len;
        /* U+2000 to U+206F but for U+203F, U+2040, U+2054, which join words. */
        bool general = three && p[i] == 0xE2 && (p[i + 1] == 0x80 || (p[i + 1] == 0x81 && p[i + 2] < 0xB0)) &&
                       !(p[i + 1] == 0x80 && p[i + 2] == 0xBF) &&
                       !(p[i + 1] == 0x81 && (p[i + 2] == 0x80 || p[i + 2] == 0x94));
        bool wide =
            three && p[i] == 0xE3 && p[i + 1] == 0x80 && p[i + 2] <= 0xA0 && (p[i + 2] < 0x85 || p[i + 2] > 0x87);
        bool mark = three && p[i] == 0xEF && p[i + 1] == 0xBB && p[i + 2] == 0xBF;
        if (latin || general || wide || mark)
            return lexer_fail(lexer, at + i, "invalid character in an identifier");
    }
    return true;
}

/* How long the operator at AT is; 0 when there is none. */
static size_t operator_len(const struct python_lexer *lexer, size_t at)
{
    char c = byte_at(lexer, at), second = byte_at(lexer, at + 1);
    bool doubled = (c == '*' || c == '/' || c == '<' || c == '>') && second == c;
    if (!char_in(c, CHAR_OP))
        return 0;
    if (doubled)
        return byte_at(lexer, at + 2) == '=' ? 3 : 2;
    if (c == '.')
        return second == '.' && byte_at(lexer, at + 2) == '.' ? 3 : 1;
    if ((c == '-' && second == '>') || (c == '<' && second == '>'))
        return 2;
    if (second == '=' && !memchr("()[]{},;~.", c, 10))
        return 2;
    return c == '!' ? 0 : 1;
}

static bool take_operator(struct python_lexer *lexer, size_t *end, struct python_token *token)
{
    size_t len = operator_len(lexer, lexer->at);
    char c = byte_at(lexer, lexer->at);
    if (len == 0)
        return lexer_fail(lexer, lexer->at, "invalid character");
    token->kind = PYTHON_OP;
    token->op = len == 1 ? c : '\0';
    *end = lexer->at + len;
    if (c == '(' || c == '[' || c == '{')
        return lexer_open(lexer, lexer->at);
    if (c == ')' || c == ']' || c == '}')
        return lexer_close(lexer, lexer->at);
    return true;
}

static bool take_string(struct python_lexer *lexer, size_t quotes, unsigned flags, size_t *end,
                        struct python_token *token)
{
    token->kind = PYTHON_STRING;
    token->prefix_len = (uint8_t)(quotes - lexer->at);
    *end = quotes;
    bool good = lexer_string(lexer, end, &flags);
    token->string = (uint8_t)flags;
    return good;
}

static bool take_name(struct python_lexer *lexer, size_t *end, struct python_token *token)
{
    size_t at = lexer->at, stop = at;
    unsigned char bits = 0;
    for (; stop < lexer->source.len && char_in(lexer->source.ptr[stop], CHAR_NAME | CHAR_DIGIT); stop++)
        bits |= (unsigned char)lexer->source.ptr[stop];
    if (char_in(byte_at(lexer, stop), CHAR_QUOTE)) {
        int flags = lexer_string_prefix(str_of(lexer->source.ptr + at, stop - at));
        if (flags >= 0)
            return take_string(lexer, stop, (unsigned)flags, end, token);
    }
    token->kind = PYTHON_NAME;
    *end = stop;
    return !(bits & 0x80) || check_name(lexer, at, stop - at);
}

/* The token whose first byte is at lexer->at. */
static bool take(struct python_lexer *lexer, struct python_token *token)
{
    char c = byte_at(lexer, lexer->at);
    size_t end = lexer->at;
    bool good;
    if (char_in(c, CHAR_NAME)) {
        good = take_name(lexer, &end, token);
    } else if (char_in(c, CHAR_DIGIT) || (c == '.' && char_is_digit(byte_at(lexer, lexer->at + 1)))) {
        token->kind = PYTHON_NUMBER;
        good = lexer_number(lexer, &end);
    } else if (char_in(c, CHAR_QUOTE)) {
        good = take_string(lexer, lexer->at, 0, &end, token);
    } else {
        good = take_operator(lexer, &end, token);
    }
    if (!good)
        return false;
    token->len = (uint32_t)(end - token->at);
    lexer->at = end;
    lexer->last_op = token->op;
    lexer->token_seen = true;
    if (token->kind == PYTHON_STRING)
        count_lines(lexer, end, &lexer->line, &lexer->line_start);
    return true;
}

static void place_token(const struct python_lexer *lexer, enum python_token_kind kind, struct python_token *token)
{
    *token = (struct python_token){.kind = kind, .at = (uint32_t)lexer->at, .line = lexer->line};
    token->column = (uint32_t)(lexer->at - lexer->line_start) + 1;
}

/* The end of the source: brackets are closed, the last line ends. */
static bool take_end(struct python_lexer *lexer, struct python_token *token)
{
    if (lexer->bracket_count > 0) {
        const struct python_bracket *open = &lexer->brackets[lexer->bracket_count - 1];
        const char *message = open->open == '('   ? "'(' was never closed"
                              : open->open == '[' ? "'[' was never closed"
                                                  : "'{' was never closed";
        lexer->problem = (struct python_problem){message, open->place};
        return false;
    }
    if (lexer->token_seen) {
        token->kind = PYTHON_NEWLINE;
        lexer->block_due = lexer->last_op == ':';
        lexer->token_seen = false;
        lexer->line_begins = true;
        return true;
    }
    token->kind = PYTHON_END;
    return true;
}

/* Passes over what separates tokens; true when the logical line is at its end. */
static bool skip_blanks(struct python_lexer *lexer, bool *ret_line_ends)
{
    *ret_line_ends = false;
    for (;;) {
        char c = byte_at(lexer, lexer->at);
        if (char_in(c, CHAR_BLANK)) {
            lexer->at++;
        } else if (c == '#') {
            lexer->at = lexer_line_end(lexer, lexer->at);
        } else if (char_in(c, CHAR_LINE)) {
            if (lexer->bracket_count == 0) {
                *ret_line_ends = true;
                return true;
            }
            take_line_end(lexer);
        } else if (c == '\\') {
            if (!join_line(lexer))
                return false;
        } else {
            return true;
        }
    }
}

static bool next(struct python_lexer *lexer, struct python_token *token)
{
    bool line_ends = false;
    if (lexer->line_begins) {
        if (!begin_line(lexer))
            return false;
        lexer->line_begins = lexer->block_due = lexer->token_seen = false;
        lexer->last_op = '\0';
    }
    if (lexer->indent_due || lexer->dedents > 0) {
        place_token(lexer, lexer->indent_due ? PYTHON_INDENT : PYTHON_DEDENT, token);
        lexer->dedents -= lexer->indent_due ? 0 : 1;
        lexer->indent_due = false;
        return true;
    }
    if (!skip_blanks(lexer, &line_ends))
        return false;
    place_token(lexer, PYTHON_NEWLINE, token);
    if (lexer->at == lexer->source.len)
        return take_end(lexer, token);
    if (!line_ends)
        return take(lexer, token);
    token->len = (uint32_t)line_end_len(lexer, lexer->at);
    take_line_end(lexer);
    lexer->line_begins = true;
    lexer->block_due = lexer->last_op == ':';
    lexer->token_seen = false;
    return true;
}

enum python_token_kind python_lexer_next(struct python_lexer *lexer, struct python_token *ret_token)
{
    if (lexer->problem.message || !next(lexer, ret_token)) {
        *ret_token = (struct python_token){.kind = PYTHON_ERROR, .at = (uint32_t)lexer->at};
        ret_token->line = lexer->problem.place.line;
        ret_token->column = lexer->problem.place.column;
    }
    return ret_token->kind;
}

struct str python_token_content(const struct python_lexer *lexer, const struct python_token *token)
{
    struct str text = str_skip(python_token_text(lexer, token), token->prefix_len);
    size_t quotes = token->string & PYTHON_STRING_TRIPLE ? 3 : 1;
    return text.len < 2 * quotes ? STR_NONE : str_of(text.ptr + quotes, text.len - 2 * quotes);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "python/lexer_internal.h"

#include <string.h>

#define PREFIX_MAX 2 /* letters before quotes */

/* A string being passed over. */
struct quoted {
    size_t start; /* of its quotes */
    char quote;
    bool triple, raw;
    uint32_t depth; /* f-strings around it */
};

static bool scan_string(struct python_lexer *lexer, size_t *at, unsigned *flags, uint32_t depth);
static bool scan_replacement(struct python_lexer *lexer, const struct quoted *quoted, size_t *at, uint32_t levels);

int lexer_string_prefix(struct str text)
{
    unsigned flags = 0;
    if (text.len > PREFIX_MAX)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        unsigned flag = 0;
        switch (char_lower(text.ptr[i])) {
        case 'r':
            flag = PYTHON_STRING_RAW;
            break;
        case 'b':
            flag = PYTHON_STRING_BYTES;
            break;
        case 'f':
            flag = PYTHON_STRING_FORMAT;
            break;
        case 't':
            flag = PYTHON_STRING_TEMPLATE;
            break;
        case 'u':
            return text.len == 1 ? 0 : -1;
        default:
            return -1;
        }
        flags |= flag;
    }
    /* Two letters: one is 'r', the other is not. */
    bool pair = (flags & PYTHON_STRING_RAW) && flags != PYTHON_STRING_RAW;
    return text.len < 2 || pair ? (int)flags : -1;
}

static bool ends_here(const struct python_lexer *lexer, const struct quoted *quoted, size_t at)
{
    return byte_at(lexer, at) == quoted->quote &&
           (!quoted->triple || (byte_at(lexer, at + 1) == quoted->quote && byte_at(lexer, at + 2) == quoted->quote));
}

static bool unterminated(struct python_lexer *lexer, const struct quoted *quoted)
{
    return lexer_fail(lexer, quoted->start,
                      quoted->triple ? "unterminated triple-quoted string" : "unterminated string");
}

static bool scan_plain(struct python_lexer *lexer, const struct quoted *quoted, size_t *at)
{
    const char *text = lexer->source.ptr;
    size_t end = lexer->source.len;
    for (size_t i = *at; i < end; i++) {
        char c = text[i];
        if (c == '\\') {
            i += byte_at(lexer, i + 1) == '\r' && byte_at(lexer, i + 2) == '\n' ? 2 : 1;
        } else if (c == quoted->quote) {
            if (ends_here(lexer, quoted, i)) {
                *at = i + (quoted->triple ? 3 : 1);
                return true;
            }
        } else if (!quoted->triple && (c == '\n' || c == '\r')) {
            break;
        }
    }
    return unterminated(lexer, quoted);
}

/* Passes over what a backslash at AT takes with it; braces behind one keep their meaning, but for \N{NAME}. */
static size_t skip_escape(const struct python_lexer *lexer, const struct quoted *quoted, size_t at)
{
    char next = byte_at(lexer, at + 1);
    if (next == '{' || next == '}')
        return at + 1;
    if (next == 'N' && !quoted->raw && byte_at(lexer, at + 2) == '{') {
        size_t i = at + 3;
        while (char_is_alnum(byte_at(lexer, i)) || byte_at(lexer, i) == ' ' || byte_at(lexer, i) == '-')
            i++;
        return byte_at(lexer, i) == '}' ? i + 1 : at + 2;
    }
    return at + 1 + (at + 1 < lexer->source.len ? line_end_len(lexer, at + 1) : 0);
}

/* The literal text of an f-string: LEVELS is 0, or of a format specification, how deep that is nested. */
static bool scan_format(struct python_lexer *lexer, const struct quoted *quoted, size_t *at, uint32_t levels)
{
    for (size_t i = *at; i < lexer->source.len;) {
        char c = lexer->source.ptr[i];
        if (c == '\\') {
            i = skip_escape(lexer, quoted, i);
        } else if (ends_here(lexer, quoted, i)) {
            if (levels > 0)
                return lexer_fail(lexer, i, "f-string: expecting '}'");
            *at = i + (quoted->triple ? 3 : 1);
            return true;
        } else if (!quoted->triple && (c == '\n' || c == '\r')) {
            break;
        } else if (c == '{' && levels == 0 && byte_at(lexer, i + 1) == '{') {
            i += 2;
        } else if (c == '{') {
            if (levels >= LIMIT_PYTHON_FORMAT_LEVELS)
                return lexer_fail(lexer, i, "f-string: expressions nested too deeply");
            if (!scan_replacement(lexer, quoted, &i, levels))
                return false;
        } else if (c == '}') {
            if (levels > 0) {
                *at = i;
                return true;
            }
            if (byte_at(lexer, i + 1) != '}')
                return lexer_fail(lexer, i, "f-string: single '}' is not allowed");
            i += 2;
        } else {
            i++;
        }
    }
    return unterminated(lexer, quoted);
}

/* A name or a string with a prefix. */
static bool scan_word(struct python_lexer *lexer, size_t *at, uint32_t depth)
{
    size_t end = name_end(lexer, *at);
    int flags =
        char_in(byte_at(lexer, end), CHAR_QUOTE) ? lexer_string_prefix(str_of(lexer->source.ptr + *at, end - *at)) : -1;
    *at = end;
    if (flags < 0)
        return true;
    unsigned set = (unsigned)flags;
    return scan_string(lexer, at, &set, depth);
}

/* One piece of an expression in braces; *AT is at no colon, '!' or '}' that belongs to the braces. */
static bool scan_piece(struct python_lexer *lexer, const struct quoted *quoted, size_t *at)
{
    char c = byte_at(lexer, *at);
    if (char_in(c, CHAR_QUOTE)) {
        unsigned none = 0;
        return scan_string(lexer, at, &none, quoted->depth + 1);
    }
    if (char_in(c, CHAR_NAME | CHAR_DIGIT))
        return scan_word(lexer, at, quoted->depth + 1);
    if (c == '#')
        *at = lexer_line_end(lexer, *at);
    else if (c == '(' || c == '[' || c == '{')
        return lexer_open(lexer, (*at)++);
    else if (c == ')' || c == ']' || c == '}')
        return lexer_close(lexer, (*at)++);
    else
        ++*at;
    return true;
}

/* "{expression!r:specification}" from its brace on. */
static bool scan_replacement(struct python_lexer *lexer, const struct quoted *quoted, size_t *at, uint32_t levels)
{
    size_t i = *at, open = *at;
    bool empty = true;
    if (!lexer_open(lexer, i++))
        return false;
    uint32_t inside = lexer->bracket_count;
    while (i < lexer->source.len) {
        char c = lexer->source.ptr[i];
        bool own = lexer->bracket_count == inside;
        /* Before 3.12 the quotes of the string ended it everywhere; since then, where no expression can hold them. */
        if (own && c == '}') {
            *at = i + 1;
            return empty ? lexer_fail(lexer, open, "f-string: valid expression required before '}'")
                         : lexer_close(lexer, i);
        }
        if (own && c == ':' && !empty) {
            i++;
            if (!scan_format(lexer, quoted, &i, levels + 1))
                return false;
            *at = i + 1;
            return lexer_close(lexer, i);
        }
        if (!char_in(c, CHAR_BLANK | CHAR_LINE))
            empty = false;
        if (!scan_piece(lexer, quoted, &i))
            return false;
    }
    return unterminated(lexer, quoted);
}

/* The string whose quotes are at *AT, with the flags of its prefix; adds TRIPLE to them. */
static bool scan_string(struct python_lexer *lexer, size_t *at, unsigned *flags, uint32_t depth)
{
    struct quoted quoted = {.start = *at, .quote = byte_at(lexer, *at), .raw = *flags & PYTHON_STRING_RAW};
    quoted.depth = depth;
    if (depth > LIMIT_PYTHON_FORMAT_DEPTH)
        return lexer_fail(lexer, *at, "too many nested f-strings");
    bool second = byte_at(lexer, *at + 1) == quoted.quote;
    quoted.triple = second && byte_at(lexer, *at + 2) == quoted.quote;
    if (second && !quoted.triple) {
        *at += 2;
        return true;
    }
    *flags |= quoted.triple ? PYTHON_STRING_TRIPLE : 0;
    *at += quoted.triple ? 3 : 1;
    if (*flags & (PYTHON_STRING_FORMAT | PYTHON_STRING_TEMPLATE))
        return scan_format(lexer, &quoted, at, 0);
    return scan_plain(lexer, &quoted, at);
}

bool lexer_string(struct python_lexer *lexer, size_t *at, unsigned *flags)
{
    return scan_string(lexer, at, flags, 0);
}

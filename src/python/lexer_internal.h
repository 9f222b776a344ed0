/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/lexer_internal.h - what the files of the lexer share.
 */
#include "python/lexer.h"

enum python_char {
    CHAR_NAME = 1,  /* starts a name: letters, '_', any byte above 0x7F */
    CHAR_DIGIT = 2, /* '0' to '9' */
    CHAR_BLANK = 4, /* space, tab, form feed */
    CHAR_LINE = 8,  /* LF, CR */
    CHAR_QUOTE = 16,
    CHAR_OP = 32,
};

extern const uint8_t python_chars[256];

static inline bool char_in(char c, unsigned set)
{
    return (python_chars[(unsigned char)c] & set) != 0;
}

/* The byte at AT, or 0 at the end: sources with NUL are refused before. */
static inline char byte_at(const struct python_lexer *lexer, size_t at)
{
    return at < lexer->source.len ? lexer->source.ptr[at] : '\0';
}

static inline size_t name_end(const struct python_lexer *lexer, size_t at)
{
    while (at < lexer->source.len && char_in(lexer->source.ptr[at], CHAR_NAME | CHAR_DIGIT))
        at++;
    return at;
}

/* The length of the line end at AT. */
static inline size_t line_end_len(const struct python_lexer *lexer, size_t at)
{
    return byte_at(lexer, at) == '\r' && byte_at(lexer, at + 1) == '\n' ? 2 : 1;
}

/* The end of the line that AT is in: its line end, or the end of the source. */
size_t lexer_line_end(const struct python_lexer *lexer, size_t at);

/* Where byte AT is, when lines were counted up to some byte before it. */
struct python_place lexer_place(const struct python_lexer *lexer, size_t at);

/* Sets the problem; false, for the caller to return. */
bool lexer_fail(struct python_lexer *lexer, size_t at, const char *message);
bool lexer_open(struct python_lexer *lexer, size_t at);
bool lexer_close(struct python_lexer *lexer, size_t at);

/* The flags of the prefix TEXT; -1 when it is none. */
int lexer_string_prefix(struct str text);

/* Passes over the string whose quotes begin at *AT. */
bool lexer_string(struct python_lexer *lexer, size_t *at, unsigned *flags);

/* Passes over the number at *AT. */
bool lexer_number(struct python_lexer *lexer, size_t *at);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/lexer.h - the tokens of a Python source, as far as a static scan needs them.
 *
 *     struct python_lexer lexer;
 *     if (python_lexer_init(&lexer, source, err) < 0) ...
 *     while (python_lexer_next(&lexer, &token) > PYTHON_END) ...
 *
 * The lexical analysis of the language reference ("Lexical analysis") for 3.8 to 3.14 at once: logical lines, joining
 * by brackets and backslashes, indentation by tabs (to columns of 8) and spaces, form feeds, LF, CR LF and CR. What is
 * valid in one of these versions is let pass: quotes in f-strings are read as since 3.12 (PEP 701), t"" as since 3.14.
 * An f-string is one token; what stands in its braces is only held for balance. Comments and blank lines vanish.
 *
 * What CPython calls a syntax error at the level of tokens is PYTHON_ERROR and `problem` says what and where; the same
 * answer comes for ever after. It is a fact about the source, not an error of the caller. Two that CPython finds in
 * its parser are told here, as the lines show them: an indented line behind one that opens no block, and a line that
 * opens a block without one. Not told: characters above ASCII that are in no identifier, but for spaces and
 * punctuation (U+00A0 to U+00BF, U+2000 to U+206F, U+3000 to U+3020, U+FEFF), and bytes literals with such.
 *
 * Nothing is allocated; tokens are views by offset, and the source outlives the lexer. Lines and columns count from 1,
 * columns in bytes, a byte order mark not counted.
 * Limits: LIMIT_PYTHON_SOURCE_BYTES (ERR_LIMIT), LIMIT_PYTHON_INDENTS, _BRACKETS, _FORMAT_DEPTH (PYTHON_ERROR, as in
 * CPython).
 */
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

enum python_token_kind {
    PYTHON_ERROR, /* see `problem` */
    PYTHON_END,
    PYTHON_NEWLINE, /* the end of a logical line */
    PYTHON_INDENT,
    PYTHON_DEDENT,
    PYTHON_NAME, /* keywords too */
    PYTHON_NUMBER,
    PYTHON_STRING,
    PYTHON_OP,
};

/* A set, of a string's prefix and quotes. */
enum python_string_flag {
    PYTHON_STRING_RAW = 1,
    PYTHON_STRING_BYTES = 2,
    PYTHON_STRING_FORMAT = 4,   /* f"" */
    PYTHON_STRING_TEMPLATE = 8, /* t"" */
    PYTHON_STRING_TRIPLE = 16,
};

struct python_token {
    enum python_token_kind kind;
    uint32_t at, len;      /* bytes of the source; none of END, INDENT, DEDENT */
    uint32_t line, column; /* of its first byte */
    char op;               /* of an OP of one character, else 0 */
    uint8_t string;        /* enum python_string_flag */
    uint8_t prefix_len;    /* of a STRING: letters before its quotes */
};

struct python_place {
    uint32_t line, column;
};

/* What is wrong, in static storage, and where. */
struct python_problem {
    const char *message; /* NULL: nothing */
    struct python_place place;
};

enum python_encoding {
    PYTHON_ENCODING_UTF8,   /* the default, or as declared; checked */
    PYTHON_ENCODING_ASCII,  /* declared; bytes above 0x7F are a problem */
    PYTHON_ENCODING_SINGLE, /* ASCII is what it looks like (ISO 8859, Windows, KOI8, EUC): read byte by byte */
    PYTHON_ENCODING_OTHER,  /* any other name: read as SINGLE, which may go wrong (UTF-7, Shift JIS, Big5, GBK) */
};

/* PEP 263: a declaration stands in the first two lines, in the second only behind a comment or a blank line. */
struct python_source {
    enum python_encoding encoding;
    bool byte_order_mark;
    struct str declared; /* the name as written; empty: none */
};

struct python_bracket {
    char open;
    struct python_place place;
};

struct python_lexer {
    struct str source;
    struct python_source about;
    struct python_problem problem;
    size_t at, line_start;
    uint32_t line;
    uint32_t indent_count, bracket_count;
    uint32_t dedents; /* still to be given */
    bool line_begins, token_seen, indent_due, block_due, has_cr;
    char last_op; /* of the last token */
    uint32_t indents[LIMIT_PYTHON_INDENTS], alternatives[LIMIT_PYTHON_INDENTS];
    struct python_bracket brackets[LIMIT_PYTHON_BRACKETS];
};

int python_lexer_init(struct python_lexer *lexer, struct str source, struct err *err);

/* The next token; its kind is the result. */
enum python_token_kind python_lexer_next(struct python_lexer *lexer, struct python_token *ret_token);

static inline struct str python_token_text(const struct python_lexer *lexer, const struct python_token *token)
{
    return str_of(lexer->source.ptr + token->at, token->len);
}

/* What stands between a STRING's quotes, escapes as they are. */
struct str python_token_content(const struct python_lexer *lexer, const struct python_token *token);

/* The encoding that SOURCE declares. A byte order mark with another declaration than UTF-8 is the lexer's problem. */
struct python_source python_source_about(struct str source);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * survey/token.h - a source of any of the languages as words, literals and signs.
 *
 * As much of a lexer as it takes not to take comments and texts for code: comments of each language, texts with their
 * escapes, raw texts (R"x(...)x", r#"..."#, `...`, """..."""), characters against lifetimes (Rust). What is broken off
 * ends at the end of its line, raw texts at the end of the source. Any bytes will do; nothing is decoded.
 */
#include "base/err.h"
#include "base/str.h"

enum token_syntax { TOKEN_C, TOKEN_GO, TOKEN_RUST, TOKEN_PYTHON, TOKEN_CALLS /* CMake, Meson, make */ };

enum token_kind {
    TOKEN_WORD,
    TOKEN_TEXT,   /* between the quotes, escapes as written */
    TOKEN_NUMBER, /* as written, "8_080" */
    TOKEN_SIGN,   /* one byte; ":=", "==", "::", "->", "!=" are one sign */
};

struct token {
    enum token_kind kind;
    uint32_t line;  /* from 1 */
    uint32_t close; /* of an opening bracket: token_close */
    struct str text;
};

struct tokens {
    struct token *ptr;
    size_t len, cap;
};

/* TOKENS is emptied first; texts are views of SOURCE. Errors: ERR_NOMEM, ERR_LIMIT (LIMIT_SURVEY_TOKENS). */
int tokens_read(struct str source, enum token_syntax syntax, struct tokens *tokens, struct err *err);
void tokens_done(struct tokens *tokens);

/* Of the token at AT; beyond the end none is true. */
bool token_is(const struct tokens *tokens, size_t at, const char *text); /* word or sign */
bool token_is_kind(const struct tokens *tokens, size_t at, enum token_kind kind);
/* The place behind the bracket that closes the one at OPEN; tokens->len when none does, or OPEN is none. */
size_t token_close(const struct tokens *tokens, size_t open);

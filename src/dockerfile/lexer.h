/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * dockerfile/lexer.h - a Dockerfile or Containerfile as logical lines.
 *
 * Implements the line level of BuildKit's Dockerfile syntax (Dockerfile reference, "Format", "Parser directives",
 * "Escape", "Here-documents"): a line that ends with the escape character (behind it only spaces and tabs, before it
 * not another one) goes on in the next; comment lines and blank lines in between vanish; directives stand only at the
 * very top; a heredoc word on RUN, COPY or ADD (also behind ONBUILD) takes the lines up to its delimiter.
 *
 * Every text that is handed out knows its bytes in the source (data/span.h). A text that crosses a continuation is a
 * copy in the arena without it, and its span covers the whole stretch; any other is a view of the source, which must
 * outlive everything here. NUL and bytes that are no UTF-8 are kept as they are. LF and CR LF end a line.
 *
 * What is wrong in the file is a diagnostic, never an error, and the next line is read as if nothing had happened.
 * Errors: ERR_NOMEM, and ERR_LIMIT beyond LIMIT_DOCKERFILE_BYTES, _INSTRUCTIONS or _WORDS.
 */
#include "base/arena.h"
#include "base/err.h"
#include "data/span.h"

struct dockerfile_word {
    struct str text;       /* without continuations; quotes and escapes are kept */
    struct data_span span; /* text.len == span.len exactly when no continuation runs through it */
};

/* Parts of a logical line that are contiguous in the source: text from COOKED on stands at OFFSET. */
struct dockerfile_piece {
    uint32_t cooked;
    uint32_t offset;
};

struct dockerfile_heredoc {
    struct dockerfile_word word; /* "<<-EOF" as written */
    struct str name;             /* the delimiter without quotes */
    struct data_span body;       /* its lines with their line ends, tabs not stripped */
    struct data_span terminator; /* the delimiter's line without leading tabs; empty when there is none */
    bool strip_tabs;             /* "<<-" */
    bool quoted;                 /* nothing is expanded in the body */
};

struct dockerfile_line {
    struct str text; /* the logical line, trimmed; never empty */
    struct data_span span;
    const struct dockerfile_piece *pieces;
    uint32_t piece_count;
    uint32_t heredoc_count;
    const struct dockerfile_heredoc *heredocs; /* in order */
};

struct dockerfile_directive {
    struct dockerfile_word name; /* "syntax", "escape", "check" in any case */
    struct dockerfile_word value;
};

/* Style as in base/err.h. MESSAGE and HINT (may be empty) live in the arena or in static storage. */
struct dockerfile_diagnostic {
    struct data_span span;
    const char *message;
    const char *hint;
    bool tolerated; /* builders still take it, with a warning */
};

struct dockerfile_diagnostics {
    struct dockerfile_diagnostic *items; /* in the order of finding */
    uint32_t count;
    uint32_t cap;
};

struct dockerfile_lines {
    struct str source;
    char escape; /* '\\' or '`' */
    const struct dockerfile_directive *directives;
    uint32_t directive_count;
    uint32_t line_count;
    const struct dockerfile_line *lines;
    const struct data_span *comments; /* each comment line from its '#' on, also inside continued lines; in order */
    uint32_t comment_count;
    struct dockerfile_diagnostics diagnostics;
};

int dockerfile_lex(struct str source, struct arena *arena, struct dockerfile_lines *ret_lines, struct err *err);

/* The source's bytes from byte COOKED of the logical line on, LEN of them. */
struct data_span dockerfile_line_span(const struct dockerfile_line *line, size_t cooked, size_t len);

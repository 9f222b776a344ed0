/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/imports_internal.h - what the files of the import scanner share.
 */
#include "base/vec.h"
#include "python/imports.h"

#include <string.h>

/* What is known of a condition. */
enum truth { TRUTH_UNKNOWN, TRUTH_FALSE, TRUTH_TRUE };

struct condition {
    enum truth truth;
    unsigned about; /* TYPE_CHECKING, PLATFORM, VERSION, MAIN: what it asks for */
};

/* A call of an import function that is being read. */
enum call_state { CALL_NONE, CALL_NAME, CALL_OPEN, CALL_LITERAL };

/* A compound statement whose clauses stand at the same indentation. */
enum chain { CHAIN_NONE, CHAIN_IF, CHAIN_TRY };

/* A block: the module, or an indented suite, or the rest of a line behind a colon. */
struct frame {
    unsigned context; /* of what stands in it */
    uint32_t functions;
    enum chain chain; /* of the statement last seen in it */
    enum truth seen;  /* CHAIN_IF: one of the conditions so far is true; unknown; none is */
    unsigned about;   /* CHAIN_IF: what they ask for */
    uint32_t try_first, try_end;
};

struct scan {
    struct python_lexer lexer;
    struct python_token token; /* the one to be read next */
    struct arena *arena;
    struct err *err;
    unsigned version;
    VEC(struct python_import) imports;
    uint32_t computed;
    enum call_state call;
    struct python_token literal;
    bool behind_def;
    int failed; /* a negative error code */
    uint32_t depth;
    struct frame frames[LIMIT_PYTHON_INDENTS + 2]; /* and one for the rest of a line */
};

/* Reads on; false at the end of the source, on a problem and on an error. */
bool scan_advance(struct scan *scan);

/* Inline, so that the compiler knows the keyword's length: this is asked some times of each name. */
static inline bool scan_is(const struct scan *scan, const char *keyword)
{
    size_t len = strlen(keyword);
    return scan->token.kind == PYTHON_NAME && scan->token.len == len &&
           memcmp(scan->lexer.source.ptr + scan->token.at, keyword, len) == 0;
}

static inline bool scan_is_op(const struct scan *scan, char op)
{
    return scan->token.kind == PYTHON_OP && scan->token.op == op;
}

/* At a token that ends a header: the colon outside brackets, or the end of the line. */
static inline bool scan_header_ends(const struct scan *scan)
{
    return scan->token.kind <= PYTHON_NEWLINE || (scan_is_op(scan, ':') && scan->lexer.bracket_count == 0);
}

static inline struct frame *scan_frame(struct scan *scan)
{
    return &scan->frames[scan->depth];
}

/* Reads the condition at hand up to the colon. */
struct condition scan_condition(struct scan *scan);

/* Reads the statement at hand, from behind its keyword. */
bool scan_import(struct scan *scan);
bool scan_from(struct scan *scan);
/* Adds what the literal of a finished call names. */
bool scan_add_call(struct scan *scan);

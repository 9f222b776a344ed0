/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/text.h - views of text, and one line of bounded length to write to.
 *
 * Nothing here needs a C library, allocates or fails: a line that is full is cut, and says so.
 */
#include "probe/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *at;
    size_t len;
};

#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})

/* The first LEN bytes, and what is behind them. LEN is at most the text's. */
static inline struct text text_head(struct text text, size_t len)
{
    return (struct text){text.at, len};
}
static inline struct text text_behind(struct text text, size_t len)
{
    return (struct text){text.at + len, text.len - len};
}

struct text text_of(const char *string);
bool text_eq(struct text a, struct text b);
bool text_eq_nocase(struct text a, struct text b); /* ASCII */
bool text_starts(struct text text, struct text start);
size_t text_find(struct text text, char byte); /* its place, or the length of the text */
struct text text_trim(struct text text);       /* without spaces and tabs at both ends */
/* Decimal digits only, at least one, at most MAX; the whole view or nothing. */
bool text_number(struct text text, uint64_t max, uint64_t *ret_value);

struct line {
    size_t len;
    bool cut;
    char bytes[PROBE_LINE_BYTES];
};

void line_add(struct line *line, struct text text);
void line_add_number(struct line *line, uint64_t value);
/* What others wrote: bytes that are no printable ASCII become '?', so that a line stays one. */
void line_add_foreign(struct line *line, struct text text);

static inline struct text line_text(const struct line *line)
{
    return (struct text){line->bytes, line->len};
}

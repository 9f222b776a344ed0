/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * diff/internal.h - two texts as lines, and which of them changed.
 *
 * A line holds its newline, so that a last line without one differs from the same line with one. Equal lines of both
 * texts have equal numbers. `changed` may be read one place before the first and one behind the last line (false).
 */
#include "base/err.h"
#include "base/str.h"

struct diff_text {
    struct str *lines;
    uint32_t *numbers;
    bool *changed;
    size_t count;
    bool *changed_store; /* owns what `changed` points into */
};

/* The owner frees both with diff_text_done, also after a failure. Errors: ERR_NOMEM, ERR_LIMIT. */
int diff_split(struct str before, struct str after, struct diff_text texts[2], struct err *err);
void diff_text_done(struct diff_text *text);

/* Sets `changed` of both. Errors: ERR_NOMEM. */
int diff_find_changes(struct diff_text *before, struct diff_text *after, struct err *err);

/*
 * Of a run of changed lines that could as well stand some lines earlier or later (its first line equals the line behind
 * it), chooses the place where it meets a change of the other text, else the last one: what diff(1) shows.
 */
void diff_slide(struct diff_text *text, struct diff_text *other);

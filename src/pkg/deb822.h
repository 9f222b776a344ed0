/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/deb822.h - paragraphs of "Field: value" lines, read in place.
 *
 * Implements deb822(5) as apt reads it: control files, Packages, Release, .sources. Nothing is copied or allocated:
 * names and values are views into the text, so a field's offset is `field.value.ptr - text.ptr`.
 *
 * A paragraph ends at an empty line. A line of blanks alone continues the value before it, as in apt. Lines may end
 * in CR LF. With DEB822_COMMENTS a line that starts with '#' is skipped wherever it stands, within a value too.
 * A value is raw: blanks are trimmed at both ends, continuation lines (and comments between them) are still in it;
 * deb822_value_line and deb822_unfold take it apart.
 *
 * Errors: ERR_INVALID for a line without a field name, a bad field name, a continuation that continues nothing, a
 * field given twice (names compare without case); ERR_LIMIT above DEB822_FIELDS_MAX fields. Threads: no state.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define DEB822_FIELDS_MAX 128 /* of one paragraph; 40 is the most in Debian's archive */

enum deb822_flags {
    DEB822_PLAIN = 0,
    DEB822_COMMENTS = 1, /* '#' at the start of a line opens a comment */
};

struct deb822_field {
    struct str name;
    struct str value;
};

struct deb822_paragraph {
    size_t len; /* of fields; 0 at the end of the text */
    struct deb822_field fields[DEB822_FIELDS_MAX];
};

/*
 * Takes the next paragraph off *REST. At the end ret_paragraph->len is 0. On failure *REST starts at the line at
 * fault (deb822_line_number tells which that is) and the paragraph's content is undefined.
 */
int deb822_next(struct str *rest, enum deb822_flags flags, struct deb822_paragraph *ret_paragraph, struct err *err);

/* As deb822_next, for a text that must hold exactly one paragraph; SUBJECT names it in messages. */
int deb822_read_one(struct str text, enum deb822_flags flags, const char *subject,
                    struct deb822_paragraph *ret_paragraph, struct err *err);

/* The field NAME (any case), or NULL. */
const struct deb822_field *deb822_find(const struct deb822_paragraph *paragraph, struct str name);

/* Its value, or the empty view. */
struct str deb822_get(const struct deb822_paragraph *paragraph, struct str name);

/* "yes" and "no" as apt knows them ("true", "on", "1", "with", "enable"; and their opposites); else FALLBACK. */
bool deb822_bool(struct str value, bool fallback);

/*
 * The line of VALUE at *OFFSET (start with 0), which moves on: blanks trimmed at both ends, comments left out, "." as
 * the empty line. False at the end.
 */
bool deb822_value_line(struct str value, size_t *offset, struct str *ret_line);

/* Appends VALUE as one line: its lines trimmed and joined by one space each, empty ones left out. */
void deb822_unfold(struct buf *out, struct str value);

/* The number of the line, from 1, on which AT (a pointer into TEXT or to its end) stands. */
size_t deb822_line_number(struct str text, const char *at);

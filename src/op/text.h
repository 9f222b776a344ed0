/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/text.h - an operation's answer as text for people.
 *
 * A text_out is a buffer with manners: styles that vanish where colour is off, and escapes for what comes from files
 * (names, labels, versions), so that a hostile image can't write to a terminal's control channel. Failures are the
 * buffer's (sticky). Numbers are decimal, sizes in powers of 1000, no locale.
 */
#include "base/buf.h"

enum text_style { TEXT_PLAIN, TEXT_BOLD, TEXT_DIM, TEXT_GREEN, TEXT_YELLOW, TEXT_RED, TEXT_CYAN };

struct text_out {
    struct buf *buf;
    bool color;
    bool verbose;
    unsigned width; /* columns of the terminal; 80 when there is none */
};

/* Our own words, as they are. */
void text_z(struct text_out *out, const char *text);
void text_f(struct text_out *out, const char *format, ...) PRINTF_LIKE(2, 3);

/* Words of others: control characters and invalid UTF-8 become \xNN, a backslash stays. */
void text_str(struct text_out *out, struct str s);

/* Everything until the next call is in STYLE. */
void text_style(struct text_out *out, enum text_style style);
void text_styled(struct text_out *out, enum text_style style, const char *text);

/* "0 B", "999 B", "4.1 kB", "3.8 MB" / "850 ms", "12.3 s", "3 min 20 s". */
void text_size(struct text_out *out, uint64_t bytes);
void text_duration(struct text_out *out, uint64_t ms);

/* "1 file", "2 files": COUNT and NOUN, with "s" when it is not 1. */
void text_count(struct text_out *out, uint64_t count, const char *noun);

/* "Label:    " in a column WIDTH wide. */
void text_label(struct text_out *out, const char *label, unsigned width);

/*
 * Wraps TEXT's paragraphs ("\n\n" between them; lines that begin with two spaces are kept) to out->width, each line
 * behind INDENT spaces, and ends the last line. The first line starts at column COLUMN (already indented when it is
 * beyond INDENT).
 */
void text_wrap(struct text_out *out, unsigned indent, unsigned column, struct str text);

/*
 * A table: cells are collected and padded when it ends. Columns whose letter in ALIGN is 'r' are set flush right,
 * others left; the last left one is not padded.
 */
struct text_table {
    struct text_out *out;
    const char *align; /* one letter a column: "lrr" */
    unsigned indent;
    struct buf cells;
    size_t columns, count;
};
void text_table_begin(struct text_table *table, struct text_out *out, unsigned indent, const char *align);
void text_table_str(struct text_table *table, struct str s); /* words of others */
void text_table_z(struct text_table *table, const char *text);
void text_table_size(struct text_table *table, uint64_t bytes);
void text_table_u64(struct text_table *table, uint64_t value);
void text_table_end(struct text_table *table); /* writes it and frees */

/* Columns that S takes: code points that are no control or combining characters (wide ones count as two). */
unsigned text_columns(struct str s);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/span.h - a stretch of a source text, and where a person finds it.
 *
 * Offsets count bytes from the start of the source; sources are smaller than 4 GiB. Lines and columns start at 1 and
 * are computed on demand: a line ends with LF (CR LF too); a column counts characters (UTF-8 code points; a byte that
 * is not UTF-8 counts as one; a byte order mark at the start as none).
 */
#include "base/str.h"

struct data_span {
    uint32_t offset;
    uint32_t len;
};

struct data_position {
    uint32_t line;
    uint32_t column;
};

/* The place of byte OFFSET of SOURCE (clamped to its end). Takes time in proportion to OFFSET. */
struct data_position data_position_of(struct str source, size_t offset);

/* The bytes of SPAN (clamped to SOURCE). */
struct str data_span_text(struct str source, struct data_span span);

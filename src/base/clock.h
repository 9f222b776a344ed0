/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/clock.h - clocks and dates; no time zone, no locale.
 */
#include "base/buf.h"

/* Monotonic time in nanoseconds; its zero has no meaning. */
uint64_t clock_monotonic_ns(void);

/* Seconds since 1970-01-01T00:00:00Z. */
int64_t clock_unix_seconds(void);

/* Appends "2026-11-21T23:20:00Z" (RFC 3339). */
void clock_format_rfc3339(struct buf *out, int64_t unix_seconds);

/* Reads the dates of Release files, "Sat, 21 Nov 2026 23:20:00 UTC" (RFC 2822 with a zone of UTC, GMT, Z or +hhmm). */
bool clock_parse_rfc2822(struct str text, int64_t *ret_unix_seconds);

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

/* Milliseconds since then. */
int64_t clock_unix_ms(void);

/* Appends "2026-11-21T23:20:00Z" (RFC 3339). */
void clock_format_rfc3339(struct buf *out, int64_t unix_seconds);

/* Writes "2026-11-21T23:20:00.123Z", without a NUL; years 0 to 9999. No memory, no locale: a log line's time. */
enum { CLOCK_RFC3339_MS_BYTES = 24 };
void clock_write_rfc3339_ms(char out[CLOCK_RFC3339_MS_BYTES], int64_t unix_ms);

/* Reads the dates of Release files, "Sat, 21 Nov 2026 23:20:00 UTC" (RFC 2822 with a zone of UTC, GMT, Z or +hhmm). */
bool clock_parse_rfc2822(struct str text, int64_t *ret_unix_seconds);

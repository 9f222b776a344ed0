/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * log/quote.h - somebody else's text, made fit for one line of a log that people read in terminals.
 *
 * Escaped as in JSON strings: '"', '\', control characters (C0, DEL, C1), line and paragraph separators, and what turns
 * the direction of writing. Bytes that are no UTF-8 become U+FFFD each. No memory.
 */
#include "base/str.h"

/*
 * Writes TEXT, without quotes, to at most ROOM bytes at OUT, and returns how many. *ret_cut: it did not fit; nothing is
 * cut in the middle of a character or an escape.
 */
size_t log_quote(char *out, size_t room, struct str text, bool *ret_cut);

/* True when TEXT can stand in a line of text as it is: printable ASCII without blanks, '"', '=' and '\'; not empty. */
bool log_is_bare(struct str text);

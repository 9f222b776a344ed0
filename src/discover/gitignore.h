/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/gitignore.h - the patterns of one .gitignore file, and what they say of a path.
 *
 * As git reads them (gitignore(5)), its oddities included: a '!' re-includes, the last pattern that matches decides; a
 * slash at the start or in the middle ties a pattern to the file's directory, one at its end to directories; '*', '?'
 * and '[...]' stay within a component, '**' between slashes spans them; a set that is not closed matches nothing; a
 * trailing blank counts only behind a backslash; CR LF and a byte order mark are fine. A path below an excluded
 * directory is not asked for: nothing there can be included again.
 *
 * Bytes, no locale, no folding of case. The rules live in the arena and point into it. A match goes
 * back to the last star of each sort only, without recursion. Limits: LIMIT_DISCOVER_IGNORE_BYTES is the reader's.
 */
#include "base/arena.h"
#include "base/err.h"

struct gitignore_rule {
    struct str pattern; /* without '!', and without the slash at either end */
    size_t literal;     /* bytes at the start of pattern without a special character */
    bool negative;
    bool dir_only;
    bool anywhere; /* no slash: holds for the last component */
};

struct gitignore {
    const struct gitignore_rule *rules; /* in the order of the file */
    size_t count;
};

enum gitignore_verdict { GITIGNORE_NONE, GITIGNORE_EXCLUDED, GITIGNORE_INCLUDED };

/* The file's TEXT. Errors: ERR_NOMEM. */
int gitignore_parse(struct str text, struct arena *arena, struct gitignore *ret_list, struct err *err);

/* PATH: relative to the directory of the file, in normal form. */
enum gitignore_verdict gitignore_match(const struct gitignore *list, struct str path, bool is_dir);

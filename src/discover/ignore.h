/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/ignore.h - which entries of a walk are passed over: the .gitignore files of every level that holds for a
 * directory, the repository's info/exclude, and the patterns of `exclude`.
 *
 * `exclude` decides first, then the deepest .gitignore, up to the root of the repository; info/exclude comes last. A
 * directory that has a .git of its own starts afresh: what lies above it says nothing there. Outside of a repository
 * the .gitignore files from the start of the walk on count. What git's configuration names (core.excludesFile) does
 * not: a check gives the same result on every machine.
 *
 * A file of patterns that can't be read, is no regular file or is larger than LIMIT_DISCOVER_IGNORE_BYTES is told
 * (op_warn) and counts as empty.
 */
#include "base/op.h"
#include "discover/gitignore.h"

/* What one directory adds. Levels form a chain from the deepest up; each lives as long as the walk is in it. */
struct ignore_level {
    struct gitignore list; /* its .gitignore */
    struct gitignore own;  /* info/exclude, when it is the root of a repository */
    size_t base_len;       /* bytes of a path before the part that is relative to this directory */
    bool root;             /* has a .git: nothing above counts */
    const struct ignore_level *up;
};

/* The level of the directory DIRFD, whose path (for messages) is SHOWN; in ARENA. Errors: ERR_NOMEM. */
int ignore_level_read(const struct op_ctx *ctx, int dirfd, struct str shown, struct arena *arena,
                      struct ignore_level *ret_level, struct err *err);

/*
 * The levels above the directory START, from its repository's root down to its parent: *ret_top is the deepest (NULL
 * outside of a repository, or when START is its root), *ret_prefix START's path relative to that root, with a slash at
 * its end, or empty. In ARENA. Errors: ERR_NOMEM.
 */
int ignore_above(const struct op_ctx *ctx, const char *start, struct arena *arena, const struct ignore_level **ret_top,
                 struct str *ret_prefix, struct err *err);

/* PATH: relative to the outermost level, so that base_len of each level counts from its start. */
bool ignore_is_excluded(const struct ignore_level *level, struct str path, bool is_dir);

/* What the first set with an opinion says of PATH, which is relative to the sets' own directory. */
enum gitignore_verdict ignore_sets_match(const struct gitignore *sets, size_t count, struct str path, bool is_dir);

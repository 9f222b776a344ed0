/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/walk.h - the regular files below a directory, in the byte order of their paths' components.
 *
 * What discover/ignore.h excludes is passed over, and so are .git (.hg, .svn), node_modules, symbolic links and
 * everything that is neither a file nor a directory. Nothing is followed, so that there are no circles; what a mount
 * makes circular is bounded by LIMIT_DISCOVER_DEPTH. What vanishes meanwhile was never there.
 * A directory that can't be read, or that exceeds LIMIT_DISCOVER_DEPTH, LIMIT_DISCOVER_NAME_BYTES or
 * LIMIT_DISCOVER_FILES, is told to the visitor with the reason, and the rest is walked.
 */
#include "discover/ignore.h"

struct walk_name {
    const char *name;
    bool is_dir;
};

/* A directory that the walk is in, for as long as a visit takes. */
struct walk_dir {
    int fd;
    struct str shown;    /* path as shown, "" or with a slash at its end */
    struct str absolute; /* likewise */
    struct str sub;      /* relative to the start, likewise */
    const struct walk_name *names;
    size_t count; /* directories, and files that are wanted, less what is passed over; in order */
};

struct walk_visitor {
    /* Whether files of this name matter; asked before anything else, so that the others cost next to nothing. */
    bool (*wants)(void *self, const char *name);
    int (*file)(void *self, const struct walk_dir *dir, const char *name, struct err *err);
    /* DIR, of which only the paths count, is not looked at, or not wholly, because of REASON. */
    int (*unreadable)(void *self, const struct walk_dir *dir, const char *reason, struct err *err);
    void *self;
};

struct walk_options {
    struct str shown, absolute; /* the start's, as in struct walk_dir */
    struct str base;            /* absolute: what `exclude` is relative to */
    const struct gitignore *exclude;
    size_t exclude_count;
    bool gitignore;
    const struct ignore_level *above; /* what ignore_above found */
    struct str prefix;
    uint64_t *files_left; /* of LIMIT_DISCOVER_FILES */
};

/* DIRFD stays the caller's. Errors: what the visitor returns, ERR_NOMEM, ERR_CANCELLED, ERR_DEADLINE. */
int walk_directory(const struct op_ctx *ctx, int dirfd, const struct walk_options *options,
                   const struct walk_visitor *visitor, struct err *err);

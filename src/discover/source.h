/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/source.h - the file behind an input: opened when its bytes are asked for, closed when they were.
 *
 * A file that was found is opened component by component without following a symbolic link; one that was named as its
 * path says. Only regular files, never blocking on a FIFO. One thread at a time for one source, any for several.
 */
#include "base/err.h"
#include "base/str.h"
#include "check/check.h"

#include <sys/stat.h>

struct source_file {
    int dirfd;        /* the start of the walk, or AT_FDCWD; not owned */
    const char *path; /* relative to it */
    struct str shown;
    bool found; /* by a walk */
    bool standard_input;
    uint64_t limit_bytes;
    struct buf bytes;
    bool given;
};

/* Opens it; *ret_fd is the caller's. Errors: ERR_IO and the like, ERR_INVALID for what is no regular file. */
int source_open(const struct source_file *file, int *ret_fd, struct stat *ret_stat, struct err *err);

/* For struct check_input: `self` is a struct source_file. */
int source_next(void *self, struct str *ret_bytes, uint64_t *ret_offset, uint32_t *ret_line, struct err *err);
void source_done(void *self);

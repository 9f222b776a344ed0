/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * classify/surroundings.h - the files around one that is looked at, as whoever has them tells: a file system, or a
 * handful of texts that were sent along. Directories are absolute, in normal form, without a slash at the end ("" is
 * the root).
 */
#include "base/buf.h"
#include "base/err.h"

struct surroundings {
    bool (*has)(void *self, struct str directory, const char *name);
    /* Appends the file's bytes. Whatever fails counts as no such file, but ERR_NOMEM. */
    int (*read)(void *self, struct str directory, const char *name, size_t limit_bytes, struct buf *bytes,
                struct err *err);
    void *self;
};

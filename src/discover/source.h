/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/source.h - the file behind an input: opened when its bytes are asked for, closed when they were.
 *
 * A file that was found is opened component by component without following a symbolic link, so that what changes
 * between the walk and the check leads nowhere else; one that was named as its path says. Only regular files, never
 * blocking on a FIFO. One thread at a time for one source, any number for several.
 * Limits: LIMIT_DOCKERFILE_BYTES, LIMIT_COMPOSE_FILE_BYTES, LIMIT_YAML_DOCUMENT_BYTES, LIMIT_YAML_STREAM_BYTES.
 */
#include "check/check.h"
#include "discover/stretch.h"

#include <sys/stat.h>

struct source_file {
    int dirfd;        /* the start of the walk, or AT_FDCWD; not owned */
    const char *path; /* relative to it */
    struct str shown;
    bool found; /* by a walk */
    struct stretch_reader *reader;
    struct stretch_options stretches;
    struct source_file *follower; /* belongs to the same project: closed along with this */
};

/* A reader of its own. Errors: ERR_IO and the like, ERR_INVALID for what is no regular file. */
int source_open(const struct source_file *file, struct stretch_reader **ret_reader, struct stat *ret_stat,
                struct err *err);

/* How much is read of a file of SURFACE. */
struct stretch_options source_stretches(enum surface surface);

/* For struct check_input: `self` is a struct source_file. */
int source_next(void *self, struct str *ret_bytes, uint64_t *ret_offset, uint32_t *ret_line, struct err *err);
void source_done(void *self);

/* For struct compose_files: other files relative to the directory of the struct source_file that is `self`. */
int source_read_other(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err);

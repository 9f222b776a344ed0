/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init/files.h - a description of an application in, its deployment files out. Pure: touches nothing.
 *
 * What is written passes `barehull check` for every description that is accepted, but for images that have no digest.
 * The same description gives the same bytes. Paths are relative, clean, '/'-separated, sorted.
 * Limits: LIMIT_INIT_* of lists and texts in a description.
 */
#include "base/arena.h"
#include "base/err.h"
#include "init/options.h"

struct init_file {
    struct str path;
    struct str content;
    bool binary;      /* the content is no text */
    bool executable;  /* mode 0755, else 0644 */
    const char *what; /* in words: "the health probe for amd64" */
};

struct init_files {
    const struct init_file *ptr;
    size_t len;
    /* What the reader should do or know, whole sentences without a full stop: "the digest of the image is not known".
     */
    struct str_list notes;
};

/*
 * All in ARENA. Errors: ERR_USAGE, which names the option, what is wrong with it and what to say instead; ERR_NOMEM.
 */
int init_write(const struct init_options *options, struct arena *arena, struct init_files *ret_files, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/host_files.h - brings files and directories of this machine into an image's tree.
 *
 * Owners become 0:0; modes lose write permission for group and others, and setuid, setgid and sticky bits, and gain
 * read permission for all (what weakens or opens a file is told by a warning); times become MTIME. Symbolic links
 * inside a directory stay links; a link named by the caller is followed. Sockets, FIFOs and devices are refused. Every
 * regular file is looked at: ELF files are read whole (their bytes live in the arena) and reported, all others stay on
 * disk until the layer is written. Limits: LIMIT_APP_FILES, LIMIT_ELF_BYTES for an ELF file.
 */
#include "base/err.h"
#include "base/op.h"
#include "io/tree.h"

struct host_files {
    struct tree *tree;   /* not owned */
    struct arena *arena; /* not owned */
    int64_t mtime;
    size_t count; /* files and directories taken */
    /* Called for each ELF file once it is in the tree, with its path there; may be NULL. Negative stops. */
    int (*elf_found)(void *self, struct str path, struct str bytes, struct err *err);
    void *self;
};

/* Takes SOURCE (a path of this machine) to DESTINATION (absolute, or relative to the root). */
int host_files_add(const struct op_ctx *ctx, struct host_files *files, struct str source, struct str destination,
                   struct err *err);

/* Splits "SRC:DST"; DST must be absolute. The last colon that is followed by a slash divides. */
int host_files_split(struct str text, struct str *ret_source, struct str *ret_destination, struct err *err);

/* The mode in the image of what has MODE here, without a word about it. */
uint32_t host_files_mode(uint32_t mode, bool directory);

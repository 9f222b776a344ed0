/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/files.h - the files of one directory of this machine that may go into an image, and why some don't.
 *
 * The list is flat and sorted by path in byte order, so that what is made of it never depends on the order of a
 * directory. Links are never followed. Sockets, FIFOs and devices are on the list as TREE_OTHER, dropped. Reading a
 * file is the walk's affair where READS says so (sources, metadata) and where its first bytes say ELF; others stay on
 * disk. Files are read several at a time. What a skipped directory holds is not looked at, dropped files are not read.
 *
 * Everything lives in ctx->arena but the list itself (project_files_done).
 * Limits: LIMIT_APP_FILES, LIMIT_PROJECT_DEPTH, LIMIT_PROJECT_READ_BYTES of one file that is read, LIMIT_ELF_BYTES,
 * LIMIT_PROJECT_KEPT_BYTES of all that are read.
 */
#include "base/op.h"
#include "io/tree.h"

struct project_file {
    struct str path;       /* relative to the directory walked, in normal form */
    struct str host_path;  /* a NUL behind it */
    enum tree_type type;   /* FILE, DIR, SYMLINK, OTHER */
    uint32_t mode;         /* 07777 */
    uint64_t size_bytes;   /* of files */
    struct str target;     /* of links, as written */
    struct str content;    /* of files that were read; ptr NULL otherwise */
    const uint8_t *sha256; /* 32 bytes: of what was not kept, where the walk digests; NULL otherwise */
    bool is_elf;           /* content has the whole file then */
    bool scanned;          /* by python_scan */
    const char *dropped;   /* NULL: it ships; else what it is, in words for a list: "caches", "tests" */
};

struct project_files {
    struct project_file *ptr;
    size_t len, cap;
    uint64_t dropped_bytes;
};

struct project_walk {
    /* Why PATH (and all below, for a directory) is dropped without being looked at; NULL: it isn't. May be NULL. */
    const char *(*skip)(void *self, struct str path, bool directory);
    /* True for files whose content is wanted. May be NULL. Asked by any thread. */
    bool (*reads)(void *self, struct str path);
    void *self;
    bool digests; /* what is not kept is read all the same, and digested */
};

/* ROOT ends in a NUL. Errors: ERR_NOT_FOUND, ERR_PERMISSION, ERR_IO (naming the file), ERR_LIMIT, ERR_CANCELLED. */
int project_files_walk(const struct op_ctx *ctx, struct str root, const struct project_walk *walk,
                       struct project_files *ret_files, struct err *err);
void project_files_done(struct project_files *files);

/*
 * Makes the link FILE the regular file that it leads to, READ if its content is wanted or it is ELF. Errors as of the
 * walk, ERR_INVALID when it leads to something else.
 */
int project_file_follow(const struct op_ctx *ctx, struct project_file *file, bool read, struct err *err);

/* The file at exactly PATH, or NULL. */
struct project_file *project_files_find(const struct project_files *files, struct str path);

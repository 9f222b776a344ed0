/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/sonames.h - which package of an archive has a shared library, by the name that the loader asks for.
 *
 * Built from a Contents-<architecture> text, which is fed in pieces of any size as it is unpacked (150 MB for
 * Debian's main), into a block of under 3 MB that is mapped and searched in microseconds. Kept are files and links
 * named *.so or *.so.*: those in the loader's default directories (lib, lib64 and lib/TRIPLET, at the root and under
 * usr), and, for messages such as "it is in ..., which the loader doesn't search", those elsewhere that look like
 * libraries ("lib*" or "*.so.<n>").
 *
 * Contents lines are "path<blanks>section/package[,section/package...]" (Debian repository format, "Contents"
 * indices); paths may hold blanks; the free text that old files have above a "FILE LOCATION" line is passed over.
 * Lines that can't be understood are left out.
 *
 * A block may be damaged: accesses check their range, a bad entry counts as absent and sets `damaged`, for
 * sonames_check. Threads: one at a time per struct. Limits: LIMIT_INDEX_BYTES of text, LIMIT_TAR_NAME_BYTES a path.
 */
#include "base/buf.h"

struct sonames_builder;

/* TRIPLET is Debian's ("x86_64-linux-gnu"). Owner frees with sonames_builder_free. */
int sonames_builder_new(struct str triplet, struct sonames_builder **ret_builder, struct err *err);
void sonames_builder_free(struct sonames_builder *builder); /* NULL is fine */
void sonames_builder_cleanup(struct sonames_builder **builder);
#define CLEANUP_SONAMES_BUILDER CLEANUP(sonames_builder_cleanup)

/* The next piece of the text; lines may be cut anywhere. */
int sonames_builder_feed(struct sonames_builder *builder, const void *data, size_t size, struct err *err);

/* Ends the text that was fed: what follows belongs to another one (several components make one index). */
int sonames_builder_end_text(struct sonames_builder *builder, struct err *err);

/* Ends the last text and appends the block to OUT, which is as it was on failure. */
int sonames_builder_finish(struct sonames_builder *builder, struct buf *out, struct err *err);

struct sonames {
    struct str bytes;
    uint32_t entry_count;
    uint32_t directory_count;
    uint32_t package_count;
    bool damaged;
};

struct soname_hit {
    struct str directory; /* without a leading or trailing slash: "usr/lib/x86_64-linux-gnu" */
    struct str name;
    struct str package;
    bool in_default_directory;
};

/* BYTES outlive the index. ERR_INVALID when they are no block of this version. */
int sonames_open(struct str bytes, struct sonames *ret_index, struct err *err);

/* 0, or ERR_INVALID when a damaged entry was met since open. */
int sonames_check(const struct sonames *index, struct err *err);

/*
 * The hits for NAME (exactly: "libssl.so.3"): *ret_first and how many. Default directories come first, then by
 * directory and package.
 */
uint32_t sonames_find(struct sonames *index, struct str name, uint32_t *ret_first);
bool sonames_get(struct sonames *index, uint32_t entry, struct soname_hit *ret_hit);

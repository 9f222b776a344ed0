/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/deb_cache.h - a package as the cache keeps it: one file that is mapped and used as it is.
 *
 * deb_unpack reads a package once (expanding it is what takes time) and streams the cached form; deb_package_open takes
 * the mapped file apart without reading any content, so that only the files that an image needs are ever touched.
 * Owners, modes and links are kept as the archive states them, which an unprivileged user can't do on a disk.
 *
 * The file, little endian: a head (magic, version), the control texts, the contents in the order of the package, each
 * on a boundary of 16 bytes, the strings, one record an entry, and a foot that says where everything is, so that it
 * can be written as a stream. A CRC-32 covers all but the contents and is checked on opening; each content has its own,
 * which deb_package_check compares. These find damage; the cache belongs to its user, and what goes into it has been
 * verified. A file that isn't understood or is damaged is ERR_INVALID: drop it and make it anew.
 *
 * Limits: those of archive/deb.h, and 4 GiB of strings.
 */
#include "archive/deb.h"
#include "base/op.h"

struct deb_package {
    struct str control; /* views of the mapped bytes */
    struct str md5sums;
    unsigned scripts; /* 1 << enum deb_script */
    /* Paths as in a tree ("etc/foo.conf"); those that only say what to remove are left out. */
    struct str *conffiles;
    size_t conffile_count;
    /* As stored and in the order stored (a later entry of the same path replaces an earlier one; the root is ""). */
    struct tree_node *entries;
    size_t entry_count;
    const void *records; /* deb_cache.c's */
};

/*
 * Reads the package SOURCE, called NAME in messages, and writes its cached form to WRITER, which stays open (close it
 * to keep what was made, cancel it after a failure).
 */
int deb_unpack(struct reader *source, const char *name, struct writer *writer, const struct op_ctx *ctx,
               struct err *err);

/* Takes BYTES, a cached package that outlives *ret_package, apart. The lists live in ARENA. */
int deb_package_open(struct str bytes, struct arena *arena, struct deb_package *ret_package, struct err *err);

/* Reads the content of the I-th entry and compares its checksum; 0 at once for what has none. */
int deb_package_check(const struct deb_package *package, size_t i, struct err *err);

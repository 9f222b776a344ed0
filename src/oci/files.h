/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/files.h - files by name, out of a directory or a tar archive: what image sources read from.
 *
 * Archives are indexed once (names, offsets, sizes) and read with pread; a compressed archive is streamed from its
 * start for each file. Names are relative and in normal form. Links inside an archive are followed inside it, at most
 * LIMIT_LINK_DEPTH deep; two entries of one name are refused, since readers differ on which one counts.
 * Limits: LIMIT_TAR_ENTRIES, LIMIT_LAYER_BYTES for what a compressed archive expands to.
 */
#include "base/err.h"
#include "base/str.h"
#include "io/reader.h"

struct oci_files; /* opaque */

/* PATH: a directory, or a regular file that holds a tar archive. Owner frees with oci_files_free. */
int oci_files_open(const char *path, struct oci_files **ret_files, struct err *err);
void oci_files_free(struct oci_files *files); /* NULL is fine */

bool oci_files_is_directory(const struct oci_files *files);
bool oci_files_has(const struct oci_files *files, struct str name);

/* FILES must outlive the reader. ERR_NOT_FOUND when there is no such file, ERR_INVALID when it is none. */
int oci_files_reader(const struct oci_files *files, struct str name, struct reader **ret_reader,
                     uint64_t *ret_size_bytes, struct err *err);

/* The whole of a small file, appended to OUT. */
int oci_files_read(const struct oci_files *files, struct str name, uint64_t limit_bytes, struct buf *out,
                   struct err *err);

const char *oci_files_path(const struct oci_files *files);

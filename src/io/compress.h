/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/compress.h - gzip and zstd out; gzip, zstd and xz in.
 *
 * Output is deterministic: it depends on the bytes, the kind and the level alone, never on the number of threads or
 * the pattern of writes. gzip (RFC 1952) is written as independent members of 1 MiB of input, compressed side by
 * side on POOL; zstd (RFC 8878) as independent frames of a fixed size, likewise. No names, no times.
 * Readers take concatenated members and frames, check every checksum, and call a truncated stream ERR_INVALID.
 */
#include "base/err.h"
#include "base/str.h"

enum compression { COMPRESS_NONE, COMPRESS_GZIP, COMPRESS_ZSTD, COMPRESS_XZ };

/* 0 for LEVEL: the default of the kind. POOL may be NULL (this thread does all). XZ is for reading only. */
int compress_writer_new(enum compression kind, int level, struct pool *pool, struct writer *below,
                        struct writer **ret_writer, struct err *err);

/* Takes SOURCE. COMPRESS_NONE passes through. */
int decompress_reader_new(enum compression kind, struct reader *source, struct reader **ret_reader, struct err *err);

/* Looks at the first bytes and chooses; bytes that are none of the kinds pass through. */
int decompress_reader_auto(struct reader *source, enum compression *ret_kind, struct reader **ret_reader,
                           struct err *err);

/* By magic number; needs 6 bytes to be sure. */
enum compression compression_of(struct str head);

/* "none", "gzip", "zstd", "xz". */
const char *compression_name(enum compression kind);
bool compression_parse(struct str name, enum compression *ret_kind);

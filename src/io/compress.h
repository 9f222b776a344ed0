/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/compress.h - gzip and zstd out; gzip, zstd and xz in.
 *
 * Output is deterministic: it depends on the bytes, the kind and the level alone, never on the number of threads or
 * the pattern of writes. gzip (RFC 1952) is written as independent members of 256 KiB of input, compressed side by
 * side on the pool; zstd (RFC 8878) as independent frames of 2 MiB with size and checksum, likewise. No names, no
 * times. An empty stream is one empty member or frame. At most two blocks a thread are held at any time.
 *
 * Readers take concatenated members, frames and streams (xz-file-format 1.1, padding included), check every checksum
 * and call a truncated or corrupt stream, and bytes that follow a stream without being one, ERR_INVALID. The end is
 * told only after the last checksum was right. Empty input is truncated.
 * Memory is bounded: gzip 0.3 MB, zstd 128 MiB of window, xz 256 MiB (more is ERR_LIMIT). What comes out is bounded
 * by the caller (bound_reader_new).
 */
#include "base/err.h"
#include "base/str.h"

enum compression { COMPRESS_NONE, COMPRESS_GZIP, COMPRESS_ZSTD, COMPRESS_XZ };

#define COMPRESS_GZIP_LEVEL     5 /* libdeflate's: smaller than gzip -6, at three times its speed (docs/design/013) */
#define COMPRESS_GZIP_LEVEL_MAX 12
#define COMPRESS_ZSTD_LEVEL     3
#define COMPRESS_ZSTD_LEVEL_MAX 19

/*
 * Takes BELOW. 0 for LEVEL: the default of the kind. POOL outlives the writer and may be NULL (this thread does all).
 * COMPRESS_NONE passes through. Errors: ERR_UNSUPPORTED for COMPRESS_XZ, ERR_USAGE for a level out of range.
 */
int compress_writer_new(enum compression kind, int level, struct pool *pool, struct writer *below,
                        struct writer **ret_writer, struct err *err);

/* Takes SOURCE. COMPRESS_NONE passes through. */
int decompress_reader_new(enum compression kind, struct reader *source, struct reader **ret_reader, struct err *err);

/*
 * Looks at the first bytes and chooses; bytes that are none of the kinds pass through. Takes SOURCE; when it fails the
 * first bytes of SOURCE are lost. RET_KIND may be NULL.
 */
int decompress_reader_auto(struct reader *source, enum compression *ret_kind, struct reader **ret_reader,
                           struct err *err);

/* By magic number; needs 6 bytes to be sure. */
enum compression compression_of(struct str head);

/* "none", "gzip", "zstd", "xz". */
const char *compression_name(enum compression kind);
bool compression_parse(struct str name, enum compression *ret_kind);

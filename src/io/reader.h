/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/reader.h - a stream of bytes to take from; streams nest (file, decompressor, bound, digest).
 *
 * A reader owns the reader it was made over, unless said otherwise: reader_free frees the chain. Errors stick: after
 * a failure every read fails with the same code. The end sticks too. One thread at a time.
 *
 * A `..._reader_new` that takes SOURCE takes it only when it succeeds: on failure the caller still frees it.
 *
 * To implement one: embed `struct reader` as the first field, set `ops`, return it from a `..._reader_new`.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct reader_ops {
    /* Sets *ret_got to 1..SIZE bytes, or to 0 at the end. SIZE is never 0. */
    int (*read)(struct reader *reader, void *data, size_t size, size_t *ret_got, struct err *err);
    void (*free)(struct reader *reader);
};

struct reader {
    const struct reader_ops *ops;
    enum err_code failed; /* sticky; kept by reader_read */
    bool ended;           /* likewise */
};

/* 1..SIZE bytes into DATA, 0 at the end. */
int reader_read(struct reader *reader, void *data, size_t size, size_t *ret_got, struct err *err);

/* Exactly SIZE bytes; ERR_INVALID "'WHAT' is truncated" when the stream ends before. */
int reader_read_exact(struct reader *reader, void *data, size_t size, const char *what, struct err *err);

/* All that is left, appended to OUT (as it was before on failure); ERR_LIMIT when it is more than LIMIT_BYTES. */
int reader_read_all(struct reader *reader, uint64_t limit_bytes, struct buf *out, struct err *err);

/* Passes over exactly SIZE bytes; ERR_INVALID when the stream ends before. */
int reader_skip(struct reader *reader, uint64_t size, const char *what, struct err *err);

/* Copies all that is left into WRITER, which stays open. RET_BYTES may be NULL. */
int reader_copy(struct reader *reader, struct writer *writer, uint64_t *ret_bytes, struct err *err);

void reader_free(struct reader *reader); /* NULL is fine */
void reader_cleanup(struct reader **reader);
#define CLEANUP_READER CLEANUP(reader_cleanup)

/* Over memory that outlives the reader. */
int mem_reader_new(struct str bytes, struct reader **ret_reader, struct err *err);

/* Over FD, which the reader then owns and closes. NAME (copied) is for messages. */
int fd_reader_new(int fd, const char *name, struct reader **ret_reader, struct err *err);

/* Ends SOURCE with ERR_LIMIT once more than LIMIT_BYTES came ("'WHAT' is larger than ..."). */
int bound_reader_new(struct reader *source, uint64_t limit_bytes, const char *what, struct reader **ret_reader,
                     struct err *err);

/* Ends after exactly SIZE bytes of SOURCE; does NOT own SOURCE (used for entries within an archive). */
int slice_reader_new(struct reader *source, uint64_t size, const char *what, struct reader **ret_reader,
                     struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/writer.h - a stream of bytes to put into; streams nest (tar, digest, compressor, digest, file).
 *
 * A writer owns the writer below it, unless said otherwise. Exactly one of writer_close and writer_cancel ends it
 * and frees the chain, whatever they return. What a writer makes (a file, a blob) exists only after a clean close;
 * cancel leaves nothing behind. Errors stick: after a failure every write and the close fail with the same code (the
 * close then cancels). One thread at a time.
 *
 * A `..._writer_new` that takes BELOW takes it only when it succeeds: on failure the caller still cancels it.
 *
 * To implement one: embed `struct writer` as the first field, set `ops`, return it from a `..._writer_new`.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct writer_ops {
    /* Takes all SIZE bytes; SIZE is never 0. Not called again after a failure. */
    int (*write)(struct writer *writer, const void *data, size_t size, struct err *err);
    int (*close)(struct writer *writer, struct err *err); /* flush, commit, free; also frees on failure */
    void (*cancel)(struct writer *writer);                /* discard, free */
};

struct writer {
    const struct writer_ops *ops;
    enum err_code failed; /* sticky; kept by writer_write */
};

int writer_write(struct writer *writer, const void *data, size_t size, struct err *err);
int writer_write_str(struct writer *writer, struct str s, struct err *err);
int writer_write_zeros(struct writer *writer, uint64_t count, struct err *err);

int writer_close(struct writer *writer, struct err *err);
void writer_cancel(struct writer *writer); /* NULL is fine */

/* For CLEANUP: cancels what was neither closed nor taken with TAKE_PTR. */
void writer_cleanup(struct writer **writer);
#define CLEANUP_WRITER CLEANUP(writer_cleanup)

/* Appends to BUF, which outlives the writer. Cancel takes away what was added. */
int buf_writer_new(struct buf *buf, struct writer **ret_writer, struct err *err);

/* To FD, which stays the caller's (standard output, a pipe). NAME (copied) is for messages. Gathers small writes. */
int fd_writer_new(int fd, const char *name, struct writer **ret_writer, struct err *err);

/* Drops everything. */
int null_writer_new(struct writer **ret_writer, struct err *err);

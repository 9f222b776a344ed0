/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/download.h - files whose size and digest a verified index states.
 *
 * Nothing of a file is used before all of it was compared with its size and digest. Files come side by side; each is
 * verified and used on the pool as soon as it is whole, while others still come. A file that is not at its first
 * address is asked for at its other one; one that breaks off half-way is begun again, twice. Files are held in memory
 * while they are used: what is under way at once stays below DOWNLOAD_BATCH_BYTES, or is one file.
 * Errors of a download: ERR_DIGEST (expected, got), what the transport says, what `use` says.
 */
#include "base/buf.h"
#include "base/op.h"
#include "base/pool.h"
#include "io/digest.h"
#include "io/transport.h"

#define DOWNLOAD_BATCH_BYTES (256ULL << 20)
#define DOWNLOAD_ROUNDS      3

struct download {
    /* asked */
    const char *url;
    const char *other_url; /* NULL: none */
    struct str label;
    uint64_t size_bytes;
    struct digest digest;
    /* On the pool, with the verified bytes, which it may take over; freed after it. Runs once, or never. */
    int (*use)(struct download *download, struct buf *body, const struct op_ctx *ctx, struct err *err);
    void *owner;
    /* answered */
    struct err err; /* ERR_NONE when `use` was successful */
    /* the run's */
    struct pool_job job;
    struct buf body;
    struct writer *sink;
    const struct op_ctx *ctx;
    struct pool *pool;
    unsigned rounds;
    bool begun, submitted, on_other, over;
};

/*
 * Runs all. 0 when each was tried (look at download->err); an error when none could be: cancelled, out of memory, no
 * client library. Whatever it returns, no job is left on the pool.
 */
int downloads_run(struct download *downloads, size_t count, struct transport *transport, struct pool *pool,
                  const struct op_ctx *ctx, struct err *err);

/* The first error of DOWNLOADS, or 0. */
int downloads_check(const struct download *downloads, size_t count, struct err *err);

/* Appends PATH to OUT as a part of a URL: what is neither unreserved nor common in paths becomes %XX. */
void download_add_path(struct buf *out, struct str path);

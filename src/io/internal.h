/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/internal.h - what the parts of io/compress.h and of io/store.h share; for src/io alone.
 */
#include "base/err.h"

/* A compressor of blocks that don't know of each other, whose outputs are joined by plain concatenation. */
struct block_codec {
    size_t block_bytes; /* of input; the last block may be shorter */
    /* STATE is for one thread at a time and may be used again and again; NULL when memory is short. */
    void *(*state_new)(int level);
    void (*state_free)(void *state);
    /* The largest output of SIZE bytes. */
    size_t (*bound)(size_t size);
    /* The output's size, which depends on nothing but the input and the level; 0 when the library fails. */
    size_t (*compress)(void *state, const void *in, size_t in_size, void *out, size_t out_size);
};

extern const struct block_codec gzip_codec;
extern const struct block_codec zstd_codec;

/* Cuts what is written into blocks and compresses them side by side on POOL (NULL: here). Takes BELOW. */
int block_writer_new(const struct block_codec *codec, int level, struct pool *pool, struct writer *below,
                     struct writer **ret_writer, struct err *err);

/* As decompress_reader_new, by kind. */
int gzip_reader_new(struct reader *source, struct reader **ret_reader, struct err *err);
int zstd_reader_new(struct reader *source, struct reader **ret_reader, struct err *err);
int xz_reader_new(struct reader *source, struct reader **ret_reader, struct err *err);

#define COMPRESSED_CHUNK_BYTES (128U * 1024U) /* of compressed input that a reader holds */

struct store {
    char *dir;
};

#define STORE_KIND_MAX 31U
#define STORE_LOCKS    "locks" /* the directory of locks; no kind */

/* Removes what killed processes left, if that was not done within a day. Failures don't matter. */
void store_sweep_daily(struct store *store);

/* Removes the directories of store_work_dir that nobody holds. Failures don't matter. */
void store_sweep_work(struct store *store);

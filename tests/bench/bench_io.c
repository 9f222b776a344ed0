/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_io.c - how fast digests, compressors and decompressors are: bench_io FILE...
 *
 * A plain file is digested and compressed at every level, alone and on all processors, and what came out of the
 * default levels is expanded again; a gzip, zstd or xz file is expanded. Prints MB (1e6 bytes of plain data) a second
 * of wall time, best of three, and the ratio. Everything is in memory.
 */
#include "base/clock.h"
#include "base/pool.h"
#include "io/compress.h"
#include "io/digest.h"
#include "io/file.h"
#include "io/reader.h"
#include "io/writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 3 };

NORETURN static void fail(const struct err *err)
{
    fprintf(stderr, "bench_io: %s\n", err->message);
    exit(1);
}

static double speed(uint64_t bytes, uint64_t best_ns)
{
    return best_ns ? (double)bytes * 1e3 / (double)best_ns : 0;
}

static void bench_digest(enum digest_algorithm algorithm, struct str data)
{
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = clock_monotonic_ns();
        (void)digest_of(algorithm, data);
        uint64_t took = clock_monotonic_ns() - start;
        best = took < best ? took : best;
    }
    printf("%-28s %8.0f MB/s\n", digest_name(algorithm), speed(data.len, best));
}

static void compress_once(enum compression kind, int level, struct pool *pool, struct str data, struct buf *out)
{
    struct err err = ERR_INIT;
    struct writer *below = NULL, *writer = NULL;
    buf_reset(out);
    if (buf_writer_new(out, &below, &err) < 0 || compress_writer_new(kind, level, pool, below, &writer, &err) < 0 ||
        writer_write_str(writer, data, &err) < 0 || writer_close(writer, &err) < 0)
        fail(&err);
}

static void bench_compress(enum compression kind, int level, struct pool *pool, struct str data, struct buf *out)
{
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = clock_monotonic_ns();
        compress_once(kind, level, pool, data, out);
        uint64_t took = clock_monotonic_ns() - start;
        best = took < best ? took : best;
    }
    printf("%s level %-2d on %2u thread%s %10.1f MB/s  ratio %.4f\n", compression_name(kind), level,
           pool ? pool_threads(pool) : 1, pool && pool_threads(pool) > 1 ? "s" : " ", speed(data.len, best),
           data.len ? (double)out->len / (double)data.len : 0);
}

static void bench_expand(enum compression kind, struct str data)
{
    uint64_t best = UINT64_MAX;
    uint64_t bytes = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct err err = ERR_INIT;
        struct reader *source = NULL, *reader = NULL;
        struct writer *writer = NULL;
        uint64_t start = clock_monotonic_ns();
        if (mem_reader_new(data, &source, &err) < 0 || decompress_reader_new(kind, source, &reader, &err) < 0 ||
            null_writer_new(&writer, &err) < 0 || reader_copy(reader, writer, &bytes, &err) < 0)
            fail(&err);
        reader_free(reader);
        writer_cancel(writer);
        uint64_t took = clock_monotonic_ns() - start;
        best = took < best ? took : best;
    }
    printf("expand %-21s %8.0f MB/s  %llu bytes\n", compression_name(kind), speed(bytes, best),
           (unsigned long long)bytes);
}

static void bench_plain(struct str data, struct pool *pool)
{
    bench_digest(DIGEST_SHA256, data);
    bench_digest(DIGEST_SHA512, data);
    bench_digest(DIGEST_MD5, data);
    struct buf out = BUF_INIT;
    for (int level = 1; level <= 9; level++) {
        bench_compress(COMPRESS_GZIP, level, NULL, data, &out);
        bench_compress(COMPRESS_GZIP, level, pool, data, &out);
    }
    compress_once(COMPRESS_GZIP, 0, pool, data, &out);
    bench_expand(COMPRESS_GZIP, buf_str(&out));
    static const int levels[] = {1, 3, 5, 7, 9, 12};
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        bench_compress(COMPRESS_ZSTD, levels[i], NULL, data, &out);
        bench_compress(COMPRESS_ZSTD, levels[i], pool, data, &out);
    }
    compress_once(COMPRESS_ZSTD, 0, pool, data, &out);
    bench_expand(COMPRESS_ZSTD, buf_str(&out));
    buf_done(&out);
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    struct pool *pool;
    if (pool_new(0, &pool, &err) < 0)
        fail(&err);
    for (int i = 1; i < argc; i++) {
        struct buf data = BUF_INIT;
        if (file_read_all(AT_FDCWD, argv[i], 1ULL << 32, &data, &err) < 0)
            fail(&err);
        printf("%s, %zu bytes\n", argv[i], data.len);
        enum compression kind = compression_of(buf_str(&data));
        if (kind == COMPRESS_NONE)
            bench_plain(buf_str(&data), pool);
        else
            bench_expand(kind, buf_str(&data));
        buf_done(&data);
    }
    pool_free(pool);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_io.c - how fast digests, compressors and decompressors are: bench_io FILE...
 *
 * A plain file is digested and compressed at every level, alone and on all processors, and what came out of the
 * default levels is expanded again; a gzip, zstd or xz file is expanded. Prints MB (1e6 bytes of plain data) a second
 * of wall time and of processor time, best of five each, and the ratio. Everything is in memory.
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
#include <time.h>

enum { ROUNDS = 5 };

NORETURN static void fail(const struct err *err)
{
    fprintf(stderr, "bench_io: %s\n", err->message);
    exit(1);
}

/* The best of several rounds. */
struct timing {
    uint64_t wall_start_ns, wall_best_ns;
    uint64_t cpu_start_ns, cpu_best_ns;
};

#define TIMING_INIT ((struct timing){.wall_best_ns = UINT64_MAX, .cpu_best_ns = UINT64_MAX})

static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void start(struct timing *timing)
{
    timing->wall_start_ns = clock_monotonic_ns();
    timing->cpu_start_ns = cpu_ns();
}

static void stop(struct timing *timing)
{
    uint64_t wall = clock_monotonic_ns() - timing->wall_start_ns;
    uint64_t cpu = cpu_ns() - timing->cpu_start_ns;
    timing->wall_best_ns = wall < timing->wall_best_ns ? wall : timing->wall_best_ns;
    timing->cpu_best_ns = cpu < timing->cpu_best_ns ? cpu : timing->cpu_best_ns;
}

static void print(const char *what, const struct timing *timing, uint64_t bytes)
{
    printf("%-28s %8.1f MB/s wall %8.1f MB/s processor", what, (double)bytes * 1e3 / (double)timing->wall_best_ns,
           (double)bytes * 1e3 / (double)timing->cpu_best_ns);
}

static void bench_digest(enum digest_algorithm algorithm, struct str data)
{
    struct timing timing = TIMING_INIT;
    for (int i = 0; i < ROUNDS; i++) {
        start(&timing);
        (void)digest_of(algorithm, data);
        stop(&timing);
    }
    print(digest_name(algorithm), &timing, data.len);
    printf("\n");
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
    struct timing timing = TIMING_INIT;
    for (int i = 0; i < ROUNDS; i++) {
        start(&timing);
        compress_once(kind, level, pool, data, out);
        stop(&timing);
    }
    char what[64];
    snprintf(what, sizeof(what), "%s %d, %u thread%s", compression_name(kind), level, pool ? pool_threads(pool) : 1,
             pool && pool_threads(pool) > 1 ? "s" : "");
    print(what, &timing, data.len);
    printf("  ratio %.4f\n", data.len ? (double)out->len / (double)data.len : 0);
}

static void bench_expand(enum compression kind, struct str data)
{
    struct timing timing = TIMING_INIT;
    uint64_t bytes = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct err err = ERR_INIT;
        struct reader *source = NULL, *reader = NULL;
        struct writer *writer = NULL;
        start(&timing);
        if (mem_reader_new(data, &source, &err) < 0 || decompress_reader_new(kind, source, &reader, &err) < 0 ||
            null_writer_new(&writer, &err) < 0 || reader_copy(reader, writer, &bytes, &err) < 0)
            fail(&err);
        reader_free(reader);
        writer_cancel(writer);
        stop(&timing);
    }
    char what[64];
    snprintf(what, sizeof(what), "expand %s", compression_name(kind));
    print(what, &timing, bytes);
    printf("  %llu bytes\n", (unsigned long long)bytes);
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

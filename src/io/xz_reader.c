/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xz streams, one after the other. liblzma decodes blocks side by side where their headers tell their sizes (as in
 * what xz -T and dpkg-deb write for larger input), else in this thread.
 */
#include "base/alloc.h"
#include "base/pool.h"
#include "io/internal.h"
#include "io/reader.h"

#include <lzma.h>

#define XZ_THREADS_MAX          8U
#define XZ_MEMORY_THREADS_BYTES (256ULL << 20) /* fewer threads rather than more than this */
#define XZ_MEMORY_BYTES         (256ULL << 20) /* xz -9 needs 65 MiB */

struct xz_reader {
    struct reader base;
    struct reader *source;
    lzma_stream stream;
    bool source_ended;
    bool finished;
    uint8_t chunk[COMPRESSED_CHUNK_BYTES];
};

static void *xz_alloc(UNUSED void *self, size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : mem_alloc(bytes);
}

static void xz_dealloc(UNUSED void *self, void *block)
{
    mem_free(block);
}

static const lzma_allocator xz_allocator = {xz_alloc, xz_dealloc, NULL};

static int xz_fail(lzma_ret code, struct err *err)
{
    switch ((unsigned)code) {
    case LZMA_MEM_ERROR:
        return err_nomem(err);
    case LZMA_MEMLIMIT_ERROR:
        return err_set(err, ERR_LIMIT, "xz data needs more than %llu MiB of memory to expand",
                       (unsigned long long)(XZ_MEMORY_BYTES >> 20));
    case LZMA_BUF_ERROR:
        return err_set(err, ERR_INVALID, "xz data is truncated");
    case LZMA_FORMAT_ERROR:
        return err_set(err, ERR_INVALID, "xz data is corrupt: no xz header where one must be");
    case LZMA_OPTIONS_ERROR:
        return err_set(err, ERR_UNSUPPORTED, "xz data uses options that are not known");
    case LZMA_DATA_ERROR:
        return err_set(err, ERR_INVALID, "xz data is corrupt");
    default:
        return err_set(err, ERR_INTERNAL, "xz decoder failed with code %d", (int)code);
    }
}

static int xz_fill(struct xz_reader *reader, struct err *err)
{
    if (reader->stream.avail_in > 0 || reader->source_ended)
        return 0;
    size_t got;
    int r = reader_read(reader->source, reader->chunk, sizeof(reader->chunk), &got, err);
    if (r < 0)
        return r;
    reader->stream.next_in = reader->chunk;
    reader->stream.avail_in = got;
    reader->source_ended = got == 0;
    return 0;
}

static int xz_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct xz_reader *reader = (struct xz_reader *)base;
    lzma_stream *stream = &reader->stream;
    stream->next_out = data;
    stream->avail_out = size;
    while (stream->avail_out == size && !reader->finished) {
        int r = xz_fill(reader, err);
        if (r < 0)
            return r;
        lzma_ret code = lzma_code(stream, reader->source_ended ? LZMA_FINISH : LZMA_RUN);
        if (code == LZMA_STREAM_END)
            reader->finished = true;
        else if (code != LZMA_OK)
            return xz_fail(code, err);
    }
    *ret_got = size - stream->avail_out;
    return 0;
}

static void xz_free(struct reader *base)
{
    struct xz_reader *reader = (struct xz_reader *)base;
    lzma_end(&reader->stream);
    reader_free(reader->source);
    mem_free(reader);
}

static const struct reader_ops xz_ops = {xz_read, xz_free};

int xz_reader_new(struct reader *source, struct reader **ret_reader, struct err *err)
{
    struct xz_reader *reader = mem_alloc(sizeof(*reader)); /* chunk[] is not worth clearing */
    if (!reader)
        return err_nomem(err);
    reader->base = (struct reader){.ops = &xz_ops};
    reader->source = source;
    reader->source_ended = false;
    reader->finished = false;
    reader->stream = (lzma_stream)LZMA_STREAM_INIT;
    reader->stream.allocator = &xz_allocator;
    unsigned threads = pool_processors();
    lzma_mt options = {
        .flags = LZMA_CONCATENATED, /* failing fast would call a truncated stream corrupt */
        .threads = threads < XZ_THREADS_MAX ? threads : XZ_THREADS_MAX,
        .memlimit_threading = XZ_MEMORY_THREADS_BYTES,
        .memlimit_stop = XZ_MEMORY_BYTES,
    };
    lzma_ret code = lzma_stream_decoder_mt(&reader->stream, &options);
    if (code != LZMA_OK) {
        lzma_end(&reader->stream);
        mem_free(reader);
        return xz_fail(code, err);
    }
    *ret_reader = &reader->base;
    return 0;
}

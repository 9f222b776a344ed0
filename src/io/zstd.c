/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/fault.h"
#include "io/internal.h"
#include "io/reader.h"

#include <zstd.h>
#include <zstd_errors.h>

/*
 * The window of level 3 is 2 MiB: smaller frames lose 0.9% (1 MiB) of size on libraries, larger ones gain 0.3% (4 MiB)
 * and leave processors idle at the end.
 */
#define ZSTD_FRAME_BYTES (2U * 1024U * 1024U)

static void *zstd_state_new(int level)
{
    ZSTD_CCtx *state = fault_point(FAULT_ALLOC) ? NULL : ZSTD_createCCtx();
    if (!state)
        return NULL;
    if (ZSTD_isError(ZSTD_CCtx_setParameter(state, ZSTD_c_compressionLevel, level)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(state, ZSTD_c_checksumFlag, 1))) {
        ZSTD_freeCCtx(state);
        return NULL;
    }
    return state;
}

static void zstd_state_free(void *state)
{
    ZSTD_freeCCtx(state);
}

static size_t zstd_bound(size_t size)
{
    return ZSTD_compressBound(size);
}

static size_t zstd_compress(void *state, const void *in, size_t in_size, void *out, size_t out_size)
{
    size_t size = ZSTD_compress2(state, out, out_size, in, in_size);
    return ZSTD_isError(size) ? 0 : size;
}

const struct block_codec zstd_codec = {
    .block_bytes = ZSTD_FRAME_BYTES,
    .state_new = zstd_state_new,
    .state_free = zstd_state_free,
    .bound = zstd_bound,
    .compress = zstd_compress,
};

struct zstd_reader {
    struct reader base;
    struct reader *source;
    ZSTD_DStream *stream;
    ZSTD_inBuffer in;
    bool inside;  /* a frame has begun and not ended, or none has begun */
    bool flushed; /* the last call left nothing that it could have put out */
    char chunk[COMPRESSED_CHUNK_BYTES];
};

static int zstd_fail(size_t code, struct err *err)
{
    ZSTD_ErrorCode kind = ZSTD_getErrorCode(code);
    if (kind == ZSTD_error_memory_allocation)
        return err_nomem(err);
    if (kind == ZSTD_error_frameParameter_windowTooLarge)
        return err_set(err, ERR_LIMIT, "zstd data needs a window of more than 128 MiB");
    return err_set(err, ERR_INVALID, "zstd data is corrupt: %s", ZSTD_getErrorName(code));
}

/* Refills the input; at the end of the source it stays empty. */
static int zstd_fill(struct zstd_reader *reader, struct err *err)
{
    size_t got;
    int r = reader_read(reader->source, reader->chunk, sizeof(reader->chunk), &got, err);
    if (r == 0)
        reader->in = (ZSTD_inBuffer){reader->chunk, got, 0};
    return r;
}

static int zstd_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct zstd_reader *reader = (struct zstd_reader *)base;
    ZSTD_outBuffer out = {data, size, 0};
    while (out.pos == 0) {
        if (reader->in.pos == reader->in.size && reader->flushed) {
            int r = zstd_fill(reader, err);
            if (r < 0)
                return r;
            if (reader->in.size == 0 && reader->inside)
                return err_set(err, ERR_INVALID, "zstd data is truncated");
            if (reader->in.size == 0)
                break;
        }
        size_t hint = ZSTD_decompressStream(reader->stream, &out, &reader->in);
        if (ZSTD_isError(hint))
            return zstd_fail(hint, err);
        reader->inside = hint != 0;
        reader->flushed = hint == 0 || out.pos < out.size; /* a frame that ended has nothing left to flush */
    }
    *ret_got = out.pos;
    return 0;
}

static void zstd_free(struct reader *base)
{
    struct zstd_reader *reader = (struct zstd_reader *)base;
    ZSTD_freeDStream(reader->stream);
    reader_free(reader->source);
    mem_free(reader);
}

static const struct reader_ops zstd_ops = {zstd_read, zstd_free};

int zstd_reader_new(struct reader *source, struct reader **ret_reader, struct err *err)
{
    struct zstd_reader *reader = mem_alloc(sizeof(*reader)); /* chunk[] is not worth clearing */
    ZSTD_DStream *stream = fault_point(FAULT_ALLOC) ? NULL : ZSTD_createDStream();
    if (!reader || !stream) {
        mem_free(reader);
        ZSTD_freeDStream(stream);
        return err_nomem(err);
    }
    reader->base = (struct reader){.ops = &zstd_ops};
    reader->source = source;
    reader->stream = stream;
    reader->in = (ZSTD_inBuffer){reader->chunk, 0, 0};
    reader->inside = true;
    reader->flushed = true;
    *ret_reader = &reader->base;
    return 0;
}

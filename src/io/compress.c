/* SPDX-License-Identifier: Apache-2.0 */
#include "io/compress.h"

#include "base/alloc.h"
#include "io/internal.h"
#include "io/reader.h"
#include "io/writer.h"

#include <string.h>

#define HEAD_BYTES 6U /* the longest magic number, xz's */

static const char *const names[] = {
    [COMPRESS_NONE] = "none",
    [COMPRESS_GZIP] = "gzip",
    [COMPRESS_ZSTD] = "zstd",
    [COMPRESS_XZ] = "xz",
};

const char *compression_name(enum compression kind)
{
    return names[kind];
}

bool compression_parse(struct str name, enum compression *ret_kind)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(name, names[i])) {
            *ret_kind = (enum compression)i;
            return true;
        }
    return false;
}

enum compression compression_of(struct str head)
{
    if (str_starts(head, STR("\x1f\x8b\x08")))
        return COMPRESS_GZIP;
    if (str_starts(head, STR("\x28\xb5\x2f\xfd")))
        return COMPRESS_ZSTD;
    bool skippable = head.len >= 4 && ((unsigned char)head.ptr[0] & 0xf0U) == 0x50U;
    if (skippable && memcmp(head.ptr + 1, "\x2a\x4d\x18", 3) == 0) /* a frame for others, RFC 8878 3.1.2 */
        return COMPRESS_ZSTD;
    if (str_starts(head, str_of("\xfd"
                                "7zXZ\0",
                                HEAD_BYTES)))
        return COMPRESS_XZ;
    return COMPRESS_NONE;
}

/* ---- nothing: hands on as it is */

struct pass_writer {
    struct writer base;
    struct writer *below;
};

static int pass_write(struct writer *base, const void *data, size_t size, struct err *err)
{
    return writer_write(((struct pass_writer *)base)->below, data, size, err);
}

static int pass_close(struct writer *base, struct err *err)
{
    int r = writer_close(((struct pass_writer *)base)->below, err);
    mem_free(base);
    return r;
}

static void pass_cancel(struct writer *base)
{
    writer_cancel(((struct pass_writer *)base)->below);
    mem_free(base);
}

static const struct writer_ops pass_ops = {pass_write, pass_close, pass_cancel};

static int pass_writer_new(struct writer *below, struct writer **ret_writer, struct err *err)
{
    struct pass_writer *writer = mem_calloc(1, sizeof(*writer));
    if (!writer)
        return err_nomem(err);
    writer->base.ops = &pass_ops;
    writer->below = below;
    *ret_writer = &writer->base;
    return 0;
}

int compress_writer_new(enum compression kind, int level, struct pool *pool, struct writer *below,
                        struct writer **ret_writer, struct err *err)
{
    static const struct {
        const struct block_codec *codec;
        int level_default;
        int level_max;
    } kinds[] = {
        [COMPRESS_NONE] = {NULL, 0, 0},
        [COMPRESS_GZIP] = {&gzip_codec, COMPRESS_GZIP_LEVEL, COMPRESS_GZIP_LEVEL_MAX},
        [COMPRESS_ZSTD] = {&zstd_codec, COMPRESS_ZSTD_LEVEL, COMPRESS_ZSTD_LEVEL_MAX},
        [COMPRESS_XZ] = {NULL, 0, 0},
    };
    if (kind == COMPRESS_NONE)
        return pass_writer_new(below, ret_writer, err);
    if (!kinds[kind].codec)
        return err_set(err, ERR_UNSUPPORTED, "'%s' can be read, not written", compression_name(kind));
    if (level < 0 || level > kinds[kind].level_max)
        return err_set(err, ERR_USAGE, "level %d of '%s' is not within 1 to %d", level, compression_name(kind),
                       kinds[kind].level_max);
    return block_writer_new(kinds[kind].codec, level ? level : kinds[kind].level_default, pool, below, ret_writer, err);
}

/* ---- a few bytes that were looked at, and the rest */

struct peek_reader {
    struct reader base;
    struct reader *source; /* NULL: none of this reader's */
    size_t head_len;
    size_t head_taken;
    char head[HEAD_BYTES];
};

static int peek_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct peek_reader *reader = (struct peek_reader *)base;
    size_t held = reader->head_len - reader->head_taken;
    if (held == 0)
        return reader_read(reader->source, data, size, ret_got, err);
    size_t part = held < size ? held : size;
    memcpy(data, reader->head + reader->head_taken, part);
    reader->head_taken += part;
    *ret_got = part;
    return 0;
}

static void peek_free(struct reader *base)
{
    reader_free(((struct peek_reader *)base)->source);
    mem_free(base);
}

static const struct reader_ops peek_ops = {peek_read, peek_free};

static int look(struct peek_reader *reader, struct reader *source, struct err *err)
{
    while (reader->head_len < HEAD_BYTES) {
        size_t got;
        int r = reader_read(source, reader->head + reader->head_len, HEAD_BYTES - reader->head_len, &got, err);
        if (r < 0)
            return r;
        if (got == 0)
            break;
        reader->head_len += got;
    }
    return 0;
}

int decompress_reader_auto(struct reader *source, enum compression *ret_kind, struct reader **ret_reader,
                           struct err *err)
{
    struct peek_reader *peek = mem_calloc(1, sizeof(*peek));
    if (!peek)
        return err_nomem(err);
    peek->base.ops = &peek_ops;
    int r = look(peek, source, err);
    enum compression kind = compression_of(str_of(peek->head, peek->head_len));
    struct reader *reader = NULL;
    if (r == 0)
        r = decompress_reader_new(kind, &peek->base, &reader, err);
    if (r < 0) {
        mem_free(peek);
        return r;
    }
    peek->source = source;
    if (ret_kind)
        *ret_kind = kind;
    *ret_reader = reader;
    return 0;
}

int decompress_reader_new(enum compression kind, struct reader *source, struct reader **ret_reader, struct err *err)
{
    switch (kind) {
    case COMPRESS_GZIP:
        return gzip_reader_new(source, ret_reader, err);
    case COMPRESS_ZSTD:
        return zstd_reader_new(source, ret_reader, err);
    case COMPRESS_XZ:
        return xz_reader_new(source, ret_reader, err);
    case COMPRESS_NONE:
        break;
    }
    *ret_reader = source;
    return 0;
}

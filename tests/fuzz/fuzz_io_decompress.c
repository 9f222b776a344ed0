/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever the bytes: no crash, no leak, bounded output. What comes out whole is written again as gzip and zstd, and
 * must come back as it was.
 */
#include "io/compress.h"
#include "io/reader.h"
#include "io/writer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUTPUT_MAX = 256 << 10 };

static int expand(struct str bytes, enum compression kind, bool choose, struct buf *out)
{
    CLEANUP_READER struct reader *reader = NULL;
    struct reader *source = NULL;
    if (mem_reader_new(bytes, &source, NULL) < 0)
        abort();
    int r = choose ? decompress_reader_auto(source, NULL, &reader, NULL)
                   : decompress_reader_new(kind, source, &reader, NULL);
    if (r < 0) {
        reader_free(source);
        return r;
    }
    return reader_read_all(reader, OUTPUT_MAX, out, NULL);
}

static void there_and_back(struct str bytes, enum compression kind)
{
    CLEANUP_BUF struct buf packed = BUF_INIT, again = BUF_INIT;
    struct writer *below = NULL, *writer = NULL;
    if (buf_writer_new(&packed, &below, NULL) < 0 || compress_writer_new(kind, 1, NULL, below, &writer, NULL) < 0 ||
        writer_write_str(writer, bytes, NULL) < 0 || writer_close(writer, NULL) < 0 ||
        expand(buf_str(&packed), kind, true, &again) < 0 || !str_eq(buf_str(&again), bytes))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = str_of((const char *)data, size);
    CLEANUP_BUF struct buf out = BUF_INIT;
    if (expand(bytes, COMPRESS_NONE, true, &out) == 0) {
        there_and_back(buf_str(&out), COMPRESS_GZIP);
        there_and_back(buf_str(&out), COMPRESS_ZSTD);
    }
    for (int kind = COMPRESS_GZIP; kind <= COMPRESS_XZ; kind++) {
        buf_reset(&out);
        (void)expand(bytes, (enum compression)kind, false, &out);
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What io/compress.h writes: equal for all threads and patterns of writes, and read by the tools that people have. */
#include "io/compress.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "base/pool.h"
#include "io/digest.h"
#include "io/file.h"
#include "io/reader.h"
#include "io/writer.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GZIP_BLOCK = 256 << 10, ZSTD_BLOCK = 2 << 20, DATA_BYTES = 3 * ZSTD_BLOCK + 12345 };

static char data[DATA_BYTES];

/* Words at random: compresses to about a third; with stretches of noise and of zeros. */
static int make_data(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (size_t i = 0; i < sizeof(data); i++) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        size_t stretch = i / 50000 % 5;
        uint8_t noise = (uint8_t)(random >> 56);
        data[i] = stretch == 3 ? '\0' : (char)(stretch == 4 ? noise : "etaoin shrdlu\n cm"[noise % 17]);
    }
    return 0;
}

static void compress(enum compression kind, int level, unsigned threads, struct str bytes, size_t step, struct buf *out)
{
    struct err err = ERR_INIT;
    CLEANUP_POOL struct pool *pool = NULL;
    struct writer *below = NULL, *writer = NULL;
    buf_reset(out);
    if (threads)
        assert_int_equal(pool_new(threads, &pool, &err), 0);
    assert_int_equal(buf_writer_new(out, &below, &err), 0);
    assert_int_equal(compress_writer_new(kind, level, pool, below, &writer, &err), 0);
    for (size_t at = 0; at < bytes.len; at += step)
        assert_int_equal(writer_write_str(writer, str_head(str_skip(bytes, at), step), &err), 0);
    assert_int_equal(writer_close(writer, &err), 0);
}

static void expand(struct str bytes, struct str expected)
{
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct reader *source = NULL, *reader = NULL;
    assert_int_equal(mem_reader_new(bytes, &source, &err), 0);
    assert_int_equal(decompress_reader_auto(source, NULL, &reader, &err), 0);
    int r = reader_read_all(reader, expected.len, &out, &err);
    reader_free(reader);
    if (r < 0)
        fail_msg("%s", err.message);
    assert_true(str_eq(buf_str(&out), expected));
}

static void test_deterministic(void **state)
{
    (void)state;
    static const enum compression kinds[] = {COMPRESS_GZIP, COMPRESS_ZSTD};
    CLEANUP_BUF struct buf first = BUF_INIT, other = BUF_INIT;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        compress(kinds[k], 1, 0, str_of(data, sizeof(data)), sizeof(data), &first);
        for (unsigned threads = 1; threads <= 4; threads++) {
            static const size_t steps[] = {0, 1000003, 4096, 65537, sizeof(data)};
            compress(kinds[k], 1, threads, str_of(data, sizeof(data)), steps[threads], &other);
            assert_int_equal(first.len, other.len);
            assert_memory_equal(first.ptr, other.ptr, first.len);
        }
        expand(buf_str(&first), str_of(data, sizeof(data)));
    }
}

static void test_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,
                                   1,
                                   1000,
                                   GZIP_BLOCK - 1,
                                   GZIP_BLOCK,
                                   GZIP_BLOCK + 1,
                                   4 * GZIP_BLOCK,
                                   5 * GZIP_BLOCK + 7,
                                   ZSTD_BLOCK - 1,
                                   ZSTD_BLOCK,
                                   ZSTD_BLOCK + 1};
    CLEANUP_BUF struct buf alone = BUF_INIT, side = BUF_INIT;
    for (int kind = COMPRESS_NONE; kind <= COMPRESS_ZSTD; kind++)
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            struct str bytes = str_of(data, sizes[i]);
            compress((enum compression)kind, 1, 0, bytes, 77777, &alone);
            compress((enum compression)kind, 1, 2, bytes, SIZE_MAX / 2, &side);
            assert_true(str_eq(buf_str(&alone), buf_str(&side)));
            expand(buf_str(&alone), bytes);
        }
}

/* Bytes that must not change: the digests of images hang on them. A new version of a library may change them. */
static void test_exact_bytes(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    compress(COMPRESS_GZIP, 0, 2, STR_NONE, 1, &out);
    assert_int_equal(out.len, 23);
    assert_memory_equal(out.ptr, "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01\0\0\xff\xff\0\0\0\0\0\0\0\0", 23);
    compress(COMPRESS_GZIP, 0, 2, STR("hello"), 1, &out);
    assert_int_equal(out.len, 28);
    assert_memory_equal(out.ptr, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    assert_memory_equal(out.ptr + 20, "\x86\xa6\x10\x36\x05\0\0\0", 8); /* CRC-32, size */
    compress(COMPRESS_ZSTD, 0, 2, STR_NONE, 1, &out);
    assert_memory_equal(out.ptr, "\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00", 9); /* size and checksum told */
    assert_int_equal(out.len, 13);
    compress(COMPRESS_NONE, 0, 0, STR("as it is"), 3, &out);
    assert_string_equal(buf_z(&out), "as it is");
}

static void test_levels(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf low = BUF_INIT, standard = BUF_INIT, six = BUF_INIT, high = BUF_INIT;
    struct str bytes = str_of(data, 100000);
    compress(COMPRESS_GZIP, 1, 0, bytes, 100000, &low);
    compress(COMPRESS_GZIP, 0, 0, bytes, 100000, &standard);
    compress(COMPRESS_GZIP, COMPRESS_GZIP_LEVEL, 0, bytes, 100000, &six);
    compress(COMPRESS_GZIP, COMPRESS_GZIP_LEVEL_MAX, 0, bytes, 100000, &high);
    assert_true(str_eq(buf_str(&standard), buf_str(&six)));
    assert_true(high.len < standard.len && standard.len < low.len);
    expand(buf_str(&high), bytes);
    compress(COMPRESS_ZSTD, COMPRESS_ZSTD_LEVEL_MAX, 0, bytes, 100000, &high);
    expand(buf_str(&high), bytes);
    struct writer *below = NULL, *writer = NULL;
    assert_int_equal(null_writer_new(&below, &err), 0);
    static const struct {
        enum compression kind;
        int level;
        enum err_code code;
        const char *message;
    } bad[] = {
        {COMPRESS_GZIP, 13, ERR_USAGE, "level 13 of 'gzip' is not within 1 to 12"},
        {COMPRESS_GZIP, -1, ERR_USAGE, "level -1 of 'gzip' is not within 1 to 12"},
        {COMPRESS_ZSTD, 20, ERR_USAGE, "level 20 of 'zstd' is not within 1 to 19"},
        {COMPRESS_XZ, 0, ERR_UNSUPPORTED, "'xz' can be read, not written"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(compress_writer_new(bad[i].kind, bad[i].level, NULL, below, &writer, &err), -(int)bad[i].code);
        assert_string_equal(err.message, bad[i].message);
    }
    writer_cancel(below); /* was never taken */
}

static void test_others_read_it(void **state)
{
    (void)state;
    static const struct {
        enum compression kind;
        const char *command;
    } tools[] = {{COMPRESS_GZIP, "gzip -dc"}, {COMPRESS_ZSTD, "zstd -qdc"}};
    static const size_t sizes[] = {0, 5, GZIP_BLOCK, sizeof(data)};
    char top[] = "/tmp/barehull-test-XXXXXX";
    assert_non_null(mkdtemp(top));
    CLEANUP_FD int dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_BUF struct buf out = BUF_INIT, command = BUF_INIT;
    for (size_t t = 0; t < ARRAY_LEN(tools); t++) {
        buf_reset(&command);
        buf_addf(&command, "command -v %.4s >/dev/null", tools[t].command);
        if (system(buf_z(&command)) != 0)
            continue;
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            struct str bytes = str_of(data, sizes[i]);
            compress(tools[t].kind, 0, 2, bytes, sizeof(data), &out);
            assert_int_equal(file_write_all(dir, "made", 0600, buf_str(&out), NULL), 0);
            assert_int_equal(file_write_all(dir, "plain", 0600, bytes, NULL), 0);
            buf_reset(&command);
            buf_addf(&command, "%s < %s/made | cmp - %s/plain", tools[t].command, top, top);
            assert_int_equal(system(buf_z(&command)), 0);
        }
    }
    assert_int_equal(file_remove_tree(AT_FDCWD, top, NULL), 0);
}

static void test_names(void **state)
{
    (void)state;
    for (int kind = COMPRESS_NONE; kind <= COMPRESS_XZ; kind++) {
        enum compression parsed = COMPRESS_NONE;
        assert_true(compression_parse(str_z(compression_name((enum compression)kind)), &parsed));
        assert_int_equal(parsed, kind);
    }
    enum compression untouched = COMPRESS_XZ;
    assert_false(compression_parse(STR("GZIP"), &untouched));
    assert_false(compression_parse(STR(""), &untouched));
    assert_false(compression_parse(STR("gzip\0"), &untouched));
    assert_int_equal(untouched, COMPRESS_XZ);
}

/* ---- failures */

struct broken_writer {
    struct writer base;
    size_t room;
    int *ended; /* how often it was closed or cancelled */
};

static int broken_write(struct writer *base, UNUSED const void *bytes, size_t size, struct err *err)
{
    struct broken_writer *writer = (struct broken_writer *)base;
    if (size > writer->room)
        return err_set(err, ERR_NO_SPACE, "it is full");
    writer->room -= size;
    return 0;
}

static void broken_cancel(struct writer *base)
{
    (*((struct broken_writer *)base)->ended)++;
    mem_free(base);
}

static int broken_close(struct writer *base, UNUSED struct err *err)
{
    broken_cancel(base);
    return 0;
}

static const struct writer_ops broken_ops = {broken_write, broken_close, broken_cancel};

static struct writer *broken_new(size_t room, int *ended)
{
    struct broken_writer *writer = mem_calloc(1, sizeof(*writer));
    assert_non_null(writer);
    if (!writer)
        return NULL;
    writer->base.ops = &broken_ops;
    writer->room = room;
    writer->ended = ended;
    return &writer->base;
}

static void test_below_fails(void **state)
{
    (void)state;
    static const size_t rooms[] = {0, 100000, 500000, 1000000};
    for (unsigned threads = 1; threads <= 3; threads++) {
        CLEANUP_POOL struct pool *pool = NULL;
        assert_int_equal(pool_new(threads, &pool, NULL), 0);
        for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
            struct err err = ERR_INIT;
            int ended = 0;
            struct writer *writer = NULL;
            assert_int_equal(compress_writer_new(COMPRESS_GZIP, 1, pool, broken_new(rooms[i], &ended), &writer, &err),
                             0);
            int r = writer_write(writer, data, sizeof(data), &err);
            assert_int_equal(r, -ERR_NO_SPACE);
            assert_string_equal(err.message, "it is full");
            assert_int_equal(ended, 0);
            assert_int_equal(writer_close(writer, &err), -ERR_NO_SPACE);
            assert_int_equal(ended, 1);
            assert_int_equal(compress_writer_new(COMPRESS_GZIP, 1, pool, broken_new(rooms[0], &ended), &writer, &err),
                             0);
            assert_int_equal(writer_write(writer, data, 1000, &err), 0);
            assert_int_equal(writer_close(writer, &err), -ERR_NO_SPACE); /* the last block */
            assert_int_equal(ended, 2);
        }
    }
}

static void test_cancel_at_work(void **state)
{
    (void)state;
    CLEANUP_POOL struct pool *pool = NULL;
    assert_int_equal(pool_new(3, &pool, NULL), 0);
    for (size_t size = 0; size < 12 * (size_t)GZIP_BLOCK; size += 100000) {
        int ended = 0;
        struct writer *writer = NULL;
        assert_int_equal(compress_writer_new(COMPRESS_GZIP, 1, pool, broken_new(SIZE_MAX, &ended), &writer, NULL), 0);
        assert_int_equal(writer_write(writer, data, size, NULL), 0);
        writer_cancel(writer);
        assert_int_equal(ended, 1);
    }
}

static int compress_with_faults(enum compression kind, struct pool *pool, struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    CLEANUP_WRITER struct writer *writer = NULL;
    struct writer *below = NULL;
    int r = buf_writer_new(&out, &below, err);
    if (r == 0 && (r = compress_writer_new(kind, 1, pool, below, &writer, err)) < 0)
        writer_cancel(below);
    for (int i = 0; r == 0 && i < 3; i++)
        r = writer_write(writer, data, GZIP_BLOCK, err);
    return r < 0 ? r : writer_close(TAKE_PTR(writer), err);
}

static void test_faults(void **state)
{
    (void)state;
    CLEANUP_POOL struct pool *pool = NULL;
    assert_int_equal(pool_new(2, &pool, NULL), 0);
    for (int kind = COMPRESS_NONE; kind <= COMPRESS_ZSTD; kind++)
        for (uint64_t n = 1;; n++) {
            struct err err = ERR_INIT;
            fault_arm(FAULT_ALLOC, n);
            int r = compress_with_faults((enum compression)kind, pool, &err);
            fault_disarm();
            if (r == 0) {
                assert_true(n > 3);
                break;
            }
            assert_int_equal(r, -ERR_NOMEM);
            assert_int_equal(err.code, ERR_NOMEM);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deterministic), cmocka_unit_test(test_sizes),          cmocka_unit_test(test_exact_bytes),
        cmocka_unit_test(test_levels),        cmocka_unit_test(test_others_read_it), cmocka_unit_test(test_names),
        cmocka_unit_test(test_below_fails),   cmocka_unit_test(test_cancel_at_work), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, make_data, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What io/compress.h reads: what other tools write, cut, damaged and hostile. */
#include "io/compress.h"

#include "base/alloc.h"
#include "base/fault.h"
#include "io/file.h"
#include "io/reader.h"
#include "io/writer.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Hands out at most STEP bytes a time. */
struct dripping_reader {
    struct reader base;
    struct str left;
    size_t step;
};

static int drip_read(struct reader *base, void *data, size_t size, size_t *ret_got, UNUSED struct err *err)
{
    struct dripping_reader *reader = (struct dripping_reader *)base;
    struct str part = str_head(reader->left, size < reader->step ? size : reader->step);
    if (part.len)
        memcpy(data, part.ptr, part.len);
    reader->left = str_skip(reader->left, part.len);
    *ret_got = part.len;
    return 0;
}

static void drip_free(struct reader *base)
{
    mem_free(base);
}

static const struct reader_ops drip_ops = {drip_read, drip_free};

static struct reader *drip(struct str bytes, size_t step)
{
    struct dripping_reader *reader = mem_calloc(1, sizeof(*reader));
    assert_non_null(reader);
    if (!reader)
        return NULL;
    reader->base.ops = &drip_ops;
    reader->left = bytes;
    reader->step = step;
    return &reader->base;
}

/* Expands BYTES as KIND, taking STEP_IN and asking for STEP_OUT bytes a time, into OUT. */
static int expand(enum compression kind, struct str bytes, size_t step_in, size_t step_out, struct buf *out,
                  struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    struct reader *source = drip(bytes, step_in);
    buf_reset(out);
    int r = decompress_reader_new(kind, source, &reader, err);
    if (r < 0) {
        reader_free(source);
        return r;
    }
    for (;;) {
        char *at = buf_extend(out, step_out);
        size_t got = 0;
        r = at ? reader_read(reader, at, step_out, &got, err) : err_nomem(err);
        buf_truncate(out, out->len - step_out + got);
        if (r < 0 || got == 0)
            return r;
    }
}

static const struct {
    size_t in, out;
} steps[] = {{SIZE_MAX, 1 << 20}, {1, 1 << 20}, {SIZE_MAX, 1}, {1, 1}, {7, 13}, {4096, 333}};

static void gives(enum compression kind, struct str bytes, struct str expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct err err = ERR_INIT;
        if (expand(kind, bytes, steps[i].in, steps[i].out, &out, &err) < 0)
            fail_msg("steps %zu: %s", i, err.message);
        assert_true(str_eq(buf_str(&out), expected));
    }
}

static void refuses(enum compression kind, struct str bytes, enum err_code code, const char *message)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct err err = ERR_INIT;
        assert_int_equal(expand(kind, bytes, steps[i].in, steps[i].out, &out, &err), -(int)code);
        assert_string_equal(err.message, message);
    }
}

/* ---- samples, made by the tools that people have */

static char plain[30000];

struct sample {
    const char *tool;
    const char *command; /* from standard input to standard output */
    enum compression kind;
    struct buf bytes; /* empty when the tool is not there */
};

static struct sample samples[] = {
    {"gzip", "gzip -9", COMPRESS_GZIP, {0}},
    {"gzip", "gzip -1c plain", COMPRESS_GZIP, {0}}, /* with name and time */
    {"gzip", "(gzip; printf '' | gzip; gzip -n < plain | head -c 0) ", COMPRESS_GZIP, {0}},
    {"zstd", "zstd -q -19", COMPRESS_ZSTD, {0}},
    {"zstd", "zstd -q -1 --no-check", COMPRESS_ZSTD, {0}},
    {"xz", "xz -6e", COMPRESS_XZ, {0}},
    {"xz", "xz -0 --check=crc64", COMPRESS_XZ, {0}},
    {"xz", "xz -T2 -1 --block-size=4096 --check=sha256", COMPRESS_XZ, {0}},
    {"xz", "xz --x86 --lzma2=dict=64KiB --check=none", COMPRESS_XZ, {0}},
};

static int make_samples(void **state)
{
    (void)state;
    uint64_t random = 7;
    for (size_t i = 0; i < sizeof(plain); i++) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        plain[i] = i / 3000 % 3 == 2 ? (char)(random >> 56) : "the quick brown fox"[(random >> 56) % 19];
    }
    char top[] = "/tmp/barehull-test-XXXXXX";
    if (!mkdtemp(top))
        return -1;
    CLEANUP_FD int dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = file_write_all(dir, "plain", 0600, str_of(plain, sizeof(plain)), NULL);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(samples); i++) {
        CLEANUP_BUF struct buf command = BUF_INIT;
        buf_addf(&command, "cd %s && command -v %s >/dev/null && %s < plain > made", top, samples[i].tool,
                 samples[i].command);
        if (system(buf_z(&command)) == 0)
            r = file_read_all(dir, "made", 1 << 20, &samples[i].bytes, NULL);
        else
            printf("no sample of: %s\n", samples[i].command);
    }
    return r < 0 || file_remove_tree(AT_FDCWD, top, NULL) < 0 ? -1 : 0;
}

static int free_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        buf_done(&samples[i].bytes);
    return 0;
}

static void test_whole(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf twice = BUF_INIT, doubled = BUF_INIT;
    for (int i = 0; i < 2; i++)
        buf_add(&doubled, plain, sizeof(plain));
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        struct str bytes = buf_str(&samples[i].bytes);
        if (bytes.len == 0)
            continue;
        assert_int_equal(compression_of(str_head(bytes, 6)), samples[i].kind);
        gives(samples[i].kind, bytes, str_of(plain, sizeof(plain)));
        buf_reset(&twice);
        buf_add_str(&twice, bytes);
        if (samples[i].kind == COMPRESS_XZ)
            buf_add_fill(&twice, '\0', 8); /* stream padding */
        buf_add_str(&twice, bytes);
        gives(samples[i].kind, buf_str(&twice), buf_str(&doubled));
    }
}

/* Whatever is cut off is missed, wherever the cut is. */
static void test_truncated(void **state)
{
    (void)state;
    static const char *const messages[] = {
        [COMPRESS_GZIP] = "gzip data is truncated",
        [COMPRESS_ZSTD] = "zstd data is truncated",
        [COMPRESS_XZ] = "xz data is truncated",
    };
    CLEANUP_BUF struct buf out = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        struct str bytes = buf_str(&samples[i].bytes);
        size_t dense = bytes.len < 64 ? bytes.len : 64; /* all cuts at both ends, some in the middle */
        for (size_t len = 0; len < bytes.len; len += len < dense || len + dense >= bytes.len ? 1 : 1009) {
            struct err err = ERR_INIT;
            size_t step = len % 3 ? SIZE_MAX : 1;
            bool ended = i == 2 && len == bytes.len - 20; /* before the empty member */
            assert_int_equal(expand(samples[i].kind, str_head(bytes, len), step, 100000, &out, &err),
                             ended ? 0 : -ERR_INVALID);
            if (!ended)
                assert_string_equal(err.message, messages[samples[i].kind]);
        }
    }
}

/* Where there is a checksum, what comes out after a flipped bit is an error or the same. */
static void test_flipped(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        bool checked = !strstr(samples[i].command, "check=none") && !strstr(samples[i].command, "no-check");
        struct buf *bytes = &samples[i].bytes;
        size_t same = 0;
        for (size_t at = 0; at < bytes->len; at += at < 64 || at + 64 >= bytes->len ? 1 : 997) {
            struct err err = ERR_INIT;
            char mask = (char)(1U << at % 8);
            bytes->ptr[at] ^= mask;
            int r = expand(samples[i].kind, buf_str(bytes), SIZE_MAX, 100000, &out, &err);
            bytes->ptr[at] ^= mask;
            if (r == 0 && checked)
                assert_true(str_eq(buf_str(&out), str_of(plain, sizeof(plain))));
            same += r == 0;
            if (r < 0 && r != -ERR_INVALID && r != -ERR_LIMIT && r != -ERR_UNSUPPORTED)
                fail_msg("%s, byte %zu: %s", samples[i].command, at, err.message);
        }
        assert_true(!checked || same < 24); /* gzip's time and name, reserved bits of zstd */
    }
}

static void test_garbage_behind(void **state)
{
    (void)state;
    static const struct {
        enum compression kind;
        const char *message;
    } expected[] = {
        {COMPRESS_GZIP, "gzip data is corrupt: no gzip header where one must be"},
        {COMPRESS_ZSTD, "zstd data is corrupt: Unknown frame descriptor"},
        {COMPRESS_XZ, "xz data is corrupt"},
    };
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        if (samples[i].bytes.len == 0)
            continue;
        CLEANUP_BUF struct buf bytes = BUF_INIT;
        buf_add_str(&bytes, buf_str(&samples[i].bytes));
        buf_add_z(&bytes, "garbage behind the end");
        for (size_t k = 0; k < ARRAY_LEN(expected); k++)
            if (expected[k].kind == samples[i].kind)
                refuses(samples[i].kind, buf_str(&bytes), ERR_INVALID, expected[k].message);
    }
}

/* ---- gzip by hand */

enum { TEXT = 1, HCRC = 2, EXTRA = 4, NAME = 8, COMMENT = 16 };

static void gzip_member(struct buf *out, unsigned flags, uint32_t crc_change)
{
    size_t start = out->len;
    buf_add(out, "\x1f\x8b\x08", 3);
    buf_add_char(out, (char)flags);
    buf_add(out, "time\x02\x03", 6);
    if (flags & EXTRA)
        buf_add(out, "\x05\0ex\0ra", 7);
    if (flags & NAME)
        buf_add(out, "name", 5);
    if (flags & COMMENT)
        buf_add(out, "a comment", 10);
    if (flags & HCRC) {
        uint32_t crc = libdeflate_crc32(0, out->ptr + start, out->len - start) ^ crc_change;
        buf_add_char(out, (char)crc);
        buf_add_char(out, (char)(crc >> 8));
    }
    buf_add(out, "\x01\x05\x00\xfa\xffhello\x86\xa6\x10\x36\x05\0\0\0", 18);
}

static void test_gzip_headers(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags < 32; flags++) {
        CLEANUP_BUF struct buf bytes = BUF_INIT;
        gzip_member(&bytes, flags, 0);
        gives(COMPRESS_GZIP, buf_str(&bytes), STR("hello"));
        gzip_member(&bytes, 31 - flags, 0);
        gives(COMPRESS_GZIP, buf_str(&bytes), STR("hellohello"));
        for (size_t len = 0; len < bytes.len; len++) {
            CLEANUP_BUF struct buf out = BUF_INIT;
            struct err err = ERR_INIT;
            int r = expand(COMPRESS_GZIP, str_head(buf_str(&bytes), len), 1, 100, &out, &err);
            if (r == 0)
                assert_true(str_eq(buf_str(&out), STR("hello")));
            else
                assert_string_equal(err.message, "gzip data is truncated");
        }
    }
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    gzip_member(&bytes, HCRC | NAME, 0x100);
    refuses(COMPRESS_GZIP, buf_str(&bytes), ERR_INVALID, "gzip data is corrupt: the header's checksum is wrong");
    bytes.ptr[3] = '\x20';
    refuses(COMPRESS_GZIP, buf_str(&bytes), ERR_INVALID, "gzip data is corrupt: unknown method 8 or flags 0x20");
    bytes.ptr[2] = 7;
    bytes.ptr[3] = 0;
    refuses(COMPRESS_GZIP, buf_str(&bytes), ERR_INVALID, "gzip data is corrupt: unknown method 7 or flags 0x00");
}

static void test_gzip_trailer(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    gzip_member(&bytes, 0, 0);
    for (size_t at = bytes.len - 8; at < bytes.len; at++) { /* CRC-32, then the size: each byte counts */
        bytes.ptr[at] ^= 0x10;
        refuses(COMPRESS_GZIP, buf_str(&bytes), ERR_INVALID, "gzip data is corrupt: wrong checksum or size");
        bytes.ptr[at] ^= 0x10;
    }
    gives(COMPRESS_GZIP, buf_str(&bytes), STR("hello"));
    bytes.ptr[10] = 7; /* a block type that is not */
    refuses(COMPRESS_GZIP, buf_str(&bytes), ERR_INVALID, "gzip data is corrupt: invalid block");
}

/* ---- hostile sizes */

static void test_memory_bounds(void **state)
{
    (void)state;
    static const char window_2gib[] = "\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00";
    refuses(COMPRESS_ZSTD, str_of(window_2gib, sizeof(window_2gib) - 1), ERR_LIMIT,
            "zstd data needs a window of more than 128 MiB");
    /* an xz block whose header asks for a dictionary of 4 GiB - 1 */
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    buf_add(&bytes,
            "\xfd"
            "7zXZ\0\0\0",
            8); /* no check */
    buf_add(&bytes, "\xff\x12\xd9\x41", 4);
    static const char block[] = "\x02\x00\x21\x01\x28\0\0"; /* and one byte of padding */
    uint32_t crc = libdeflate_crc32(0, block, 8);
    buf_add(&bytes, block, 8);
    buf_add(&bytes, &crc, 4);
    refuses(COMPRESS_XZ, buf_str(&bytes), ERR_LIMIT, "xz data needs more than 256 MiB of memory to expand");
}

/* A bomb comes out in pieces: the caller's bound stops it. */
static void test_bomb(void **state)
{
    (void)state;
    for (int kind = COMPRESS_GZIP; kind <= COMPRESS_ZSTD; kind++) {
        struct err err = ERR_INIT;
        CLEANUP_BUF struct buf bomb = BUF_INIT, out = BUF_INIT;
        struct writer *below = NULL, *writer = NULL;
        assert_int_equal(buf_writer_new(&bomb, &below, &err), 0);
        assert_int_equal(compress_writer_new((enum compression)kind, 0, NULL, below, &writer, &err), 0);
        assert_int_equal(writer_write_zeros(writer, 50 << 20, &err), 0);
        assert_int_equal(writer_close(writer, &err), 0);
        assert_true(bomb.len < 100000);
        struct reader *reader = NULL, *bound = NULL;
        assert_int_equal(decompress_reader_auto(drip(buf_str(&bomb), SIZE_MAX), NULL, &reader, &err), 0);
        assert_int_equal(bound_reader_new(reader, 1 << 20, "the layer", &bound, &err), 0);
        assert_int_equal(reader_read_all(bound, SIZE_MAX, &out, &err), -ERR_LIMIT);
        assert_string_equal(err.message, "'the layer' is larger than 1048576 bytes");
        reader_free(bound);
    }
}

/* ---- looking first */

static void test_auto(void **state)
{
    (void)state;
    static const char text[] = "\x1f\x8bnot gzip";
    for (size_t len = 0; len < sizeof(text); len++)
        for (size_t step = 1; step < 8; step++) {
            CLEANUP_BUF struct buf out = BUF_INIT;
            enum compression kind = COMPRESS_XZ;
            CLEANUP_READER struct reader *reader = NULL;
            assert_int_equal(decompress_reader_auto(drip(str_of(text, len), step), &kind, &reader, NULL), 0);
            assert_int_equal(kind, COMPRESS_NONE);
            assert_int_equal(reader_read_all(reader, 100, &out, NULL), 0);
            assert_true(str_eq(buf_str(&out), str_of(text, len)));
        }
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        if (samples[i].bytes.len == 0)
            continue;
        CLEANUP_BUF struct buf out = BUF_INIT;
        enum compression kind = COMPRESS_NONE;
        CLEANUP_READER struct reader *reader = NULL;
        assert_int_equal(decompress_reader_auto(drip(buf_str(&samples[i].bytes), 1), &kind, &reader, NULL), 0);
        assert_int_equal(kind, samples[i].kind);
        assert_int_equal(reader_read_all(reader, 100000, &out, NULL), 0);
        assert_true(str_eq(buf_str(&out), str_of(plain, sizeof(plain))));
    }
    assert_int_equal(compression_of(STR("\x5a\x2a\x4d\x18")), COMPRESS_ZSTD);
    assert_int_equal(compression_of(STR("\x5a\x2a\x4d")), COMPRESS_NONE);
    assert_int_equal(compression_of(STR("\xfd"
                                        "7zXZ")),
                     COMPRESS_NONE);
    assert_int_equal(compression_of(STR_NONE), COMPRESS_NONE);
}

static void test_skippable_frame(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    buf_add(&bytes, "\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
    gives(COMPRESS_ZSTD, buf_str(&bytes), STR(""));
    refuses(COMPRESS_ZSTD, str_head(buf_str(&bytes), 10), ERR_INVALID, "zstd data is truncated");
    buf_add_str(&bytes, buf_str(&samples[3].bytes));
    if (samples[3].bytes.len)
        gives(COMPRESS_ZSTD, buf_str(&bytes), str_of(plain, sizeof(plain)));
}

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        for (uint64_t n = 1; samples[i].bytes.len; n++) {
            struct err err = ERR_INIT;
            CLEANUP_BUF struct buf out = BUF_INIT;
            struct reader *source = drip(buf_str(&samples[i].bytes), SIZE_MAX), *reader = NULL;
            assert_true(buf_reserve(&out, 1 << 20));
            fault_arm(FAULT_ALLOC, n);
            int r = decompress_reader_auto(source, NULL, &reader, &err);
            if (r == 0)
                r = reader_read_all(reader, 100000, &out, &err);
            fault_disarm();
            reader_free(reader ? reader : source);
            if (r == 0) {
                assert_true(n > 2);
                break;
            }
            assert_int_equal(r, -ERR_NOMEM);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),         cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_flipped),       cmocka_unit_test(test_garbage_behind),
        cmocka_unit_test(test_gzip_headers),  cmocka_unit_test(test_gzip_trailer),
        cmocka_unit_test(test_memory_bounds), cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_auto),          cmocka_unit_test(test_skippable_frame),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, make_samples, free_samples);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* io/reader.h and io/writer.h */
#include "base/alloc.h"
#include "base/fault.h"
#include "io/reader.h"
#include "io/writer.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct reader *over(struct str bytes)
{
    struct reader *reader = NULL;
    assert_int_equal(mem_reader_new(bytes, &reader, NULL), 0);
    return reader;
}

static void test_mem_reader(void **state)
{
    (void)state;
    CLEANUP_READER struct reader *reader = over(STR("hello world"));
    char data[64];
    size_t got = 99;
    assert_int_equal(reader_read(reader, data, 0, &got, NULL), 0);
    assert_int_equal(got, 0);
    assert_int_equal(reader_read(reader, data, 5, &got, NULL), 0);
    assert_int_equal(got, 5);
    assert_memory_equal(data, "hello", 5);
    assert_int_equal(reader_skip(reader, 1, "x", NULL), 0);
    assert_int_equal(reader_read_exact(reader, data, 5, "x", NULL), 0);
    assert_memory_equal(data, "world", 5);
    for (int i = 0; i < 2; i++) { /* the end stays */
        got = 99;
        assert_int_equal(reader_read(reader, data, 5, &got, NULL), 0);
        assert_int_equal(got, 0);
    }
    struct err err = ERR_INIT;
    assert_int_equal(reader_read_exact(reader, data, 1, "file", &err), -ERR_INVALID);
    assert_string_equal(err.message, "'file' is truncated");
    assert_int_equal(reader_skip(reader, 1, "file", &err), -ERR_INVALID);
    assert_int_equal(reader_skip(reader, 0, "file", &err), 0);
    assert_int_equal(reader_read_exact(reader, data, 0, "file", &err), 0);
    reader_free(NULL);
}

static void test_read_all(void **state)
{
    (void)state;
    static char big[300000];
    memset(big, 'b', sizeof(big));
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    buf_add_z(&out, "before");
    CLEANUP_READER struct reader *exact = over(str_of(big, sizeof(big)));
    assert_int_equal(reader_read_all(exact, sizeof(big), &out, &err), 0);
    assert_int_equal(out.len, 6 + sizeof(big));
    assert_memory_equal(out.ptr + 6, big, sizeof(big));
    buf_truncate(&out, 6);
    CLEANUP_READER struct reader *more = over(str_of(big, sizeof(big)));
    assert_int_equal(reader_read_all(more, sizeof(big) - 1, &out, &err), -ERR_LIMIT);
    assert_string_equal(buf_z(&out), "before");
    CLEANUP_READER struct reader *empty = over(STR_NONE);
    assert_int_equal(reader_read_all(empty, 0, &out, &err), 0);
    assert_string_equal(buf_z(&out), "before");
}

static void test_bound_and_slice(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct reader *bound = NULL;
    assert_int_equal(bound_reader_new(over(STR("12345")), 5, "n", &bound, &err), 0);
    assert_int_equal(reader_read_all(bound, 100, &out, &err), 0);
    assert_string_equal(buf_z(&out), "12345");
    reader_free(bound);
    assert_int_equal(bound_reader_new(over(STR("12345")), 4, "the thing", &bound, &err), 0);
    assert_int_equal(reader_read_all(bound, 100, &out, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "'the thing' is larger than 4 bytes");
    char byte;
    size_t got;
    assert_int_equal(reader_read(bound, &byte, 1, &got, &err), -ERR_LIMIT); /* sticks */
    assert_string_equal(err.message, "an earlier read failed");
    reader_free(bound);
    CLEANUP_READER struct reader *source = over(STR("abcdef"));
    struct reader *slice = NULL;
    buf_reset(&out);
    assert_int_equal(slice_reader_new(source, 2, "n", &slice, &err), 0);
    assert_int_equal(reader_read_all(slice, 100, &out, &err), 0);
    reader_free(slice);
    assert_int_equal(slice_reader_new(source, 0, "n", &slice, &err), 0);
    assert_int_equal(reader_read_all(slice, 100, &out, &err), 0);
    reader_free(slice);
    assert_string_equal(buf_z(&out), "ab");
    assert_int_equal(slice_reader_new(source, 5, "entry", &slice, &err), 0);
    assert_int_equal(reader_read_all(slice, 100, &out, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'entry' is truncated");
    reader_free(slice);
}

static void test_fd(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct err err = ERR_INIT;
    struct writer *writer = NULL;
    assert_int_equal(fd_writer_new(ends[1], "pipe", &writer, &err), 0);
    assert_int_equal(writer_write_str(writer, STR("through "), &err), 0);
    assert_int_equal(writer_write_str(writer, STR_NONE, &err), 0);
    assert_int_equal(writer_write_str(writer, STR("a pipe"), &err), 0);
    assert_int_equal(writer_write_zeros(writer, 20000, &err), 0);
    assert_int_equal(writer_close(writer, &err), 0);
    assert_int_equal(close(ends[1]), 0); /* was still ours */
    struct reader *reader = NULL;
    CLEANUP_BUF struct buf out = BUF_INIT;
    assert_int_equal(fd_reader_new(ends[0], "pipe", &reader, &err), 0);
    assert_int_equal(reader_read_all(reader, 1 << 20, &out, &err), 0);
    assert_int_equal(out.len, 20014);
    assert_string_equal(buf_z(&out), "through a pipe");
    reader_free(reader);
    assert_int_equal(close(ends[0]), -1); /* the reader's */
    int dir = open("/", O_RDONLY | O_CLOEXEC);
    assert_int_equal(fd_reader_new(dir, "the root", &reader, &err), 0);
    assert_int_equal(reader_read_all(reader, 1, &out, &err), -ERR_IO);
    assert_string_equal(err.message, "cannot read 'the root': Is a directory");
    reader_free(reader);
}

static void test_fd_gathers(void **state)
{
    (void)state;
    char path[] = "/tmp/barehull-test-XXXXXX";
    int fd = mkstemp(path);
    unlink(path);
    struct writer *writer = NULL;
    assert_int_equal(fd_writer_new(fd, "f", &writer, NULL), 0);
    static char data[200000];
    size_t sizes[] = {1, 65535, 1, 65536, 100000, 3, 65537, 200000}, total = 0;
    CLEANUP_BUF struct buf expected = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++, total += sizes[i - 1]) {
        memset(data, 'a' + (int)i, sizes[i]);
        buf_add(&expected, data, sizes[i]);
        assert_int_equal(writer_write(writer, data, sizes[i], NULL), 0);
    }
    assert_int_equal(writer_close(writer, NULL), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    struct reader *reader = NULL;
    CLEANUP_BUF struct buf out = BUF_INIT;
    assert_int_equal(fd_reader_new(fd, "f", &reader, NULL), 0);
    assert_int_equal(reader_read_all(reader, 1 << 20, &out, NULL), 0);
    assert_int_equal(out.len, total);
    assert_memory_equal(out.ptr, expected.ptr, total);
    reader_free(reader);
}

static void test_writers(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    buf_add_z(&out, "old");
    struct writer *writer = NULL;
    assert_int_equal(buf_writer_new(&out, &writer, &err), 0);
    assert_int_equal(writer_write_str(writer, STR("new"), &err), 0);
    writer_cancel(writer);
    assert_string_equal(buf_z(&out), "old");
    assert_int_equal(buf_writer_new(&out, &writer, &err), 0);
    assert_int_equal(writer_write_str(writer, STR("+new"), &err), 0);
    assert_int_equal(writer_close(writer, &err), 0);
    assert_string_equal(buf_z(&out), "old+new");
    assert_int_equal(null_writer_new(&writer, &err), 0);
    assert_int_equal(writer_write_zeros(writer, 1 << 20, &err), 0);
    assert_int_equal(writer_close(writer, &err), 0);
    writer_cancel(NULL);
}

static void test_full_disk_sticks(void **state)
{
    (void)state;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    struct err err = ERR_INIT;
    struct writer *writer = NULL;
    assert_int_equal(fd_writer_new(fd, "out", &writer, &err), 0);
    assert_int_equal(writer_write_zeros(writer, 1 << 20, &err), -ERR_NO_SPACE);
    assert_string_equal(err.message, "cannot write 'out': No space left on device");
    assert_int_equal(writer_write_str(writer, STR("x"), &err), -ERR_NO_SPACE);
    assert_string_equal(err.message, "an earlier write failed");
    assert_int_equal(writer_close(writer, &err), -ERR_NO_SPACE);
    assert_int_equal(fd_writer_new(fd, "out", &writer, &err), 0);
    assert_int_equal(writer_write_str(writer, STR("held back"), &err), 0);
    assert_int_equal(writer_close(writer, &err), -ERR_NO_SPACE); /* shows at the close */
    close(fd);
}

static void test_copy(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    static char big[300001];
    memset(big, 'c', sizeof(big));
    CLEANUP_READER struct reader *source = over(str_of(big, sizeof(big)));
    struct reader *slice = NULL;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct writer *writer = NULL;
    uint64_t bytes = 0;
    assert_int_equal(slice_reader_new(source, 300000, "n", &slice, &err), 0);
    assert_int_equal(buf_writer_new(&out, &writer, &err), 0);
    assert_int_equal(reader_copy(slice, writer, &bytes, &err), 0);
    assert_int_equal(bytes, 300000);
    assert_int_equal(reader_copy(source, writer, &bytes, &err), 0); /* memory goes without a copy */
    assert_int_equal(bytes, 1);
    assert_int_equal(reader_copy(source, writer, NULL, &err), 0);
    assert_int_equal(writer_close(writer, &err), 0);
    assert_int_equal(out.len, sizeof(big));
    reader_free(slice);
}

/* Opens, passes through, closes; the same for every failing allocation and call. */
static int pass_through(struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    CLEANUP_WRITER struct writer *writer = NULL;
    int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct reader *slice = NULL;
    int r = fd_reader_new(fd, "zero", &reader, err);
    if (r < 0)
        close(fd);
    if (r == 0)
        r = slice_reader_new(reader, 200000, "zeros", &slice, err);
    struct reader *bound = NULL;
    if (r == 0 && (r = bound_reader_new(slice, 200000, "zeros", &bound, err)) < 0)
        reader_free(slice);
    if (r == 0)
        r = fd_writer_new(null, "null", &writer, err);
    if (r == 0)
        r = reader_copy(bound, writer, NULL, err);
    if (r == 0)
        r = writer_close(TAKE_PTR(writer), err);
    reader_free(bound);
    close(null);
    return r;
}

static void test_faults(void **state)
{
    (void)state;
    static const int codes[FAULT_KINDS] = {[FAULT_ALLOC] = -ERR_NOMEM, [FAULT_IO] = -ERR_IO};
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        uint64_t n = 1;
        for (;; n++) {
            struct err err = ERR_INIT;
            fault_arm((enum fault_kind)kind, n);
            int r = pass_through(&err);
            fault_disarm();
            if (r == 0)
                break;
            assert_int_equal(r, codes[kind]);
            assert_int_equal(err.code, -codes[kind]);
        }
        assert_true(n >= 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mem_reader),       cmocka_unit_test(test_read_all),
        cmocka_unit_test(test_bound_and_slice),  cmocka_unit_test(test_fd),
        cmocka_unit_test(test_fd_gathers),       cmocka_unit_test(test_writers),
        cmocka_unit_test(test_full_disk_sticks), cmocka_unit_test(test_copy),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

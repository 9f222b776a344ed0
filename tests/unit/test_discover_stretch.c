/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/stretch.h"

#include "base/buf.h"
#include "base/fault.h"
#include "data/yaml.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct stretch_options tiny = {.cut_bytes = 1, .limit_bytes = 100};

static int file_of(struct str text)
{
    int fd = memfd_create("text", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.ptr, text.len), text.len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static struct stretch_reader *reader_of(struct str text)
{
    struct stretch_reader *reader = NULL;
    assert_int_equal(stretch_new(file_of(text), STR("f"), &reader, NULL), 0);
    return reader;
}

/* The stretches of TEXT, each as "[line:text]", or the error's message. */
static void stretches_are(struct str text, const struct stretch_options *options, const char *expected)
{
    struct stretch_reader *reader = reader_of(text);
    CLEANUP_BUF struct buf out = BUF_INIT;
    uint64_t total = 0;
    for (;;) {
        struct str bytes;
        uint64_t offset;
        uint32_t line;
        struct err err = ERR_INIT;
        if (stretch_next(reader, options, &bytes, &offset, &line, &err) < 0) {
            buf_addf(&out, "%s: %s", err_name(err.code), err.message);
            break;
        }
        assert_int_equal(offset, total);
        if (!bytes.ptr)
            break;
        total += bytes.len;
        buf_addf(&out, "[%u:%.*s]", line, STR_ARG(bytes));
    }
    assert_string_equal(buf_z(&out), expected);
    stretch_free(reader);
}

static void test_cuts(void **state)
{
    (void)state;
    stretches_are(STR(""), &tiny, "[1:]");
    stretches_are(STR("a: 1"), &tiny, "[1:a: 1]");
    stretches_are(STR("a: 1\n---\nb: 2\n"), &tiny, "[1:a: 1\n][2:---\nb: 2\n]");
    stretches_are(STR("---\na: 1\n--- # x\nb: 2\n---\tc\n#\n"), &tiny,
                  "[1:---\na: 1\n][3:--- # x\nb: 2\n][5:---\tc\n#\n]");
    stretches_are(STR("# c\n---\na\n"), &tiny, "[1:# c\n---\na\n]");
    stretches_are(STR("a\r\n---\r\nb\r\n"), &tiny, "[1:a\r\n][2:---\r\nb\r\n]");
    stretches_are(STR("a\n...\n%YAML 1.1\n---\nb\n"), &tiny, "[1:a\n...\n][3:%YAML 1.1\n---\nb\n]");
    stretches_are(STR("%YAML 1.1\n---\na\n"), &tiny, "[1:%YAML 1.1\n---\na\n]");
    stretches_are(STR("---\n---\n---"), &tiny, "[1:---\n][2:---\n---]");
    stretches_are(STR("a: ---\n --- \n---x\nb: |\n  ---\n"), &tiny, "[1:a: ---\n --- \n---x\nb: |\n  ---\n]");
    const struct stretch_options six = {.cut_bytes = 6, .limit_bytes = 100};
    stretches_are(STR("a\n---\nb\n---\nc\n---\nd\n"), &six, "[1:a\n---\nb\n][4:---\nc\n][6:---\nd\n]");
    const struct stretch_options whole = {.whole = true, .limit_bytes = 100};
    stretches_are(STR("a\n---\nb\n---\nc\n"), &whole, "[1:a\n---\nb\n---\nc\n]");
}

static void test_refused(void **state)
{
    (void)state;
    const struct stretch_options whole = {.whole = true, .limit_bytes = 3 << 20};
    static char large[(4 << 20) + 1];
    memset(large, 'x', sizeof(large) - 1);
    stretches_are(str_z(large), &whole, "limit-exceeded: 'f' is larger than 3 MiB");
    const struct stretch_options documents = {.limit_bytes = 2 << 20};
    stretches_are(str_z(large), &documents, "limit-exceeded: a document of 'f' is larger than 2 MiB");
    const struct stretch_options total = {.limit_bytes = 64 << 20, .file_bytes = 1 << 20};
    stretches_are(str_z(large), &total, "limit-exceeded: 'f' is larger than 1 MiB");
    stretches_are(STR("\xFF\xFE"
                      "a\0"),
                  &tiny, "unsupported: 'f' is UTF-16 or UTF-32 text");
    stretches_are(STR("\xFE\xFF\0a"), &tiny, "unsupported: 'f' is UTF-16 or UTF-32 text");
    stretches_are(STR("a\0b\0"), &tiny, "unsupported: 'f' is UTF-16 or UTF-32 text");
    stretches_are(STR("\0a\0b"), &tiny, "unsupported: 'f' is UTF-16 or UTF-32 text");
    stretches_are(STR("\177ELF\0\0"), &tiny, "unsupported: 'f' is binary: it holds a NUL byte");
    /* A late NUL costs what follows, not what was given. */
    memset(large, '\n', sizeof(large) - 1);
    memcpy(large, "a: 1\n---\n", 9);
    large[3 << 20] = '\0';
    const struct stretch_options cut = {.cut_bytes = 1, .limit_bytes = 64 << 20};
    stretches_are(str_of(large, sizeof(large) - 1), &cut, "[1:a: 1\n]unsupported: 'f' is binary: it holds a NUL byte");
}

static void test_peek(void **state)
{
    (void)state;
    struct stretch_reader *reader = reader_of(STR("a: 1\n---\nb: 2\n"));
    struct str bytes;
    bool end = false;
    uint64_t offset;
    uint32_t line;
    assert_int_equal(stretch_peek(reader, 4, &bytes, &end, NULL), 0);
    assert_int_equal(bytes.len, 4);
    assert_false(end);
    assert_int_equal(stretch_peek(reader, 100, &bytes, &end, NULL), 0);
    assert_true(end && str_eq_z(bytes, "a: 1\n---\nb: 2\n"));
    assert_int_equal(stretch_next(reader, &tiny, &bytes, &offset, &line, NULL), 0);
    assert_true(str_eq_z(bytes, "a: 1\n"));
    stretch_free(reader);
    stretch_free(NULL);
}

/* A file that another process writes to meanwhile. */
static void test_changed(void **state)
{
    (void)state;
    static char text[3 << 20];
    const struct stretch_options options = {.limit_bytes = 64 << 20};
    memset(text, '#', sizeof(text));
    for (size_t i = 60; i < sizeof(text); i += 61)
        memcpy(text + i - 6, "\n---\na\n", 7);
    for (int shrinks = 0; shrinks < 2; shrinks++) {
        struct stretch_reader *reader = NULL;
        int fd = file_of(str_of(text, sizeof(text)));
        int other = dup(fd);
        struct err err = ERR_INIT;
        struct str bytes;
        uint64_t offset;
        uint32_t line;
        assert_int_equal(stretch_new(fd, STR("f"), &reader, NULL), 0);
        assert_int_equal(stretch_next(reader, &options, &bytes, &offset, &line, NULL), 0);
        assert_int_equal(ftruncate(other, shrinks ? 5 : 4 << 20), 0);
        int r = 0;
        while (r == 0 && bytes.ptr)
            r = stretch_next(reader, &options, &bytes, &offset, &line, &err);
        assert_true(r == -ERR_INVALID || r == -ERR_UNSUPPORTED); /* what grew is zeros */
        if (shrinks)
            assert_string_equal(err.message, "'f' changed while it was read");
        assert_int_equal(stretch_next(reader, &options, &bytes, &offset, &line, NULL), r);
        stretch_free(reader);
        close(other);
    }
}

/* 200 MB come through a pipe; the largest document has 40 KB. */
static void test_memory(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    pid_t writer = fork();
    if (writer == 0) {
        static char document[40000];
        memset(document, 'x', sizeof(document));
        memcpy(document, "---\na: ", 7);
        document[sizeof(document) - 1] = '\n';
        close(ends[0]);
        for (int i = 0; i < 5000; i++)
            if (write(ends[1], document, sizeof(document)) != sizeof(document))
                _exit(1);
        _exit(0);
    }
    close(ends[1]);
    pid_t child = fork();
    if (child == 0) {
        const struct stretch_options options = {.limit_bytes = 64 << 20};
        struct stretch_reader *reader = NULL;
        struct rusage before, after;
        struct str bytes = STR("");
        uint64_t offset, total = 0;
        uint32_t line;
        getrusage(RUSAGE_SELF, &before);
        if (stretch_new(ends[0], STR("f"), &reader, NULL) != 0)
            _exit(2);
        while (bytes.ptr) {
            if (stretch_next(reader, &options, &bytes, &offset, &line, NULL) != 0)
                _exit(3);
            total += bytes.len;
        }
        stretch_free(reader);
        getrusage(RUSAGE_SELF, &after);
        _exit(total != 200000000 ? 4 : after.ru_maxrss - before.ru_maxrss > 8192 ? 5 : 0);
    }
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
}

static int read_all(struct err *err)
{
    struct stretch_reader *reader = NULL;
    struct str bytes = STR("");
    uint64_t offset;
    uint32_t line;
    bool end;
    int r = stretch_new(file_of(STR("a\n---\nb\n")), STR("f"), &reader, err);
    if (r == 0)
        r = stretch_peek(reader, 3, &bytes, &end, err);
    while (r == 0 && bytes.ptr)
        r = stretch_next(reader, &tiny, &bytes, &offset, &line, err);
    stretch_free(reader);
    return r;
}

static void test_fault(void **state)
{
    (void)state;
    for (int kind = FAULT_ALLOC; kind <= FAULT_IO; kind++) {
        int r = -1;
        for (uint64_t n = 1; r != 0; n++) {
            struct err err = ERR_INIT;
            fault_arm((enum fault_kind)kind, n);
            r = read_all(&err);
            fault_disarm();
            assert_true(r == 0 || r == (kind == FAULT_ALLOC ? -ERR_NOMEM : -ERR_IO));
            assert_true(n < 50);
        }
    }
}

/* What is kept is closed once: the number may be another file's by the time that the reader goes. */
static void test_keep(void **state)
{
    (void)state;
    struct str bytes;
    bool end;
    struct stretch_reader *reader = reader_of(STR("abc"));
    assert_false(stretch_keep(reader, STR("g")));
    assert_int_equal(stretch_peek(reader, 100, &bytes, &end, NULL), 0);
    assert_true(stretch_keep(reader, STR("g")));
    int other = file_of(STR("x"));
    stretch_free(reader);
    char byte;
    assert_int_equal(read(other, &byte, 1), 1);
    assert_int_equal(close(other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),    cmocka_unit_test(test_refused), cmocka_unit_test(test_peek),
        cmocka_unit_test(test_changed), cmocka_unit_test(test_memory),  cmocka_unit_test(test_fault),
        cmocka_unit_test(test_keep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "io/ar.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void add_raw(struct buf *out, const char *name, const char *size, struct str content)
{
    buf_addf(out, "%-16s%-12s%-6s%-6s%-8s%-10s`\n", name, "1700000000", "7", "8", "100644", size);
    buf_add_str(out, content);
    if (content.len & 1)
        buf_add_char(out, '\n');
}

static void add(struct buf *out, const char *name, const char *content)
{
    char size[32];
    snprintf(size, sizeof(size), "%zu", strlen(content));
    if (out->len == 0)
        buf_add_z(out, "!<arch>\n");
    add_raw(out, name, size, str_z(content));
}

static int dump(struct str archive, struct buf *out, struct err *err)
{
    struct reader *source CLEANUP_READER = NULL;
    struct ar_reader *ar CLEANUP_AR_READER = NULL;
    int rc = mem_reader_new(archive, &source, err);
    if (!rc)
        rc = ar_reader_new(source, "x.a", &ar, err);
    for (bool more = true; !rc;) {
        struct ar_entry entry;
        rc = ar_reader_next(ar, &entry, &more, err);
        if (rc || !more)
            break;
        buf_addf(out, "%.*s %llu @%llu %llu %u/%u %o", STR_ARG(entry.name), (unsigned long long)entry.size_bytes,
                 (unsigned long long)entry.offset_bytes, (unsigned long long)entry.mtime, entry.uid, entry.gid,
                 entry.mode);
        char bytes[4];
        for (size_t got = 1; !rc && got > 0;) {
            rc = ar_reader_content(ar, bytes, sizeof(bytes), &got, err);
            if (!rc)
                buf_addf(out, "%s%.*s", got ? " " : "", (int)got, bytes);
        }
        buf_add_char(out, '\n');
    }
    return rc ? rc : buf_check(out, err);
}

static void assert_reads(struct buf *archive, const char *expected)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    if (dump(buf_str(archive), &out, &err))
        fail_msg("%s", err.message);
    assert_string_equal(buf_z(&out), expected);
    buf_reset(archive);
}

static void assert_refuses(struct buf *archive, enum err_code code, const char *message)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    int rc = dump(buf_str(archive), &out, &err);
    assert_string_equal(err.message, message);
    assert_int_equal(rc, -(int)code);
    buf_reset(archive);
}

static void test_members(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    add(&a, "debian-binary", "2.0\n");
    add(&a, "odd/", "12345");
    add(&a, "empty", "");
    assert_reads(&a, "debian-binary 4 @68 1700000000 7/8 100644 2.0\n\n"
                     "odd 5 @132 1700000000 7/8 100644 1234 5\n"
                     "empty 0 @198 1700000000 7/8 100644\n");
    add(&a, "last", "odd");
    buf_truncate(&a, a.len - 1); /* its padding may be missing */
    assert_reads(&a, "last 3 @68 1700000000 7/8 100644 odd\n");
    buf_add_z(&a, "!<arch>\n");
    assert_reads(&a, "");
}

static void test_long_names(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    add(&a, "/", "symbols");
    add(&a, "//", "a-name-of-more-than-16.o/\nanother-long-name.o/\n");
    add(&a, "/26", "x");
    add(&a, "/0", "yy");
    assert_reads(&a, "another-long-name.o 1 @244 1700000000 7/8 100644 x\n"
                     "a-name-of-more-than-16.o 2 @306 1700000000 7/8 100644 yy\n");
}

static void test_refusals(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    assert_refuses(&a, ERR_INVALID, "'x.a' at byte 0: this is no ar archive");
    buf_add_z(&a, "!<arch>");
    assert_refuses(&a, ERR_INVALID, "'x.a' at byte 0: this is no ar archive");
    buf_add_z(&a, "!<thin>\n");
    assert_refuses(&a, ERR_UNSUPPORTED, "'x.a' at byte 0: thin archives are not supported");
    add(&a, "first", "x");
    a.ptr[a.len - 1] = 'x';
    add(&a, "second", "y");
    assert_refuses(&a, ERR_INVALID, "'x.a' at byte 8: the padding behind the member is no newline");
    add(&a, "cut", "four");
    buf_truncate(&a, a.len - 1);
    assert_refuses(&a, ERR_INVALID, "'x.a' at byte 8: the archive is truncated");
    add(&a, "cut", "four");
    buf_add_z(&a, "next");
    assert_refuses(&a, ERR_INVALID, "'x.a' at byte 72: the archive is truncated");
    add(&a, "x", "four");
    a.ptr[8 + 58] = '!';
    assert_refuses(&a, ERR_INVALID, "'x.a' at byte 8: there is no member's header");
    static const struct {
        const char *name, *size, *message;
        enum err_code code;
    } cases[] = {
        {"x", "", "the size of the member's header is no number", ERR_INVALID},
        {"x", "-1", "the size of the member's header is no number", ERR_INVALID},
        {"x", "0x2", "the size of the member's header is no number", ERR_INVALID},
        {"#1/4", "4", "BSD's long names are not supported", ERR_UNSUPPORTED},
        {"/9", "4", "the long name '/9' is not in the table", ERR_INVALID},
        {"/x", "4", "the long name '/x' is not in the table", ERR_INVALID},
        {"", "4", "the member's name '' is not valid", ERR_INVALID},
        {"a/b", "4", "the member's name 'a/b' is not valid", ERR_INVALID},
        {"//", "1048577", "the table of names is larger than 1048576 bytes", ERR_LIMIT},
        {"//", "1048576", "the archive is truncated", ERR_INVALID},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char message[128];
        snprintf(message, sizeof(message), "'x.a' at byte 8: %s", cases[i].message);
        buf_add_z(&a, "!<arch>\n");
        add_raw(&a, cases[i].name, cases[i].size, STR("four"));
        assert_refuses(&a, cases[i].code, message);
    }
    add(&a, "//", "no-newline");
    add(&a, "/0", "x");
    assert_refuses(&a, ERR_INVALID, "'x.a' at byte 78: the table of names is broken");
}

static void test_stream(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT, out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    add(&a, "one", "content of one");
    add(&a, "two", "2");
    struct reader *source CLEANUP_READER = NULL;
    struct ar_reader *ar CLEANUP_AR_READER = NULL;
    assert_int_equal(mem_reader_new(buf_str(&a), &source, &err), 0);
    assert_int_equal(ar_reader_new(source, "x.a", &ar, &err), 0);
    struct ar_entry entry;
    bool more;
    for (int i = 0; i < 2; i++) {
        struct reader *content CLEANUP_READER = NULL;
        assert_int_equal(ar_reader_next(ar, &entry, &more, &err), 0);
        assert_true(more);
        assert_int_equal(ar_reader_open(ar, &content, &err), 0);
        assert_int_equal(reader_read_all(content, 100, &out, &err), 0);
        buf_add_char(&out, '|');
    }
    assert_string_equal(buf_z(&out), "content of one|2|");
    assert_int_equal(ar_reader_next(ar, &entry, &more, &err), 0);
    assert_false(more);
}

static void test_faults(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    add(&a, "//", "a-name-of-more-than-16.o/\n");
    add(&a, "/0", "x");
    uint64_t n = 1;
    for (int rc = -1; rc; n++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        rc = dump(buf_str(&a), &out, &err);
        fault_disarm();
        assert_true(rc == 0 || rc == -ERR_NOMEM);
        assert_in_range(n, 1, 50);
    }
    assert_in_range(n, 5, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members), cmocka_unit_test(test_long_names), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_stream),  cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests_name("io/ar", tests, NULL, NULL);
}

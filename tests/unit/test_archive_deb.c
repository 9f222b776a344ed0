/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/deb.h"
#include "base/fault.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/make_deb.h"

static const struct tree_node CONTROL[] = {
    {.path = {"", 0}, .type = TREE_DIR, .mode = 0755},
    {.path = STR_INIT("control"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("Package: x\nVersion: 1\n")},
    {.path = STR_INIT("md5sums"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("0123  usr/bin/x\n")},
    {.path = STR_INIT("conffiles"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("/etc/x\n")},
    {.path = STR_INIT("postinst"), .type = TREE_FILE, .mode = 0755, .content = STR_INIT("#!/bin/sh\n")},
    {.path = STR_INIT("config"), .type = TREE_FILE, .mode = 0755, .content = STR_INIT("#!/bin/sh\n")},
    {.path = STR_INIT("shlibs"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("x\n")},
};

static const struct tree_node DATA[] = {
    {.path = {"", 0}, .type = TREE_DIR, .mode = 0755},
    {.path = STR_INIT("usr/bin/x"), .type = TREE_FILE, .mode = 04755, .content = STR_INIT("binary")},
    {.path = STR_INIT("usr/bin/y"), .type = TREE_HARDLINK, .mode = 04755, .target = STR_INIT("usr/bin/x")},
    {.path = STR_INIT("etc/x"), .type = TREE_FILE, .mode = 0640, .gid = 42, .content = STR_INIT("conf\n")},
};

static void make(struct buf *deb, const char *control_suffix, const char *data_suffix)
{
    buf_reset(deb);
    deb_add_member(deb, "debian-binary", STR("2.0\n"));
    deb_add_tar(deb, "control.tar", control_suffix, CONTROL, ARRAY_LEN(CONTROL));
    deb_add_tar(deb, "data.tar", data_suffix, DATA, ARRAY_LEN(DATA));
}

/* What the package says, as text. */
static int read_deb(struct str bytes, struct buf *out, struct err *err)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct reader *source CLEANUP_READER = NULL;
    struct deb *deb CLEANUP_DEB = NULL;
    int rc = mem_reader_new(bytes, &source, err);
    if (!rc)
        rc = deb_open(source, "x.deb", &arena, &deb, err);
    if (rc)
        return rc;
    const struct deb_control *control = deb_control(deb);
    buf_addf(out, "[%.*s][%.*s][%.*s]", STR_ARG(control->control), STR_ARG(control->md5sums),
             STR_ARG(control->conffiles));
    for (unsigned i = 0; i < DEB_SCRIPTS; i++)
        if (control->scripts >> i & 1)
            buf_addf(out, " %s", deb_script_name((enum deb_script)i));
    for (bool more = true; !rc;) {
        struct tar_entry entry;
        rc = tar_reader_next(deb_data(deb), &entry, &more, err);
        if (rc || !more)
            break;
        char bytes_[16];
        size_t got = 0;
        rc = tar_reader_content(deb_data(deb), bytes_, sizeof(bytes_), &got, err);
        buf_addf(out, "\n%.*s %o %.*s%.*s", STR_ARG(entry.node.path), entry.node.mode, (int)got, bytes_,
                 STR_ARG(entry.node.target));
    }
    return rc ? rc : deb_finish(deb, err);
}

static const char EXPECTED[] = "[Package: x\nVersion: 1\n][0123  usr/bin/x\n][/etc/x\n] postinst config\n"
                               " 755 \n"
                               "usr/bin/x 4755 binary\n"
                               "usr/bin/y 4755 usr/bin/x\n"
                               "etc/x 640 conf\n";

static void assert_reads(struct buf *deb)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    if (read_deb(buf_str(deb), &out, &err))
        fail_msg("%s", err.message);
    buf_truncate(&out, sizeof(EXPECTED) - 1);
    assert_string_equal(buf_z(&out), EXPECTED);
}

static void assert_refuses(struct buf *deb, enum err_code code, const char *message)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    int rc = read_deb(buf_str(deb), &out, &err);
    assert_string_equal(err.message, message);
    assert_int_equal(rc, -(int)code);
    buf_reset(deb);
}

static void test_compressions(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", ".gz", ".xz", ".zst"};
    struct buf deb CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        make(&deb, suffixes[i], suffixes[ARRAY_LEN(suffixes) - 1 - i]);
        assert_reads(&deb);
    }
}

static void test_other_members(void **state)
{
    (void)state;
    struct buf deb CLEANUP_BUF = BUF_INIT;
    deb_add_member(&deb, "debian-binary", STR("2.1\nmore\n"));
    deb_add_member(&deb, "_gpgbuilder", STR("odd"));
    deb_add_tar(&deb, "control.tar", ".gz", CONTROL, ARRAY_LEN(CONTROL));
    deb_add_member(&deb, "_other", STR(""));
    deb_add_tar(&deb, "data.tar", ".gz", DATA, ARRAY_LEN(DATA));
    deb_add_member(&deb, "behind", STR("whatever"));
    assert_reads(&deb);
}

static void test_refused_members(void **state)
{
    (void)state;
    struct buf deb CLEANUP_BUF = BUF_INIT;
    assert_refuses(&deb, ERR_INVALID, "'x.deb' at byte 0: this is no ar archive");
    buf_add_z(&deb, "!<arch>\n");
    assert_refuses(&deb, ERR_INVALID, "'x.deb' is no Debian package: it has no 'debian-binary'");
    deb_add_member(&deb, "control.tar", STR("x"));
    assert_refuses(&deb, ERR_INVALID,
                   "'x.deb' is no Debian package: it has 'control.tar' where 'debian-binary' belongs");
    static const char *const broken[] = {"", "2.0", "2\n", "two.zero\n", "2.0 \n", "-2.0\n"};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        deb_add_member(&deb, "debian-binary", str_z(broken[i]));
        assert_refuses(&deb, ERR_INVALID, "'x.deb' is no Debian package: its 'debian-binary' is broken");
    }
    deb_add_member(&deb, "debian-binary", STR("3.0\n"));
    assert_refuses(&deb, ERR_UNSUPPORTED, "'x.deb' has version 3 of the package format, only 2 is supported");
    deb_add_member(&deb, "debian-binary", STR("2.0\n"));
    assert_refuses(&deb, ERR_INVALID, "'x.deb' is no Debian package: it has no 'control.tar'");
    deb_add_member(&deb, "debian-binary", STR("2.0\n"));
    deb_add_member(&deb, "control.tar.bz2", STR("x"));
    assert_refuses(&deb, ERR_UNSUPPORTED,
                   "'x.deb': the compression of 'control.tar.bz2' is not supported (only gzip, xz and zstd)");
    deb_add_member(&deb, "debian-binary", STR("2.0\n"));
    deb_add_tar(&deb, "control.tar", "", CONTROL, 1);
    assert_refuses(&deb, ERR_INVALID, "'x.deb' has no control file");
    deb_add_member(&deb, "debian-binary", STR("2.0\n"));
    deb_add_tar(&deb, "control.tar", ".gz", CONTROL, ARRAY_LEN(CONTROL));
    assert_refuses(&deb, ERR_INVALID, "'x.deb' is no Debian package: it has no 'data.tar'");
}

static void test_refused_control(void **state)
{
    (void)state;
    struct buf deb CLEANUP_BUF = BUF_INIT;
    struct tree_node twice[] = {CONTROL[1], CONTROL[1]};
    deb_add_member(&deb, "debian-binary", STR("2.0\n"));
    deb_add_tar(&deb, "control.tar", ".gz", twice, 2);
    assert_refuses(&deb, ERR_INVALID, "'x.deb:control.tar.gz' has 'control' twice");
    struct tree_node link = {.path = STR("control"), .type = TREE_SYMLINK, .target = STR("/etc/passwd")};
    deb_add_member(&deb, "debian-binary", STR("2.0\n"));
    deb_add_tar(&deb, "control.tar", ".xz", &link, 1);
    assert_refuses(&deb, ERR_INVALID, "'x.deb:control.tar.xz': 'control' is no file");
}

static void test_truncation(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", ".gz", ".xz", ".zst"};
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        struct buf deb CLEANUP_BUF = BUF_INIT;
        make(&deb, ".gz", suffixes[i]);
        for (size_t len = 0; len + 1 < deb.len; len++) { /* the last byte may be padding */
            struct buf out CLEANUP_BUF = BUF_INIT;
            struct err err = ERR_INIT;
            if (read_deb(str_of(deb.ptr, len), &out, &err) != -ERR_INVALID)
                fail_msg("%zu of %zu bytes%s: %s", len, deb.len, suffixes[i], err.message);
        }
    }
}

/* A flipped bit in compressed data never goes unseen: the checksum at the end is read too. */
static void test_corruption(void **state)
{
    (void)state;
    struct buf deb CLEANUP_BUF = BUF_INIT;
    make(&deb, ".gz", ".xz");
    size_t start = str_find(buf_str(&deb), STR("data.tar.xz")) + 60;
    for (size_t i = start; i + 1 < deb.len; i++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        struct err err = ERR_INIT;
        deb.ptr[i] ^= 0x10;
        if (read_deb(buf_str(&deb), &out, &err) == 0)
            fail_msg("byte %zu of %zu", i, deb.len);
        deb.ptr[i] ^= 0x10;
    }
}

static void test_faults(void **state)
{
    (void)state;
    struct buf deb CLEANUP_BUF = BUF_INIT;
    make(&deb, ".gz", ".zst");
    uint64_t n = 1;
    for (int rc = -1; rc; n++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        struct err err = ERR_INIT;
        assert_true(buf_reserve(&out, 4096));
        fault_arm(FAULT_ALLOC, n);
        rc = read_deb(buf_str(&deb), &out, &err);
        fault_disarm();
        if (rc != 0 && rc != -ERR_NOMEM)
            fail_msg("%s", err.message);
        assert_in_range(n, 1, 200);
    }
    assert_in_range(n, 20, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compressions),    cmocka_unit_test(test_other_members),
        cmocka_unit_test(test_refused_members), cmocka_unit_test(test_refused_control),
        cmocka_unit_test(test_truncation),      cmocka_unit_test(test_corruption),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests_name("archive/deb", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/deb_cache.h"
#include "archive/deb_cache_format.h"
#include "base/fault.h"
#include "base/num.h"

#include <libdeflate.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/make_deb.h"

static const struct op_ctx NO_CTX;

static const struct tree_node CONTROL[] = {
    {.path = STR_INIT("control"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("Package: x\nVersion: 1\n")},
    {.path = STR_INIT("md5sums"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("0123  usr/bin/x\n")},
    {.path = STR_INIT("conffiles"),
     .type = TREE_FILE,
     .mode = 0644,
     .content = STR_INIT("/etc/x\nremove-on-upgrade /etc/old\n/etc/../up\n/etc/y \n")},
    {.path = STR_INIT("preinst"), .type = TREE_FILE, .mode = 0755, .content = STR_INIT("#!/bin/sh\n")},
};

static const struct tree_node DATA[] = {
    {.path = {"", 0}, .type = TREE_DIR, .mode = 0755},
    {.path = STR_INIT("usr/bin/x"), .type = TREE_FILE, .mode = 04755, .mtime = -5, .content = STR_INIT("binary")},
    {.path = STR_INIT("usr/bin/y"), .type = TREE_HARDLINK, .mode = 04755, .target = STR_INIT("usr/bin/x")},
    {.path = STR_INIT("usr/bin/z"), .type = TREE_SYMLINK, .mode = 0777, .target = STR_INIT("../x")},
    {.path = STR_INIT("etc/x"), .type = TREE_FILE, .mode = 0640, .uid = 4000000000U, .gid = 42},
    {.path = STR_INIT("etc/y"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("seventeen bytes..")},
};

static int unpack(struct str deb, struct buf *out, const struct op_ctx *ctx, struct err *err)
{
    struct reader *source CLEANUP_READER = NULL;
    struct writer *writer CLEANUP_WRITER = NULL;
    int rc = mem_reader_new(deb, &source, err);
    if (!rc)
        rc = buf_writer_new(out, &writer, err);
    if (!rc)
        rc = deb_unpack(source, "x.deb", writer, ctx, err);
    return rc ? rc : writer_close(TAKE_PTR(writer), err);
}

static void make_deb(struct buf *deb)
{
    deb_add_member(deb, "debian-binary", STR("2.0\n"));
    deb_add_tar(deb, "control.tar", ".gz", CONTROL, ARRAY_LEN(CONTROL));
    deb_add_tar(deb, "data.tar", ".zst", DATA, ARRAY_LEN(DATA));
}

static void make_cached(struct buf *out)
{
    struct buf deb CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    make_deb(&deb);
    if (unpack(buf_str(&deb), out, &NO_CTX, &err))
        fail_msg("%s", err.message);
}

static bool same_str(struct str a, struct str b)
{
    return str_eq(a, b);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct buf cached CLEANUP_BUF = BUF_INIT;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct deb_package package;
    make_cached(&cached);
    assert_int_equal(deb_package_open(buf_str(&cached), &arena, &package, &err), 0);
    assert_true(same_str(package.control, CONTROL[0].content));
    assert_true(same_str(package.md5sums, CONTROL[1].content));
    assert_int_equal(package.scripts, 1U << DEB_PREINST);
    assert_int_equal(package.conffile_count, 2);
    assert_true(same_str(package.conffiles[0], STR("etc/x")));
    assert_true(same_str(package.conffiles[1], STR("etc/y")));
    assert_int_equal(package.entry_count, ARRAY_LEN(DATA));
    for (size_t i = 0; i < ARRAY_LEN(DATA); i++) {
        const struct tree_node *got = &package.entries[i], *want = &DATA[i];
        assert_true(same_str(got->path, want->path));
        assert_true(same_str(got->target, want->target));
        assert_true(same_str(got->content, want->content));
        assert_int_equal(got->path.ptr[got->path.len], 0);
        assert_int_equal(got->type, want->type);
        assert_int_equal(got->mode, want->mode);
        assert_int_equal(got->uid, want->uid);
        assert_int_equal(got->gid, want->gid);
        assert_int_equal(got->mtime, want->mtime);
        assert_int_equal(got->size_bytes, want->content.len);
        assert_int_equal(deb_package_check(&package, i, &err), 0);
        if (got->content.len)
            assert_int_equal((size_t)(got->content.ptr - cached.ptr) % DEB_CACHE_ALIGN, 0);
    }
}

/* Every byte counts: of the index at once, of a content when it is checked; padding alone may change. */
static void test_damage(void **state)
{
    (void)state;
    struct buf cached CLEANUP_BUF = BUF_INIT;
    make_cached(&cached);
    size_t unseen = 0;
    for (size_t i = 0; i < cached.len; i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct err err = ERR_INIT;
        struct deb_package package;
        cached.ptr[i] ^= 0x40;
        int rc = deb_package_open(buf_str(&cached), &arena, &package, &err);
        for (size_t k = 0; !rc && k < package.entry_count; k++)
            rc = deb_package_check(&package, k, &err);
        assert_true(rc == 0 || rc == -ERR_INVALID);
        unseen += rc == 0;
        cached.ptr[i] ^= 0x40;
    }
    size_t reserved = 4;
    assert_in_range(unseen, reserved, reserved + 2 * (DEB_CACHE_ALIGN - 1));
    for (size_t len = 0; len < cached.len; len++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct deb_package package;
        assert_int_equal(deb_package_open(str_of(cached.ptr, len), &arena, &package, NULL), -ERR_INVALID);
    }
}

/* Makes the checksums right again, so that the checks behind them are what refuses. */
static void reseal(struct buf *cached)
{
    char *foot = cached->ptr + cached->len - FOOT_BYTES;
    uint64_t texts = num_le64(foot + FOOT_CONTROL_LEN64) + num_le64(foot + FOOT_MD5SUMS_LEN64) +
                     num_le64(foot + FOOT_CONFFILES_LEN64);
    uint64_t strings = num_le64(foot + FOOT_STRINGS64);
    if (texts < cached->len && strings < cached->len) {
        uint32_t crc = libdeflate_crc32(0, cached->ptr + HEAD_BYTES, texts);
        crc = libdeflate_crc32(crc, cached->ptr + strings, cached->len - FOOT_BYTES - strings);
        num_put_le32(foot + FOOT_INDEX_CRC, crc);
    }
    uint32_t crc = libdeflate_crc32(0, cached->ptr, HEAD_BYTES);
    num_put_le32(foot + FOOT_CRC, libdeflate_crc32(crc, foot, FOOT_CRC));
}

static void assert_refuses(struct buf *cached, const char *message)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct deb_package package;
    reseal(cached);
    assert_int_equal(deb_package_open(buf_str(cached), &arena, &package, &err), -ERR_INVALID);
    assert_string_equal(err.message, message);
    buf_reset(cached);
    make_cached(cached);
}

static char *record(struct buf *cached, size_t i)
{
    return cached->ptr + num_le64(cached->ptr + cached->len - FOOT_BYTES + FOOT_RECORDS64) + i * RECORD_BYTES;
}

static char *name_of_record(struct buf *cached, size_t i)
{
    return cached->ptr + num_le64(cached->ptr + cached->len - FOOT_BYTES + FOOT_STRINGS64) +
           num_le32(record(cached, i) + RECORD_PATH);
}

static void test_hostile(void **state)
{
    (void)state;
    static const char parts[] = "the cached package is damaged: its parts don't fit";
    static const char entry[] = "the cached package is damaged: an entry makes no sense";
    struct buf c CLEANUP_BUF = BUF_INIT;
    make_cached(&c);
#define FOOT(field) (c.ptr + c.len - FOOT_BYTES + (field))
    num_put_le32(c.ptr + HEAD_VERSION, 2);
    assert_refuses(&c, "the cached package has version 2, not 1");
    num_put_le64(FOOT(FOOT_STRINGS64), c.len);
    assert_refuses(&c, parts);
    num_put_le64(FOOT(FOOT_STRINGS64), UINT64_MAX);
    assert_refuses(&c, parts);
    num_put_le64(FOOT(FOOT_STRINGS_LEN64), UINT64_MAX - 7);
    assert_refuses(&c, parts);
    num_put_le64(FOOT(FOOT_CONTROL_LEN64), c.len);
    assert_refuses(&c, parts);
    num_put_le64(FOOT(FOOT_RECORD_COUNT64), UINT64_MAX / 56);
    assert_refuses(&c, parts);
    num_put_le64(FOOT(FOOT_RECORD_COUNT64), 1);
    assert_refuses(&c, parts);
    num_put_le64(FOOT(FOOT_RECORDS64), 16);
    assert_refuses(&c, parts);
    num_put_le32(record(&c, 1) + RECORD_PATH, UINT32_MAX);
    assert_refuses(&c, entry);
    num_put_le32(record(&c, 1) + RECORD_PATH_LEN, UINT32_MAX);
    assert_refuses(&c, entry);
    num_put_le32(record(&c, 1) + RECORD_PATH_LEN, 8); /* no NUL behind it */
    assert_refuses(&c, entry);
    memcpy(name_of_record(&c, 1), "../bin/xx", 9);
    assert_refuses(&c, entry);
    memcpy(name_of_record(&c, 1), "/sr/bin/x", 9);
    assert_refuses(&c, entry);
    num_put_le32(record(&c, 1) + RECORD_MODE, 0755 | TREE_WHITEOUT << 16);
    assert_refuses(&c, entry);
    num_put_le32(record(&c, 1) + RECORD_MODE, 0755 | 99U << 16);
    assert_refuses(&c, entry);
    num_put_le32(record(&c, 1) + RECORD_MODE, 0755 | TREE_SYMLINK << 16); /* content behind a link */
    assert_refuses(&c, entry);
    num_put_le32(record(&c, 2) + RECORD_TARGET_LEN, 0);
    assert_refuses(&c, entry);
    num_put_le64(record(&c, 1) + RECORD_CONTENT64, 0); /* the head is no content */
    assert_refuses(&c, entry);
    num_put_le64(record(&c, 1) + RECORD_CONTENT64, UINT64_MAX);
    assert_refuses(&c, entry);
    num_put_le64(record(&c, 1) + RECORD_SIZE64, UINT64_MAX);
    assert_refuses(&c, entry);
    num_put_le64(record(&c, 1) + RECORD_SIZE64, c.len);
    assert_refuses(&c, entry);
    buf_reset(&c);
    buf_add_fill(&c, 'x', 500);
    struct deb_package package;
    struct err err = ERR_INIT;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    assert_int_equal(deb_package_open(buf_str(&c), &arena, &package, &err), -ERR_INVALID);
    assert_string_equal(err.message, "this is no cached package");
    assert_int_equal(deb_package_open(STR_NONE, &arena, &package, &err), -ERR_INVALID);
}

static void test_check_says_what(void **state)
{
    (void)state;
    struct buf cached CLEANUP_BUF = BUF_INIT;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct deb_package package;
    make_cached(&cached);
    assert_int_equal(deb_package_open(buf_str(&cached), &arena, &package, &err), 0);
    cached.ptr[package.entries[5].content.ptr - cached.ptr] ^= 1;
    assert_int_equal(deb_package_check(&package, 5, &err), -ERR_INVALID);
    assert_string_equal(err.message, "the cached package is damaged: the checksum of 'etc/y' is wrong");
    assert_string_equal(err.hint, "clear the cache and run it again");
}

static void test_cancel(void **state)
{
    (void)state;
    struct buf deb CLEANUP_BUF = BUF_INIT, out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    atomic_bool cancelled = true;
    struct op_ctx ctx = {.cancelled = &cancelled};
    make_deb(&deb);
    assert_int_equal(unpack(buf_str(&deb), &out, &ctx, &err), -ERR_CANCELLED);
}

static void test_faults(void **state)
{
    (void)state;
    struct buf deb CLEANUP_BUF = BUF_INIT;
    make_deb(&deb);
    uint64_t n = 1;
    for (int rc = -1; rc; n++) {
        struct buf cached CLEANUP_BUF = BUF_INIT;
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct err err = ERR_INIT;
        struct deb_package package;
        fault_arm(FAULT_ALLOC, n);
        rc = unpack(buf_str(&deb), &cached, &NO_CTX, &err);
        if (!rc)
            rc = deb_package_open(buf_str(&cached), &arena, &package, &err);
        fault_disarm();
        if (rc != 0 && rc != -ERR_NOMEM)
            fail_msg("%s", err.message);
        assert_in_range(n, 1, 300);
    }
    assert_in_range(n, 20, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),      cmocka_unit_test(test_damage), cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_check_says_what), cmocka_unit_test(test_cancel), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests_name("archive/deb_cache", tests, NULL, NULL);
}

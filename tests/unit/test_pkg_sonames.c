/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/sonames.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static const char contents[] =
    "bin/bash                            shells/bash\n"
    "lib/x86_64-linux-gnu/libz.so.1\t    libs/zlib1g\n"
    "lib64/ld-linux-x86-64.so.2          libs/libc6\n"
    "usr/lib/libdistro.so.5  contrib/libs/libdistro\n"
    "usr/lib/x86_64-linux-gnu/blas/libblas.so.3  libs/libblas3\n"
    "usr/lib/x86_64-linux-gnu/atlas/libblas.so.3 libs/libatlas3-base\n"
    "usr/lib/x86_64-linux-gnu/libz.so     libdevel/zlib1g-dev\n"
    "usr/lib/x86_64-linux-gnu/libGL.so.1  libs/libgl1,non-free/libs/libgl1-other\n"
    "usr/lib/x86_64-linux-gnu/fakeroot/libGL.so.1  libs/fake\n"
    "usr/lib/x86_64-linux-gnu/module.so  libs/odd\n"
    "usr/lib/python3/dist-packages/apt_pkg.cpython-311-x86_64-linux-gnu.so  python/python3-apt\n"
    "usr/lib/app/plugin.so.2             misc/app\n"
    "usr/lib/app/plugin.so.conf          misc/app\n"
    "usr/lib/my dir/libspace.so.1        misc/spaced\n"
    "usr/share/doc/page.so.gz          doc/x\n"
    "usr/share/doc/a.sort                doc/x\n"
    "./usr/lib/libdot.so.1 libs/dot\n"
    "usr/lib/libnopackage.so.1\n"
    "libroot.so.1 libs/root\n";

static void build(const char *text, size_t piece, struct buf *out)
{
    CLEANUP_SONAMES_BUILDER struct sonames_builder *builder = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(sonames_builder_new(STR("x86_64-linux-gnu"), &builder, &err), 0);
    struct str rest = str_z(text);
    for (; rest.len > 0; rest = str_skip(rest, piece)) {
        struct str head = str_head(rest, piece);
        assert_int_equal(sonames_builder_feed(builder, head.ptr, head.len, &err), 0);
    }
    assert_int_equal(sonames_builder_finish(builder, out, &err), 0);
}

/* Every hit for NAME, as "directory package default". */
static void finds(struct sonames *index, const char *name, const char *expected)
{
    struct buf CLEANUP_BUF out = BUF_INIT;
    uint32_t first;
    uint32_t count = sonames_find(index, str_z(name), &first);
    for (uint32_t i = 0; i < count; i++) {
        struct soname_hit hit;
        assert_true(sonames_get(index, first + i, &hit));
        assert_true(str_eq_z(hit.name, name));
        buf_addf(&out, "%.*s %.*s %d\n", STR_ARG(hit.directory), STR_ARG(hit.package), hit.in_default_directory);
    }
    assert_string_equal(buf_z(&out), expected);
}

static void test_lookup(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct sonames index;
    struct err err = ERR_INIT;
    build(contents, 1 << 20, &out);
    assert_int_equal(sonames_open(buf_str(&out), &index, &err), 0);
    finds(&index, "libz.so.1", "lib/x86_64-linux-gnu zlib1g 1\n");
    finds(&index, "libz.so", "usr/lib/x86_64-linux-gnu zlib1g-dev 1\n");
    finds(&index, "ld-linux-x86-64.so.2", "lib64 libc6 1\n");
    finds(&index, "libdistro.so.5", "usr/lib libdistro 1\n");
    finds(&index, "libblas.so.3",
          "usr/lib/x86_64-linux-gnu/atlas libatlas3-base 0\nusr/lib/x86_64-linux-gnu/blas libblas3 0\n");
    finds(&index, "libGL.so.1",
          "usr/lib/x86_64-linux-gnu libgl1 1\nusr/lib/x86_64-linux-gnu libgl1-other 1\n"
          "usr/lib/x86_64-linux-gnu/fakeroot fake 0\n");
    finds(&index, "module.so", "usr/lib/x86_64-linux-gnu odd 1\n");
    finds(&index, "plugin.so.2", "usr/lib/app app 0\n");
    finds(&index, "libspace.so.1", "usr/lib/my dir spaced 0\n");
    finds(&index, "libdot.so.1", "usr/lib dot 1\n");
    const char *const absent[] = {"page.so.gz",        "a.sort", "apt_pkg.cpython-311-x86_64-linux-gnu.so",
                                  "libnopackage.so.1", "",       "libroot.so.1",
                                  "plugin.so.conf",    "zzz"};
    for (size_t i = 0; i < ARRAY_LEN(absent); i++)
        finds(&index, absent[i], "");
    assert_int_equal(sonames_check(&index, &err), 0);
}

static void test_any_cut_gives_the_same(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF whole = BUF_INIT;
    build(contents, 1 << 20, &whole);
    for (size_t piece = 1; piece < 200; piece++) {
        struct buf CLEANUP_BUF out = BUF_INIT;
        build(contents, piece, &out);
        assert_int_equal(out.len, whole.len);
        assert_memory_equal(out.ptr, whole.ptr, out.len);
    }
}

static void test_old_header(void **state)
{
    (void)state;
    static const char text[] = "This file maps each file to the package, such as\n"
                               "usr/lib/libexample.so.1 libs/example\n"
                               "FILE                                                    LOCATION\n"
                               "usr/lib/libreal.so.1 libs/real";
    for (size_t piece = 1; piece < 100; piece += 7) {
        struct buf CLEANUP_BUF out = BUF_INIT;
        struct sonames index;
        struct err err = ERR_INIT;
        build(text, piece, &out);
        assert_int_equal(sonames_open(buf_str(&out), &index, &err), 0);
        finds(&index, "libexample.so.1", "");
        finds(&index, "libreal.so.1", "usr/lib real 1\n"); /* the last line has no end */
    }
}

/* Lines behind the part that is searched for a header are looked for in another way. */
static void test_long_text(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF text = BUF_INIT;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct sonames index;
    struct err err = ERR_INIT;
    for (int i = 0; i < 4000; i++)
        buf_addf(&text, "usr/share/doc/file.so.so-%d doc/x\n%s", i, i % 1000 == 999 ? "usr/lib/liba.so.1 l/a\n" : "");
    buf_add_z(&text, "usr/lib/x86_64-linux-gnu/libb.so.1 l/b\nusr/lib/libc.so l/c");
    build(buf_z(&text), 4096, &out);
    assert_int_equal(sonames_open(buf_str(&out), &index, &err), 0);
    assert_int_equal(index.entry_count, 3);
    finds(&index, "liba.so.1", "usr/lib a 1\n");
    finds(&index, "libb.so.1", "usr/lib/x86_64-linux-gnu b 1\n");
    finds(&index, "libc.so", "usr/lib c 1\n");
}

static void test_several_texts(void **state)
{
    (void)state;
    CLEANUP_SONAMES_BUILDER struct sonames_builder *builder = NULL;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct sonames index;
    struct err err = ERR_INIT;
    assert_int_equal(sonames_builder_new(STR("t"), &builder, &err), 0);
    assert_int_equal(sonames_builder_feed(builder, "lib/liba.so.1 l/a", 17, &err), 0);
    assert_int_equal(sonames_builder_end_text(builder, &err), 0);
    assert_int_equal(sonames_builder_feed(builder, "x\nFILE LOCATION\nlib/t/libb.so.1 l/b", 35, &err), 0);
    assert_int_equal(sonames_builder_finish(builder, &out, &err), 0);
    assert_int_equal(sonames_open(buf_str(&out), &index, &err), 0);
    finds(&index, "liba.so.1", "lib a 1\n");
    finds(&index, "libb.so.1", "lib/t b 1\n");
}

static void test_limits(void **state)
{
    (void)state;
    CLEANUP_SONAMES_BUILDER struct sonames_builder *builder = NULL;
    struct buf CLEANUP_BUF line = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(sonames_builder_new(STR("t"), &builder, &err), 0);
    buf_add_fill(&line, 'x', (1 << 20) + 1);
    assert_int_equal(sonames_builder_feed(builder, line.ptr, line.len, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "a line of Contents is longer than 1048576 bytes");
}

static void test_empty(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct sonames index;
    struct soname_hit hit;
    struct err err = ERR_INIT;
    build("", 1, &out);
    assert_int_equal(sonames_open(buf_str(&out), &index, &err), 0);
    finds(&index, "liba.so.1", "");
    assert_false(sonames_get(&index, 0, &hit));
}

static void test_damaged_blocks(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct sonames index;
    struct err err = ERR_INIT;
    build(contents, 1 << 20, &out);
    for (size_t len = 0; len < out.len; len++)
        assert_int_equal(sonames_open(str_head(buf_str(&out), len), &index, &err), -ERR_INVALID);
    assert_string_equal(err.message, "the index of libraries is truncated");
    size_t damaged = 0;
    for (size_t bit = 0; bit < out.len * 8; bit++) {
        out.ptr[bit / 8] ^= (char)(1U << (bit % 8));
        if (sonames_open(buf_str(&out), &index, &err) == 0) {
            struct soname_hit hit;
            uint32_t first;
            for (uint32_t i = 0; i < index.entry_count; i++)
                (void)sonames_get(&index, i, &hit);
            (void)sonames_find(&index, STR("libz.so.1"), &first);
            damaged += sonames_check(&index, &err) == -ERR_INVALID;
        }
        out.ptr[bit / 8] ^= (char)(1U << (bit % 8));
    }
    assert_true(damaged > 500);
    assert_string_equal(err.message, "the index of libraries is damaged");
    out.ptr[0] ^= 1;
    assert_int_equal(sonames_open(buf_str(&out), &index, &err), -ERR_INVALID);
    assert_string_equal(err.message, "these bytes are no index of libraries");
}

static int build_once(struct buf *out, struct err *err)
{
    CLEANUP_SONAMES_BUILDER struct sonames_builder *builder = NULL;
    int rc = sonames_builder_new(STR("x86_64-linux-gnu"), &builder, err);
    for (size_t i = 0; !rc && i < sizeof(contents) - 1; i += 100)
        rc = sonames_builder_feed(builder, contents + i, str_head(str_skip(str_z(contents), i), 100).len, err);
    return rc ? rc : sonames_builder_finish(builder, out, err);
}

static void test_memory(void **state)
{
    (void)state;
    uint64_t n = 1;
    for (;; n++) {
        struct buf CLEANUP_BUF out = BUF_INIT;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = build_once(&out, &err);
        bool hit = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (!hit) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(out.len, 0);
    }
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lookup),        cmocka_unit_test(test_any_cut_gives_the_same),
        cmocka_unit_test(test_old_header),    cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_several_texts), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_empty),         cmocka_unit_test(test_damaged_blocks),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

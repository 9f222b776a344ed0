/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/packages.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#define A64                     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64                     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define FILENAME(name, version) "Filename: pool/" name "_" version ".deb\n"
#define END(name, version)      "Architecture: amd64\n" FILENAME(name, version) "Size: 10\nSHA256: " A64 "\n"
#define PACKAGE(name, version)  "Package: " name "\nVersion: " version "\n" END(name, version)

static const char main_text[] = "Package: zlib1g\n"
                                "Source: zlib (1:1.2.13.dfsg-1+x)\n"
                                "Version: 1:1.2.13.dfsg-1\n"
                                "Installed-Size: 168\n"
                                "Architecture: amd64\n"
                                "Provides: libz1, libz (= 1.2), libz-old (>= 1), zlib1g (= 1:1.2.13.dfsg-1)\n"
                                "Pre-Depends: dpkg (>= 1.15)\n"
                                "Depends: libc6 (>= 2.14),\n other:any | more\n"
                                "Breaks: libxml2 (<< 2.7)\n"
                                "Conflicts: zlib1 (<= 1)\n"
                                "Suggests: mentioned-only\n"
                                "Multi-Arch: same\n"
                                "Section: libs\n"
                                "Priority: required\n"
                                "Essential: yes\n"
                                "Protected: yes\n"
                                "Filename: pool/main/z/zlib/zlib1g.deb\n"
                                "Size: 86700\n"
                                "MD5sum: x\n"
                                "SHA256: " A64 "\n"
                                "SHA512: " B64 A64 "\n"
                                "\n" PACKAGE("b", "1.0") "Priority: weird\n\n" PACKAGE("a", "2") "Provides: libz1\n";
static const char security_text[] = PACKAGE("b", "1.0+deb12u1") "\n" PACKAGE("b", "1.0") "\n" PACKAGE("c", "9");
static const char backports_text[] = PACKAGE("b", "3.0") "\n" PACKAGE("d", "1") "\n" PACKAGE("d", "2");

static void build(struct buf *out, struct packages *index)
{
    const struct packages_input inputs[] = {
        {.text = str_z(main_text), .name = "main"},
        {.text = str_z(security_text), .name = "security"},
        {.text = str_z(backports_text), .name = "backports", .not_automatic = true},
    };
    struct err err = ERR_INIT;
    if (packages_build(inputs, ARRAY_LEN(inputs), out, &err))
        fail_msg("%s", err.message);
    assert_int_equal(packages_open(buf_str(out), index, &err), 0);
}

static void test_all_fields(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    struct err err = ERR_INIT;
    build(&out, &index);
    assert_int_equal(index.name_count, 5);
    assert_int_equal(index.record_count, 9);
    struct package p;
    assert_true(packages_find(&index, STR("zlib1g"), &p));
    assert_true(str_eq_z(p.name, "zlib1g"));
    assert_true(str_eq_z(p.version, "1:1.2.13.dfsg-1"));
    assert_true(str_eq_z(p.source, "zlib"));
    assert_true(str_eq_z(p.source_version, "1:1.2.13.dfsg-1+x"));
    assert_true(str_eq_z(p.architecture, "amd64"));
    assert_true(str_eq_z(p.section, "libs"));
    assert_true(str_eq_z(p.pre_depends, "dpkg (>= 1.15)"));
    assert_true(str_eq_z(p.depends, "libc6 (>= 2.14),\n other:any | more"));
    assert_true(str_eq_z(p.breaks, "libxml2 (<< 2.7)"));
    assert_true(str_eq_z(p.conflicts, "zlib1 (<= 1)"));
    assert_true(str_eq_z(p.filename, "pool/main/z/zlib/zlib1g.deb"));
    assert_int_equal(p.size_bytes, 86700);
    assert_int_equal(p.installed_size_kib, 168);
    assert_int_equal(p.digest.algorithm, DIGEST_SHA512);
    assert_int_equal(p.digest.bytes[0], 0xbb);
    assert_int_equal(p.digest.bytes[63], 0xaa);
    assert_int_equal(p.multi_arch, PACKAGE_MULTI_ARCH_SAME);
    assert_int_equal(p.priority, PACKAGE_REQUIRED);
    assert_true(p.essential && p.important && !p.not_automatic);
    assert_int_equal(p.input, 0);
    assert_int_equal(p.rank, 0);
    assert_true(packages_find(&index, STR("a"), &p));
    assert_true(str_eq_z(p.source, "a"));
    assert_true(str_eq_z(p.source_version, "2"));
    assert_int_equal(p.section.len, 0);
    assert_int_equal(p.digest.algorithm, DIGEST_SHA256);
    assert_int_equal(p.priority, PACKAGE_PRIORITY_NONE);
    assert_false(p.essential || p.important);
    assert_int_equal(p.installed_size_kib, 0);
    assert_int_equal(packages_check(&index, &err), 0);
}

static void test_versions(void **state)
{
    (void)state;
    static const char *const expected[] = {"1.0+deb12u1", "1.0", "1.0", "3.0"};
    static const uint32_t inputs[] = {1, 0, 1, 2};
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    struct package p;
    build(&out, &index);
    struct packages_range range = packages_versions(&index, STR("b"));
    assert_int_equal(range.count, 4);
    for (uint32_t i = 0; i < range.count; i++) {
        assert_true(packages_get(&index, range.first + i, &p));
        assert_true(str_eq_z(p.version, expected[i]));
        assert_int_equal(p.input, inputs[i]);
        assert_int_equal(p.not_automatic, i == 3);
        assert_int_equal(p.priority, i == 1 ? PACKAGE_EXTRA : PACKAGE_PRIORITY_NONE);
    }
    assert_true(packages_find(&index, STR("b"), &p) && str_eq_z(p.version, "1.0+deb12u1"));
    assert_true(packages_find(&index, STR("d"), &p) && str_eq_z(p.version, "2"));
    assert_true(packages_find_version(&index, STR("b"), STR("3.0"), &p) && p.not_automatic);
    assert_false(packages_find_version(&index, STR("b"), STR("4.0"), &p));
    assert_false(packages_find(&index, STR("mentioned-only"), &p));
    assert_false(packages_find(&index, STR(""), &p));
    assert_int_equal(packages_versions(&index, STR("zzz")).count, 0);
    assert_false(packages_get(&index, 9, &p));
    assert_false(index.damaged);
}

static void test_ranks(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    struct package p;
    build(&out, &index);
    /* zlib1g dpkg libc6 more zlib1 libxml2 mentioned-only libz1 libz libz-old b a c d; "other:any" is none. */
    assert_true(packages_find(&index, STR("b"), &p));
    assert_int_equal(p.rank, 10);
    assert_true(packages_find(&index, STR("a"), &p));
    assert_int_equal(p.rank, 11);
    assert_true(packages_find(&index, STR("d"), &p));
    assert_int_equal(p.rank, 13);
}

static void test_providers(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    struct packages_provide provide;
    struct package p;
    build(&out, &index);
    struct packages_range range = packages_providers(&index, STR("libz1"));
    assert_int_equal(range.count, 2);
    assert_true(packages_provide_get(&index, range.first, &provide));
    assert_true(packages_get(&index, provide.record, &p) && str_eq_z(p.name, "a"));
    assert_int_equal(provide.version.len, 0);
    assert_true(packages_provide_get(&index, range.first + 1, &provide));
    assert_true(packages_get(&index, provide.record, &p) && str_eq_z(p.name, "zlib1g"));
    range = packages_providers(&index, STR("libz"));
    assert_int_equal(range.count, 1);
    assert_true(packages_provide_get(&index, range.first, &provide));
    assert_true(str_eq_z(provide.version, "1.2"));
    /* As in apt: only "=" can be provided, and nothing provides itself. */
    assert_int_equal(packages_providers(&index, STR("libz-old")).count, 0);
    assert_int_equal(packages_providers(&index, STR("zlib1g")).count, 0);
    assert_int_equal(packages_providers(&index, STR("nothing")).count, 0);
    assert_false(packages_provide_get(&index, index.provide_count, &provide));
}

static void refuses(const char *text, const char *message)
{
    const struct packages_input input = {.text = str_z(text), .name = "P"};
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct err err = ERR_INIT;
    buf_add_z(&out, "before");
    assert_int_equal(packages_build(&input, 1, &out, &err), -ERR_INVALID);
    assert_string_equal(err.message, message);
    assert_string_equal(buf_z(&out), "before");
}

static void test_refused(void **state)
{
    (void)state;
    refuses(PACKAGE("a", "1") "\nVersion: 1\n", "'P' line 8: a paragraph has no Package field");
    refuses("Package: a\n" END("a", "1"), "'P' line 1: a paragraph has no Version field");
    refuses("Package: a b\nVersion: 1\n" END("a", "1"), "'P' line 1: bad Package field 'a b'");
    refuses(PACKAGE("a=b", "1"), "'P' line 1: bad Package field 'a=b'");
    refuses(PACKAGE("../a", "1"), "'P' line 1: bad Package field '../a'");
    refuses("Package: a\nVersion: 1\nArchitecture: all\nFilename: x\n", "'P' line 1: a paragraph has no Size field");
    refuses("Package: a\nVersion: 1\nArchitecture: all\nFilename: x\nSize: 1k\nSHA256: " A64 "\n",
            "'P' line 1: bad Size '1k' of package 'a'");
    refuses("Package: a\nVersion: 1\nArchitecture: all\nFilename: x\nSize: 1\nMD5sum: " A64 "\n",
            "'P' line 1: package 'a' has no SHA256 field");
    refuses("Package: a\nVersion: 1\nArchitecture: all\nFilename: x\nSize: 1\nSHA256: aa\n",
            "'P' line 1: bad digest 'aa' of package 'a'");
    refuses(PACKAGE("a", "1") "Depends: b (1)\n",
            "'P' line 1: Depends of package 'a': can't understand the version in 'b (1)'");
    refuses(PACKAGE("a", "1") "garbage\n", "'P' line 7: no colon in 'garbage'");
}

static void test_empty(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    struct package p;
    struct err err = ERR_INIT;
    const struct packages_input input = {.text = STR("\n\n"), .name = "P"};
    assert_int_equal(packages_build(&input, 1, &out, &err), 0);
    assert_int_equal(packages_open(buf_str(&out), &index, &err), 0);
    assert_int_equal(index.record_count, 0);
    assert_false(packages_find(&index, STR("a"), &p));
    assert_int_equal(packages_providers(&index, STR("a")).count, 0);
    buf_reset(&out);
    assert_int_equal(packages_build(NULL, 0, &out, &err), 0);
    assert_int_equal(packages_open(buf_str(&out), &index, &err), 0);
}

static void test_same_inputs_same_bytes(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF first = BUF_INIT;
    struct buf CLEANUP_BUF second = BUF_INIT;
    struct packages index;
    build(&first, &index);
    buf_add_z(&second, "12345678");
    const struct packages_input inputs[] = {
        {.text = str_z(main_text), .name = "other name"},
        {.text = str_z(security_text), .name = "s"},
        {.text = str_z(backports_text), .name = "b", .not_automatic = true},
    };
    struct err err = ERR_INIT;
    assert_int_equal(packages_build(inputs, 3, &second, &err), 0);
    assert_int_equal(second.len, first.len + 8);
    assert_memory_equal(second.ptr + 8, first.ptr, first.len);
}

static void test_refused_blocks(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    struct err err = ERR_INIT;
    build(&out, &index);
    for (size_t len = 0; len < out.len; len++)
        assert_int_equal(packages_open(str_head(buf_str(&out), len), &index, &err), -ERR_INVALID);
    assert_string_equal(err.message, "the package index is truncated");
    buf_add_char(&out, 'x');
    assert_int_equal(packages_open(buf_str(&out), &index, &err), -ERR_INVALID);
    buf_truncate(&out, out.len - 1);
    out.ptr[12] ^= 1; /* its version */
    assert_int_equal(packages_open(buf_str(&out), &index, &err), -ERR_INVALID);
    assert_string_equal(err.message, "the package index is of another version");
    out.ptr[0] ^= 1;
    assert_int_equal(packages_open(buf_str(&out), &index, &err), -ERR_INVALID);
    assert_string_equal(err.message, "these bytes are no package index");
}

/* Whatever bit flips, nothing is read outside the block, and what is missing then is explained. */
static void test_damaged_blocks(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct packages index;
    struct err err = ERR_INIT;
    build(&out, &index);
    size_t damaged = 0;
    for (size_t bit = 0; bit < out.len * 8; bit++) {
        out.ptr[bit / 8] ^= (char)(1U << (bit % 8));
        if (packages_open(buf_str(&out), &index, &err) == 0) {
            struct package p;
            struct packages_provide provide;
            for (uint32_t i = 0; i < index.record_count; i++)
                (void)packages_get(&index, i, &p);
            for (uint32_t i = 0; i < index.provide_count; i++)
                (void)packages_provide_get(&index, i, &provide);
            (void)packages_find(&index, STR("b"), &p);
            (void)packages_providers(&index, STR("libz1"));
            damaged += packages_check(&index, &err) == -ERR_INVALID;
        }
        out.ptr[bit / 8] ^= (char)(1U << (bit % 8));
    }
    assert_true(damaged > 500);
    assert_string_equal(err.message, "the package index is damaged");
}

static void test_memory(void **state)
{
    (void)state;
    const struct packages_input input = {.text = str_z(main_text), .name = "P"};
    uint64_t n = 1;
    for (;; n++) {
        struct buf CLEANUP_BUF out = BUF_INIT;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = packages_build(&input, 1, &out, &err);
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
        cmocka_unit_test(test_all_fields),     cmocka_unit_test(test_versions),
        cmocka_unit_test(test_ranks),          cmocka_unit_test(test_providers),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_refused_blocks), cmocka_unit_test(test_same_inputs_same_bytes),
        cmocka_unit_test(test_damaged_blocks), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

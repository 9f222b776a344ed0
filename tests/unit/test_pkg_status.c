/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/status.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#define M1 "00000000000000000000000000000001"
#define M2 "00000000000000000000000000000002"
#define M3 "0000000000000000000000000000000F"

static const char control[] = "Package: libssl3\n"
                              "Source: openssl\n"
                              "Version: 3.0.22-1~deb12u2\n"
                              "Architecture: amd64\n"
                              "Maintainer: D <d@example.org>\n"
                              "Installed-Size: 6034\n"
                              "Depends: libc6 (>= 2.34)\n"
                              "Description: toolkit\n"
                              " one\n"
                              " .\n"
                              " two\n";

static void test_record(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct status_package package;
    struct err err = ERR_INIT;
    assert_int_equal(status_record(str_z(control), &out, &package, &err), 0);
    assert_string_equal(buf_z(&out), control);
    assert_true(str_eq_z(package.name, "libssl3"));
    assert_true(str_eq_z(package.version, "3.0.22-1~deb12u2"));
    assert_true(str_eq_z(package.architecture, "amd64"));
    buf_reset(&out);
    struct str ugly = STR("\nPackage: a0\r\nVersion: 1\r\nArchitecture: all\r\nDescription: x  \r\n\ty\r\n\r\n\n");
    assert_int_equal(status_record(ugly, &out, &package, &err), 0);
    assert_string_equal(buf_z(&out), "Package: a0\nVersion: 1\nArchitecture: all\nDescription: x\n y\n");
    buf_reset(&out);
    assert_int_equal(status_record(STR("Package: a0\nVersion: 1\nArchitecture: all"), &out, &package, &err), 0);
    assert_string_equal(buf_z(&out), "Package: a0\nVersion: 1\nArchitecture: all\n");
}

static void refuses(const char *text, const char *message)
{
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct status_package package;
    struct err err = ERR_INIT;
    assert_int_equal(status_record(str_z(text), &out, &package, &err), -ERR_INVALID);
    assert_string_equal(err.message, message);
    assert_int_equal(out.len, 0);
}

static void test_bad_records(void **state)
{
    (void)state;
    refuses("", "'control' is empty");
    refuses("Version: 1\nArchitecture: all\n", "bad package name '' in 'control'");
    refuses("Package: ../x\nVersion: 1\nArchitecture: all\n", "bad package name '../x' in 'control'");
    refuses("Package: a/b\nVersion: 1\nArchitecture: all\n", "bad package name 'a/b' in 'control'");
    refuses("Package: ab\nVersion: 1\n", "bad architecture '' of package 'ab'");
    refuses("Package: ab\nArchitecture: all\n", "package 'ab': bad version '': it is empty");
    refuses("Package: ab\nVersion: x\nArchitecture: all\n",
            "package 'ab': bad version 'x': it does not start with a digit");
    refuses("Package: ab\nVersion: 1\nArchitecture: all\n\nPackage: cd\n", "'control' line 5: more than one paragraph");
}

static bool ships(void *self, struct str path)
{
    (*(int *)self)++;
    return !str_starts(path, STR("usr/share/doc"));
}

static void test_md5sums(void **state)
{
    (void)state;
    static const char text[] = M2 "  usr/lib/b\n" M1 "  lib/x86_64-linux-gnu/c.so\n\n" M3 "  usr/share/doc/b/x y\n" M1
                                  "  ./sbin/a\r\n" M1 " *library/z";
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct err err = ERR_INIT;
    int asked = 0;
    assert_int_equal(status_md5sums(str_z(text), true, ships, &asked, &out, &err), 0);
    assert_string_equal(buf_z(&out), M1 "  library/z\n" M2 "  usr/lib/b\n" M1 "  usr/lib/x86_64-linux-gnu/c.so\n" M1
                                        "  usr/sbin/a\n");
    assert_int_equal(asked, 5);
    buf_reset(&out);
    assert_int_equal(status_md5sums(str_z(text), false, NULL, NULL, &out, &err), 0);
    assert_string_equal(buf_z(&out), M1 "  lib/x86_64-linux-gnu/c.so\n" M1 "  library/z\n" M1 "  sbin/a\n" M2
                                        "  usr/lib/b\n" M3 "  usr/share/doc/b/x y\n");
    buf_reset(&out);
    assert_int_equal(status_md5sums(STR_NONE, true, NULL, NULL, &out, &err), 0);
    assert_int_equal(out.len, 0);
}

static void test_bad_md5sums(void **state)
{
    (void)state;
    static const char *const texts[] = {M1,           M1 "  ",   M1 " x",
                                        "x" M1 "  a", M1 "  ./", "zz000000000000000000000000000000  a"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct buf CLEANUP_BUF out = BUF_INIT;
        struct err err = ERR_INIT;
        assert_int_equal(status_md5sums(str_z(texts[i]), true, NULL, NULL, &out, &err), -ERR_INVALID);
        assert_int_equal(out.len, 0);
    }
}

static void test_merged_paths(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"bin/a", "usr/bin/a"},     {"lib", "usr/lib"},           {"lib64/x", "usr/lib64/x"},
        {"sbin/x", "usr/sbin/x"},   {"libx32/x", "usr/libx32/x"}, {"libexec/x", "libexec/x"},
        {"usr/lib/x", "usr/lib/x"}, {"etc/lib/x", "etc/lib/x"},   {"", ""}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct buf CLEANUP_BUF out = BUF_INIT;
        status_merged_path(&out, str_z(pairs[i][0]));
        assert_string_equal(buf_z(&out), pairs[i][1]);
    }
}

static int write_both(struct buf *out, struct err *err)
{
    struct status_package package;
    int rc = status_record(str_z(control), out, &package, err);
    return rc ? rc : status_md5sums(STR(M2 "  lib/b\n" M1 "  usr/a\n"), true, NULL, NULL, out, err);
}

static void test_memory(void **state)
{
    (void)state;
    uint64_t n = 1;
    for (;; n++) {
        struct buf CLEANUP_BUF out = BUF_INIT;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = write_both(&out, &err);
        bool hit = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (!hit) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
        assert_true(out.len == 0 || out.len == sizeof(control) - 1);
    }
    assert_true(n > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record),      cmocka_unit_test(test_bad_records),  cmocka_unit_test(test_md5sums),
        cmocka_unit_test(test_bad_md5sums), cmocka_unit_test(test_merged_paths), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

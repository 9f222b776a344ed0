/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pack/flavour.h"

#include <string.h>

static void expect_packages(const char *const *names, const char *expected)
{
    char text[1024] = "";
    for (; *names; names++) {
        strcat(text, *names);
        strcat(text, " ");
    }
    assert_string_equal(text, expected);
}

/* The sets that distroless published for Debian 12. */
static void test_sets(void **state)
{
    (void)state;
    size_t count;
    const struct flavour *table = flavour_table(&count);
    assert_int_equal(count, 5);
    expect_packages(flavour_common_packages(), "base-files netbase tzdata media-types ca-certificates ");
    expect_packages(table[FLAVOUR_AUTO].packages, "");
    expect_packages(table[FLAVOUR_STATIC].packages, "");
    expect_packages(table[FLAVOUR_BASE].packages, "libc6 libssl3 ");
    expect_packages(table[FLAVOUR_CC].packages, "libc6 libssl3 libgomp1 libstdc++6 libgcc-s1 gcc-12-base ");
    expect_packages(table[FLAVOUR_PYTHON3].packages,
                    "libc6 libssl3 libgomp1 libstdc++6 libgcc-s1 gcc-12-base libbz2-1.0 libdb5.3 libexpat1 liblzma5 "
                    "libsqlite3-0 libuuid1 libncursesw6 libtinfo6 python3-distutils python3-lib2to3 python3-gdbm "
                    "libgdbm6 zlib1g libcom-err2 libcrypt1 libgssapi-krb5-2 libk5crypto3 libkeyutils1 libkrb5-3 "
                    "libkrb5support0 libnsl2 libreadline8 libtirpc3 libffi8 libpython3.11-minimal "
                    "libpython3.11-stdlib python3.11-minimal ");
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(table[i].id, i);
        assert_int_equal(table[i].python, i == FLAVOUR_PYTHON3);
    }
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(flavour_of(FLAVOUR_CC)->id, FLAVOUR_CC);
    assert_string_equal(flavour_of(FLAVOUR_CC)->name, "cc");
    assert_null(flavour_of((enum flavour_id)99));
}

static void test_suites(void **state)
{
    (void)state;
    assert_string_equal(flavour_package_in_suite("libssl3", STR("bookworm")), "libssl3");
    assert_string_equal(flavour_package_in_suite("libssl3", STR("trixie")), "libssl3t64");
    assert_string_equal(flavour_package_in_suite("gcc-12-base", STR("trixie")), "gcc-14-base");
    assert_string_equal(flavour_package_in_suite("libc6", STR("trixie")), "libc6");
    assert_string_equal(flavour_package_in_suite("libpython3.11-stdlib", STR("trixie")), "libpython3.13-stdlib");
    assert_null(flavour_package_in_suite("libnsl2", STR("trixie")));
}

/* None of a base's own packages may be taken for one that only scripts need. */
static void test_script_only(void **state)
{
    (void)state;
    size_t count;
    const struct flavour *table = flavour_table(&count);
    for (const char *const *name = flavour_script_only_packages(); *name; name++) {
        for (const char *const *common = flavour_common_packages(); *common; common++)
            assert_string_not_equal(*name, *common);
        for (size_t i = 0; i < count; i++)
            for (const char *const *own = table[i].packages; *own; own++)
                assert_string_not_equal(*name, *own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sets), cmocka_unit_test(test_find),
                                       cmocka_unit_test(test_suites), cmocka_unit_test(test_script_only)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

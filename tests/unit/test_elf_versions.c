/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/versions.h"
#include "elf_fixture.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct arena arena;
static struct buf bytes[2];

static int set_up(void **state)
{
    (void)state;
    arena = ARENA_INIT;
    bytes[0] = bytes[1] = BUF_INIT;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    buf_done(&bytes[0]);
    buf_done(&bytes[1]);
    return 0;
}

static struct elf_file make(const struct elf_fixture *fixture, unsigned which)
{
    struct err err = ERR_INIT;
    struct elf_file file = {0};
    elf_fixture_build(fixture, &bytes[which]);
    if (elf_read(buf_str(&bytes[which]), &arena, &file, &err))
        fail_msg("%s", err.message);
    return file;
}

static const struct elf_fixture user_fixture = {
    .needed = {"libc.so.6", "libother.so.1"},
    .needs = {{"libc.so.6", "GLIBC_2.4", false},
              {"libc.so.6", "GLIBC_2.38", false},
              {"libc.so.6", "GLIBC_2.39", true},
              {"libother.so.1", "OTHER_9", false},
              {"libc.so.6", "GLIBC_2.41", false}},
    .imports = {"malloc", "strlcpy", "weak_one", "other", "sched_getattr"},
};

static const struct elf_fixture libc_fixture = {
    .soname = "libc.so.6",
    .definitions = {"libc.so.6", "GLIBC_2.2.5", "GLIBC_2.4", "GLIBC_2.36", "GLIBC_2.34", "GLIBC_PRIVATE"},
};

static void test_missing(void **state)
{
    (void)state;
    struct elf_file user = make(&user_fixture, 0);
    struct elf_file libc = make(&libc_fixture, 1);
    size_t cursor = 0;
    const struct elf_need *need = elf_versions_missing(&user, STR("libc.so.6"), &libc, &cursor);
    assert_true(need && str_eq(need->version, STR("GLIBC_2.38")));
    size_t count = 0;
    assert_true(str_eq(elf_symbol_of_version(&user, need, &count), STR("strlcpy")));
    assert_int_equal(count, 1);
    need = elf_versions_missing(&user, STR("libc.so.6"), &libc, &cursor);
    assert_true(need && str_eq(need->version, STR("GLIBC_2.41")));
    assert_true(str_eq(elf_symbol_of_version(&user, need, NULL), STR("sched_getattr")));
    assert_null(elf_versions_missing(&user, STR("libc.so.6"), &libc, &cursor));
    assert_true(elf_defines(&libc, STR("GLIBC_2.36")));
    assert_false(elf_defines(&libc, STR("GLIBC_2.3")));
}

static void test_library_without_versions(void **state)
{
    (void)state;
    struct elf_file user = make(&user_fixture, 0);
    struct elf_file plain = make(&(struct elf_fixture){.soname = "libc.so.6"}, 1);
    size_t cursor = 0;
    assert_null(elf_versions_missing(&user, STR("libc.so.6"), &plain, &cursor));
    assert_int_equal(elf_version_best(&plain, STR("GLIBC")).len, 0);
}

static void test_best(void **state)
{
    (void)state;
    struct elf_file user = make(&user_fixture, 0);
    struct elf_file libc = make(&libc_fixture, 1);
    assert_true(str_eq(elf_version_best(&libc, STR("GLIBC")), STR("GLIBC_2.36")));
    assert_int_equal(elf_version_best(&libc, STR("GLIBCXX")).len, 0);
    assert_true(str_eq(elf_version_highest_need(&user, STR("GLIBC")), STR("GLIBC_2.41")));
    assert_int_equal(elf_version_highest_need(&user, STR("GCC")).len, 0);
}

static void test_family(void **state)
{
    (void)state;
    assert_true(str_eq(elf_version_family(STR("GLIBC_2.34")), STR("GLIBC")));
    assert_true(str_eq(elf_version_family(STR("GLIBC_PRIVATE")), STR("GLIBC_PRIVATE")));
    assert_true(str_eq(elf_version_family(STR("LIBXML2_2.4.30")), STR("LIBXML2")));
    assert_true(str_eq(elf_version_family(STR("Qt_5.15")), STR("Qt")));
    assert_true(str_eq(elf_version_family(STR("x")), STR("x")));
    assert_true(str_eq(elf_version_family(STR("")), STR("")));
}

static void test_order(void **state)
{
    (void)state;
    assert_true(elf_version_cmp(STR("GLIBC_2.4"), STR("GLIBC_2.34")) < 0);
    assert_true(elf_version_cmp(STR("GLIBC_2.34"), STR("GLIBC_2.4")) > 0);
    assert_true(elf_version_cmp(STR("GLIBC_2.34"), STR("GLIBC_2.34")) == 0);
    assert_true(elf_version_cmp(STR("GLIBC_2.3"), STR("GLIBC_2.3.4")) < 0);
    assert_true(elf_version_cmp(STR("2.9"), STR("2.10")) < 0);
    assert_true(elf_version_cmp(STR("2.010"), STR("2.10")) == 0);
    assert_true(elf_version_cmp(STR("99999999999999999999"), STR("100000000000000000000")) < 0);
    assert_true(elf_version_cmp(STR(""), STR("1")) < 0);
}

static void expect_suite(const char *version, const char *codename)
{
    const struct elf_suite *suite = elf_suite_of_version(str_z(version));
    if (codename)
        assert_string_equal(suite->codename, codename);
    else
        assert_null(suite);
}

static void test_suites(void **state)
{
    (void)state;
    expect_suite("GLIBC_2.2.5", "bullseye");
    expect_suite("GLIBC_2.31", "bullseye");
    expect_suite("GLIBC_2.32", "bookworm");
    expect_suite("GLIBC_2.36", "bookworm");
    expect_suite("GLIBC_2.38", "trixie");
    expect_suite("GLIBC_2.41", "trixie");
    expect_suite("GLIBC_2.42", NULL);
    expect_suite("GLIBC_ABI_DT_RELR", "bookworm");
    expect_suite("GLIBCXX_3.4.30", "bookworm");
    expect_suite("GLIBCXX_3.4.32", "trixie");
    expect_suite("GLIBCXX_3.4.34", NULL);
    expect_suite("CXXABI_1.3.13", "bookworm");
    expect_suite("CXXABI_1.3.15", "trixie");
    expect_suite("OPENSSL_3.0.0", NULL);
    expect_suite("GLIBC_PRIVATE", NULL);
    expect_suite("", NULL);
    assert_string_equal(elf_suite_find(STR("bookworm"))->glibc, "2.36");
    assert_null(elf_suite_find(STR("sid")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_library_without_versions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_best, set_up, tear_down),
        cmocka_unit_test(test_family),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_suites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

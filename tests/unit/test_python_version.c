/* SPDX-License-Identifier: Apache-2.0 */
#include "python/version.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_parse(void **state)
{
    (void)state;
    struct python_version version;
    assert_true(python_version_parse(STR(" V1!2.03.4-Alpha_5.POST6.dev7+Ubuntu-1 "), &version));
    assert_true(str_eq_z(version.epoch, "1") && str_eq_z(version.release, "2.03.4"));
    assert_int_equal(version.pre, PYTHON_PRE_ALPHA);
    assert_true(str_eq_z(version.pre_number, "5") && version.is_post && str_eq_z(version.post_number, "6"));
    assert_true(version.is_dev && str_eq_z(version.dev_number, "7") && str_eq_z(version.local, "Ubuntu-1"));
    assert_true(python_version_parse(STR("1.0-1"), &version) && version.is_post && str_eq_z(version.post_number, "1"));
    assert_true(python_version_parse(STR("3.14.0rc1"), &version) && version.pre == PYTHON_PRE_RC);
    assert_true(python_version_parse(STR("1.0a."), &version) && version.pre_number.len == 0);
    static const char *const bad[] = {"",   "v",    ".1",     "1.",  "1..0",    "1.0+",   "1.0+a..b",     "1.0+_a",
                                      "1!", "1.0x", "1.0--1", "1 0", "1.0a1b1", "1.0 a1", "french toast", "1.0+a+b"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(python_version_parse(str_z(bad[i]), &version));
}

/* PEP 440's own order. */
static void test_order(void **state)
{
    (void)state;
    static const char *const order[] = {
        "1.dev0",
        "1.0.dev456",
        "1.0a1",
        "1.0a2.dev456",
        "1.0a12.dev456",
        "1.0a12",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0rc1.dev456",
        "1.0rc1",
        "1.0",
        "1.0+abc.5",
        "1.0+abc.7",
        "1.0+5",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.15",
        "1.1.dev1",
        "1.10",
        "1.99999999999999999999999",
        "1!0.1",
    };
    struct python_version a, b;
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        assert_true(python_version_parse(str_z(order[i]), &a));
        for (size_t k = 0; k < ARRAY_LEN(order); k++) {
            assert_true(python_version_parse(str_z(order[k]), &b));
            int found = python_version_cmp(&a, &b);
            assert_int_equal((found > 0) - (found < 0), (i > k) - (i < k));
        }
    }
    assert_true(python_version_parse(STR("1.0.0"), &a) && python_version_parse(STR("v01"), &b));
    assert_int_equal(python_version_cmp(&a, &b), 0);
    assert_true(python_version_parse(STR("1.0c1"), &a) && python_version_parse(STR("1-PREVIEW_1"), &b));
    assert_int_equal(python_version_cmp(&a, &b), 0);
}

static void expect(const char *specifiers, const char *version, bool wanted)
{
    bool matches = !wanted;
    struct err err = ERR_INIT;
    assert_int_equal(python_specifiers_match(str_z(specifiers), str_z(version), &matches, &err), 0);
    assert_int_equal(matches, wanted);
}

static void test_specifiers(void **state)
{
    (void)state;
    expect("", "3.11.2", true);
    expect(" , ", "3.11.2", true);
    expect(">=3.8", "3.11.2", true);
    expect(">=3.8,<3.11", "3.11.2", false);
    expect("!=3.0.*, !=3.1.*, >=2.7", "3.1.5", false);
    expect("!=3.0.*, !=3.1.*, >=2.7", "3.11.2", true);
    expect("==3.*", "3.11.2", true);
    expect("==3.11", "3.11.0", true);
    expect("==3.11", "3.11.2", false);
    expect("==3.11.0.*", "3.11", true);
    expect("~=3.9", "3.11.2", true);
    expect("~=3.9.1", "3.10", false);
    expect("~=3.9.1", "3.9.18", true);
    expect(">3.11", "3.11.post1", false);
    expect(">3.11.post0", "3.11.post1", true);
    expect("<3.12", "3.12.0rc1", false);
    expect("<3.12rc2", "3.12.0rc1", true);
    expect(">=3.12", "3.12.0rc1", false);
}

static void test_specifiers_local(void **state)
{
    (void)state;
    expect("==1.0", "1.0+deb", true);
    expect("==1.0+DEB", "1.0+deb", true);
    expect("==1.0+rpm", "1.0+deb", false);
    expect(">1.0", "1.0+deb", false);
    expect("<=1.0", "1.0+deb", true);
    expect("===1.0", "1.0.0", false);
    expect("===1.0A", "1.0a", true);
}

static void test_bad_specifiers(void **state)
{
    (void)state;
    static const char *const bad[] = {"3.8",    "=>3.8", ">=",        "~=3", ">=3.8.*", ">=3.8+a", "==3.8.dev1.*",
                                      ">=3.8;", "=3.8",  "==3.8.*.*", "==*", "=== a b", ">= three"};
    struct err err = ERR_INIT;
    bool matches = true;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(python_specifiers_match(str_z(bad[i]), STR("3.11"), &matches, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'>= three' is no version specifier");
    assert_int_equal(python_specifiers_match(STR(">=3"), STR("x"), &matches, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'x' is no version of a Python distribution");
}

static void test_numbers(void **state)
{
    (void)state;
    unsigned number = 9;
    assert_true(python_release_number(STR("3.11"), 1, &number));
    assert_int_equal(number, 11);
    assert_true(python_release_number(STR("3.11"), 2, &number));
    assert_int_equal(number, 0);
    assert_false(python_release_number(STR("3.99999999999"), 1, &number));
    assert_false(python_release_number(STR("3..1"), 1, &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),          cmocka_unit_test(test_order),
        cmocka_unit_test(test_specifiers),     cmocka_unit_test(test_specifiers_local),
        cmocka_unit_test(test_bad_specifiers), cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

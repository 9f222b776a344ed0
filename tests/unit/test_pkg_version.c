/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/version.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static int sign(int value)
{
    return value < 0 ? -1 : value > 0;
}

static void orders(const char *a, const char *b, int expected)
{
    if (sign(version_compare(str_z(a), str_z(b))) != expected || sign(version_compare(str_z(b), str_z(a))) != -expected)
        fail_msg("'%s' against '%s'", a, b);
}

static void test_order(void **state)
{
    (void)state;
    /* Policy 5.6.12's own example, then what dpkg's tests hold. */
    const char *const rising[] = {"~~", "~~a", "~", "", "a"};
    for (size_t i = 0; i + 1 < ARRAY_LEN(rising); i++)
        orders(rising[i], rising[i + 1], -1);
    orders("1.0", "1.0", 0);
    orders("1.0", "1.0-0", 0);
    orders("0:1.0", "1.0", 0);
    orders("00:1.0", "0:1.0-00", 0);
    orders("1.0-1", "1.0-1~bpo12+1", 1);
    orders("1.0~rc1-1", "1.0-1", -1);
    orders("1:0.1", "2.0", 1);
    orders("10:1", "9:2", 1);
    orders("1.9", "1.10", -1);
    orders("1.09", "1.9", 0);
    orders("1.0a", "1.0+", -1);
    orders("1.0a", "1.0Z", 1);
    orders("1.0.", "1.0", 1);
    orders("2.36-9+deb12u14", "2.36-9+deb12u9", 1);
    orders("3.0.22-1~deb12u2", "3.0.22-1", -1);
    orders("1-2-3", "1-2-4", -1);
    orders("1.2-3", "1.2+dfsg-1", -1);
    orders("99999999999999999999999", "99999999999999999999998", 1);
    orders("100000000000000000000:1", "99999999999999999999:1", 1);
    orders("1:1-1", "1:1-1:", -1);
    orders("", "", 0);
    orders("", "0", 0);
    orders("\xff", "a", 1);
}

static void test_split(void **state)
{
    (void)state;
    struct version version = version_split(STR("1:2-3:4-5"));
    assert_true(str_eq_z(version.epoch, "1"));
    assert_true(str_eq_z(version.upstream, "2-3:4"));
    assert_true(str_eq_z(version.revision, "5"));
    version = version_split(STR("2.0"));
    assert_int_equal(version.epoch.len, 0);
    assert_true(str_eq_z(version.upstream, "2.0"));
    assert_int_equal(version.revision.len, 0);
}

static void valid(const char *text, const char *why)
{
    struct err err = ERR_INIT;
    int rc = version_validate(str_z(text), &err);
    assert_int_equal(rc, why ? -ERR_INVALID : 0);
    if (why)
        assert_string_equal(err.message, why);
}

static void test_validate(void **state)
{
    (void)state;
    valid("1", NULL);
    valid("2147483647:1.0+a~b:c-d.e+f~g", NULL);
    valid("0-0", NULL);
    valid("", "bad version '': it is empty");
    valid(":1", "bad version ':1': the epoch is not a number");
    valid("a:1", "bad version 'a:1': the epoch is not a number");
    valid("-1:1", "bad version '-1:1': the epoch is not a number");
    valid("2147483648:1", "bad version '2147483648:1': the epoch is too large");
    valid("1:", "bad version '1:': the upstream version is empty");
    valid("1:-1", "bad version '1:-1': the upstream version is empty");
    valid("1-", "bad version '1-': the revision is empty");
    valid("a1", "bad version 'a1': it does not start with a digit");
    valid("1_2", "bad version '1_2': a character is not allowed");
    valid("1 2", "bad version '1 2': a character is not allowed");
    valid("1-2:3", "bad version '1-2:3': the epoch is not a number");
    valid("1-\xc3\xa4", "bad version '1-\xc3\xa4': a character is not allowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_validate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

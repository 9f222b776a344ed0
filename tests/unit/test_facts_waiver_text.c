/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/waiver_text.h"

#include <setjmp.h>

#include <cmocka.h>

static void assert_reads(const char *comment, const char *rules, const char *reason)
{
    struct str got_rules, got_reason;
    assert_true(waiver_text_read(str_z(comment), &got_rules, &got_reason));
    assert_true(str_eq_z(got_rules, rules));
    assert_true(str_eq_z(got_reason, reason));
}

static void test_reads(void **state)
{
    (void)state;
    assert_reads("# barehull: allow pinned-image -- why", "pinned-image", "why");
    assert_reads("##  barehull:allow a,b , c  --  it -- is so ", "a,b , c", "it -- is so");
    assert_reads("# barehull: allow * -- a--b", "*", "a--b");
}

static void test_refuses(void **state)
{
    static const char *const none[] = {
        "",
        "#",
        "# barehull",
        "# barehull: permit a -- why",
        "# barehull: allow",
        "# barehull: allow a",
        "# barehull: allow a --",
        "# barehull: allow -- why",
        "# barehull: allow a--why",
        "# see barehull: allow a -- b",
    };
    struct str rules, reason;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_false(waiver_text_read(str_z(none[i]), &rules, &reason));
}

static void test_names(void **state)
{
    (void)state;
    assert_true(waiver_text_names(STR("a, pinned-image"), STR("pinned-image")));
    assert_true(waiver_text_names(STR("*"), STR("pinned-image")));
    assert_false(waiver_text_names(STR("pinned-images, image"), STR("pinned-image")));
    assert_false(waiver_text_names(STR(""), STR("pinned-image")));
    assert_false(waiver_text_names(STR_NONE, STR("pinned-image")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

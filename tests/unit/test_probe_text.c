/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_views(void **state)
{
    (void)state;
    assert_true(text_eq(text_of("abc"), TEXT("abc")));
    assert_false(text_eq(TEXT("abc"), TEXT("ab")));
    assert_true(text_eq_nocase(TEXT("Content-LENGTH"), TEXT("content-length")));
    assert_false(text_eq_nocase(TEXT("content@length"), TEXT("content`length")));
    assert_true(text_starts(TEXT("abc"), TEXT("")));
    assert_false(text_starts(TEXT("ab"), TEXT("abc")));
    assert_int_equal(text_find(TEXT("a:b:"), ':'), 1);
    assert_int_equal(text_find(TEXT("ab"), ':'), 2);
    assert_true(text_eq(text_trim(TEXT(" \t a b\t ")), TEXT("a b")));
    assert_int_equal(text_trim(TEXT(" \t ")).len, 0);
}

static void test_numbers(void **state)
{
    (void)state;
    uint64_t value = 4711;
    assert_true(text_number(TEXT("65535"), 65535, &value));
    assert_int_equal(value, 65535);
    assert_true(text_number(TEXT("18446744073709551615"), UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    value = 4711;
    static const char *const bad[] = {"", "65536", "99999999999999999999999", "-1", "+1", " 1", "1 ", "0x1", "1a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_number(text_of(bad[i]), 65535, &value));
    assert_false(text_number(TEXT("18446744073709551616"), UINT64_MAX, &value));
    assert_false(text_number(TEXT("9"), 5, &value));
    assert_int_equal(value, 4711);
}

static void test_line(void **state)
{
    (void)state;
    static struct line line;
    line_add(&line, TEXT("a "));
    line_add_number(&line, 0);
    line_add_number(&line, UINT64_MAX);
    line_add_foreign(&line, TEXT("~\x7f\n\xc3\xa9"));
    assert_true(text_eq(line_text(&line), TEXT("a 018446744073709551615~????")));
    assert_false(line.cut);
    for (int i = 0; i < PROBE_LINE_BYTES; i++)
        line_add(&line, TEXT("x"));
    assert_true(line.cut);
    assert_int_equal(line.len, PROBE_LINE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

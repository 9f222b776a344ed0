/* SPDX-License-Identifier: Apache-2.0 */
#include "op/text.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define ASSERT_TEXT(expected, width_, ...)                                                                             \
    do {                                                                                                               \
        CLEANUP_BUF struct buf buf_ = BUF_INIT;                                                                        \
        struct text_out out_ = {.buf = &buf_, .width = (width_)};                                                      \
        struct text_out *out = &out_;                                                                                  \
        __VA_ARGS__;                                                                                                   \
        assert_string_equal(buf_z(&buf_), expected);                                                                   \
    } while (0)

static void test_sizes(void **state)
{
    (void)state;
    ASSERT_TEXT("0 B", 80, text_size(out, 0));
    ASSERT_TEXT("999 B", 80, text_size(out, 999));
    ASSERT_TEXT("1.0 kB", 80, text_size(out, 1000));
    ASSERT_TEXT("4.1 kB", 80, text_size(out, 4096));
    ASSERT_TEXT("999.9 kB", 80, text_size(out, 999949));
    ASSERT_TEXT("1.0 MB", 80, text_size(out, 999950));
    ASSERT_TEXT("3.8 MB", 80, text_size(out, 3800000));
    ASSERT_TEXT("18.4 EB", 80, text_size(out, UINT64_MAX));
}

static void test_durations(void **state)
{
    (void)state;
    ASSERT_TEXT("0 ms", 80, text_duration(out, 0));
    ASSERT_TEXT("999 ms", 80, text_duration(out, 999));
    ASSERT_TEXT("1.0 s", 80, text_duration(out, 1000));
    ASSERT_TEXT("2.0 s", 80, text_duration(out, 1950));
    ASSERT_TEXT("99.9 s", 80, text_duration(out, 99949));
    ASSERT_TEXT("1 min 40 s", 80, text_duration(out, 99950));
    ASSERT_TEXT("3 min 20 s", 80, text_duration(out, 200000));
    ASSERT_TEXT("2 min 0 s", 80, text_duration(out, 119999));
}

static void test_counts(void **state)
{
    (void)state;
    ASSERT_TEXT("0 files", 80, text_count(out, 0, "file"));
    ASSERT_TEXT("1 file", 80, text_count(out, 1, "file"));
    ASSERT_TEXT("2 files", 80, text_count(out, 2, "file"));
    ASSERT_TEXT("Size:  x", 80, (text_label(out, "Size", 7), text_z(out, "x")));
    ASSERT_TEXT("Long label: x", 80, (text_label(out, "Long label", 4), text_z(out, "x")));
}

/* What a terminal could take for a command is shown as bytes. */
static void test_hostile_text(void **state)
{
    (void)state;
    ASSERT_TEXT("a\\x1b[2Jb", 80, text_str(out, STR("a\033[2Jb")));
    ASSERT_TEXT("\\x00\\x07\\x0a\\x0d\\x7f\\x09", 80, text_str(out, STR("\0\a\n\r\x7f\t")));
    ASSERT_TEXT("\\xc2\\x9b", 80, text_str(out, STR("\xc2\x9b")));
    ASSERT_TEXT("\xc2\xa0", 80, text_str(out, STR("\xc2\xa0")));
    ASSERT_TEXT("\\xe2\\x80\\xae\\xe2\\x81\\xa6", 80, text_str(out, STR("\xe2\x80\xae\xe2\x81\xa6")));
    ASSERT_TEXT("\xe2\x82\xac \xf0\x9f\x9a\xa2", 80, text_str(out, STR("\xe2\x82\xac \xf0\x9f\x9a\xa2")));
    ASSERT_TEXT("\\xe2\\x82", 80, text_str(out, STR("\xe2\x82")));
    ASSERT_TEXT("\\xff\\xc0\\x80\\xed\\xa0\\x80", 80, text_str(out, STR("\xff\xc0\x80\xed\xa0\x80")));
    ASSERT_TEXT("\\x5c", 80, text_z(out, "\\x5c"));
    ASSERT_TEXT("", 80, text_str(out, STR_NONE));
}

static void test_wrap(void **state)
{
    (void)state;
    ASSERT_TEXT("one two\nthree\n", 10, text_wrap(out, 0, 0, STR("one two three")));
    ASSERT_TEXT("one two\nthree\n", 7, text_wrap(out, 0, 0, STR("one two\nthree\n\n")));
    ASSERT_TEXT("  one\n  two\n", 5, text_wrap(out, 2, 0, STR("one two")));
    ASSERT_TEXT("one\n  two\n", 5, text_wrap(out, 2, 2, STR("one two")));
    ASSERT_TEXT("averylongword\nb\n", 5, text_wrap(out, 0, 0, STR("averylongword b")));
    ASSERT_TEXT("a b\n\nc\n", 10, text_wrap(out, 0, 0, STR("a\nb\n\nc")));
    ASSERT_TEXT("a\n  x   y\nb\n", 3, text_wrap(out, 0, 0, STR("a\n  x   y\nb")));
    ASSERT_TEXT(" a\n   x  y\n", 9, text_wrap(out, 1, 0, STR("a\n  x  y")));
    ASSERT_TEXT("\n", 9, text_wrap(out, 1, 0, STR(" \n")));
    ASSERT_TEXT("\xc3\xa4\xc3\xa4 \xc3\xb6\n", 4, text_wrap(out, 0, 0, STR("\xc3\xa4\xc3\xa4 \xc3\xb6")));
}

static void test_columns(void **state)
{
    (void)state;
    assert_int_equal(text_columns(STR("")), 0);
    assert_int_equal(text_columns(STR("abc")), 3);
    assert_int_equal(text_columns(STR("\xc3\xa4")), 1);
    assert_int_equal(text_columns(STR("a\xcc\x88")), 1);
    assert_int_equal(text_columns(STR("\xe6\xbc\xa2")), 2);
    assert_int_equal(text_columns(STR("\xf0\x9f\x9a\xa2")), 2);
    assert_int_equal(text_columns(STR("\033\n")), 0);
    assert_int_equal(text_columns(STR("ab\xe2")), 2);
}

static void write_table(struct text_out *to)
{
    struct text_table table;
    text_table_begin(&table, to, 2, "lrrl");
    text_table_z(&table, "name");
    text_table_z(&table, "size");
    text_table_z(&table, "n");
    text_table_z(&table, "");
    text_table_str(&table, STR("a\tb"));
    text_table_size(&table, 12345);
    text_table_u64(&table, 7);
    text_table_z(&table, "end");
    text_table_str(&table, STR("\xc3\xa4"));
    text_table_end(&table);
}

static void test_table(void **state)
{
    (void)state;
    ASSERT_TEXT("  name       size  n\n"
                "  a\\x09b  12.3 kB  7  end\n"
                "  \xc3\xa4\n",
                80, write_table(out));
}

static void test_style(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf buf = BUF_INIT;
    struct text_out colored = {.buf = &buf, .color = true};
    text_styled(&colored, TEXT_RED, "x");
    assert_string_equal(buf_z(&buf), "\033[31mx\033[0m");
    ASSERT_TEXT("x", 80, text_styled(out, TEXT_RED, "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),        cmocka_unit_test(test_durations), cmocka_unit_test(test_counts),
        cmocka_unit_test(test_hostile_text), cmocka_unit_test(test_wrap),      cmocka_unit_test(test_columns),
        cmocka_unit_test(test_table),        cmocka_unit_test(test_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str view_ = (view);                                                                                     \
        assert_int_equal(view_.len, sizeof(text) - 1);                                                                 \
        assert_memory_equal(view_.len ? view_.ptr : "", text, view_.len);                                              \
    } while (0)

static void test_compare(void **state)
{
    (void)state;
    assert_true(str_eq(STR_NONE, STR("")));
    assert_true(str_eq(str_z(NULL), STR_NONE));
    assert_false(str_eq(STR("a"), STR("b")));
    assert_false(str_eq(STR("a"), STR("ab")));
    assert_true(str_eq(STR("a\0b"), STR("a\0b")));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
    assert_true(str_eq_z(STR("x"), "x"));
    assert_true(str_eq_fold(STR("GzIp\xC3\x84"), STR("gZiP\xC3\x84")));
    assert_false(str_eq_fold(STR("\xC3\x84"), STR("\xC3\xA4")));
    assert_false(str_eq_fold(STR("@"), STR("`")));
    assert_int_equal(str_cmp(STR(""), STR_NONE), 0);
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("b"), STR("ab")) > 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_true(str_starts(STR("abc"), STR_NONE));
    assert_false(str_starts(STR("ab"), STR("abc")));
    assert_true(str_ends(STR("abc"), STR("bc")));
    assert_true(str_ends(STR("abc"), STR("")));
    assert_false(str_ends(STR("bc"), STR("abc")));
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(str_find_char(STR("a/b/c"), '/'), 1);
    assert_int_equal(str_rfind_char(STR("a/b/c"), '/'), 3);
    assert_int_equal(str_find_char(STR("abc"), '/'), 3);
    assert_int_equal(str_rfind_char(STR_NONE, '/'), 0);
    assert_int_equal(str_find(STR("hayneedle"), STR("needle")), 3);
    assert_int_equal(str_find(STR("hay"), STR("needle")), 3);
    assert_int_equal(str_find(STR_NONE, STR("")), 0);
    assert_true(str_has_char(STR("a\0b"), '\0'));
    assert_false(str_has_char(STR_NONE, '\0'));
}

static void test_cut(void **state)
{
    (void)state;
    assert_str(str_skip(STR("abc"), 1), "bc");
    assert_str(str_skip(STR("abc"), 9), "");
    assert_str(str_skip(STR_NONE, 1), "");
    assert_str(str_head(STR("abc"), 2), "ab");
    assert_str(str_head(STR("abc"), 9), "abc");
    assert_str(str_trim(STR(" \t\r\n\v\fa b\f ")), "a b");
    assert_str(str_trim(STR("   ")), "");
    assert_str(str_trim_left(STR(" a ")), "a ");
    assert_str(str_trim_right(STR(" a ")), " a");
    assert_str(str_trim(STR("\xC2\xA0")), "\xC2\xA0");
}

static void test_next(void **state)
{
    (void)state;
    struct str rest = STR("a,b,"), part;
    assert_true(str_next(&rest, ',', &part));
    assert_str(part, "a");
    assert_true(str_next(&rest, ',', &part));
    assert_str(part, "b");
    assert_true(str_next(&rest, ',', &part));
    assert_str(part, "");
    assert_false(str_next(&rest, ',', &part));
    rest = STR("");
    assert_true(str_next(&rest, ',', &part));
    assert_str(part, "");
    assert_false(str_next(&rest, ',', &part));
    rest = STR_NONE;
    assert_false(str_next(&rest, ',', &part));
}

static void test_words(void **state)
{
    (void)state;
    struct str rest = STR("  one\ttwo\n "), word;
    assert_true(str_next_word(&rest, &word));
    assert_str(word, "one");
    assert_true(str_next_word(&rest, &word));
    assert_str(word, "two");
    assert_false(str_next_word(&rest, &word));
    assert_false(str_next_word(&rest, &word));
    rest = STR_NONE;
    assert_false(str_next_word(&rest, &word));
}

static void test_lines(void **state)
{
    (void)state;
    struct str rest = STR("a\r\n\nb\rc\nlast"), line;
    assert_true(str_next_line(&rest, &line));
    assert_str(line, "a");
    assert_true(str_next_line(&rest, &line));
    assert_str(line, "");
    assert_true(str_next_line(&rest, &line));
    assert_str(line, "b\rc");
    assert_true(str_next_line(&rest, &line));
    assert_str(line, "last");
    assert_false(str_next_line(&rest, &line));
    rest = STR("x\n");
    assert_true(str_next_line(&rest, &line));
    assert_false(str_next_line(&rest, &line));
}

static void test_hash(void **state)
{
    (void)state;
    char text[64] = "the same bytes at another place, longer than a word";
    char moved[65] = " the same bytes at another place, longer than a word";
    for (size_t len = 0; len < strlen(text); len++)
        assert_true(str_hash(str_of(text, len)) == str_hash(str_of(moved + 1, len)));
    uint64_t zero[5] = {str_hash(STR_NONE), str_hash(STR("\0")), str_hash(STR("\0\0")),
                        str_hash(STR("\0\0\0\0\0\0\0\0")), str_hash(STR("\0\0\0\0\0\0\0\0\0"))};
    for (size_t i = 0; i < ARRAY_LEN(zero); i++)
        for (size_t j = i + 1; j < ARRAY_LEN(zero); j++)
            assert_true(zero[i] != zero[j]);
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        size_t valid;
    } cases[] = {
        {STR_INIT(""), 0},
        {STR_INIT("plain ascii, longer than eight"), 30},
        {STR_INIT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 9},
        {STR_INIT("12345678\xC3"), 8},     /* cut */
        {STR_INIT("a\x80"), 1},            /* lone continuation */
        {STR_INIT("\xC0\xAF"), 0},         /* overlong */
        {STR_INIT("\xC1\xBF"), 0},         /* overlong */
        {STR_INIT("\xE0\x9F\xBF"), 0},     /* overlong */
        {STR_INIT("\xED\xA0\x80"), 0},     /* surrogate */
        {STR_INIT("\xED\x9F\xBF"), 3},     /* just below the surrogates */
        {STR_INIT("\xEE\x80\x80"), 3},     /* just above */
        {STR_INIT("\xF0\x8F\xBF\xBF"), 0}, /* overlong */
        {STR_INIT("\xF4\x8F\xBF\xBF"), 4}, /* U+10FFFF */
        {STR_INIT("\xF4\x90\x80\x80"), 0}, /* beyond */
        {STR_INIT("\xF5\x80\x80\x80"), 0}, /* beyond */
        {STR_INIT("ok\xE2\x82"), 2},       /* cut */
        {STR_INIT("nul\0is fine"), 11},    /* a byte like any other */
        {STR_INIT("1234567\xFF"
                  "9"),
         7}, /* within the first word */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(str_utf8_valid(cases[i].text), cases[i].valid);
}

static void test_sort(void **state)
{
    (void)state;
    struct str items[] = {STR("b"), STR("a"), STR("ab"), STR("b"), STR(""), STR("a")};
    str_sort(items, ARRAY_LEN(items));
    const char *const sorted[] = {"", "a", "a", "ab", "b", "b"};
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        assert_true(str_eq_z(items[i], sorted[i]));
    assert_int_equal(str_sort_unique(items, ARRAY_LEN(items)), 4);
    const char *const unique[] = {"", "a", "ab", "b"};
    for (size_t i = 0; i < ARRAY_LEN(unique); i++)
        assert_true(str_eq_z(items[i], unique[i]));
    str_sort(NULL, 0);
    assert_int_equal(str_sort_unique(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare), cmocka_unit_test(test_sort), cmocka_unit_test(test_find),
        cmocka_unit_test(test_cut),     cmocka_unit_test(test_next), cmocka_unit_test(test_words),
        cmocka_unit_test(test_lines),   cmocka_unit_test(test_hash), cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

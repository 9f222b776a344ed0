/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "report/excerpt.h"
#include "report/text.h"
#include "report_fixture.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const struct report *report, struct text_out style, const char *name)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    style.buf = &out;
    report_text_write(report, &style);
    assert_false(out.failed);
    fixture_expect(name, buf_str(&out));
}

static void test_plain(void **state)
{
    (void)state;
    assert_text(&fixture_report, (struct text_out){.width = 80}, "text.txt");
}

static void test_verbose(void **state)
{
    (void)state;
    assert_text(&fixture_report, (struct text_out){.width = 80, .verbose = true}, "verbose.txt");
}

static void test_colour(void **state)
{
    (void)state;
    assert_text(&fixture_report, (struct text_out){.width = 80, .color = true}, "colour.txt");
}

static void test_unknown_counts(void **state)
{
    (void)state;
    struct policy policy = fixture_policy;
    struct report report = fixture_report;
    policy.fail_on_unknown = true;
    report.policy = &policy;
    assert_text(&report, (struct text_out){.width = 50}, "unknown.txt");
}

/* --- the last lines --------------------------------------------------------------------------------------------- */

static void assert_tail(const struct report *report, bool verbose, const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct text_out text = {.buf = &out, .width = 80, .verbose = verbose};
    report_text_write(report, &text);
    assert_string_equal(buf_z(&out), expected);
}

static void test_pass(void **state)
{
    (void)state;
    assert_tail(&fixture_clean_report, false, "pass: nothing found; 1 file judged\n");
}

static void test_nothing(void **state)
{
    (void)state;
    struct report report = {.policy = &fixture_policy};
    assert_tail(&report, false, "incomplete: nothing was judged\n");
}

static void test_many_not_judged(void **state)
{
    (void)state;
    struct report_file files[12];
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        files[i] = (struct report_file){.name = STR("x\n"), .state = REPORT_NOT_JUDGED, .reason = STR("a\033")};
    struct report report = {
        .policy = &fixture_policy, .files = files, .file_count = ARRAY_LEN(files), .not_judged = ARRAY_LEN(files)};
    assert_tail(&report, false,
#define LINE "x\\x0a: not judged: a\\x1b\n"
                LINE LINE LINE LINE LINE LINE LINE LINE LINE LINE
#undef LINE
                "and 2 more not judged (--verbose lists them)\n"
                "incomplete: nothing was judged; 0 files judged, 12 not judged\n");
}

/* --- excerpts --------------------------------------------------------------------------------------------------- */

struct line {
    const char *excerpt;
    uint32_t line, excerpt_column, column, end_line, end_column;
    unsigned width;
};

static void assert_excerpt(struct line line, const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct text_out text = {.buf = &out, .width = line.width ? line.width : 80};
    struct report_finding finding = {
        .at = {.line = line.line, .column = line.column, .end_line = line.end_line, .end_column = line.end_column},
        .excerpt = str_z(line.excerpt),
        .excerpt_column = line.excerpt_column,
    };
    report_excerpt_draw(&finding, TEXT_RED, &text);
    assert_string_equal(buf_z(&out), expected);
}

static void test_excerpt(void **state)
{
    (void)state;
    /* The whole line; its first and last character; behind its end. */
    assert_excerpt((struct line){"abc", 1, 1, 1, 1, 4, 0}, " 1 | abc\n   | ^^^\n");
    assert_excerpt((struct line){"abc", 1, 1, 1, 1, 2, 0}, " 1 | abc\n   | ^\n");
    assert_excerpt((struct line){"abc", 1234, 1, 3, 1234, 4, 0}, " 1234 | abc\n      |   ^\n");
    assert_excerpt((struct line){"abc", 1, 1, 4, 1, 4, 0}, " 1 | abc\n   |    ^\n");
    /* Nothing there: a caret. */
    assert_excerpt((struct line){"abc", 1, 1, 2, 1, 2, 0}, " 1 | abc\n   |  ^\n");
    /* To the end of the first line of several. */
    assert_excerpt((struct line){"a: |", 9, 1, 4, 12, 2, 0}, " 9 | a: |\n   |    ^\n");
    assert_excerpt((struct line){"key: >-  ", 9, 1, 1, 12, 2, 0}, " 9 | key: >-  \n   | ^^^^^^^^^\n");
    /* An empty line has nothing to show. */
    assert_excerpt((struct line){"", 1, 1, 1, 1, 1, 0}, "");
    assert_excerpt((struct line){"\xEF\xBB\xBF", 1, 1, 1, 1, 1, 0}, "");
}

static void test_excerpt_characters(void **state)
{
    (void)state;
    /* A byte order mark has no column, on the first line only. */
    assert_excerpt((struct line){"\xEF\xBB\xBFqb", 1, 1, 1, 1, 2, 0}, " 1 | qb\n   | ^\n");
    assert_excerpt((struct line){"\ta\tb", 2, 1, 4, 2, 5, 0}, " 2 |     a    b\n   |          ^\n");
    assert_excerpt((struct line){"\t\tx", 2, 1, 2, 2, 3, 0}, " 2 |         x\n   |     ^^^^\n");
    /* Wide characters, one that combines, control characters, bytes that are no UTF-8. */
    assert_excerpt((struct line){"\xE6\x97\xA5\xE6\x9C\xAC=x", 2, 1, 2, 2, 3, 0},
                   " 2 | \xE6\x97\xA5\xE6\x9C\xAC=x\n   |   ^^\n");
    assert_excerpt((struct line){"e\xCC\x81=x", 2, 1, 4, 2, 5, 0}, " 2 | e\xCC\x81=x\n   |   ^\n");
    assert_excerpt((struct line){"\xF0\x9F\x98\x80 x", 2, 1, 3, 2, 4, 0}, " 2 | \xF0\x9F\x98\x80 x\n   |    ^\n");
    assert_excerpt((struct line){"a\033[2Jb", 2, 1, 2, 2, 3, 0}, " 2 | a\\x1b[2Jb\n   |  ^^^^\n");
    assert_excerpt((struct line){"\xFF\xE6\x97z", 2, 1, 4, 2, 5, 0}, " 2 | \\xff\\xe6\\x97z\n   |             ^\n");
    assert_excerpt((struct line){"a\xE2\x80\xAE"
                                 "b",
                                 2, 1, 3, 2, 4, 0},
                   " 2 | a\\xe2\\x80\\xaeb\n   |              ^\n");
}

static void test_excerpt_long(void **state)
{
    (void)state;
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    /* 35 columns for the text. The span in sight without cutting on the left. */
    assert_excerpt((struct line){alphabet, 1, 1, 3, 1, 6, 40}, " 1 | abcdefghijklmnopqrstuvwxyz012345...\n"
                                                               "   |   ^^^\n");
    /* In the middle, at the end. */
    assert_excerpt((struct line){alphabet, 1, 1, 41, 1, 44, 40}, " 1 | ...123456789ABCDEFGHIJKLMNOPQRST...\n"
                                                                 "   |                 ^^^\n");
    assert_excerpt((struct line){alphabet, 1, 1, 60, 1, 63, 40}, " 1 | ...KLMNOPQRSTUVWXYZ\n"
                                                                 "   |                 ^^^\n");
    /* Longer than the room: from its beginning. */
    assert_excerpt((struct line){alphabet, 1, 1, 10, 1, 60, 40}, " 1 | ...jklmnopqrstuvwxyz0123456789AB...\n"
                                                                 "   |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n");
    /* The report cut the line already. */
    assert_excerpt((struct line){"klmno", 1, 11, 12, 1, 14, 40}, " 1 | ...klmno\n   |     ^^\n");
    assert_excerpt((struct line){"klmno", 1, 11, 12, 1, 40, 40}, " 1 | ...klmno...\n   |     ^^^^\n");
    /* A terminal that is too narrow for anything. */
    assert_excerpt((struct line){alphabet, 1, 1, 3, 1, 6, 2}, " 1 | abcdefghijklmnopqrstu...\n   |   ^^^\n");
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct text_out text = {.buf = &out, .width = 80, .verbose = true};
        fault_arm(FAULT_ALLOC, n);
        report_text_write(&fixture_report, &text);
        bool hit = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        assert_int_equal(out.failed, hit);
        if (!hit)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_verbose),
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_unknown_counts),
        cmocka_unit_test(test_pass),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_many_not_judged),
        cmocka_unit_test(test_excerpt),
        cmocka_unit_test(test_excerpt_characters),
        cmocka_unit_test(test_excerpt_long),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

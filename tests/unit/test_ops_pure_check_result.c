/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "op/result.h"
#include "op/text.h"
#include "ops_pure/check_result.h"
#include "report_fixture.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static int fill(const struct report *report, struct arena *arena, struct check_result *result, struct err *err)
{
    return check_result_fill(report, check_status(report), STR("0.1.0"), arena, result, err);
}

static void test_json(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct check_result result;
    struct err err = ERR_INIT;
    struct json_writer json;
    assert_int_equal(fill(&fixture_report, &arena, &result, &err), 0);
    assert_int_equal(check_result_status(&result), 1);
    json_writer_init(&json, &out, JSON_INDENTED);
    op_result_write(&check_result_record, &result, &json);
    assert_int_equal(json_writer_check(&json, &err), 0);
    buf_add_char(&out, '\n');
    fixture_expect("check.json", buf_str(&out));
}

static void assert_verdict(const struct report *report, int status, const char *verdict)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct check_result result;
    struct err err = ERR_INIT;
    assert_int_equal(fill(report, &arena, &result, &err), 0);
    assert_int_equal(check_result_status(&result), status);
    assert_true(str_eq_z(result.verdict, verdict));
}

static void test_verdicts(void **state)
{
    (void)state;
    struct report report = {.policy = &fixture_policy};
    assert_verdict(&report, 2, "incomplete");
    report.judged = 1;
    assert_verdict(&report, 0, "pass");
    report.notes = 1;
    assert_verdict(&report, 0, "pass");
    report.not_judged = 1;
    assert_verdict(&report, 3, "incomplete");
    report.warnings = 1;
    assert_verdict(&report, 1, "fail");
}

/* The other forms are the report's own. */
static void test_formats(void **state)
{
    (void)state;
    static const char *const names[] = {"sarif", "junit", "github", "compact"};
    static const char *const files[] = {"report.sarif", "junit.xml", "github.txt", "compact.txt"};
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct check_result result;
    struct err err = ERR_INIT;
    assert_int_equal(fill(&fixture_report, &arena, &result, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        assert_string_equal(check_result_formats[i].name, names[i]);
        assert_int_equal(check_result_formats[i].write(&result, &out, &err), 0);
        fixture_expect(files[i], buf_str(&out));
    }
    assert_null(check_result_formats[ARRAY_LEN(names)].name);
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct text_out text = {.buf = &out, .width = 80};
    check_result_render(&result, &text);
    fixture_expect("text.txt", buf_str(&out));
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct check_result result = {.status = 77};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int rc = fill(&fixture_report, &arena, &result, &err);
        bool hit = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (!hit) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(result.status, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

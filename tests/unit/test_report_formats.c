/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/fault.h"
#include "report/compact.h"
#include "report/github.h"
#include "report/junit.h"
#include "report/rule_page.h"
#include "report/sarif.h"
#include "report_fixture.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

typedef int report_writer(const struct report *report, struct buf *out, struct err *err);

static int write_sarif(const struct report *report, struct buf *out, struct err *err)
{
    return report_sarif_write(report, STR("0.1.0"), out, err);
}

static const struct {
    report_writer *write;
    const char *name, *clean;
} formats[] = {
    {write_sarif, "report.sarif", "clean.sarif"},
    {report_junit_write, "junit.xml", "clean.xml"},
    {report_github_write, "github.txt", "clean-github.txt"},
    {report_compact_write, "compact.txt", "clean-compact.txt"},
};

static void test_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct err err = ERR_INIT;
        assert_int_equal(formats[i].write(&fixture_report, &out, &err), 0);
        fixture_expect(formats[i].name, buf_str(&out));
        CLEANUP_BUF struct buf clean = BUF_INIT;
        assert_int_equal(formats[i].write(&fixture_clean_report, &clean, &err), 0);
        if (clean.len > 0)
            fixture_expect(formats[i].clean, buf_str(&clean));
        else
            assert_true(i >= 2); /* no news is no line */
    }
}

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        for (uint64_t n = 1;; n++) {
            CLEANUP_BUF struct buf out = BUF_INIT;
            struct err err = ERR_INIT;
            fault_arm(FAULT_ALLOC, n);
            int rc = formats[i].write(&fixture_report, &out, &err);
            bool hit = fault_count(FAULT_ALLOC) >= n;
            fault_disarm();
            if (!hit) {
                assert_int_equal(rc, 0);
                break;
            }
            assert_int_equal(rc, -ERR_NOMEM);
            assert_int_equal(err.code, ERR_NOMEM);
        }
    }
}

/* Notes fail where the policy says so; nothing does where it says never. */
static void test_junit_fail_on(void **state)
{
    (void)state;
    static const struct {
        enum fail_on fail_on;
        const char *counts;
    } cases[] = {
        {FAIL_ON_ERROR, "tests=\"10\" failures=\"1\" errors=\"1\" skipped=\"4\""},
        {FAIL_ON_WARNING, "tests=\"10\" failures=\"2\" errors=\"1\" skipped=\"4\""},
        {FAIL_ON_NOTE, "tests=\"10\" failures=\"3\" errors=\"1\" skipped=\"4\""},
        {FAIL_ON_NEVER, "tests=\"10\" failures=\"0\" errors=\"1\" skipped=\"4\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct err err = ERR_INIT;
        struct policy policy = fixture_policy;
        struct report report = fixture_report;
        policy.fail_on = cases[i].fail_on;
        report.policy = &policy;
        assert_int_equal(report_junit_write(&report, &out, &err), 0);
        assert_non_null(strstr(buf_z(&out), cases[i].counts));
    }
}

/* Time goes with the findings: twice as many bytes for twice as many findings, in every form. */
static void test_many(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct report_finding *many = mem_calloc(MANY, sizeof(*many));
    assert_non_null(many);
    for (size_t i = 0; i < MANY; i++) {
        many[i] = fixture_report.findings[1];
        many[i].at.line = (uint32_t)i + 1;
        many[i].at.end_line = (uint32_t)i + 1;
    }
    struct report report = fixture_report;
    report.findings = many;
    report.finding_count = MANY;
    report.errors = MANY;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct err err = ERR_INIT;
        assert_int_equal(formats[i].write(&report, &out, &err), 0);
        assert_in_range(out.len, (size_t)MANY * 60, (size_t)MANY * 4000);
    }
    mem_free(many);
}

static void test_rule_page(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf page = BUF_INIT;
    rule_page_markdown(rules[0], RULE_PAGE_WHOLE, &page);
    fixture_expect("rule.md", buf_str(&page));
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct text_out out = {.buf = &text, .width = 60};
    rule_page_text(rules[0], &out);
    fixture_expect("rule.txt", buf_str(&text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats), cmocka_unit_test(test_faults),    cmocka_unit_test(test_junit_fail_on),
        cmocka_unit_test(test_many),    cmocka_unit_test(test_rule_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

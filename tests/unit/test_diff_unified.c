/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "diff/diff.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void expect(struct str before, struct str after, unsigned context, const char *want)
{
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct diff_side a = {STR("a/x"), before}, b = {STR("b/x"), after};
    buf_add_z(&out, "kept\n");
    assert_int_equal(diff_unified(&a, &b, context, &out, &err), 0);
    assert_true(strncmp(buf_z(&out), "kept\n", 5) == 0);
    assert_string_equal(buf_z(&out) + 5, want);
}

#define HEAD "--- a/x\n+++ b/x\n"

static void shows_changes(void **state UNUSED)
{
    expect(STR("a\nb\nc\n"), STR("a\nX\nc\n"), 3, HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+X\n c\n");
    expect(STR("a\nb\nc\n"), STR("a\nc\n"), 0, HEAD "@@ -2 +1,0 @@\n-b\n");
    expect(STR("a\nc\n"), STR("a\nb\nc\n"), 0, HEAD "@@ -1,0 +2 @@\n+b\n");
    expect(STR("a\n"), STR("a\na\n"), 3, HEAD "@@ -1 +1,2 @@\n a\n+a\n");
    expect(STR("1\n2\n3\n4\n5\n6\n7\n8\n"), STR("1\nX\n3\n4\n5\n6\n7\nY\n"), 2,
           HEAD "@@ -1,4 +1,4 @@\n 1\n-2\n+X\n 3\n 4\n@@ -6,3 +6,3 @@\n 6\n 7\n-8\n+Y\n");
    expect(STR("1\n2\n3\n4\n5\n6\n"), STR("1\nX\n3\n4\n5\nY\n"), 2,
           HEAD "@@ -1,6 +1,6 @@\n 1\n-2\n+X\n 3\n 4\n 5\n-6\n+Y\n");
}

static void says_where_a_newline_is_missing(void **state UNUSED)
{
    expect(STR("a\nb"), STR("a\nb\n"), 3, HEAD "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
    expect(STR("a\nb"), STR("X\nb"), 3, HEAD "@@ -1,2 +1,2 @@\n-a\n+X\n b\n\\ No newline at end of file\n");
    expect(STR(""), STR("b"), 3, HEAD "@@ -0,0 +1 @@\n+b\n\\ No newline at end of file\n");
}

static void keeps_bytes(void **state UNUSED)
{
    expect(STR("a\r\n"), STR("a\n"), 3, HEAD "@@ -1 +1 @@\n-a\r\n+a\n");
    expect(STR("\xff\xfe\n"), STR("\x80\n"), 3, HEAD "@@ -1 +1 @@\n-\xff\xfe\n+\x80\n");
    expect(STR("a\0b\n"), STR("a\n"), 3, "Binary files a/x and b/x differ\n");
}

static void tells_files_that_come_and_go(void **state UNUSED)
{
    expect(STR("a\n"), STR("a\n"), 3, "");
    expect(STR_NONE, STR_NONE, 3, "");
    expect(STR_NONE, STR("a\n"), 3, "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n");
    expect(STR("a\n"), STR_NONE, 3, "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
    expect(STR_NONE, STR(""), 3, "diff --git a/x b/x\nnew file mode 100644\n");
    expect(STR(""), STR_NONE, 3, "diff --git a/x b/x\ndeleted file mode 100644\n");
    expect(STR_NONE, STR("\0"), 3, "Binary files /dev/null and b/x differ\n");
}

static void quotes_names(void **state UNUSED)
{
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct diff_side a = {STR("a/two words"), STR("a\n")}, b = {STR("b/\"\n\xc3\xa9\\"), STR("b\n")};
    assert_int_equal(diff_unified(&a, &b, 3, &out, &err), 0);
    assert_string_equal(buf_z(&out), "--- a/two words\t\n+++ \"b/\\\"\\n\\303\\251\\\\\"\n@@ -1 +1 @@\n-a\n+b\n");
}

/* A run of changed lines stands where people expect it. */
static void slides(void **state UNUSED)
{
    expect(STR("f {\n}\ng {\n}\n"), STR("f {\n}\nh {\n}\ng {\n}\n"), 1, HEAD "@@ -2,2 +2,4 @@\n }\n+h {\n+}\n g {\n");
    expect(STR("a\nb\n"), STR("a\nx\na\nb\n"), 3, HEAD "@@ -1,2 +1,4 @@\n a\n+x\n+a\n b\n");
}

static void bounds_its_cost(void **state UNUSED)
{
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf before = BUF_INIT, after = BUF_INIT, out = BUF_INIT;
    uint32_t random = 1;
    for (unsigned i = 0; i < 20000; i++) {
        random = random * 1664525U + 1013904223U;
        buf_addf(i & 1 ? &before : &after, "%u\n", random >> 24);
    }
    struct diff_side a = {STR("a/x"), buf_str(&before)}, b = {STR("b/x"), buf_str(&after)};
    assert_int_equal(diff_unified(&a, &b, 3, &out, &err), 0);
    assert_true(out.len > 50000);
    buf_reset(&before);
    buf_add_fill(&before, '\n', LIMIT_DIFF_LINES + 1);
    a.content = buf_str(&before);
    size_t len = out.len;
    assert_int_equal(diff_unified(&a, &b, 3, &out, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "a text of 4194305 lines is too long for a diff (at most 4194304)");
    assert_int_equal(out.len, len);
}

static void survives_faults(void **state UNUSED)
{
    struct diff_side a = {STR("a/x"), STR("a\nb\nc\nd\n")}, b = {STR("b/x"), STR("b\nc\nX\nd\na\n")};
    for (uint64_t n = 1;; n++) {
        struct err err = ERR_INIT;
        CLEANUP_BUF struct buf out = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = diff_unified(&a, &b, 3, &out, &err);
        uint64_t points = fault_count(FAULT_ALLOC);
        fault_disarm();
        if (r == 0) {
            assert_true(points < n);
            assert_true(n > 8);
            return;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(out.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_changes),   cmocka_unit_test(says_where_a_newline_is_missing),
        cmocka_unit_test(keeps_bytes),     cmocka_unit_test(tells_files_that_come_and_go),
        cmocka_unit_test(quotes_names),    cmocka_unit_test(slides),
        cmocka_unit_test(bounds_its_cost), cmocka_unit_test(survives_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/deb822.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static int next(struct str *rest, enum deb822_flags flags, struct deb822_paragraph *paragraph)
{
    struct err err = ERR_INIT;
    return deb822_next(rest, flags, paragraph, &err);
}

static void assert_field(const struct deb822_paragraph *paragraph, size_t i, const char *name, const char *value)
{
    assert_true(i < paragraph->len);
    assert_true(str_eq_z(paragraph->fields[i].name, name));
    assert_true(str_eq_z(paragraph->fields[i].value, value));
}

static void test_paragraphs(void **state)
{
    (void)state;
    struct str text = STR("\n\nPackage: a\nDepends: b,\n c (>= 1)\n\td\n\n\nPackage:  b  \nEmpty:\nLast: x");
    struct str rest = text;
    struct deb822_paragraph p;
    assert_int_equal(next(&rest, DEB822_PLAIN, &p), 0);
    assert_int_equal(p.len, 2);
    assert_field(&p, 0, "Package", "a");
    assert_field(&p, 1, "Depends", "b,\n c (>= 1)\n\td");
    assert_int_equal(p.fields[1].value.ptr - text.ptr, 22);
    assert_int_equal(next(&rest, DEB822_PLAIN, &p), 0);
    assert_int_equal(p.len, 3);
    assert_field(&p, 0, "Package", "b");
    assert_field(&p, 1, "Empty", "");
    assert_field(&p, 2, "Last", "x");
    assert_int_equal(next(&rest, DEB822_PLAIN, &p), 0);
    assert_int_equal(p.len, 0);
    assert_int_equal(next(&rest, DEB822_PLAIN, &p), 0);
    assert_int_equal(p.len, 0);
}

static void test_carriage_returns_and_blank_lines(void **state)
{
    (void)state;
    struct str rest = STR("  \nA: 1\r\n 2\r\n \t\r\nB: 3\r\n\r\nC: 4\r\n");
    struct deb822_paragraph p;
    assert_int_equal(next(&rest, DEB822_PLAIN, &p), 0);
    assert_int_equal(p.len, 2);
    assert_field(&p, 0, "A", "1\r\n 2");
    assert_field(&p, 1, "B", "3");
    assert_int_equal(next(&rest, DEB822_PLAIN, &p), 0);
    assert_int_equal(p.len, 1);
    assert_field(&p, 0, "C", "4");
}

static void test_comments(void **state)
{
    (void)state;
    struct str text = STR("# top\nA: 1\n# between\n 2\n#end\nB: #3\n");
    struct str rest = text;
    struct deb822_paragraph p;
    assert_int_equal(next(&rest, DEB822_COMMENTS, &p), 0);
    assert_int_equal(p.len, 2);
    assert_field(&p, 0, "A", "1\n# between\n 2");
    assert_field(&p, 1, "B", "#3");
    struct buf CLEANUP_BUF out = BUF_INIT;
    deb822_unfold(&out, p.fields[0].value);
    assert_string_equal(buf_z(&out), "1 2");
    buf_reset(&out);
    deb822_unfold(&out, p.fields[1].value);
    assert_string_equal(buf_z(&out), "#3");
    rest = text;
    assert_int_equal(next(&rest, DEB822_PLAIN, &p), -ERR_INVALID);
}

static void refuses(struct str text, size_t line, const char *message)
{
    struct err err = ERR_INIT;
    struct deb822_paragraph p;
    struct str rest = text;
    int rc;
    do
        rc = deb822_next(&rest, DEB822_PLAIN, &p, &err);
    while (!rc && p.len > 0);
    assert_int_equal(rc, -ERR_INVALID);
    assert_string_equal(err.message, message);
    assert_int_equal(deb822_line_number(text, rest.ptr), line);
}

static void test_bad_lines(void **state)
{
    (void)state;
    refuses(STR("A: 1\nno colon here\n"), 2, "no colon in 'no colon here'");
    refuses(STR("A: 1\n: 2\n"), 2, "bad field name ''");
    refuses(STR("-A: 1\n"), 1, "bad field name '-A'");
    refuses(STR("A B: 1\n"), 1, "bad field name 'A B'");
    refuses(STR("A\xc3\xa4: 1\n"), 1, "bad field name 'A\xc3\xa4'");
    refuses(STR("A: 1\n\n  x: 2\n"), 3, "'x: 2' continues no field");
    refuses(STR("A: 1\nB: 2\na: 3\n"), 3, "field 'a' is given twice");
    refuses(STR("#: 1\n"), 1, "bad field name '#'");
}

static void test_too_many_fields(void **state)
{
    (void)state;
    struct buf CLEANUP_BUF text = BUF_INIT;
    for (int i = 0; i < DEB822_FIELDS_MAX; i++)
        buf_addf(&text, "F%d: %d\n", i, i);
    struct err err = ERR_INIT;
    struct deb822_paragraph p;
    struct str rest = buf_str(&text);
    assert_int_equal(deb822_next(&rest, DEB822_PLAIN, &p, &err), 0);
    assert_int_equal(p.len, DEB822_FIELDS_MAX);
    assert_true(str_eq_z(deb822_get(&p, STR("f127")), "127"));
    buf_add_z(&text, "One-Too-Many: 1\n");
    rest = buf_str(&text);
    assert_int_equal(deb822_next(&rest, DEB822_PLAIN, &p, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "more than 128 fields in one paragraph");
}

static void test_read_one(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct deb822_paragraph p;
    assert_int_equal(deb822_read_one(STR("\nA: 1\n\n\n"), DEB822_PLAIN, "control", &p, &err), 0);
    assert_true(str_eq_z(deb822_get(&p, STR("a")), "1"));
    assert_null(deb822_find(&p, STR("b")));
    assert_int_equal(deb822_read_one(STR("\n\n"), DEB822_PLAIN, "control", &p, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'control' is empty");
    assert_int_equal(deb822_read_one(STR_NONE, DEB822_PLAIN, "control", &p, &err), -ERR_INVALID);
    assert_int_equal(deb822_read_one(STR("A: 1\n\nB: 2\n"), DEB822_PLAIN, "control", &p, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'control' line 3: more than one paragraph");
    assert_int_equal(deb822_read_one(STR("A: 1\n\nB\n"), DEB822_PLAIN, "control", &p, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'control' line 3: no colon in 'B'");
}

static void test_value_lines(void **state)
{
    (void)state;
    struct str value = STR("\n one\n .\n#gone\n  two  \n .three");
    const char *const expected[] = {"", "one", "", "two", ".three"};
    struct str line;
    size_t count = 0;
    for (size_t offset = 0; deb822_value_line(value, &offset, &line); count++)
        assert_true(str_eq_z(line, expected[count]));
    assert_int_equal(count, 5);
    struct buf CLEANUP_BUF out = BUF_INIT;
    deb822_unfold(&out, value);
    assert_string_equal(buf_z(&out), "one two .three");
    deb822_unfold(&out, STR_NONE);
    assert_int_equal(out.len, 14);
}

static void test_booleans(void **state)
{
    (void)state;
    assert_true(deb822_bool(STR("Yes"), false));
    assert_true(deb822_bool(STR("1"), false));
    assert_false(deb822_bool(STR("no"), true));
    assert_false(deb822_bool(STR("disable"), true));
    assert_true(deb822_bool(STR("perhaps"), true));
    assert_false(deb822_bool(STR_NONE, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paragraphs),      cmocka_unit_test(test_carriage_returns_and_blank_lines),
        cmocka_unit_test(test_comments),        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_too_many_fields), cmocka_unit_test(test_read_one),
        cmocka_unit_test(test_value_lines),     cmocka_unit_test(test_booleans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

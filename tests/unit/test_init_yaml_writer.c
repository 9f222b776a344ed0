/* SPDX-License-Identifier: Apache-2.0 */
#include "init/yaml_writer.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void assert_value(enum yaml_dialect dialect, const char *value, const char *written)
{
    CLEANUP_BUF struct buf out = BUF_INIT, wanted = BUF_INIT;
    struct yaml_writer yaml;
    yaml_begin(&yaml, &out, dialect);
    yaml_str(&yaml, "a", str_z(value));
    assert_int_equal(yaml_end(&yaml, NULL), 0);
    buf_addf(&wanted, "a: %s\n", written);
    assert_string_equal(buf_z(&out), buf_z(&wanted));
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *value, *written;
    } cases[] = {
        {"shop", "shop"},
        {"/var/lib/shop", "/var/lib/shop"},
        {"https://example.org/a?b", "\"https://example.org/a?b\""},
        {"https://example.org/a", "https://example.org/a"},
        {"a:b", "a:b"},
        {"a:", "\"a:\""},
        {"", "\"\""},
        {" ", "\" \""},
        {"8080", "\"8080\""},
        {"0.1.0", "\"0.1.0\""},
        {"1e3", "\"1e3\""},
        {".5", "\".5\""},
        {"-a", "\"-a\""},
        {"=", "\"=\""},
        {"a=", "a="},
        {"true", "\"true\""},
        {"YES", "\"YES\""},
        {"n", "\"n\""},
        {"Null", "\"Null\""},
        {"~", "\"~\""},
        {"nullable", "nullable"},
        {"a #b", "\"a #b\""},
        {"{a: b}", "\"{a: b}\""},
        {"say \"a\\b\"", "\"say \\\"a\\\\b\\\"\""},
        {"\xc3\xa4", "\"\xc3\xa4\""},
        {"\xc2\x85", "\"\\u0085\""},
        {"\xe2\x80\xa8", "\"\\u2028\""},
        {"\xef\xbb\xbf", "\"\\ufeff\""},
        {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_value(YAML_PLAIN, cases[i].value, cases[i].written);
}

static void test_dollars(void **state)
{
    (void)state;
    assert_value(YAML_PLAIN, "$a $$ $(b) ${c}", "\"$a $$ $(b) ${c}\"");
    assert_value(YAML_DOUBLED, "$a $$ $(b) ${c}", "\"$$a $$$$ $$(b) $${c}\"");
    assert_value(YAML_EXPANDED, "$a $$ $(b) ${c} $", "\"$a $$$ $$(b) ${c} $\"");
}

static void test_structure(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct yaml_writer yaml;
    const struct str words[] = {STR("/app/a"), STR("1"), STR("a:b")};
    yaml_begin(&yaml, &out, YAML_DOUBLED);
    yaml_comment(&yaml, "first\n\nlast");
    yaml_open(&yaml, "list");
    yaml_item(&yaml);
    yaml_comment(&yaml, "of the item");
    yaml_str(&yaml, "name", STR("x"));
    yaml_u64(&yaml, "number", 7);
    yaml_open_str(&yaml, STR("on"));
    yaml_entry(&yaml, STR("$a"));
    yaml_commentf(&yaml, "%d more", 1);
    yaml_entry(&yaml, STR("b"));
    yaml_remark(&yaml, "why");
    yaml_close(&yaml);
    yaml_close(&yaml);
    yaml_close(&yaml);
    yaml_blank(&yaml);
    yaml_str_str(&yaml, STR("$key"), STR("value"));
    yaml_flow(&yaml, "words", words, ARRAY_LEN(words));
    yaml_flow_after(&yaml, "none", "CMD", words, 0);
    yaml_flow(&yaml, "empty", NULL, 0);
    yaml_f(&yaml, "size", "%uMi", 5U);
    assert_int_equal(yaml_end(&yaml, NULL), 0);
    assert_string_equal(buf_z(&out), "# first\n#\n# last\n"
                                     "list:\n"
                                     "  # of the item\n"
                                     "  - name: x\n"
                                     "    number: 7\n"
                                     "    \"on\":\n"
                                     "      - \"$$a\"\n"
                                     "      # 1 more\n"
                                     "      - b # why\n"
                                     "\n"
                                     "\"$key\": value\n"
                                     "words: [/app/a, \"1\", \"a:b\"]\n"
                                     "none: [CMD]\n"
                                     "empty: []\n"
                                     "size: 5Mi\n");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\nb", "\t", "\x7f", "\xff", "\xed\xa0\x80", "a\rb"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct yaml_writer yaml;
        struct err err = ERR_INIT;
        yaml_begin(&yaml, &out, YAML_PLAIN);
        yaml_str(&yaml, "a", STR("good"));
        yaml_str(&yaml, "b", str_z(bad[i]));
        yaml_str(&yaml, "c", STR("\n"));
        assert_int_equal(yaml_end(&yaml, &err), -ERR_USAGE);
        assert_true(str_ends(str_z(err.message), STR("' is no single line of text")));
        assert_string_equal(err.hint, "leave line breaks and control characters out; files are UTF-8");
    }
}

static void test_faults(void **state)
{
    (void)state;
    int r = -ERR_NOMEM;
    for (uint64_t n = 1; r == -ERR_NOMEM; n++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct yaml_writer yaml;
        fault_arm(FAULT_ALLOC, n);
        yaml_begin(&yaml, &out, YAML_PLAIN);
        yaml_commentf(&yaml, "%s", "made of pieces");
        for (unsigned i = 0; i < 64; i++)
            yaml_str(&yaml, "key", STR("a longer value, in quotes"));
        r = yaml_end(&yaml, NULL);
        fault_disarm();
        assert_true(n < 100);
    }
    assert_int_equal(r, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),  cmocka_unit_test(test_dollars), cmocka_unit_test(test_structure),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

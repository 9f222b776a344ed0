/* SPDX-License-Identifier: Apache-2.0 */
#include "data/toml.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>

static const char text[] = "\xef\xbb\xbf# a comment\r\ntitle = \"a \\\"b\\\" \\u00e9\\U0001F600\" # behind\r\n"
                           "\"quoted key\".'x y' = 'C:\\n'\n"
                           "[package]\nname = \"shop\"\nversion.workspace = true\nedition = 2021\n"
                           "day = 1979-05-27 07:32:00Z\nratio = -1_0.5e3\n"
                           "list = [ 1, # one\n  \"two\", [3.0], ]\ntable = { a = 1, b.c = \"d\" }\n"
                           "lines = \"\"\"\n one\\\n    two\"\"\"\"\nraw = '''\na'b'''\n"
                           "[[bin]]\nname = \"first\"\n[bin.more]\nz = 1\n[[bin]]\nname = \"second\"\n";

static struct str at(const struct data_node *node, const char *key)
{
    const struct data_node *found = data_get(node, key);
    return found ? found->value : STR_NONE;
}

static void test_values(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    struct str source = str_z(text);
    assert_int_equal(toml_parse(source, &arena, &root, &err), 0);
    assert_true(str_eq_z(at(root, "title"), "a \"b\" \xc3\xa9\xf0\x9f\x98\x80"));
    assert_true(str_eq_z(at(data_get(root, "quoted key"), "x y"), "C:\\n"));
    const struct data_node *package = data_get(root, "package");
    assert_int_equal(toml_line(source, package), 4);
    assert_int_equal(toml_line(source, data_get(package, "name")), 5);
    assert_int_equal(data_get(data_get(package, "version"), "workspace")->kind, DATA_BOOL);
    assert_int_equal(data_get(package, "edition")->kind, DATA_NUMBER);
    assert_int_equal(data_get(package, "day")->kind, DATA_STRING);
    assert_true(str_eq_z(at(package, "day"), "1979-05-27 07:32:00Z"));
    assert_true(str_eq_z(at(package, "ratio"), "-1_0.5e3"));
    assert_int_equal(data_get(package, "list")->count, 3);
    assert_true(str_eq_z(at(data_get(data_get(package, "table"), "b"), "c"), "d"));
    assert_true(str_eq_z(at(package, "lines"), " onetwo\""));
    assert_true(str_eq_z(at(package, "raw"), "a'b"));
    const struct data_node *bin = data_get(root, "bin");
    assert_int_equal(bin->count, 2);
    assert_true(str_eq_z(at(data_get(bin->first, "more"), "z"), "1"));
    assert_true(str_eq_z(at(bin->first->next, "name"), "second"));
}

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"a = 1\na = 2\n", "line 2: the key has two values"},
        {"a", "line 1: '=' was expected"},
        {"\n= 1", "line 2: a key was expected"},
        {"a = \"x\n", "line 1: the string is not closed"},
        {"a = \"\"\"x\n", "line 2: the string is not closed"},
        {"a = \"\\q\"", "line 1: the escape is not known"},
        {"a = \"\\ud800\"", "line 1: the escape is no character"},
        {"a = [1 2]", "line 1: the array is not closed"},
        {"a = { b = 1", "line 1: the table is not closed"},
        {"a = b", "line 1: the value is no string, number, boolean or date"},
        {"a = ", "line 1: a value was expected"},
        {"a = 1 b = 2", "line 1: something stands behind the value"},
        {"a = 1\n[a]\n", "line 2: the key has a value and is no table"},
        {"a = { b = 1 }\na.c = 2", "line 2: the key has a value and is no table"},
        {"a = [1]\n[[a]]\n", "line 2: the key has a value and is no array of tables"},
        {"[a\n", "line 1: the table's name is not closed"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        const struct data_node *root = NULL;
        assert_int_equal(toml_parse(str_z(bad[i].text), &arena, &root, &err), -ERR_INVALID);
        assert_string_equal(err.message, bad[i].message);
    }
}

static void test_depth(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf deep = BUF_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    buf_add_z(&deep, "a = ");
    buf_add_fill(&deep, '[', 10000);
    assert_int_equal(toml_parse(buf_str(&deep), &arena, &root, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "line 1: values are nested too deep");
}

static void test_faults(void **state)
{
    (void)state;
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        const struct data_node *root = NULL;
        fault_arm(FAULT_ALLOC, n);
        r = toml_parse(str_z(text), &arena, &root, &err);
        fault_disarm();
        assert_true(r == 0 || r == -ERR_NOMEM);
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

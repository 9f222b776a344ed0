/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void test_parts(void **state)
{
    (void)state;
    static const struct {
        const char *path, *base, *dir;
    } cases[] = {
        {"", "", ""},        {"/", "", "/"},         {"///", "", "/"},        {"a", "a", ""},
        {"a/", "a", ""},     {"/a", "a", "/"},       {"/a//", "a", "/"},      {"a/b", "b", "a"},
        {"a//b/", "b", "a"}, {"//a//b", "b", "//a"}, {"/a/b/c", "c", "/a/b"}, {"..", "..", ""},
        {"//a", "a", "/"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str base = path_base(str_z(cases[i].path));
        struct str dir = path_dir(str_z(cases[i].path));
        if (!str_eq_z(base, cases[i].base) || !str_eq_z(dir, cases[i].dir))
            fail_msg("'%s' gave '%.*s' and '%.*s'", cases[i].path, STR_ARG(base), STR_ARG(dir));
    }
}

static void test_normalize(void **state)
{
    (void)state;
    static const struct {
        const char *dir, *path, *result; /* NULL: refused */
    } cases[] = {
        {"", "", ""},
        {"", "/", "/"},
        {"/", "", "/"},
        {"", "a/./b//c/", "a/b/c"},
        {"", "./a", "a"},
        {"", "a/..", ""},
        {"", "a/../b", "b"},
        {"", "..", NULL},
        {"", "a/../..", NULL},
        {"a", "../..", NULL},
        {"a", "../b", "b"},
        {"a/b", "../../c", "c"},
        {"/a/b", "../c", "/a/c"},
        {"/a", "../../../etc", "/etc"},
        {"", "/../..", "/"},
        {"/usr", "/etc//", "/etc"},
        {"/usr/", "lib/", "/usr/lib"},
        {"..", "/abs", "/abs"},
        {"..", "x", NULL},
        {"", "...", "..."},
        {"", "a/.../b", "a/.../b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        buf_add_z(&out, "kept:");
        bool ok = path_normalize(&out, str_z(cases[i].dir), str_z(cases[i].path));
        if (ok != (cases[i].result != NULL) || strcmp(out.ptr + 5, ok ? cases[i].result : "") != 0)
            fail_msg("'%s' '%s' gave %d '%s'", cases[i].dir, cases[i].path, ok, out.ptr);
    }
    CLEANUP_BUF struct buf out = BUF_INIT;
    assert_false(path_normalize(&out, STR("a\0b"), STR("c")));
    assert_false(path_normalize(&out, STR("a"), STR("c\0")));
}

static void test_clean(void **state)
{
    (void)state;
    assert_true(path_is_clean_relative(STR("usr/lib/x")));
    assert_true(path_is_clean_relative(STR("...")));
    static const char *const bad[] = {"", "/", "/a", "a/", "a//b", ".", "a/./b", "..", "a/..", "../a"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(path_is_clean_relative(str_z(bad[i])));
    assert_false(path_is_clean_relative(STR("a\0b")));
    assert_true(path_is_below(STR("/usr/lib"), STR("/usr")));
    assert_true(path_is_below(STR("/usr"), STR("/usr")));
    assert_true(path_is_below(STR("/usr"), STR("/")));
    assert_true(path_is_below(STR("usr"), STR("")));
    assert_false(path_is_below(STR("/usrlocal"), STR("/usr")));
    assert_false(path_is_below(STR("/"), STR("/usr")));
}

static void test_relative(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *result;
    } cases[] = {
        {"/", "/", "."},
        {"/", "/a", "a"},
        {"/a", "/", ".."},
        {"/a", "/a", "."},
        {"/a/b", "/", "../.."},
        {"/a/b", "/a/c", "../c"},
        {"/a/bc", "/a/b", "../b"},
        {"/a/b", "/a/bc", "../bc"},
        {"/usr/lib", "/usr/lib/x/y", "x/y"},
        {"/etc/alternatives", "/usr/bin/x", "../../usr/bin/x"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        path_relative(&out, str_z(cases[i].from), str_z(cases[i].to));
        assert_string_equal(buf_z(&out), cases[i].result);
    }
}

static void test_glob(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool match;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"abc", "abc", true},
        {"*", "", true},
        {"*", "abc", true},
        {"*", "a/b", false},
        {"a*", "a/b", false},
        {"*/*", "a/b", true},
        {"*/*", "a", false},
        {"*.so", "libc.so", true},
        {"*.so", "libc.so.6", false},
        {"*.so*", "libc.so.6", true},
        {"lib*.so.*", "libstdc++.so.6", true},
        {"*a*b*c", "xaxbxaxbxc", true},
        {"*a*b*c", "xaxbxaxbx", false},
        {"*a/*b", "xxa/xxb", true},
        {"?", "a", true},
        {"?", "/", false},
        {"?", "", false},
        {"??", "\xC3\xA9", true}, /* bytes */
        {"**", "", true},
        {"**/", "", true},
        {"**/", "abc", false},
        {"[a", "[a", true},
        {"*[a]", "xa", true},
        {"*\\*", "x*", true},
        {"\\**a", "*a", true},
        {"**", "a/b/c", true},
        {"**/c", "c", true},
        {"**/c", "a/b/c", true},
        {"**/c", "a/bc", false},
        {"**/c", "a/b/cd", false},
        {"a/**/c", "a/c", true},
        {"a/**/c", "a/b/c", true},
        {"a/**/c", "a/b/b/c", true},
        {"a/**/c", "ac", false},
        {"a/**/c", "a/bc", false},
        {"a/**", "a/b/c", true},
        {"a/**", "a", false},
        {"a**c", "a/b/c", true},
        {"a**/c", "ac", false}, /* "**" + "/" is nothing only where a component starts */
        {"a**/c", "ab/c", true},
        {"**/a/**/b", "x/a/y/z/b", true},
        {"**/**/b", "b", true},
        {"**/*.py", "a/b/c.py", true},
        {"**/*.py", "a/b/c.pyc", false},
        {"**/x*y/z", "xay/q/xby/z", true},
        {"***", "a/b", true},
        {"[abc]", "b", true},
        {"[abc]", "d", false},
        {"[a-c]x", "bx", true},
        {"[!a-c]", "d", true},
        {"[^a-c]", "b", false},
        {"[!a]", "/", false},
        {"[]]", "]", true},
        {"[!]]", "x", true},
        {"[a-]", "-", true},
        {"[-a]", "-", true},
        {"[\x80-\xff]", "\xC3", true},
        {"[abc", "[abc", true},
        {"[", "[", true},
        {"[!", "[!", true},
        {"a[/]b", "a/b", false},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"\\", "\\", true},
        {"a\\/b", "a/b", true},
        {"*[0-9]", "abc9", true},
        {"*[0-9]*", "a1b2c", true},
        {"usr/share/{a,b}", "usr/share/{a,b}", true}, /* braces are no pattern */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (path_glob(str_z(cases[i].pattern), str_z(cases[i].path)) != cases[i].match)
            fail_msg("'%s' against '%s'", cases[i].pattern, cases[i].path);
    assert_true(path_glob(STR_NONE, STR_NONE));
    assert_true(path_glob(STR("*"), STR_NONE));
}

/* A pattern that is exponential for a naive matcher. */
static void test_glob_hostile(void **state)
{
    (void)state;
    char pattern[201], path[2001];
    for (size_t i = 0; i < 200; i += 4)
        memcpy(pattern + i, "*a**", 4);
    pattern[200] = '\0';
    memset(path, 'a', 2000);
    path[2000] = '\0';
    assert_true(path_glob(str_z(pattern), str_z(path)));
    pattern[199] = 'b';
    assert_false(path_glob(str_z(pattern), str_z(path)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),    cmocka_unit_test(test_normalize), cmocka_unit_test(test_clean),
        cmocka_unit_test(test_relative), cmocka_unit_test(test_glob),      cmocka_unit_test(test_glob_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

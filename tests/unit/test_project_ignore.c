/* SPDX-License-Identifier: Apache-2.0 */
#include "project/ignore.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>

/* What LINES (NULL behind the last) say of PATH: 1 matches, 0 not, -1 an error. */
static int ask(const char *text, const char *path)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct project_ignore *ignore;
    if (project_ignore_new(str_z(text), (struct str_list){NULL, 0}, &arena, &ignore, &err) < 0)
        return -1;
    return project_ignore_matches(ignore, str_z(path));
}

struct sample {
    const char *pattern, *path;
    int matches; /* as of ask; of the path itself or of one of its parents */
};

/* What Docker's own matcher says of the same. */
static const struct sample samples[] = {
    {"**", "file", 1},
    {"**/", "file", 1},
    {"**", "dir/file", 1},
    {"**/**", "dir/file", 1},
    {"dir/**", "dir/file", 1},
    {"dir/**", "dir/dir2/file", 1},
    {"**/dir", "dir", 1},
    {"**/dir", "dir/file", 1},
    {"**/dir2/*", "dir/dir2/file", 1},
    {"**/dir2/**", "dir/dir2/dir3/file", 1},
    {"**file", "file", 1},
    {"**file", "dir/file", 1},
    {"**file", "dir/myfile", 1},
    {"**fil*", "dir/myfile", 0},
    {"**/file", "dir/dir/file", 1},
    {"**/file", "dir/myfile", 0},
    {"**/file*txt", "dir/dir/file.txt", 1},
    {"**/file*.txt*", "dir/dir/file.txt", 1},
    {"**/**/*.txt", "dir/dir/file.txt", 1},
    {"**/**/*.txt2", "dir/dir/file.txt", 0},
    {"**/*.txt", "file.txt", 1},
    {"a**/*.txt", "a/file.txt", 1},
    {"a**/*.txt", "a/dir/dir/file.txt", 1},
    {"a/*.txt", "a/dir/file.txt", 0},
    {"a/*.txt**", "a/file.txt", 1},
    {"a[b-d]e", "ae", 0},
    {"a[b-d]e", "ace", 1},
    {"a[b-d]e", "aae", 0},
    {"a[^b-d]e", "aze", 1},
    {".*", ".foo", 1},
    {".*", "foo", 0},
    {"abc.def", "abcdef", 0},
    {"abc.def", "abcZdef", 0},
    {"abc?def", "abcZdef", 1},
    {"abc?def", "abcdef", 0},
    {"**/foo/bar", "dir/dir2/foo/bar", 1},
    {"abc/**", "abc", 0},
    {"abc/**", "abc/def/ghi", 1},
    {"abc**", "abcdef/ghi", 1},
    {"**/.foo", "bar.foo", 0},
    {"a(b)c/def", "a(b)c/def", 1},
    {"a.|)$(}+{bc", "a.|)$(}+{bc", 1},
    {"dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", 1},
    {"a\\\\", "a\\", 1},
    {"a\\*b", "a*b", 1},
    {"a\\*b", "ab", 0},
    {"*", "abc", 1},
    {"*c", "abc", 1},
    {"a*", "a", 1},
    {"a*", "ab/c", 1},
    {"a*/b", "abc/b", 1},
    {"a*/b", "a/c/b", 0},
    {"a*b*c*d*e*/f", "axbxcxdxexxx/f", 1},
    {"a*b*c*d*e*/f", "axbxcxdxe/xxx/f", 0},
    {"a*b?c*x", "abxbbxdbxebxczzx", 1},
    {"a*b?c*x", "abxbbxdbxebxczzy", 0},
    {"ab[^c]", "abc", 0},
    {"a?b",
     "a\xe2\x98\xba"
     "b",
     1},
    {"a???b",
     "a\xe2\x98\xba"
     "b",
     0},
    {"a[^a]b",
     "a\xe2\x98\xba"
     "b",
     1},
    {"[a-\xce\xb6]*", "\xce\xb1", 1},
    {"*[a-\xce\xb6]", "A", 0},
    {"a?b", "a/b", 0},
    {"a*b", "a/b", 0},
    {"[\\]a]", "]", 1},
    {"[x\\-]", "-", 1},
    {"[x\\-]", "z", 0},
    {"[\\-x]", "x", 1},
    {"*x", "xxx", 1},
    /* What cannot be read. */
    {"[]a]", "]", -1},
    {"[-]", "-", -1},
    {"[x-]", "x", -1},
    {"[-x]", "x", -1},
    {"\\", "a", -1},
    {"[a-b-c]", "a", -1},
    {"[", "a", -1},
    {"[^", "a", -1},
    {"[^bc", "a", -1},
    {"a[", "ab", -1},
    {"[z-a]", "b", -1},
    {"!", "a", -1},
    {"! ", "a", -1},
    /* Several lines. */
    {"!fileutils.go\n*.go", "fileutils.go", 1},
    {"docs\n!docs/README.md", "docs/README.md", 0},
    {"docs/\n!docs/README.md", "docs/README.md", 0},
    {"docs/*\n!docs/README.md", "docs/README.md", 0},
    {"docs\n!docs/README.md", "docs/other.md", 1},
    {"*.go\n!fileutils.go", "fileutils.go", 0},
    {"**\n!util/docker/web", "util/docker/web/foo", 0},
    {"**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", 1},
    {"**\n!dist/*.whl", "dist/a.whl", 0},
    {"*\n!app\n**/*.pyc", "app/a/b.pyc", 1},
    {"*\n!app\n**/*.pyc", "app/a/b.py", 0},
    /* Lines themselves. */
    {"", "a", 0},
    {"# a\n\n  \r\n\tb \r\n", "b", 1},
    {"# a", "# a", 0},
    {" #a", "#a", 1},
    {"\xef\xbb\xbf"
     "a",
     "a", 1},
    {"/a", "a", 1},
    {"/a", "b/a", 0},
    {"a", "b/a", 0},
    {"./a//b/", "a/b", 1},
    {"a/../b", "b", 1},
    {"../b", "b", 0},
    {"/../b", "b", 1},
    {".", "a", 0},
    {"/", "a", 0},
    {"! /a", "a", 0},
    {"a\n!/a", "a", 0},
};

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        if (ask(samples[i].pattern, samples[i].path) != samples[i].matches)
            fail_msg("'%s' and '%s' are not %d", samples[i].pattern, samples[i].path, samples[i].matches);
}

static void test_may_return(void **state)
{
    static const struct {
        const char *text, *path;
        bool may;
    } cases[] = {
        {"a", "a", false},
        {"*\n!app", "app", true},
        {"*\n!app/sub/x", "app", true},
        {"*\n!app/sub/x", "app/sub", true},
        {"*\n!app/sub/x", "app/sub/y", false},
        {"*\n!app/sub/x", "lib", false},
        {"*\n!app/sub/x", "ap", false},
        {"*\n!**/x.py", "lib/deep", true},
        {"*\n!*.py", "lib", false},
        {"*\n!a?/b", "ax", true},
        {"*\n!a?/b", "ax/c", false},
        {"*\n!lib", "lib/below", true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct err err = ERR_INIT;
        struct project_ignore *ignore;
        struct str_list none = {NULL, 0};
        assert_int_equal(project_ignore_new(str_z(cases[i].text), none, &arena, &ignore, &err), 0);
        if (project_ignore_may_return(ignore, str_z(cases[i].path)) != cases[i].may)
            fail_msg("%zu: '%s'", i, cases[i].path);
    }
}

static void test_extra_comes_last(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct project_ignore *ignore;
    struct str extra[] = {STR("!a"), STR("b/*.txt"), STR("#c")};
    struct str_list list = {extra, ARRAY_LEN(extra)};
    assert_int_equal(project_ignore_new(STR("a\n"), list, &arena, &ignore, &err), 0);
    assert_false(project_ignore_matches(ignore, STR("a")));
    assert_true(project_ignore_matches(ignore, STR("b/x.txt")));
    assert_true(project_ignore_matches(ignore, STR("#c")));
}

static void test_messages(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct project_ignore *ignore = NULL;
    struct str bad[] = {STR("a[")};
    struct str_list none = {NULL, 0}, list = {bad, 1};
    assert_int_equal(project_ignore_new(STR("a\n\nb[\n"), none, &arena, &ignore, &err), -ERR_INVALID);
    assert_string_equal(err.message,
                        ".dockerignore, line 3: a set that is empty, not closed or has a wrong range in 'b['");
    assert_int_equal(project_ignore_new(STR(""), list, &arena, &ignore, &err), -ERR_USAGE);
    assert_string_equal(err.message, "--exclude: a set that is empty, not closed or has a wrong range in 'a['");
    assert_null(ignore);
}

static void test_limits(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct project_ignore *ignore;
    struct str_list none = {NULL, 0};
    for (unsigned i = 0; i < 10001; i++)
        buf_add_z(&text, "a\n");
    assert_int_equal(project_ignore_new(buf_str(&text), none, &arena, &ignore, &err), -ERR_LIMIT);
    buf_reset(&text);
    buf_add_fill(&text, 'a', 4097);
    assert_int_equal(project_ignore_new(buf_str(&text), none, &arena, &ignore, &err), -ERR_INVALID);
    buf_add_fill(&text, '\n', 1 << 20);
    assert_int_equal(project_ignore_new(buf_str(&text), none, &arena, &ignore, &err), -ERR_LIMIT);
    /* A pattern that makes other matchers go back and forth for years. */
    buf_reset(&text);
    for (unsigned i = 0; i < 2000; i++)
        buf_add_z(&text, "*a");
    assert_int_equal(project_ignore_new(buf_str(&text), none, &arena, &ignore, &err), 0);
    buf_reset(&text);
    buf_add_fill(&text, 'a', 4000);
    buf_add_char(&text, 'b');
    assert_false(project_ignore_matches(ignore, buf_str(&text)));
}

static void test_faults(void **state)
{
    (void)state;
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct err err = ERR_INIT;
        struct project_ignore *ignore;
        struct str extra[] = {STR("!a/b")};
        struct str_list list = {extra, 1};
        fault_arm(FAULT_ALLOC, n);
        r = project_ignore_new(STR("a/../b\n!x\n[a-z]*\n**/k\nl\nm\nn\no\np\n"), list, &arena, &ignore, &err);
        fault_disarm();
        assert_true(r == 0 || r == -ERR_NOMEM);
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),  cmocka_unit_test(test_may_return), cmocka_unit_test(test_extra_comes_last),
        cmocka_unit_test(test_messages), cmocka_unit_test(test_limits),     cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

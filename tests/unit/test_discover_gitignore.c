/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/matrix/gitignore.sh holds against git at large, here by its kinds, and what git can't be asked. */
#include "discover/gitignore.h"

#include "base/clock.h"
#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

/* 'x' excluded, 'i' included again, '-' nothing said. A path with a slash at its end is a directory. */
static char ask(const char *patterns, size_t len, const char *path)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct gitignore list;
    assert_int_equal(gitignore_parse(str_of(patterns, len), &arena, &list, NULL), 0);
    struct str name = str_z(path);
    bool is_dir = str_ends(name, STR("/"));
    name.len -= is_dir;
    enum gitignore_verdict verdict = gitignore_match(&list, name, is_dir);
    return verdict == GITIGNORE_NONE ? '-' : verdict == GITIGNORE_EXCLUDED ? 'x' : 'i';
}

struct question {
    const char *patterns, *path;
    char answer;
};

static void check(const struct question *questions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char answer = ask(questions[i].patterns, strlen(questions[i].patterns), questions[i].path);
        if (answer != questions[i].answer)
            fail_msg("'%s' says '%c' of '%s', not '%c'", questions[i].patterns, answer, questions[i].path,
                     questions[i].answer);
    }
}
#define CHECK(...)                                                                                                     \
    check((const struct question[]){__VA_ARGS__},                                                                      \
          sizeof((const struct question[]){__VA_ARGS__}) / sizeof(struct question))

static void test_lines(void **state)
{
    (void)state;
    CHECK({"", "a", '-'}, {"\n\n", "a", '-'}, {"#a", "#a", '-'}, {"\\#a", "#a", 'x'}, {"!", "a", '-'}, {"/", "a", '-'},
          {"//", "a", '-'}, {"a\r\nb", "a", 'x'}, {"a\r\nb", "b", 'x'}, {"a\r", "a", 'x'}, {"a\r", "a\r", '-'},
          {"a  ", "a", 'x'}, {"a\\ ", "a ", 'x'}, {"a\\  ", "a ", 'x'}, {"a\\", "a", '-'}, {"a\\", "a\\", '-'},
          {"a\t", "a", '-'}, {"a\t", "a\t", 'x'},
          {"\xEF\xBB\xBF"
           "a",
           "a", 'x'},
          {" a", "a", '-'}, {" a", " a", 'x'}, {"!a", "a", 'i'}, {"a\n!a", "a", 'i'}, {"!a\na", "a", 'x'},
          {"\\!a", "!a", 'x'}, {"!!a", "!a", 'i'});
    assert_int_equal(ask("a\0b\n", 4, "a"), 'x'); /* as git: the line ends at the NUL */
    assert_int_equal(ask("a\nb", 2, "b"), '-');
}

static void test_anchors(void **state)
{
    (void)state;
    CHECK({"a", "x/a", 'x'}, {"/a", "x/a", '-'}, {"/a", "a", 'x'}, {"a/", "a", '-'}, {"a/", "a/", 'x'},
          {"a/", "x/a/", 'x'}, {"/a/", "x/a/", '-'}, {"x/a", "x/a", 'x'}, {"x/a", "y/x/a", '-'}, {"x/a/", "x/a", '-'},
          {"x/a/", "x/a/", 'x'}, {"a", "ab", '-'}, {"a", "a/b", '-'}, {"a/b", "a", '-'}, {"/", "a/", '-'});
}

static void test_stars(void **state)
{
    (void)state;
    CHECK({"*", "a", 'x'}, {"*", "x/a", 'x'}, {"*.o", "x/a.o", 'x'}, {"*.o", ".o", 'x'}, {"/*.o", "x/a.o", '-'},
          {"x/*", "x/a/b", '-'}, {"x/*", "x/a", 'x'}, {"*/b", "a/b", 'x'}, {"*/b", "a/a/b", '-'}, {"a*c", "a/c", '-'},
          {"**/b", "b", 'x'}, {"**/b", "x/y/b", 'x'}, {"a/**", "a/", '-'}, {"a/**", "a/b/c", 'x'},
          {"a/**/b", "a/b", 'x'}, {"a/**/b", "a/x/y/b", 'x'}, {"a/**/b", "ax/b", '-'}, {"x/a**b", "x/a/b", '-'},
          {"x/a**b", "x/aqb", 'x'}, {"a**/b", "a/b", 'x'}, {"a**/b", "ax/y/b", 'x'}, {"**", "x/y", 'x'},
          {"a/***/b", "a/x/y/b", 'x'}, {"?", "a", 'x'}, {"?", "ab", '-'}, {"a?b", "a/b", '-'}, {"\\*", "*", 'x'},
          {"\\*", "a", '-'}, {"*a*b*", "xxaxxbxx", 'x'}, {"*a*b*", "xxbxxaxx", '-'}, {"/**/**/c", "a/b/c", 'x'});
}

static void test_sets(void **state)
{
    (void)state;
    CHECK({"[ab]", "a", 'x'}, {"[ab]", "c", '-'}, {"[!ab]", "c", 'x'}, {"[^ab]", "a", '-'}, {"[a-c]", "b", 'x'},
          {"[c-a]", "b", '-'}, {"[]]", "]", 'x'}, {"[]a]", "a", 'x'}, {"[!]]", "]", '-'}, {"[a", "[a", '-'},
          {"[a-]", "-", 'x'}, {"[-a]", "-", 'x'}, {"[\\]]", "]", 'x'}, {"[\\", "\\", '-'}, {"[a-\\c]", "b", 'x'},
          {"x/[a/]", "x//", '-'}, {"[[:alpha:]]", "a", 'x'}, {"[[:alpha:]]", "1", '-'}, {"[![:alpha:]]", "1", 'x'},
          {"[[:nope:]]", "a", '-'}, {"[[:alpha:]1]", "1", 'x'}, {"[[:alpha:", "a", '-'}, {"[[:]", ":", 'x'},
          {"[[::]]", ":]", '-'}, {"[[:xdigit:]]", "F", 'x'}, {"[[:punct:]]", "!", 'x'}, {"[[:space:]]", "\v", '-'},
          {"[[:cntrl:]]", "\x7f", 'x'}, {"[[:graph:]]", "\xc3", '-'}, {"[\xc3]\xa9", "\xc3\xa9", 'x'},
          {"[[:alpha:]-z]", "-", 'x'}, {"[[:alpha:]-z]", "{", '-'});
}

/* Patterns that take a backtracking matcher longer than a life. */
static void test_time(void **state)
{
    (void)state;
    char pattern[600] = "", path[4001];
    for (int i = 0; i < 100; i++)
        strcat(pattern, i % 2 ? "*/" : "**/");
    strcat(pattern, "b");
    for (size_t i = 0; i < 4000; i++)
        path[i] = i % 2 ? '/' : 'a';
    path[3999] = 'c';
    path[4000] = '\0';
    uint64_t start = clock_monotonic_ns();
    assert_int_equal(ask(pattern, strlen(pattern), path), '-');
    memset(path, 'a', 4000);
    assert_int_equal(ask("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", 31, path), '-');
    assert_int_equal(ask("x/**/*a*a*a*a*a*a*a*ab", 22, path), '-');
    assert_true(clock_monotonic_ns() - start < 200000000U);
}

static void test_fault(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct gitignore list;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = gitignore_parse(STR("a\nb\n"), &arena, &list, &err);
        fault_disarm();
        if (r == 0)
            break;
        assert_int_equal(r, -ERR_NOMEM);
        assert_true(n < 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_anchors), cmocka_unit_test(test_stars),
        cmocka_unit_test(test_sets),  cmocka_unit_test(test_time),    cmocka_unit_test(test_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

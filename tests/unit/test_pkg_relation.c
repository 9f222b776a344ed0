/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/relation.h"

#include "base/buf.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

/* TEXT, read and printed again: groups end in ';', alternatives in '|'. */
static void reads(const char *text, const char *expected)
{
    struct buf CLEANUP_BUF out = BUF_INIT;
    struct err err = ERR_INIT;
    struct str rest = str_z(text);
    for (;;) {
        struct relation relation;
        assert_int_equal(relation_next(&rest, &relation, &err), 0);
        if (relation.name.len == 0)
            break;
        relation_print(&out, &relation);
        buf_add_char(&out, relation.or_next ? '|' : ';');
    }
    assert_string_equal(buf_z(&out), expected);
}

static void refuses(const char *text, const char *message)
{
    struct err err = ERR_INIT;
    struct str rest = str_z(text);
    struct relation relation;
    int rc;
    do
        rc = relation_next(&rest, &relation, &err);
    while (!rc && relation.name.len > 0);
    assert_int_equal(rc, -ERR_INVALID);
    assert_string_equal(err.message, message);
}

static void test_grammar(void **state)
{
    (void)state;
    reads("", "");
    reads(" , ,\n ", "");
    reads("libc6", "libc6;");
    reads("libc6 (>= 2.34), zlib1g(>=1:1.2.0)", "libc6 (>= 2.34);zlib1g (>= 1:1.2.0);");
    reads("a|b (= 1) | c:any (<< 2),\n d:native ,", "a|b (= 1)|c:any (<< 2);d:native;");
    reads("a (< 1), b (> 2), c (<= 3), d (>> 4)", "a (<= 1);b (>= 2);c (<= 3);d (>> 4);");
    reads("python3-x.y+z:amd64 ( = 1~2 )", "python3-x.y+z:amd64 (= 1~2);");
}

static void test_refused(void **state)
{
    (void)state;
    refuses("(>= 1)", "no package name in '(>= 1)'");
    refuses("a b", "can't understand the relation 'a b'");
    refuses("a, b (1), c", "can't understand the version in 'b (1)'");
    refuses("a (>= )", "can't understand the version in 'a (>= )'");
    refuses("a (>= 1", "can't understand the version in 'a (>= 1'");
    refuses("a (>= 1, b (= 2)", "can't understand the version in 'a (>= 1'");
    refuses("a (>= 1 2)", "can't understand the version in 'a (>= 1 2)'");
    refuses("a |", "no alternative follows the last '|' of 'a |'");
    refuses("a | , b", "no alternative follows the last '|' of 'a |'");
    refuses("a: (= 1)", "no architecture behind the colon of 'a: (= 1)'");
    refuses("a [amd64]", "a list of architectures or profiles in 'a [amd64]' of a binary package");
    refuses("a (= 1) <!nocheck>", "a list of architectures or profiles in 'a (= 1) <!nocheck>' of a binary package");
    refuses("${shlibs:Depends}", "no package name in '${shlibs:Depends}'");
}

static void matches(const char *text, const char *version, bool expected)
{
    struct err err = ERR_INIT;
    struct str rest = str_z(text);
    struct relation relation;
    assert_int_equal(relation_next(&rest, &relation, &err), 0);
    assert_int_equal(relation_matches(&relation, str_z(version)), expected);
}

static void test_matches(void **state)
{
    (void)state;
    matches("a", "1", true);
    matches("a", "", true);
    matches("a (= 1)", "", false);
    matches("a (= 1)", "1-0", true);
    matches("a (= 1)", "1-1", false);
    matches("a (<< 2)", "2~rc1", true);
    matches("a (<< 2)", "2", false);
    matches("a (<= 2)", "2", true);
    matches("a (>= 2)", "2", true);
    matches("a (>= 2)", "1.9", false);
    matches("a (>> 2)", "2", false);
    matches("a (>> 2)", "1:0", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

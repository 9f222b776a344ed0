/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes of a decoded scalar to the bytes that it is written with. */
#include "compose_fixture.h"

#include "facts/value_map.h"

/* Where WORD of the value of `x:` is written; "WHOLE" when it is told to be all of it and is not. */
static void assert_traced(const char *text, const char *dotenv, const char *word, const char *wanted)
{
    const struct fixture_file files[] = {{"compose.yaml", text}, {dotenv ? ".env" : NULL, dotenv}, {NULL, NULL}};
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct compose_project project = fixture_project(files, 1, &arena);
    struct source source = {.bytes = str_z(text), .line = 1};
    const struct source *items[] = {&source, &source};
    struct sources sources = {items, 2};
    const struct data_node *node = data_get(project.root, "x");
    struct value_map map;
    assert_int_equal(value_map_init(&map, &sources, node, &arena, NULL), 0);
    size_t at = str_find(node->value, str_z(word));
    if (at == node->value.len && *word)
        fail_msg("'%s' is not in '%.*s'", word, STR_ARG(node->value));
    struct place place = value_map_place(&map, at, strlen(word));
    bool whole = place.span.offset == map.whole.span.offset && place.span.len == map.whole.span.len;
    struct str got = whole ? STR("WHOLE") : place_text(place);
    if (!str_eq_z(got, wanted))
        fail_msg("got '%.*s', not '%s'", STR_ARG(got), wanted);
}

static void test_styles(void **state)
{
    (void)state;
    assert_traced("x: one two  three # c\n", NULL, "two", "two");
    assert_traced("x: 'it''s a  word'\n", NULL, "word", "word");
    assert_traced("x: 'it''s'\n", NULL, "it's", "it''s");
    assert_traced("x: \"a\\tb \\\"c\\\" d\"\n", NULL, "\"c\"", "\\\"c\\\"");
    assert_traced("x: \"a\\tb \\\"c\\\" d\"\n", NULL, "d", "d");
    assert_traced("x: \"a \\\n   b c\"\n", NULL, "b", "b");
    assert_traced("x: \"\\u0041 b\"\n", NULL, "b", "WHOLE");
    assert_traced("x: one\n  two\n\n  three\n", NULL, "two", "two");
    assert_traced("x: one\n  two\n\n  three\n", NULL, "three", "three");
    assert_traced("x: 'one\n  two'\n", NULL, "two", "two");
    assert_traced("x: |\n  one\n    two\n\n  three\ny: 1\n", NULL, "two", "two");
    assert_traced("x: |\n  one\n    two\n\n  three\ny: 1\n", NULL, "three", "three");
    assert_traced("x: |-\r\n  one\r\n  two\r\n", NULL, "two", "two");
    assert_traced("x: >-\n  one\n  two\n", NULL, "one", "one");
    assert_traced("x: >-\n  one\n  two\n", NULL, "two", "two");
    assert_traced("x: |2\n   one two\n", NULL, "two", "WHOLE");
    assert_traced("x: ''\n", NULL, "", "");
}

static void test_variables(void **state)
{
    (void)state;
    assert_traced("x: run $$HOME now\n", NULL, "$HOME", "$$HOME");
    assert_traced("x: run $$HOME now\n", NULL, "now", "now");
    assert_traced("x: a:${V}:b c\n", "V=val\n", "a", "a");
    assert_traced("x: a:${V}:b c\n", "V=val\n", "c", "c");
    assert_traced("x: a ${V:-x}y c\n", "V=val\n", "valy", "${V:-x}y");
    assert_traced("x: \"a $V c $W e\"\n", "V=1\nW=2\n", "e", "e");
    assert_traced("x: \"a $V c $W e\"\n", "V=1\nW=2\n", "c", "WHOLE");
    assert_traced("x: a ${N} c\n", NULL, "${N}", "${N}");
    assert_traced("x: a ${N} c\n", NULL, "c", "c");
}

/* A copy is used elsewhere: the alias is its place. */
static void test_alias(void **state)
{
    (void)state;
    assert_traced("y: &y one two\nx: *y\n", NULL, "two", "WHOLE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_alias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

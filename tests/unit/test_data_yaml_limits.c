/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "data/yaml.h"
#include "yaml_fixture.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct buf *text, const char *piece, size_t count)
{
    while (count-- > 0)
        buf_add_z(text, piece);
}

static void check_limit(const struct buf *text, const char *message)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    assert_int_equal(yaml_parse(buf_str(text), NULL, &arena, &root, &err), -ERR_LIMIT);
    assert_string_equal(err.message, message);
    assert_null(root);
    assert_true(arena.used_bytes < (50U << 20));
}

static void test_depth(void **state)
{
    (void)state;
    static const struct {
        const char *piece, *message;
    } cases[] = {
        {"[", "line 1, column 129: the document is nested too deeply"},
        {"[\n", "line 129, column 1: the document is nested too deeply"},
        {"{a: ", "line 1, column 513: the document is nested too deeply"},
        {"- ", "line 1, column 257: the document is nested too deeply"},
        {"? ", "line 1, column 257: the document is nested too deeply"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf text = BUF_INIT;
        fill(&text, cases[i].piece, 100000);
        check_limit(&text, cases[i].message);
    }
    CLEANUP_BUF struct buf text = BUF_INIT;
    fill(&text, "[", LIMIT_YAML_DEPTH);
    fill(&text, "]", LIMIT_YAML_DEPTH);
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    parse(buf_str(&text), NULL, &arena);
    buf_reset(&text);
    buf_add_z(&text, "a: &a ");
    fill(&text, "[", 64);
    buf_add_char(&text, 'x');
    fill(&text, "]", 64);
    buf_add_z(&text, "\nb: ");
    fill(&text, "[", 64);
    buf_add_z(&text, "*a");
    fill(&text, "]", 64);
    check_limit(&text, "line 2, column 68: the aliases nest the document deeper than 128 levels");
}

static void test_alias_bombs(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 12; i++) {
        buf_addf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            buf_addf(&text, "*a%d,", i - 1);
        buf_add_z(&text, "]\n");
    }
    check_limit(&text, "line 6, column 18: the aliases stand for more than 262144 values");
    buf_reset(&text);
    buf_add_z(&text, "a: &a {k: {x: 1}}\n");
    for (int i = 0; i < 65537; i++)
        buf_addf(&text, "k%d: *a\n", i);
    check_limit(&text, "line 65538, column 9: the document has too many aliases");
}

static void test_huge_scalars(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "a: '");
    fill(&text, "0123456789abcdef", 65536);
    buf_add_z(&text, "'\nb: |\n");
    fill(&text, "  a line\n", 65536);
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = parse(buf_str(&text), NULL, &arena);
    assert_int_equal(data_get(root, "a")->value.len, 16 * 65536);
    assert_ptr_equal(data_get(root, "a")->value.ptr, text.ptr + 4);
    assert_int_equal(data_get(root, "b")->value.len, 7 * 65536);
    assert_true(arena.used_bytes < text.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_alias_bombs),
        cmocka_unit_test(test_huge_scalars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

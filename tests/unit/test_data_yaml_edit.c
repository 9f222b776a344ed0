/* SPDX-License-Identifier: Apache-2.0 */
#include "data/json.h"
#include "data/yaml.h"
#include "data/yaml_edit.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct data_node *parse(struct str source, struct arena *arena)
{
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    if (yaml_parse(source, NULL, arena, &root, &err) != 0)
        fail_msg("%s", err.message);
    return root;
}

/* A node by its path: "a.b.0.c". */
static const struct data_node *at(const struct data_node *node, const char *path)
{
    struct str rest = str_z(path), part;
    while (rest.len > 0 && str_next(&rest, '.', &part)) {
        if (node->kind == DATA_OBJECT) {
            node = data_get_str(node, part);
        } else {
            node = node->first;
            for (int skip = part.ptr[0] - '0'; skip > 0; skip--)
                node = node->next;
        }
        assert_non_null(node);
    }
    return node;
}

static void check_comments(struct str source, struct yaml_comments comments, const char *expected)
{
    CLEANUP_BUF struct buf got = BUF_INIT;
    struct data_span span;
    while (yaml_comments_next(&comments, &span)) {
        buf_add_str(&got, data_span_text(source, span));
        buf_add_char(&got, '|');
    }
    assert_string_equal(buf_z(&got), expected);
}

static void test_comments_of_nodes(void **state)
{
    (void)state;
    struct str source = STR("# top 1\n"
                            "# top 2\n"
                            "\n"
                            "# a 1\n"
                            "  # a 2\n"
                            "a: 'x # y' # a 0\n"
                            "url: http://h/#frag\n"
                            "lit: | # lit 0\n"
                            "  text\n"
                            "  # text\n"
                            "b: \"q\\\" # no\" # b 0\n"
                            "map: # map 0\n"
                            "  # k 1\n"
                            "  k: {x: 1, y: '# no'} # k 0\n"
                            "seq:\n"
                            "# s 1\n"
                            "- name: n # s 0\n"
                            "  # v 1\n"
                            "  v: w\n"
                            "# t 1\n"
                            "- &t t #t 0\n"
                            "none: # none 0\n"
                            "far: # far 0\n"
                            "  away # away\n"
                            "text: ['x\n"
                            "  # no', 2] # text 0\n"
                            "use: *t # use 0\n");
    static const struct {
        const char *path, *comments;
    } cases[] = {
        {"a", "# a 0|# a 2|# a 1|"},
        {"url", ""},
        {"lit", "# lit 0|"},
        {"b", "# b 0|"},
        {"map", "# map 0|"},
        {"map.k", "# k 0|# k 1|"},
        {"map.k.x", "# k 0|# k 1|"},
        {"map.k.y", "# k 0|# k 1|"},
        {"text.1", "# text 0|"},
        {"seq.0", "# s 0|# s 1|"},
        {"seq.0.name", "# s 0|# s 1|"},
        {"seq.0.v", "# v 1|"},
        {"seq.1", "#t 0|# t 1|"},
        {"none", "# none 0|"},
        {"far", "# far 0|"},
    };
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = parse(source, &arena);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_comments(source, yaml_comments_of(source, at(root, cases[i].path)), cases[i].comments);
    check_comments(source, yaml_comments_of(source, data_origin(at(root, "use"))), "#t 0|# t 1|");
}

static void test_endless_lines(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "# no\n[");
    for (int i = 0; i < 30000; i++)
        buf_add_z(&text, "x, ");
    buf_add_z(&text, "] # all\n");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = parse(buf_str(&text), &arena);
    unsigned number = 0;
    DATA_EACH(child, root)
    {
        if (number++ % 41 != 0)
            continue;
        size_t before = child->span.offset, behind = text.len - before;
        if (before < 16300)
            check_comments(buf_str(&text), yaml_comments_of(buf_str(&text), child), "# no|");
        else if (before > 16400 && behind > 16400)
            check_comments(buf_str(&text), yaml_comments_of(buf_str(&text), child), "");
        else if (behind < 16300)
            check_comments(buf_str(&text), yaml_comments_of(buf_str(&text), child), "# all|");
    }
}

static void test_comments_at_the_top(void **state)
{
    (void)state;
    struct str source = STR("\xEF\xBB\xBF# 1\r\n\r\n%YAML 1.2\r\n  # 2\r\n---\r\n# 3\r\na: 1\r\n# 4\r\n");
    check_comments(source, yaml_comments_at_top(source, 3), "# 1|# 2|# 3|");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    check_comments(source, yaml_comments_of(source, at(parse(source, &arena), "a")), "# 3|");
    check_comments(STR("# only"), yaml_comments_at_top(STR("# only"), 0), "# only|");
    check_comments(STR(""), yaml_comments_at_top(STR(""), 0), "");
}

/* What SOURCE becomes when MEMBER is put into the node at PATH; NULL when there is no place. */
static void check_insertion(const char *text, const char *path, const char *member, const char *expected)
{
    struct str source = str_z(text);
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct yaml_insertion place;
    if (!yaml_insertion_of(source, at(parse(source, &arena), path), &place)) {
        assert_null(expected);
        return;
    }
    assert_non_null(expected);
    CLEANUP_BUF struct buf out = BUF_INIT;
    buf_add_str(&out, str_head(source, place.offset));
    if (place.break_before)
        buf_add_str(&out, place.line_break);
    if (place.comma_before)
        buf_add_z(&out, ", ");
    buf_add_fill(&out, ' ', place.indent);
    buf_add_z(&out, member);
    if (!place.flow && !place.break_before)
        buf_add_str(&out, place.line_break);
    buf_add_str(&out, str_skip(source, place.offset));
    assert_string_equal(buf_z(&out), expected);
    parse(buf_str(&out), &arena);
}

static void test_insertion(void **state)
{
    (void)state;
    check_insertion("a:\n  b: 1 # c\n\n# d\ne: 2\n", "a", "n: 9", "a:\n  b: 1 # c\n  n: 9\n\n# d\ne: 2\n");
    check_insertion("a:\n  b: 1 # c\n\n# d\ne: 2\n", "", "n: 9", "a:\n  b: 1 # c\n\n# d\ne: 2\nn: 9\n");
    check_insertion("a:\r\n  b: 1\r\n", "a", "n: 9", "a:\r\n  b: 1\r\n  n: 9\r\n");
    check_insertion("a:\n  b: 1", "a", "n: 9", "a:\n  b: 1\n  n: 9");
    check_insertion("- name: x\n  y: |\n    t\n\n- z\n", "0", "n: 9", "- name: x\n  y: |\n    t\n  n: 9\n\n- z\n");
    check_insertion("- y: |+\n    t\n\n\n- z\n", "0", "n: 9", "- y: |+\n    t\n\n\n  n: 9\n- z\n");
    check_insertion("s:\n- a\n- b: c\nt: u\n", "s", "- n", "s:\n- a\n- b: c\n- n\nt: u\n");
    check_insertion("a: {}\n", "a", "n: 9", "a: {n: 9}\n");
    check_insertion("a: {b: 'c' }\n", "a", "n: 9", "a: {b: 'c', n: 9 }\n");
    check_insertion("a: [x,\n y]\n", "a", "z", "a: [x,\n y, z]\n");
    check_insertion("a: []\n", "a", "z", "a: [z]\n");
    check_insertion("a: # c\nb: 1\n", "a", "n: 9", "a: # c\n  n: 9\nb: 1\n");
    check_insertion("a:", "a", "n: 9", "a:\n  n: 9");
    check_insertion("x: &x {b: 1}\na:\n  <<: *x\nc: 2\n", "a", "n: 9", "x: &x {b: 1}\na:\n  <<: *x\n  n: 9\nc: 2\n");
    check_insertion("x: &x {b: 1}\na: {<<: *x}\n", "a", "n: 9", "x: &x {b: 1}\na: {<<: *x, n: 9}\n");
    check_insertion("x: &x {}\na: {<<: *x}\n", "a", "n: 9", NULL);
    check_insertion("x: &x {b: 1}\na: *x\n", "a", "n: 9", NULL);
    check_insertion("a: ~\n", "a", "n: 9", NULL);
    check_insertion("a: 1\n", "a", "n: 9", NULL);
    check_insertion("{a: }\n", "a", "n: 9", NULL);
    check_insertion("[a: b]\n", "0", "n: 9", NULL);
}

static void test_insertion_into_json(void **state)
{
    (void)state;
    struct str source = STR("{\n  \"a\": [1],\n  \"b\": {\"c\": 2}\n}\n");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL;
    struct yaml_insertion place;
    assert_int_equal(json_parse(source, &arena, &root, NULL), 0);
    assert_true(yaml_insertion_of(source, root, &place));
    assert_int_equal(place.offset, source.len - 3);
    assert_true(place.flow && place.comma_before && !place.first);
    assert_true(yaml_insertion_of(source, data_get(root, "b"), &place));
    assert_int_equal(place.offset, source.len - 4);
    assert_false(yaml_insertion_of(source, data_get(root, "a")->first, &place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comments_of_nodes),   cmocka_unit_test(test_endless_lines),
        cmocka_unit_test(test_comments_at_the_top), cmocka_unit_test(test_insertion),
        cmocka_unit_test(test_insertion_into_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/yaml.h"
#include "yaml_fixture.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str view_ = (view);                                                                                     \
        assert_int_equal(view_.len, sizeof(text) - 1);                                                                 \
        assert_memory_equal(view_.ptr, text, sizeof(text) - 1);                                                        \
    } while (0)
#define assert_span(span, text) assert_str(data_span_text(source, span), text)

static void test_tree_and_spans(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("# top\n"
                            "kind: Pod # what\n"
                            "spec:\n"
                            "  n: 12\n"
                            "  'q''k': \"a\\tb\"\n"
                            "  list:\n"
                            "  - one\n"
                            "  - {a: b, \"c\":3}\n"
                            "  -\n"
                            "  none:\n"
                            "last: two\n"
                            "  words \n"
                            "\n");
    const struct data_node *root = parse(source, NULL, &arena);
    assert_int_equal(root->kind, DATA_OBJECT);
    assert_int_equal(root->style, DATA_STYLE_BLOCK);
    assert_int_equal(root->count, 3);
    assert_int_equal(root->span.offset, 6);
    assert_int_equal(root->span.offset + root->span.len, source.len - 3);
    const struct data_node *kind = data_get(root, "kind");
    assert_span(kind->key_span, "kind");
    assert_span(kind->span, "Pod");
    assert_int_equal(kind->style, DATA_STYLE_PLAIN);
    const struct data_node *spec = data_get(root, "spec");
    assert_span(spec->span, "n: 12\n  'q''k': \"a\\tb\"\n  list:\n  - one\n  - {a: b, \"c\":3}\n  -\n  none:");
    assert_int_equal(data_get(spec, "n")->kind, DATA_NUMBER);
    const struct data_node *quoted = data_get(spec, "q'k");
    assert_span(quoted->key_span, "'q''k'");
    assert_span(quoted->span, "\"a\\tb\"");
    assert_str(quoted->value, "a\tb");
    assert_int_equal(quoted->style, DATA_STYLE_DOUBLE);
    const struct data_node *list = data_get(spec, "list");
    assert_span(list->span, "- one\n  - {a: b, \"c\":3}\n  -");
    assert_int_equal(list->count, 3);
    const struct data_node *flow = list->first->next;
    assert_span(flow->span, "{a: b, \"c\":3}");
    assert_int_equal(flow->style, DATA_STYLE_FLOW);
    assert_span(data_get(flow, "c")->key_span, "\"c\"");
    assert_span(data_get(flow, "c")->span, "3");
    assert_int_equal(flow->next->kind, DATA_NULL);
    assert_span(flow->next->span, "");
    assert_int_equal(source.ptr[flow->next->span.offset - 1], '-');
    const struct data_node *none = data_get(spec, "none");
    assert_int_equal(none->kind, DATA_NULL);
    assert_int_equal(none->span.offset, none->key_span.offset + 5);
    assert_span(data_get(root, "last")->span, "two\n  words");
    assert_str(data_get(root, "last")->value, "two words");
    assert_null(data_get(root, "last")->extra);
}

static void test_spans_beyond_ascii(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("\xEF\xBB\xBF# \xC3\xA9\r\n"
                            "caf\xC3\xA9: \"\xE6\xB8\xAF\"\r\n"
                            "\xF0\x9F\x98\x80: [\xC3\xA9, x]\r\n"
                            "lit: |\r\n"
                            "  \xC3\xA9\r\n"
                            "  b\r\n"
                            "\r\n"
                            "end: z # \xC3\xA9\r\n");
    const struct data_node *root = parse(source, NULL, &arena);
    const struct data_node *cafe = data_get(root, "caf\xC3\xA9");
    assert_span(cafe->key_span, "caf\xC3\xA9");
    assert_span(cafe->span, "\"\xE6\xB8\xAF\"");
    const struct data_node *list = data_get(root, "\xF0\x9F\x98\x80");
    assert_span(list->span, "[\xC3\xA9, x]");
    assert_span(list->first->next->span, "x");
    assert_span(data_get(root, "lit")->span, "|\r\n  \xC3\xA9\r\n  b");
    assert_str(data_get(root, "lit")->value, "\xC3\xA9\nb\n");
    assert_span(data_get(root, "end")->span, "z");
    struct data_position place = data_position_of(source, data_get(root, "end")->span.offset);
    assert_int_equal(place.line, 8);
    assert_int_equal(place.column, 6);
    assert_int_equal(data_position_of(source, 3).column, 1);
}

static void test_block_scalars(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("a: |\n  x\n   y\n\n\n"
                            "b: >- # c\n  fold\n  ed\n\n"
                            "c: |+\n  keep\n\n"
                            "d: |2\n    two\n"
                            "e: |\n"
                            "f: |\n  no end");
    const struct data_node *root = parse(source, NULL, &arena);
    assert_span(data_get(root, "a")->span, "|\n  x\n   y");
    assert_str(data_get(root, "a")->value, "x\n y\n");
    assert_int_equal(data_get(root, "a")->style, DATA_STYLE_LITERAL);
    assert_span(data_get(root, "b")->span, ">- # c\n  fold\n  ed");
    assert_str(data_get(root, "b")->value, "fold ed");
    assert_int_equal(data_get(root, "b")->style, DATA_STYLE_FOLDED);
    assert_span(data_get(root, "c")->span, "|+\n  keep");
    assert_str(data_get(root, "c")->value, "keep\n\n");
    assert_str(data_get(root, "d")->value, "  two\n");
    assert_span(data_get(root, "e")->span, "|");
    assert_str(data_get(root, "e")->value, "");
    assert_int_equal(data_get(root, "e")->kind, DATA_STRING);
    assert_span(data_get(root, "f")->span, "|\n  no end");
    assert_str(data_get(root, "f")->value, "no end");
}

static void test_flow_oddities(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("{a, b: , \"c\" : 1, ? d : e, ? f, l: [x: y, [],], m: {\n n: 'o\n  p'}}");
    const struct data_node *root = parse(source, NULL, &arena);
    assert_int_equal(root->count, 7);
    assert_int_equal(data_get(root, "a")->span.offset, 2);
    assert_int_equal(data_get(root, "b")->span.offset, 6);
    assert_span(data_get(root, "c")->span, "1");
    assert_span(data_get(root, "d")->span, "e");
    assert_int_equal(data_get(root, "f")->kind, DATA_NULL);
    const struct data_node *list = data_get(root, "l");
    assert_span(list->span, "[x: y, [],]");
    assert_int_equal(list->count, 2);
    assert_span(list->first->span, "x: y");
    assert_int_equal(list->first->kind, DATA_OBJECT);
    assert_span(list->first->next->span, "[]");
    assert_str(data_get(data_get(root, "m"), "n")->value, "o p");
    assert_span(data_get(data_get(root, "m"), "n")->span, "'o\n  p'");
}

static void test_keys_of_all_kinds(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("1: a\ntrue: b\n~: c\n? [p, &k q]\n: d\n{g: h}: i\n? |\n  lit\n: j\n"
                            "? z\n\n# c\nw: *k\n? none\n");
    const struct data_node *root = parse(source, NULL, &arena);
    assert_int_equal(root->count, 9);
    assert_span(data_get(root, "1")->key_span, "1");
    assert_str(data_get(root, "true")->value, "b");
    assert_str(data_get(root, "~")->value, "c");
    assert_str(data_get(root, "[p, &k q]")->value, "d");
    assert_span(data_get(root, "[p, &k q]")->key_span, "[p, &k q]");
    assert_str(data_get(root, "{g: h}")->value, "i");
    assert_str(data_get(root, "lit\n")->value, "j");
    assert_span(data_get(root, "lit\n")->key_span, "|\n  lit");
    const struct data_node *z = data_get(root, "z");
    assert_int_equal(z->kind, DATA_NULL);
    assert_int_equal(z->span.offset, z->key_span.offset + 1);
    assert_str(data_get(root, "w")->value, "q");
}

static void test_alias_as_key(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("a: &x y\n*x : f\n&z k: 1\nc: *z\n");
    const struct data_node *root = parse(source, NULL, &arena);
    assert_span(data_get(root, "y")->key_span, "*x");
    assert_span(data_get(root, "k")->key_span, "k");
    assert_str(data_get(root, "c")->value, "k");
    assert_span(root->span, "a: &x y\n*x : f\n&z k: 1\nc: *z");
}

static void test_tags(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("a: !!str 12\nb: !reset null\nc: !override\n  - x\nd: !<tag:e.org,1:t> {k: v}\n"
                            "e: ! 12\nf: !!int \"3\"\ng: &n !!null\nh: !!binary aGk=\ni: !reset\nj: !x '5'\n");
    const struct data_node *root = parse(source, NULL, &arena);
    const struct data_node *a = data_get(root, "a");
    assert_int_equal(a->kind, DATA_STRING);
    assert_str(data_tag(a), "!!str");
    assert_span(a->extra->tag_span, "!!str");
    assert_span(a->span, "12");
    assert_str(data_tag(data_get(root, "b")), "!reset");
    assert_int_equal(data_get(root, "b")->kind, DATA_NULL);
    assert_span(data_get(root, "b")->span, "null");
    const struct data_node *c = data_get(root, "c");
    assert_str(data_tag(c), "!override");
    assert_span(c->span, "- x");
    assert_str(data_tag(data_get(root, "d")), "tag:e.org,1:t");
    assert_span(data_get(root, "d")->span, "{k: v}");
    assert_span(data_get(root, "d")->extra->tag_span, "!<tag:e.org,1:t>");
    assert_span(data_get(root, "e")->span, "12");
    assert_int_equal(data_get(root, "f")->kind, DATA_NUMBER);
    assert_int_equal(data_get(root, "g")->kind, DATA_NULL);
    assert_int_equal(data_get(root, "g")->span.len, 0);
    assert_int_equal(data_get(root, "g")->flags, DATA_ANCHORED);
    assert_int_equal(data_get(root, "h")->kind, DATA_STRING);
    assert_int_equal(data_get(root, "i")->kind, DATA_NULL);
    assert_int_equal(data_get(root, "j")->kind, DATA_STRING);
    assert_str(data_tag(root), "");
}

static void test_aliases(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("a: &a {k: [1, 2]}\nb: *a\nc: &c\n  d: *a\ne: *c\na2: &a 5\nf: *a\n");
    const struct data_node *root = parse(source, NULL, &arena);
    const struct data_node *a = data_get(root, "a"), *b = data_get(root, "b");
    assert_int_equal(a->flags, DATA_ANCHORED);
    assert_ptr_equal(data_origin(a), a);
    assert_int_equal(b->flags, DATA_ALIASED);
    assert_ptr_equal(data_origin(b), a);
    assert_span(b->span, "{k: [1, 2]}");
    assert_int_equal(b->span.offset, a->span.offset);
    assert_span(data_use_span(b), "*a");
    assert_span(b->key_span, "b");
    const struct data_node *two = data_get(b, "k")->first->next;
    assert_span(two->span, "2");
    assert_span(data_use_span(two), "*a");
    assert_ptr_equal(data_origin(two), data_get(a, "k")->first->next);
    assert_ptr_equal(two->parent->parent, b);
    CLEANUP_BUF struct buf path = BUF_INIT;
    data_path(&path, two);
    assert_string_equal(buf_z(&path), "b.k[1]");
    /* A copy of a copy comes from what is written, and is used where the last alias stands. */
    const struct data_node *d = data_get(data_get(root, "e"), "d");
    assert_ptr_equal(data_origin(d), a);
    assert_span(data_use_span(d), "*c");
    assert_span(data_get(root, "c")->span, "d: *a");
    assert_str(data_get(root, "f")->value, "5");
}

static void test_merge_keys(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("base: &base {a: 1, b: {x: 1}, c: 3}\n"
                            "more: &more {c: 4, d: 5}\n"
                            "one:\n  a: own\n  <<: *base\n  z: 9\n  b: {y: 2}\n"
                            "two:\n  <<: [*more, *base]\n"
                            "three:\n  <<: &in {q: 1, r: 2}\n  r: 3\n"
                            "four: *in\n"
                            "five:\n  \"<<\": *base\n");
    const struct data_node *root = parse(source, NULL, &arena);
    const struct data_node *one = data_get(root, "one");
    assert_int_equal(one->count, 4);
    static const char *const order[] = {"a", "c", "z", "b"};
    size_t i = 0;
    DATA_EACH(child, one)
    assert_true(str_eq_z(child->key, order[i++]));
    assert_str(data_get(one, "a")->value, "own");
    assert_null(data_get(data_get(one, "b"), "x"));
    const struct data_node *c = data_get(one, "c");
    assert_int_equal(c->flags, DATA_MERGED | DATA_ALIASED);
    assert_ptr_equal(data_origin(c), data_get(data_get(root, "base"), "c"));
    assert_span(data_use_span(c), "*base");
    assert_span(c->key_span, "c");
    assert_ptr_equal(c->parent, one);
    assert_span(one->span, "a: own\n  <<: *base\n  z: 9\n  b: {y: 2}");

    const struct data_node *two = data_get(root, "two");
    assert_int_equal(two->count, 4);
    assert_str(data_get(two, "c")->value, "4");
    assert_span(data_use_span(data_get(two, "c")), "*more");
    assert_span(data_use_span(data_get(two, "a")), "*base");

    const struct data_node *three = data_get(root, "three");
    assert_int_equal(three->count, 2);
    assert_str(data_get(three, "r")->value, "3");
    assert_true(data_get(three, "q")->flags & DATA_MERGED);
    assert_span(data_use_span(data_get(three, "q")), "{q: 1, r: 2}");
    assert_int_equal(data_get(root, "four")->count, 2);
    assert_str(data_get(data_get(root, "four"), "r")->value, "2");
    assert_non_null(data_get(data_get(root, "five"), "<<"));

    struct yaml_options options = {.keep_merge_keys = true};
    one = data_get(parse(source, &options, &arena), "one");
    assert_int_equal(one->count, 4);
    assert_int_equal(data_get(one, "<<")->count, 3);
    assert_int_equal(data_get(one, "<<")->flags, DATA_ALIASED);
}

static void test_many_merged_keys(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "a: &a\n");
    for (int i = 0; i < 100; i++)
        buf_addf(&text, "  k%d: %d\n", i, i);
    buf_add_z(&text, "b:\n  <<: *a\n");
    for (int i = 50; i < 150; i++)
        buf_addf(&text, "  k%d: own\n", i);
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *b = data_get(parse(buf_str(&text), NULL, &arena), "b");
    assert_int_equal(b->count, 150);
    assert_str(data_get(b, "k49")->value, "49");
    assert_str(data_get(b, "k50")->value, "own");
}

static void test_duplicates(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str source = STR("---\nx: 0\n---\na: 1\nb: 2\na: 3\nc: {\"b\": 1, b: 2}\na: 4\n");
    struct yaml_options options = {.list_duplicates = true};
    struct yaml_reader *reader = NULL;
    const struct data_node *root = NULL;
    bool more = false;
    assert_int_equal(yaml_reader_new(source, &options, &reader, NULL), 0);
    assert_int_equal(yaml_next_document(reader, &arena, &root, &more, NULL), 0);
    assert_int_equal(yaml_document(reader)->duplicate_count, 0);
    assert_int_equal(yaml_next_document(reader, &arena, &root, &more, NULL), 0);
    assert_int_equal(root->count, 3);
    assert_str(data_get(root, "a")->value, "4");
    assert_str(data_get(data_get(root, "c"), "b")->value, "2");
    const struct yaml_document *document = yaml_document(reader);
    assert_int_equal(document->line, 3);
    assert_int_equal(document->duplicate_count, 3);
    assert_span(document->duplicates[0].first, "\"b\"");
    assert_ptr_equal(document->duplicates[0].object, data_get(root, "c"));
    assert_str(document->duplicates[1].key, "a");
    assert_int_equal(document->duplicates[1].first.offset, 13);
    assert_int_equal(document->duplicates[1].second.offset, 23);
    assert_int_equal(document->duplicates[2].first.offset, 23);
    assert_ptr_equal(document->duplicates[2].object, root);
    struct data_position place =
        yaml_position_of(source, document, data_get(data_get(root, "c"), "b")->key_span.offset);
    assert_int_equal(place.line, 7);
    assert_int_equal(place.column, 13);
    yaml_reader_free(reader);
}

/* Documents one after the other: what each is, or what is wrong with it. */
static void check_stream(struct str source, const char *const *expected, size_t count)
{
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    assert_int_equal(yaml_reader_new(source, NULL, &reader, NULL), 0);
    bool more = true;
    for (size_t i = 0; i < count; i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        const struct data_node *root = NULL;
        assert_true(more);
        int r = yaml_next_document(reader, &arena, &root, &more, &err);
        char got[ERR_MESSAGE_MAX + 8];
        if (r != 0)
            snprintf(got, sizeof(got), "error: %s", err.message);
        else if (root)
            snprintf(got, sizeof(got), "%.*s", STR_ARG(data_span_text(source, root->span)));
        else
            snprintf(got, sizeof(got), "none");
        assert_string_equal(got, expected[i]);
        assert_true(r == 0 || !root);
    }
    assert_false(more);
}

#define CHECK_STREAM(text, ...)                                                                                        \
    do {                                                                                                               \
        static const char *const expected_[] = {__VA_ARGS__};                                                          \
        check_stream(STR(text), expected_, ARRAY_LEN(expected_));                                                      \
    } while (0)

static void test_streams(void **state)
{
    (void)state;
    CHECK_STREAM("", "none");
    CHECK_STREAM("\xEF\xBB\xBF", "none");
    CHECK_STREAM("# a\n\n  # b\n...\n", "none");
    CHECK_STREAM("a", "a");
    CHECK_STREAM("---\n", "");
    CHECK_STREAM("---\n---\n# c\n--- x\n", "", "", "x");
    CHECK_STREAM("# c\n---\na: 1\n...\n# d\n---\nb: 2\n...\n...\n", "a: 1", "b: 2");
    CHECK_STREAM("%YAML 1.1\n%TAG !e! tag:e,1:\n---\n!e!x a\n...\n%YAML 1.2\n---\nb\n", "a", "b");
    CHECK_STREAM("a: |\n  ---\n  x\n---\nb", "a: |\n  ---\n  x", "b");
    CHECK_STREAM("a\n...\nb\n", "a", "b");
    CHECK_STREAM("---\ta\r\n---\r\nb\r\n", "a", "b");
    CHECK_STREAM("a: 1\r---\rb: 2\r", "a: 1", "b: 2");
    CHECK_STREAM("--- 'a'\n---b: c\n", "error: line 2, column 1: did not find expected <document start>");
    CHECK_STREAM("a: 1\n\xEF\xBB\xBF---\nb: 2\n", "a: 1", "b: 2");
}

/* A marker is found behind each kind of break, wherever that stands among the eight bytes that are seen at once. */
static void test_breaks_at_every_place(void **state)
{
    (void)state;
    static const char *const breaks[] = {"\n", "\r", "\r\n", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    static const char *const expected[] = {"x", "two"};
    for (size_t b = 0; b < ARRAY_LEN(breaks); b++)
        for (int pad = 0; pad < 20; pad++) {
            char source[64];
            int len = snprintf(source, sizeof(source), "x%*s%s--- two%s", pad, "", breaks[b], breaks[b]);
            check_stream(str_of(source, (size_t)len), expected, 2);
        }
}

static void test_broken_documents_hide_nothing(void **state)
{
    (void)state;
    CHECK_STREAM("a: [1\n---\nb: 2\n---\nc: \"x\n---\nd\n",
                 "error: line 2, column 1: did not find expected ',' or ']', while parsing a flow sequence that starts "
                 "on line 1",
                 "b: 2",
                 "error: line 6, column 1: found unexpected end of stream, while scanning a quoted scalar that starts "
                 "on line 5",
                 "d");
    CHECK_STREAM("a: 1\n---\na:\n\tb: 1\n---\nc\n", "a: 1",
                 "error: line 4, column 1: found character that cannot start any token", "c");
    CHECK_STREAM("a: \xFF\n---\n\xC3\xA9: \xC3\n---\nc\n", "error: line 1, column 4: this is no valid UTF-8",
                 "error: line 3, column 4: this is no valid UTF-8", "c");
    CHECK_STREAM("a: x\0y\n---\nb: \x01\n---\nc: \x7f\n", "error: line 1, column 5: control characters are not allowed",
                 "error: line 3, column 4: control characters are not allowed",
                 "error: line 5, column 4: control characters are not allowed");
    CHECK_STREAM("a: b: c\n", "error: line 1, column 5: mapping values are not allowed in this context");
    CHECK_STREAM("---\n\xC3\xA9: 1\n a: 2\n",
                 "error: line 3, column 3: mapping values are not allowed in this context");
    CHECK_STREAM("a: *x\n---\na: &x [*x]\n---\na: &x 1\n---\nb: *x\n",
                 "error: line 1, column 4: the alias '*x' has no anchor",
                 "error: line 3, column 8: the alias '*x' stands within its own anchor", "a: &x 1",
                 "error: line 7, column 4: the alias '*x' has no anchor");
    CHECK_STREAM("x: 1\n---\na: 1\nb: 2\na: 3\n---\n<<: 3\n---\n<<: [{}, x]\n---\n<<: {}\n<<: {}\n", "x: 1",
                 "error: line 5, column 1: the key 'a' was given on line 3 already",
                 "error: line 7, column 5: '<<' can't merge a number",
                 "error: line 9, column 10: '<<' can't merge a string",
                 "error: line 12, column 1: the key '<<' was given on line 11 already");
    CHECK_STREAM("!!int x\n---\n!!bool 1\n---\n!!null x\n", "error: line 1, column 7: 'x' is no !!int",
                 "error: line 3, column 8: '1' is no !!bool", "error: line 5, column 8: 'x' is no !!null");
}

static void test_errors_and_hints(void **state)
{
    (void)state;
    static const struct {
        struct str source;
        enum err_code code;
        const char *message, *hint;
    } cases[] = {
        {STR_INIT("\xFF\xFE"
                  "a\0"),
         ERR_UNSUPPORTED, "the text is UTF-16 or UTF-32", "save the file as UTF-8"},
        {STR_INIT("\0a\0b"), ERR_UNSUPPORTED, "the text is UTF-16 or UTF-32", "save the file as UTF-8"},
        {STR_INIT("a\0:\0"), ERR_UNSUPPORTED, "the text is UTF-16 or UTF-32", "save the file as UTF-8"},
        {STR_INIT("# c\n"), ERR_INVALID, "the document is empty", ""},
        {STR_INIT("a\n---\nb\n"), ERR_INVALID, "line 2: a second document starts here, where one is expected", ""},
        {STR_INIT("a:\n\tb: 1\n"), ERR_INVALID, "line 2, column 1: found character that cannot start any token",
         "indent with spaces, not with tabs"},
        {STR_INIT("a: @b\n"), ERR_INVALID, "line 1, column 4: found character that cannot start any token",
         "quote a value that starts with a character that YAML reserves"},
        {STR_INIT("a: 1\n b: 2\n"), ERR_INVALID, "line 2, column 3: mapping values are not allowed in this context",
         "indent the members of one mapping alike; quote a value that holds ': '"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        const struct data_node *root = NULL;
        assert_int_equal(yaml_parse(cases[i].source, NULL, &arena, &root, &err), -(int)cases[i].code);
        assert_string_equal(err.message, cases[i].message);
        assert_string_equal(err.hint, cases[i].hint);
        assert_null(root);
    }
}

static void test_json_gives_the_same_tree(void **state)
{
    (void)state;
    struct str source = STR(" {\"a\": [1, -2.50e+3, true], \"b\\u00e9\" : {\"\": null}, \"c\": \"x\\n\\/y\"} \n");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *json = NULL, *yaml = parse(source, NULL, &arena);
    assert_int_equal(json_parse(source, &arena, &json, NULL), 0);
    assert_int_equal(yaml->count, json->count);
    const struct data_node *b = json->first;
    DATA_EACH(a, yaml)
    {
        assert_true(str_eq(a->key, b->key) && str_eq(a->value, b->value) && a->kind == b->kind);
        assert_memory_equal(&a->span, &b->span, sizeof(a->span));
        assert_memory_equal(&a->key_span, &b->key_span, sizeof(a->span));
        assert_int_equal(a->style, b->style);
        b = b->next;
    }
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "a: &a {x: !t 1, y: [\"\\t\"]}\na: 2\n? [k]\n: *a\nm:\n  <<: [*a, {z: 1}]\n&k c: d\n");
    for (int i = 0; i < 60; i++)
        buf_addf(&text, "k%d:\n  <<: *a\n", i);
    struct yaml_options options = {.list_duplicates = true};
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        const struct data_node *root = NULL;
        fault_arm(FAULT_ALLOC, n);
        int r = yaml_parse(buf_str(&text), &options, &arena, &root, &err);
        fault_disarm();
        if (r == 0) {
            assert_true(n > 10);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_string_equal(err.message, "out of memory");
        assert_null(root);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_and_spans),
        cmocka_unit_test(test_spans_beyond_ascii),
        cmocka_unit_test(test_block_scalars),
        cmocka_unit_test(test_flow_oddities),
        cmocka_unit_test(test_keys_of_all_kinds),
        cmocka_unit_test(test_alias_as_key),
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_merge_keys),
        cmocka_unit_test(test_many_merged_keys),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_breaks_at_every_place),
        cmocka_unit_test(test_broken_documents_hide_nothing),
        cmocka_unit_test(test_errors_and_hints),
        cmocka_unit_test(test_json_gives_the_same_tree),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/fault.h"
#include "base/limits.h"
#include "data/json.h"

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

static void test_tree_and_spans(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    struct str source =
        STR(" {\"a\": [1, -2.50e+3, true],\n \"b\\u00e9\" : {\"\": null}, \"c\": \"x\\n\\ud83d\\ude00\"} \n");
    assert_int_equal(json_parse(source, &arena, &root, &err), 0);
    assert_int_equal(root->kind, DATA_OBJECT);
    assert_int_equal(root->count, 3);
    assert_int_equal(root->span.offset, 1);
    assert_int_equal(root->span.len, source.len - 3);

    const struct data_node *a = data_get(root, "a");
    assert_int_equal(a->kind, DATA_ARRAY);
    assert_int_equal(a->count, 3);
    assert_str(data_span_text(source, a->key_span), "\"a\"");
    assert_str(data_span_text(source, a->span), "[1, -2.50e+3, true]");
    assert_str(a->first->next->value, "-2.50e+3");
    assert_str(data_span_text(source, a->first->next->span), "-2.50e+3");
    assert_null(a->first->key.ptr);
    assert_ptr_equal(a->first->parent, a);

    const struct data_node *b = data_get(root, "b\xC3\xA9");
    assert_str(data_span_text(source, b->key_span), "\"b\\u00e9\"");
    assert_int_equal(b->first->kind, DATA_NULL);
    assert_int_equal(b->first->key.len, 0);
    assert_non_null(b->first->key.ptr);

    const struct data_node *c = data_get(root, "c");
    assert_str(c->value, "x\n\xF0\x9F\x98\x80");
    assert_str(data_span_text(source, c->span), "\"x\\n\\ud83d\\ude00\"");
    struct data_position place = data_position_of(source, c->key_span.offset);
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 26);
    assert_null(data_get(root, "d"));
    assert_null(data_get(a, "d"));
    assert_null(data_get(NULL, "d"));
}

static void test_scalars_at_the_root(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        enum data_kind kind;
        const char *value;
    } cases[] = {
        {"null", DATA_NULL, "null"},
        {" true\n", DATA_BOOL, "true"},
        {"0", DATA_NUMBER, "0"},
        {"-0.0E-7", DATA_NUMBER, "-0.0E-7"},
        {"123456789012345678901234567890", DATA_NUMBER, "123456789012345678901234567890"},
        {"\"\"", DATA_STRING, ""},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", DATA_STRING, "\"\\/\b\f\n\r\t"},
        {"\"\xED\x9F\xBF\xEE\x80\x80\"", DATA_STRING, "\xED\x9F\xBF\xEE\x80\x80"},
        {"\"1234567\x7f\\u0041 12345678\\u007f\"", DATA_STRING, "1234567\x7f\x41 12345678\x7f"},
        {"\"\\uD834\\uDD1E\\uFFFF\\u0800\\u07ff\"", DATA_STRING, "\xF0\x9D\x84\x9E\xEF\xBF\xBF\xE0\xA0\x80\xDF\xBF"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        const struct data_node *root = NULL;
        assert_int_equal(json_parse(str_z(cases[i].source), &arena, &root, &err), 0);
        assert_int_equal(root->kind, cases[i].kind);
        assert_int_equal(root->value.len, strlen(cases[i].value));
        assert_memory_equal(root->value.ptr, cases[i].value, root->value.len);
    }
}

static void test_nul_in_strings(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL;
    assert_int_equal(json_parse(STR("\"a\\u0000b\""), &arena, &root, NULL), 0);
    assert_str(root->value, "a\0b");
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        const char *message;
    } cases[] = {
        {"", "line 1, column 1: the document is empty"},
        {" \n ", "line 2, column 2: the document is empty"},
        {"{", "line 1, column 2: the document ends too early"},
        {"[1", "line 1, column 3: the document ends too early"},
        {"[1,", "line 1, column 4: the document ends too early"},
        {"{\"a\"", "line 1, column 5: the document ends too early"},
        {"{\"a\":", "line 1, column 6: the document ends too early"},
        {"[1,]", "line 1, column 4: a value is expected here"},
        {"[1 2]", "line 1, column 4: a ',' or ']' is expected here"},
        {"{\"a\":1,}", "line 1, column 8: a key in double quotes is expected here"},
        {"{a:1}", "line 1, column 2: a key in double quotes is expected here"},
        {"{\"a\" 1}", "line 1, column 6: a ':' is expected behind the key"},
        {"{\"a\":1]", "line 1, column 7: a ',' or '}' is expected here"},
        {"[1}", "line 1, column 3: a ',' or ']' is expected here"},
        {"1 2", "line 1, column 3: more follows behind the value"},
        {"{}\n\n  x", "line 3, column 3: more follows behind the value"},
        {"01", "line 1, column 1: this is no JSON number"},
        {"-", "line 1, column 1: this is no JSON number"},
        {"1.", "line 1, column 1: this is no JSON number"},
        {"1e", "line 1, column 1: this is no JSON number"},
        {"1e+", "line 1, column 1: this is no JSON number"},
        {"[0x10]", "line 1, column 2: this is no JSON number"},
        {"[.5]", "line 1, column 2: a value is expected here"},
        {"[+1]", "line 1, column 2: a value is expected here"},
        {"NaN", "line 1, column 1: a value is expected here"},
        {"nulls", "line 1, column 1: a value is expected here"},
        {"True", "line 1, column 1: a value is expected here"},
        {"'a'", "line 1, column 1: a value is expected here"},
        {"// c\n1", "line 1, column 1: a value is expected here"},
        {"\"abc", "line 1, column 1: a string does not end"},
        {"\"abc\\", "line 1, column 1: a string does not end"},
        {"\"abc\\\"", "line 1, column 1: a string does not end"},
        {"\"a\tb\"", "line 1, column 3: a control character in a string"},
        {"\"\\n a\x01\"", "line 1, column 6: a control character in a string"},
        {"\"\\x41\"", "line 1, column 2: there is no such escape"},
        {"\"\\u12g4\"", "line 1, column 2: an escape needs four hex digits"},
        {"\"\\u12\"", "line 1, column 2: an escape needs four hex digits"},
        {"\"\\ud800\"", "line 1, column 2: a high surrogate stands alone"},
        {"\"\\ud800\\u0041\"", "line 1, column 2: a high surrogate stands alone"},
        {"\"\\ud800x\\udc00\"", "line 1, column 2: a high surrogate stands alone"},
        {"\"a\\udc00\"", "line 1, column 3: a low surrogate stands alone"},
        {"\"\xC3\xA9\xC3\xA9\xff\"", "line 1, column 4: this is no valid UTF-8"},
        {"\"\xC0\x80\"", "line 1, column 2: this is no valid UTF-8"},
        {"\"\xED\xA0\x80\"", "line 1, column 2: this is no valid UTF-8"},
        {"\xEF\xBB\xBF{}", "line 1, column 1: a byte order mark"},
        {"{\"a\":1,\n\"a\":2}", "line 2, column 1: the key 'a' was given on line 1 already"},
        {"{\"x\":{\"a\":1,\"\\u0061\":2}}", "line 1, column 13: the key 'x.a' was given on line 1 already"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        const struct data_node *root = NULL;
        assert_int_equal(json_parse(str_z(cases[i].source), &arena, &root, &err), -ERR_INVALID);
        assert_string_equal(err.message, cases[i].message);
        assert_true(err.hint[0] != '\0');
        assert_null(root);
    }
}

static void test_many_keys(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_char(&text, '{');
    for (int i = 0; i < 1000; i++)
        buf_addf(&text, "\"k%d\":%d,\n", i, i);
    size_t len = text.len;
    buf_add_z(&text, "\"last\":0}");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    assert_int_equal(json_parse(buf_str(&text), &arena, &root, &err), 0);
    assert_int_equal(root->count, 1001);
    assert_str(data_get(root, "k977")->value, "977");
    buf_truncate(&text, len);
    buf_add_z(&text, "\"k500\":0}");
    assert_int_equal(json_parse(buf_str(&text), &arena, &root, &err), -ERR_INVALID);
    assert_string_equal(err.message, "line 1001, column 1: the key 'k500' was given on line 501 already");
}

static int parse_nested(size_t depth, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL;
    for (size_t i = 0; i < depth; i++)
        buf_add_z(&text, i % 2 ? "{\"a\":" : "[");
    buf_add_char(&text, '0');
    for (size_t i = depth; i-- > 0;)
        buf_add_char(&text, i % 2 ? '}' : ']');
    return json_parse(buf_str(&text), &arena, &root, err);
}

static void test_depth(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(parse_nested(LIMIT_JSON_DEPTH, &err), 0);
    assert_int_equal(parse_nested(LIMIT_JSON_DEPTH + 1, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "line 1, column 385: the document is nested too deeply");
    assert_string_equal(err.hint, "the limit is 128");
    assert_int_equal(parse_nested(1000000, &err), -ERR_LIMIT);
}

static void test_node_limit(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_char(&text, '[');
    for (size_t i = 0; i < LIMIT_JSON_NODES - 1; i++)
        buf_add(&text, "1,", 2);
    buf_add_z(&text, "1]");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    assert_int_equal(json_parse(buf_str(&text), &arena, &root, &err), -ERR_LIMIT);
    assert_string_equal(err.hint, "the limit is 4194304");
}

static const struct data_node *parse(struct arena *arena, const char *source)
{
    const struct data_node *root = NULL;
    assert_int_equal(json_parse(str_z(source), arena, &root, NULL), 0);
    return root;
}

static void test_getters(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = parse(&arena, "{\"s\":\"x\",\"u\":18446744073709551615,\"i\":-9223372036854775808,"
                                                 "\"b\":true,\"n\":null,\"big\":18446744073709551616,\"f\":1.0}");
    struct str s = STR("kept");
    uint64_t u = 7;
    int64_t i = 7;
    bool b = false;
    assert_int_equal(data_str(data_get(root, "missing"), &s, &err), 0);
    assert_int_equal(data_str(data_get(root, "n"), &s, &err), 0);
    assert_str(s, "kept");
    assert_int_equal(data_str(data_get(root, "s"), &s, &err), 0);
    assert_str(s, "x");
    assert_int_equal(data_u64(data_get(root, "u"), &u, &err), 0);
    assert_true(u == UINT64_MAX);
    assert_int_equal(data_i64(data_get(root, "i"), &i, &err), 0);
    assert_true(i == INT64_MIN);
    assert_int_equal(data_bool(data_get(root, "b"), &b, &err), 0);
    assert_true(b);
    assert_int_equal(data_u64(data_get(root, "i"), &u, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'i' is -9223372036854775808, not a whole number from 0 to 2^64-1");
    assert_int_equal(data_u64(data_get(root, "big"), &u, &err), -ERR_INVALID);
    assert_int_equal(data_u64(data_get(root, "f"), &u, &err), -ERR_INVALID);
    assert_int_equal(data_i64(data_get(root, "u"), &i, &err), -ERR_INVALID);
    assert_true(u == UINT64_MAX);
    assert_int_equal(data_str(data_get(root, "u"), &s, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'u' is a number, not a string");
    assert_int_equal(data_bool(data_get(root, "s"), &b, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'s' is a string, not a boolean");
}

static void test_paths(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = parse(&arena, "{\"layers\":[0,{\"si\\u001bze\":\"1\"}]}");
    const struct data_node *layer = data_get(root, "layers")->first->next;
    uint64_t u = 7;
    assert_int_equal(data_u64(layer->first, &u, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'layers[1].si?ze' is a string, not a number");
    const struct data_node *member = NULL;
    assert_int_equal(data_need(layer, "digest", &member, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'layers[1]' has no 'digest'");
    assert_int_equal(data_need(root, "config", &member, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'document' has no 'config'");
    assert_int_equal(data_need(layer->parent, "x", &member, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'layers' is an array, not an object");
    assert_null(member);
    assert_int_equal(data_need(root, "layers", &member, &err), 0);
    assert_ptr_equal(member, layer->parent);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_char(&text, '{');
    for (int i = 0; i < 400; i++)
        buf_addf(&text, "\"k\\u0020%d\":[%d],", i, i);
    buf_add_z(&text, "\"end\":0}");
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        const struct data_node *root = NULL;
        fault_arm(FAULT_ALLOC, n);
        int r = json_parse(buf_str(&text), &arena, &root, &err);
        fault_disarm();
        if (r == 0) {
            assert_true(n > 5);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_null(root);
    }
}

/* The end of a string with escapes is looked for before they are read. */
static void test_the_quote_that_ends_a_string(void **state)
{
    (void)state;
    static const struct {
        struct str json, value;
    } cases[] = {
        {STR_INIT("\"\\\"\""), STR_INIT("\"")},
        {STR_INIT("\"\\\\\""), STR_INIT("\\")},
        {STR_INIT("\"a\\\\\\\"b\""), STR_INIT("a\\\"b")},
        {STR_INIT("\"12345678\\n12345678\\t1\""), STR_INIT("12345678\n12345678\t1")},
        {STR_INIT("\"1234567\\\\\""), STR_INIT("1234567\\")},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *node = NULL;
        assert_int_equal(json_parse(cases[i].json, &arena, &node, NULL), 0);
        assert_true(str_eq(node->value, cases[i].value));
        assert_int_equal(node->value.ptr[node->value.len], 0);
    }
    static const char *const open[] = {"\"\\\"", "\"\\\\\\\"", "\"12345678\\", "\"a\\n", "\"\\"};
    for (size_t i = 0; i < ARRAY_LEN(open); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *node = NULL;
        struct err err = ERR_INIT;
        assert_int_not_equal(json_parse(str_z(open[i]), &arena, &node, &err), 0);
        assert_string_equal(err.message, "line 1, column 1: a string does not end");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_quote_that_ends_a_string),
        cmocka_unit_test(test_tree_and_spans),
        cmocka_unit_test(test_scalars_at_the_root),
        cmocka_unit_test(test_nul_in_strings),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_node_limit),
        cmocka_unit_test(test_getters),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "data/json.h"
#include "data/json_writer.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static void write_sample(struct json_writer *json)
{
    json_object(json);
    json_field_str(json, "name", STR("a\"\\\n\x01\x7f/\xC3\xA9"));
    json_field_u64(json, "u", UINT64_MAX);
    json_field_i64(json, "i", INT64_MIN);
    json_field_bool(json, "b", true);
    json_field_z(json, "nothing", NULL);
    json_field_array(json, "list");
    json_u64(json, 1);
    json_object(json);
    json_end(json);
    json_array(json);
    json_end(json);
    json_end(json);
    json_field_object(json, "inner");
    json_field_z(json, "k", "v");
    json_end(json);
    json_end(json);
}

static void test_compact(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    write_sample(&json);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    assert_string_equal(out.ptr, "{\"name\":\"a\\\"\\\\\\n\\u0001\x7f/\xC3\xA9\",\"u\":18446744073709551615,"
                                 "\"i\":-9223372036854775808,\"b\":true,\"nothing\":null,\"list\":[1,{},[]],"
                                 "\"inner\":{\"k\":\"v\"}}");
}

static void test_indented(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_INDENTED);
    json_object(&json);
    json_field_array(&json, "list");
    json_u64(&json, 1);
    json_object(&json);
    json_end(&json);
    json_array(&json);
    json_z(&json, "x");
    json_end(&json);
    json_end(&json);
    json_end(&json);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    assert_string_equal(out.ptr, "{\n  \"list\": [\n    1,\n    {},\n    [\n      \"x\"\n    ]\n  ]\n}");
}

static void test_invalid_utf8_is_replaced(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    json_quote(&out, STR("a\xff\xC3\xA9\xED\xA0\x80\xC3"));
#define BAD "\xEF\xBF\xBD"
    assert_string_equal(out.ptr, "\"a" BAD "\xC3\xA9" BAD BAD BAD BAD "\"");
    buf_reset(&out);
    json_quote(&out, STR("\b\t\n\v\f\r\0"));
    assert_string_equal(out.ptr, "\"\\b\\t\\n\\u000b\\f\\r\\u0000\"");
}

/* Text is copied by words: each byte and each character beyond ASCII, at each place of texts of each length. */
static void test_quoted_text_is_read_as_it_was(void **state)
{
    (void)state;
    enum { LEN_MAX = 26, FAR = 250 };
    static const char *const wide[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\x8B"};
    for (unsigned what = 0; what < 128 + ARRAY_LEN(wide); what++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        CLEANUP_BUF struct buf text = BUF_INIT, out = BUF_INIT;
        for (unsigned len = 1; len <= LEN_MAX; len++) {
            for (unsigned at = 0; at < len; at++) {
                const struct data_node *node = NULL;
                buf_reset(&text);
                buf_reset(&out);
                buf_add_fill(&text, 'x', (len % 2 ? FAR : 0) + at); /* beyond what room is made for at once */
                if (what < 128)
                    buf_add_char(&text, (char)what);
                else
                    buf_add_z(&text, wide[what - 128]);
                buf_add_fill(&text, '~', len - at - 1);
                json_quote(&out, buf_str(&text));
                assert_int_equal(json_parse(buf_str(&out), &arena, &node, NULL), 0);
                assert_int_equal(node->kind, DATA_STRING);
                assert_true(str_eq(node->value, buf_str(&text)));
                arena_reset(&arena);
            }
        }
    }
}

static void test_fixed(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    json_array(&json);
    json_fixed(&json, 1.005, 2);
    json_fixed(&json, -0.25, 1);
    json_fixed(&json, -0.001, 2);
    json_fixed(&json, 3, 0);
    json_fixed(&json, 12.0625, 3);
    json_fixed(&json, NAN, 2);
    json_fixed(&json, INFINITY, 2);
    json_fixed(&json, -1e300, 2);
    json_end(&json);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    assert_string_equal(out.ptr, "[1.00,-0.3,0.00,3,12.063,null,null,null]");
}

static void misuse_value_without_key(struct json_writer *json)
{
    json_object(json);
    json_u64(json, 1);
}
static void misuse_two_keys(struct json_writer *json)
{
    json_object(json);
    json_key(json, "a");
    json_key(json, "b");
}
static void misuse_key_in_array(struct json_writer *json)
{
    json_array(json);
    json_key(json, "a");
}
static void misuse_end_behind_key(struct json_writer *json)
{
    json_object(json);
    json_key(json, "a");
    json_end(json);
}
static void misuse_two_values(struct json_writer *json)
{
    json_null(json);
    json_null(json);
}
static void misuse_end(struct json_writer *json)
{
    json_end(json);
}
static void misuse_open_end(struct json_writer *json)
{
    json_array(json);
}
static void misuse_depth(struct json_writer *json)
{
    for (int i = 0; i <= LIMIT_JSON_DEPTH; i++)
        json_array(json);
    for (int i = 0; i <= LIMIT_JSON_DEPTH; i++)
        json_end(json);
}
static void misuse_nothing(struct json_writer *json)
{
    (void)json;
}

static void test_misuse_sticks(void **state)
{
    (void)state;
    void (*const cases[])(struct json_writer *) = {misuse_value_without_key, misuse_two_keys,   misuse_key_in_array,
                                                   misuse_end_behind_key,    misuse_two_values, misuse_end,
                                                   misuse_open_end,          misuse_depth,      misuse_nothing};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct json_writer json;
        struct err err = ERR_INIT;
        json_writer_init(&json, &out, JSON_COMPACT);
        cases[i](&json);
        assert_int_equal(json_writer_check(&json, &err), -ERR_INTERNAL);
    }
}

static void test_node_round_trip(void **state)
{
    (void)state;
    const char source[] = "{\"a\":[1,-2.50e+3,[],{}],\"b\":{\"c\":null,\"d\":{\"e\":[[\"\\u0000\"]]}},\"\":false}";
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL;
    assert_int_equal(json_parse(str_z(source), &arena, &root, NULL), 0);
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    json_node(&json, root);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    assert_string_equal(out.ptr, source);

    buf_reset(&out);
    json_writer_init(&json, &out, JSON_COMPACT);
    json_array(&json);
    json_node(&json, data_get(root, "a")->first);
    json_node(&json, data_get(root, "b"));
    json_end(&json);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    assert_string_equal(out.ptr, "[1,{\"c\":null,\"d\":{\"e\":[[\"\\u0000\"]]}}]");
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct json_writer json;
        struct err err = ERR_INIT;
        json_writer_init(&json, &out, JSON_INDENTED);
        fault_arm(FAULT_ALLOC, n);
        write_sample(&json);
        fault_disarm();
        if (json_writer_check(&json, &err) == 0) {
            assert_true(n > 2);
            break;
        }
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compact),
        cmocka_unit_test(test_indented),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_invalid_utf8_is_replaced),
        cmocka_unit_test(test_quoted_text_is_read_as_it_was),
        cmocka_unit_test(test_misuse_sticks),
        cmocka_unit_test(test_node_round_trip),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

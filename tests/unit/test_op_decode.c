/* SPDX-License-Identifier: Apache-2.0 */
#include "../cli/hull_echo.h"
#include "base/fault.h"
#include "data/json.h"
#include "op/decode_json.h"
#include "op/result.h"
#include "op/schema.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Decodes the JSON object ARGUMENTS, runs the operation, and gives its answer as JSON (or the error's message). */
static int echo(struct arena *arena, const char *arguments, struct buf *out, struct err *err)
{
    const struct operation *op = &hull_echo_operation;
    void *args = arena_alloc(arena, op->args_size);
    void *result = arena_alloc(arena, op->result->size);
    const struct data_node *object = NULL;
    if (!args || !result)
        return err_nomem(err);
    struct op_decoder decoder = op_decoder_init(op->params, args, arena, OP_SURFACE_JSON);
    struct op_ctx ctx = {.arena = arena};
    struct json_writer json;
    int rc = json_parse(str_z(arguments), arena, &object, err);
    if (!rc)
        rc = op_decode_object(&decoder, object, err);
    if (!rc)
        rc = op_decode_finish(&decoder, NULL, err);
    if (!rc)
        rc = op->run(NULL, &ctx, args, result, err);
    if (rc)
        return rc;
    json_writer_init(&json, out, JSON_COMPACT);
    op_result_write(op->result, result, &json);
    return json_writer_check(&json, err);
}

static void assert_answer(const char *arguments, const char *expected)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    if (echo(&arena, arguments, &out, &err))
        fail_msg("%s: %s", arguments, err.message);
    assert_string_equal(buf_z(&out), expected);
}

static void assert_refused(const char *arguments, const char *message, const char *hint)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(echo(&arena, arguments, &out, &err), -ERR_USAGE);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
    assert_int_equal(out.len, 0);
}

static void test_answers(void **state)
{
    (void)state;
    assert_answer("{\"word\":\"w\"}",
                  "{\"word\":\"w\",\"rest\":[],\"pairs\":[],\"first\":null,\"whole\":{\"key\":\"a\",\"value\":\"b\"},"
                  "\"flag\":false,\"on\":true,\"number\":3,\"size\":10485760,\"choice\":\"green\",\"json\":[1,null]}");
    assert_answer("{\"word\":\"w\",\"rest\":[\"a\",\"\"],\"path\":\"p\",\"out_path\":\"o\",\"list\":[],"
                  "\"map\":{\"k\":\"v\",\"l\":\"\"},\"argv\":[\"/a\"],\"flag\":true,\"on\":false,\"number\":-5,"
                  "\"size\":\"2k\",\"choice\":\"blue\"}",
                  "{\"word\":\"w\",\"rest\":[\"a\",\"\"],\"path\":\"p\",\"out_path\":\"o\",\"list\":[],"
                  "\"map\":{\"k\":\"v\",\"l\":\"\"},\"argv\":[\"/a\"],\"pairs\":[{\"key\":\"k\",\"value\":\"v\"},"
                  "{\"key\":\"l\",\"value\":\"\"}],\"first\":{\"key\":\"k\",\"value\":\"v\"},"
                  "\"whole\":{\"key\":\"a\",\"value\":\"b\"},\"flag\":true,\"on\":false,\"number\":-5,\"size\":2000,"
                  "\"choice\":\"blue\",\"json\":[1,null]}");
}

/* null is as if the name were not there. */
static void test_null(void **state)
{
    (void)state;
    assert_answer("{\"word\":\"w\",\"number\":null,\"list\":null,\"size\":7}",
                  "{\"word\":\"w\",\"rest\":[],\"pairs\":[],\"first\":null,\"whole\":{\"key\":\"a\",\"value\":\"b\"},"
                  "\"flag\":false,\"on\":true,\"number\":3,\"size\":7,\"choice\":\"green\",\"json\":[1,null]}");
}

static void test_refusals(void **state)
{
    (void)state;
    assert_refused("[]", "the arguments are an array, not an object", "");
    assert_refused("{}", "'word' is missing", "");
    assert_refused("{\"word\":null}", "'word' is missing", "");
    assert_refused("{\"word\":\"\"}", "'word' is empty", "");
    assert_refused("{\"word\":1}", "'word' is a number, not a string", "");
    assert_refused("{\"word\":\"a\\u0000b\"}", "'word' holds a NUL character", "");
    assert_refused("{\"numbr\":1}", "unknown parameter 'numbr'", "did you mean 'number'?");
    assert_refused("{\"out-path\":\"x\"}", "unknown parameter 'out-path'", "did you mean 'out_path'?");
    assert_refused("{\"zzzzz\":1}", "unknown parameter 'zzzzz'", "");
    assert_refused("{\"number\":\"1\"}", "'number' is a string, not a whole number", "");
    assert_refused("{\"number\":1.5}", "'number': '1.5' is not a whole number that fits", "");
    assert_refused("{\"number\":1e3}", "'number': '1e3' is not a whole number that fits", "");
    assert_refused("{\"number\":99999999999999999999}",
                   "'number': '99999999999999999999' is not a whole number that fits", "");
    assert_refused("{\"number\":11}", "'number': 11 is not between -5 and 10", "");
    assert_refused("{\"size\":-1}", "'size': -1 is negative", "");
    assert_refused("{\"size\":\"1 k\"}", "'size': '1 k' is not a size",
                   "write bytes as 512, 10M (powers of 1000) or 10Mi (powers of 1024)");
    assert_refused("{\"flag\":\"true\"}", "'flag' is a string, not a boolean", "");
    assert_refused("{\"choice\":\"gren\"}", "'choice': unknown value 'gren'",
                   "did you mean 'green'? known are: red, green, blue");
    assert_refused("{\"choice\":0}", "'choice' is a number, not a string", "");
    assert_refused("{\"list\":\"a\"}", "'list' is a string, not an array of strings", "");
    assert_refused("{\"list\":[\"a\",{}]}", "'list' is an object, not a string", "");
    assert_refused("{\"map\":[]}", "'map' is an array, not an object of strings", "");
    assert_refused("{\"map\":{\"a\":1}}", "'map' is a number, not a string", "");
    assert_refused("{\"map\":{\"\":\"v\"}}", "'map': a name before '=' is missing", "");
    assert_refused("{\"map\":{\"a=b\":\"v\"}}", "'map': 'a=b' can't be a name", "");
    assert_refused("{\"path\":\"\"}", "'path' is empty", "");
}

/* Lists and maps grow over their first allocation. */
static void test_long_lists(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct operation *op = &hull_echo_operation;
    void *args = arena_alloc(&arena, op->args_size);
    assert_non_null(args);
    struct op_decoder decoder = op_decoder_init(op->params, args, &arena, OP_SURFACE_CLI);
    const struct op_param *list = op_param_find(op->params, STR("list")), *map = op_param_find(op->params, STR("map"));
    for (unsigned i = 0; i < 1000; i++) {
        char text[32];
        (void)snprintf(text, sizeof(text), "k%u=v%u", i % 300, i);
        assert_int_equal(op_decode_text(&decoder, list, str_z(text), NULL), 0);
        assert_int_equal(op_decode_text(&decoder, map, str_z(text), NULL), 0);
    }
    const struct str_list *strings = (const void *)((char *)args + list->offset);
    const struct op_map *pairs = (const void *)((char *)args + map->offset);
    assert_int_equal(strings->len, 1000);
    assert_string_equal(strings->ptr[999].ptr, "k99=v999");
    assert_int_equal(pairs->len, 300);
    assert_string_equal(pairs->ptr[0].key.ptr, "k0");
    assert_string_equal(pairs->ptr[0].value.ptr, "v900");
    assert_string_equal(pairs->ptr[299].value.ptr, "v899");
    assert_true(op_decoder_was_given(&decoder, list));
    assert_false(op_decoder_was_given(&decoder, op_param_find(op->params, STR("word"))));
}

/* An operation that wants to know is told what was given, and a default is not. */
static void test_given(void **state)
{
    (void)state;
    static const struct op_param params[] = {
        {.name = "a", .type = OP_STRING, .default_text = "x", .offset = 0, .size = sizeof(struct str)},
        {.name = "b", .type = OP_STRING, .offset = sizeof(struct str), .size = sizeof(struct str)},
        {.name = NULL},
    };
    struct {
        struct str a, b;
        bool given[OP_PARAMS_MAX];
    } args = {.given = {[2] = true}};
    const struct operation op = {.params = params, .given_at = 2 * sizeof(struct str)};
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct op_decoder decoder = op_decoder_of(&op, &args, &arena, OP_SURFACE_CLI);
    assert_int_equal(op_decode_text(&decoder, &params[1], STR("y"), NULL), 0);
    assert_int_equal(op_decode_finish(&decoder, NULL, NULL), 0);
    assert_string_equal(args.a.ptr, "x");
    assert_false(args.given[0]);
    assert_true(args.given[1]);
    assert_false(args.given[2]);
}

/* --- lists of objects --- */

struct text_file {
    struct str name;
    bool on;
};
struct files_args {
    OP_LIST(struct text_file) files;
};
static const struct op_param file_params[] = {
    {.name = "name", .type = OP_STRING, .flags = OP_REQUIRED, .summary = "its name", OP_AT(struct text_file, name)},
    {.name = "is-on",
     .type = OP_BOOL,
     .default_text = "true",
     .summary = "whether it counts",
     OP_AT(struct text_file, on)},
    {.name = NULL},
};
static const struct op_object file_object = {file_params, sizeof(struct text_file), 6};
static const struct op_param files_params[] = {
    {.name = "the-files",
     .type = OP_OBJECTS,
     .flags = OP_REQUIRED,
     .object = &file_object,
     .summary = "files",
     OP_AT(struct files_args, files)},
    {.name = NULL},
};

static int decode_files(struct arena *arena, const char *arguments, struct files_args *args, struct err *err)
{
    const struct data_node *object = NULL;
    struct op_decoder decoder = op_decoder_init(files_params, args, arena, OP_SURFACE_JSON);
    int rc = json_parse(str_z(arguments), arena, &object, err);
    if (!rc)
        rc = op_decode_object(&decoder, object, err);
    return rc ? rc : op_decode_finish(&decoder, NULL, err);
}

static void test_objects(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct files_args args = {0};
    struct err err = ERR_INIT;
    assert_int_equal(decode_files(&arena,
                                  "{\"the_files\":[{\"name\":\"a\"},{\"name\":\"b\",\"is_on\":false},"
                                  "{\"name\":\"c\"},{\"name\":\"d\"},{\"name\":\"e\",\"is_on\":null}]}",
                                  &args, &err),
                     0);
    assert_int_equal(args.files.len, 5);
    assert_string_equal(args.files.ptr[1].name.ptr, "b");
    assert_false(args.files.ptr[1].on);
    assert_string_equal(args.files.ptr[4].name.ptr, "e");
    assert_true(args.files.ptr[4].on);
}

static void test_objects_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{}", "'the_files' is missing"},
        {"{\"the_files\":null}", "'the_files' is missing"},
        {"{\"the_files\":[]}", "'the_files' is empty"},
        {"{\"the_files\":{}}", "'the_files' is an object, not an array of objects"},
        {"{\"the_files\":[{\"name\":\"a\"},1]}", "'the_files' is a number, not an object"},
        {"{\"the_files\":[{\"name\":\"a\"},{}]}", "'the_files[1].name' is missing"},
        {"{\"the_files\":[{\"name\":\"\"}]}", "'the_files[0].name' is empty"},
        {"{\"the_files\":[{\"name\":1}]}", "'the_files[0].name' is a number, not a string"},
        {"{\"the_files\":[{\"nam\":1}]}", "unknown parameter 'the_files[0].nam'"},
        {"{\"the_files\":[{},{},{},{},{},{},{}]}", "'the_files' has more than 6 elements"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct files_args args = {0};
        struct err err = ERR_INIT;
        assert_int_equal(decode_files(&arena, cases[i][0], &args, &err), -ERR_USAGE);
        assert_string_equal(err.message, cases[i][1]);
    }
}

static void test_objects_have_a_schema(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    const struct operation operation = {.params = files_params};
    json_writer_init(&json, &out, JSON_COMPACT);
    op_schema_input(&operation, &json);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    assert_string_equal(
        buf_z(&out),
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"properties\":{"
        "\"the_files\":{\"description\":\"files\",\"type\":\"array\",\"minItems\":1,\"maxItems\":6,\"items\":{"
        "\"type\":\"object\",\"properties\":{\"name\":{\"description\":\"its name\",\"type\":\"string\","
        "\"minLength\":1},\"is_on\":{\"description\":\"whether it counts\",\"type\":\"boolean\",\"default\":true}},"
        "\"required\":[\"name\"],\"additionalProperties\":false}}},\"required\":[\"the_files\"],"
        "\"additionalProperties\":false}");
}

/* What help tells of a parameter, its schema tells too. */
static void test_schema_tells_all(void **state)
{
    (void)state;
    static const struct op_choice choices[] = {{"a", "the first"}, {"b", NULL}, {NULL, NULL}};
    static const struct op_param params[] = {
        {.name = "one", .type = OP_STRING, .metavar = "FILE", .summary = "a file"},
        {.name = "two", .type = OP_STRING, .metavar = "NAME[:TAG]", .summary = "a name", .details = "Never \"x\"."},
        {.name = "three", .type = OP_STRING, .flags = OP_REPEATED, .metavar = "KEY=VALUE", .summary = "labels"},
        {.name = "four", .type = OP_ENUM, .choices = choices, .summary = "which"},
    };
    static const char *const wanted[] = {
        "{\"description\":\"a file\",\"type\":\"string\"}",
        "{\"description\":\"a name (NAME[:TAG])\\n\\nNever \\\"x\\\".\",\"type\":\"string\"}",
        "{\"description\":\"labels (each KEY=VALUE)\",\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
        "{\"description\":\"which\\n- a: the first\",\"type\":\"string\",\"enum\":[\"a\",\"b\"]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(params); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct json_writer json;
        json_writer_init(&json, &out, JSON_COMPACT);
        op_schema_param(&params[i], &json);
        assert_int_equal(json_writer_check(&json, NULL), 0);
        assert_string_equal(buf_z(&out), wanted[i]);
    }
}

static void test_every_allocation_can_fail(void **state)
{
    (void)state;
    static const char arguments[] = "{\"word\":\"w\",\"list\":[\"a\",\"b\",\"c\",\"d\",\"e\"],\"map\":{\"k\":\"v\"},"
                                    "\"argv\":[],\"choice\":\"red\",\"path\":\"p\"}";
    int rc = -1;
    for (uint64_t n = 1; rc; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        rc = echo(&arena, arguments, &out, &err);
        fault_disarm();
        assert_true(rc == 0 || rc == -ERR_NOMEM);
        assert_true(n < 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_null),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_long_lists),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_objects_are_refused),
        cmocka_unit_test(test_objects_have_a_schema),
        cmocka_unit_test(test_schema_tells_all),
        cmocka_unit_test(test_every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

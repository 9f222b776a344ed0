/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"
#include "op/result.h"
#include "op/schema.h"
#include "op/services.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

struct item {
    uint64_t size;
};

struct sample {
    struct str text, json;
    uint64_t count;
    int64_t offset;
    struct str_list names;
    struct op_map map;
    VEC(struct item) items;
    const struct item *best;
};

static const struct op_field item_fields[] = {
    {.name = "size", .type = OP_F_U64, .summary = "bytes", OP_AT(struct item, size)},
    {.name = NULL},
};
static const struct op_record item_record = {"item", item_fields, sizeof(struct item)};

#define FIELDS(absent_is_fine)                                                                                         \
    {                                                                                                                  \
        {.name = "text", .type = OP_F_STR, .optional = (absent_is_fine), .summary = "t", OP_AT(struct sample, text)},  \
            {.name = "json",                                                                                           \
             .type = OP_F_JSON,                                                                                        \
             .optional = (absent_is_fine),                                                                             \
             .summary = "j",                                                                                           \
             OP_AT(struct sample, json)},                                                                              \
            {.name = "count",                                                                                          \
             .type = OP_F_U64,                                                                                         \
             .optional = (absent_is_fine),                                                                             \
             .summary = "c",                                                                                           \
             OP_AT(struct sample, count)},                                                                             \
            {.name = "offset",                                                                                         \
             .type = OP_F_I64,                                                                                         \
             .optional = (absent_is_fine),                                                                             \
             .summary = "o",                                                                                           \
             OP_AT(struct sample, offset)},                                                                            \
            {.name = "names",                                                                                          \
             .type = OP_F_STRS,                                                                                        \
             .optional = (absent_is_fine),                                                                             \
             .summary = "n",                                                                                           \
             OP_AT(struct sample, names)},                                                                             \
            {.name = "map",                                                                                            \
             .type = OP_F_MAP,                                                                                         \
             .optional = (absent_is_fine),                                                                             \
             .summary = "m",                                                                                           \
             OP_AT(struct sample, map)},                                                                               \
            {.name = "items",                                                                                          \
             .type = OP_F_OBJECTS,                                                                                     \
             .optional = (absent_is_fine),                                                                             \
             .summary = "i",                                                                                           \
             .record = &item_record,                                                                                   \
             OP_AT(struct sample, items)},                                                                             \
            {.name = "best",                                                                                           \
             .type = OP_F_POINTER,                                                                                     \
             .optional = (absent_is_fine),                                                                             \
             .summary = "b",                                                                                           \
             .record = &item_record,                                                                                   \
             OP_AT(struct sample, best)},                                                                              \
            {.name = NULL},                                                                                            \
    }

static const struct op_field optional_fields[] = FIELDS(true);
static const struct op_field required_fields[] = FIELDS(false);
static const struct op_record optional_record = {"sample", optional_fields, sizeof(struct sample)};
static const struct op_record required_record = {"sample", required_fields, sizeof(struct sample)};

static void assert_json(const struct op_record *record, const struct sample *sample, const char *expected)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    op_result_write(record, sample, &json);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    assert_string_equal(buf_z(&out), expected);
}

static void test_absent(void **state)
{
    (void)state;
    struct sample absent = {.count = OP_ABSENT_U64, .offset = OP_ABSENT_I64};
    assert_json(&optional_record, &absent, "{}");
    assert_json(&required_record, &absent,
                "{\"text\":\"\",\"json\":null,\"count\":0,\"offset\":0,\"names\":[],\"map\":{},\"items\":[],"
                "\"best\":null}");
}

static void test_present(void **state)
{
    (void)state;
    struct item items[] = {{1}, {UINT64_MAX - 1}};
    struct str name = STR("n");
    struct op_pair pair = {STR("k"), STR("v\n")};
    struct sample sample = {
        .text = STR(""),
        .json = STR("{\"x\":1.50}"),
        .offset = -1,
        .names = {&name, 1},
        .map = {&pair, 1},
        .items = {items, 2, 2},
        .best = &items[1],
    };
    const char *expected = "{\"text\":\"\",\"json\":{\"x\":1.50},\"count\":0,\"offset\":-1,\"names\":[\"n\"],"
                           "\"map\":{\"k\":\"v\\n\"},\"items\":[{\"size\":1},{\"size\":18446744073709551614}],"
                           "\"best\":{\"size\":18446744073709551614}}";
    assert_json(&optional_record, &sample, expected);
    assert_json(&required_record, &sample, expected);
}

static void test_output_schema(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    const struct operation operation = {.result = &required_record};
    json_writer_init(&json, &out, JSON_COMPACT);
    op_schema_output(&operation, &json);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    const char *item = "\"type\":\"object\",\"properties\":{\"size\":{\"description\":\"bytes\",\"type\":\"integer\","
                       "\"minimum\":0}},\"required\":[\"size\"]";
    CLEANUP_BUF struct buf expected = BUF_INIT;
    buf_addf(&expected,
             "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"properties\":{"
             "\"text\":{\"description\":\"t\",\"type\":\"string\"},\"json\":{\"description\":\"j\"},"
             "\"count\":{\"description\":\"c\",\"type\":\"integer\",\"minimum\":0},"
             "\"offset\":{\"description\":\"o\",\"type\":\"integer\"},"
             "\"names\":{\"description\":\"n\",\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
             "\"map\":{\"description\":\"m\",\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
             "\"items\":{\"description\":\"i\",\"type\":\"array\",\"items\":{%s}},"
             "\"best\":{\"description\":\"b\",\"anyOf\":[{%s},{\"type\":\"null\"}]}},"
             "\"required\":[\"text\",\"json\",\"count\",\"offset\",\"names\",\"map\",\"items\",\"best\"]}",
             item, item);
    assert_string_equal(buf_z(&out), buf_z(&expected));
}

static void test_cache_dir(void **state)
{
    (void)state;
    struct op_services services = {.cache_dir = STR("/c")};
    struct str path = STR("before");
    struct err err = ERR_INIT;
    assert_int_equal(op_services_cache_dir(&services, &path, &err), 0);
    assert_string_equal(path.ptr, "/c");
    services.cache_dir = STR_NONE;
    assert_int_equal(op_services_cache_dir(&services, &path, &err), -ERR_NOT_FOUND);
    assert_string_equal(path.ptr, "/c");
    assert_string_equal(err.hint, "set BAREHULL_CACHE_DIR to a directory that you may write to");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_present),
        cmocka_unit_test(test_output_schema),
        cmocka_unit_test(test_cache_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

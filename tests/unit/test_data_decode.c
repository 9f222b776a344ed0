/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "data/decode.h"
#include "data/json.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    struct str name;
    bool on;
    uint64_t size;
    int64_t delta;
    struct data_strs env;
    struct data_pairs labels;
    struct data_strs ports;
    const struct data_node *any;
};

static const struct data_field fields[] = {
    {"name", DATA_TO_STR, offsetof(struct sample, name), true},
    {"on", DATA_TO_BOOL, offsetof(struct sample, on), false},
    {"size", DATA_TO_U64, offsetof(struct sample, size), false},
    {"delta", DATA_TO_I64, offsetof(struct sample, delta), false},
    {"env", DATA_TO_STRS, offsetof(struct sample, env), false},
    {"labels", DATA_TO_PAIRS, offsetof(struct sample, labels), false},
    {"ports", DATA_TO_KEYS, offsetof(struct sample, ports), false},
    {"any", DATA_TO_NODE, offsetof(struct sample, any), false},
};

static int decode(const char *source, struct arena *arena, struct sample *ret_sample, struct err *err)
{
    const struct data_node *root = NULL;
    int r = json_parse(str_z(source), arena, &root, err);
    return r < 0 ? r : data_decode(root, fields, ARRAY_LEN(fields), arena, ret_sample, err);
}

static const char full[] =
    "{\"unknown\":[{}],\"name\":\"n\",\"on\":true,\"size\":3,\"delta\":-4,\"env\":[\"A=1\",\"B\"],"
    "\"labels\":{\"z\":\"1\",\"a\":\"2\"},\"ports\":{\"80/tcp\":{},\"53\":null},\"any\":[1]}";

static void test_all_types(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct sample sample = {0};
    assert_int_equal(decode(full, &arena, &sample, NULL), 0);
    assert_true(str_eq(sample.name, STR("n")));
    assert_true(sample.on);
    assert_int_equal(sample.size, 3);
    assert_int_equal(sample.delta, -4);
    assert_int_equal(sample.env.count, 2);
    assert_true(str_eq(sample.env.items[1], STR("B")));
    assert_int_equal(sample.labels.count, 2);
    assert_true(str_eq(sample.labels.items[0].key, STR("z")));
    assert_true(str_eq(*data_pairs_get(&sample.labels, STR("a")), STR("2")));
    assert_null(data_pairs_get(&sample.labels, STR("b")));
    assert_int_equal(sample.ports.count, 2);
    assert_true(str_eq(sample.ports.items[0], STR("80/tcp")));
    assert_int_equal(sample.any->count, 1);
}

static void test_absent_fields_stay(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct sample sample = {.size = 9, .on = true};
    assert_int_equal(decode("{\"name\":\"\",\"size\":null,\"env\":null}", &arena, &sample, NULL), 0);
    assert_int_equal(sample.size, 9);
    assert_true(sample.on);
    assert_int_equal(sample.env.count, 0);
    assert_null(sample.any);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        const char *message;
    } cases[] = {
        {"[]", "'document' is an array, not an object"},
        {"{}", "'document' has no 'name'"},
        {"{\"name\":null}", "'document' has no 'name'"},
        {"{\"name\":1}", "'name' is a number, not a string"},
        {"{\"name\":\"\",\"on\":\"true\"}", "'on' is a string, not a boolean"},
        {"{\"name\":\"\",\"size\":-1}", "'size' is -1, not a whole number from 0 to 2^64-1"},
        {"{\"name\":\"\",\"env\":{}}", "'env' is an object, not an array"},
        {"{\"name\":\"\",\"env\":[\"a\",null]}", "'env[1]' is null, not a string"},
        {"{\"name\":\"\",\"labels\":{\"k\":[]}}", "'labels.k' is an array, not a string"},
        {"{\"name\":\"\",\"labels\":[]}", "'labels' is an array, not an object"},
        {"{\"name\":\"\",\"ports\":\"80\"}", "'ports' is a string, not an object"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        struct sample sample = {0};
        assert_int_equal(decode(cases[i].source, &arena, &sample, &err), -ERR_INVALID);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct sample sample = {0};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = decode(full, &arena, &sample, &err);
        fault_disarm();
        if (r == 0)
            break;
        assert_int_equal(r, -ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_types),
        cmocka_unit_test(test_absent_fields_stay),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

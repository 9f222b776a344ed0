/* SPDX-License-Identifier: Apache-2.0 */
#include "data/yaml.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* One letter for each schema, in the order core, compose, kubernetes: z null, b boolean, n number, o octal, s string.
 */
static const struct {
    const char *text;
    const char kinds[4];
} cases[] = {
    {"", "zzz"},           {"~", "zzz"},     {"null", "zzz"},
    {"Null", "zzz"},       {"NULL", "zzz"},  {"nULL", "sss"},
    {"~~", "sss"},         {"nil", "sss"},   {"true", "bbb"},
    {"True", "bbb"},       {"TRUE", "bbb"},  {"tRUE", "sss"},
    {"TRue", "sss"},       {"false", "bbb"}, {"FALSE", "bbb"},
    {"yes", "ssb"},        {"Yes", "ssb"},   {"YES", "ssb"},
    {"yeS", "sss"},        {"no", "ssb"},    {"NO", "ssb"},
    {"on", "ssb"},         {"On", "ssb"},    {"off", "ssb"},
    {"OFF", "ssb"},        {"y", "ssb"},     {"Y", "ssb"},
    {"n", "ssb"},          {"N", "ssb"},     {"yess", "sss"},
    {"0", "nnn"},          {"7", "nnn"},     {"-12", "nnn"},
    {"+12", "nnn"},        {"0755", "noo"},  {"-0755", "noo"},
    {"00", "noo"},         {"0855", "nnn"},  {"0o755", "nnn"},
    {"0O755", "snn"},      {"0o8", "sss"},   {"-0o7", "snn"},
    {"0x1F", "nnn"},       {"0X1f", "snn"},  {"0x", "sss"},
    {"0xg", "sss"},        {"-0x1f", "snn"}, {"0b101", "snn"},
    {"0b2", "sss"},        {"1_000", "snn"}, {"_1", "sss"},
    {"1__0_", "snn"},      {"0x_ff", "snn"}, {"1.5", "nnn"},
    {"1.", "nnn"},         {".5", "nnn"},    {".", "sss"},
    {"-.5", "nnn"},        {"1e3", "nnn"},   {"1E+3", "nnn"},
    {"1.5e-3", "nnn"},     {"1e", "sss"},    {"e3", "sss"},
    {"1e3.5", "sss"},      {"--1", "sss"},   {"+-1", "sss"},
    {"-", "sss"},          {"+", "sss"},     {".inf", "nnn"},
    {"-.Inf", "nnn"},      {"+.INF", "nnn"}, {".iNF", "sss"},
    {".nan", "nnn"},       {".NaN", "nnn"},  {"-.nan", "sss"},
    {"190:20:30", "sss"},  {"1:30", "sss"},  {"8080:80", "sss"},
    {"2001-12-15", "sss"}, {"1.2.3", "sss"}, {"1 2", "sss"},
    {"0755 ", "sss"},      {"12e03", "nnn"}, {"128Mi", "sss"},
    {"500m", "sss"},       {"<<", "sss"},    {"12345678901234567890123", "nnn"},
    {"._5", "sss"},        {"0_7", "soo"},
};

static char letter_of(enum data_kind kind, bool octal)
{
    if (octal)
        return kind == DATA_NUMBER ? 'o' : '!';
    return "zbns"[kind];
}

static void test_plain_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char got[4] = "";
        for (unsigned schema = YAML_CORE; schema <= YAML_KUBERNETES; schema++) {
            bool octal = true;
            enum data_kind kind = yaml_plain_kind((enum yaml_schema)schema, str_z(cases[i].text), &octal);
            got[schema] = letter_of(kind, octal);
        }
        if (memcmp(got, cases[i].kinds, 3) != 0)
            fail_msg("'%s' is %s, not %s", cases[i].text, got, cases[i].kinds);
    }
    assert_int_equal(yaml_plain_kind(YAML_CORE, STR("0755"), NULL), DATA_NUMBER);
}

static void test_values_of_numbers_and_booleans(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum yaml_schema schema;
        int64_t value;
    } numbers[] = {
        {"0755", YAML_KUBERNETES, 493},
        {"0755", YAML_CORE, 755},
        {"-0755", YAML_COMPOSE, -493},
        {"0o17", YAML_CORE, 15},
        {"0x1F", YAML_CORE, 31},
        {"0b101", YAML_COMPOSE, 5},
        {"1_000", YAML_COMPOSE, 1000},
        {"+12", YAML_CORE, 12},
        {"0_7", YAML_KUBERNETES, 7},
        {"0855", YAML_COMPOSE, 855},
        {"-0x10", YAML_COMPOSE, -16},
        {"00", YAML_COMPOSE, 0},
        {"9223372036854775807", YAML_CORE, INT64_MAX},
        {"-9223372036854775808", YAML_CORE, INT64_MIN},
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct yaml_options options = {.schema = numbers[i].schema};
        const struct data_node *root = NULL;
        int64_t value = 99;
        uint64_t size = 99;
        assert_int_equal(yaml_parse(str_z(numbers[i].text), &options, &arena, &root, NULL), 0);
        assert_int_equal(data_i64(root, &value, NULL), 0);
        assert_int_equal(value, numbers[i].value);
        assert_int_equal(data_u64(root, &size, NULL) == 0, value >= 0);
        assert_true(size == (value >= 0 ? (uint64_t)value : 99));
    }
    static const char *const odd[] = {"1.0", "1e3", "9223372036854775808", ".inf", "-9223372036854775809"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *root = NULL;
        int64_t value = 99;
        assert_int_equal(yaml_parse(str_z(odd[i]), NULL, &arena, &root, NULL), 0);
        assert_int_equal(data_i64(root, &value, NULL), -ERR_INVALID);
        assert_int_equal(value, 99);
    }
    static const char *const words[] = {"true", "True", "TRUE", "yes", "Y", "on", "ON", /**/ "false", "no", "N", "Off"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct yaml_options options = {.schema = YAML_KUBERNETES};
        const struct data_node *root = NULL;
        bool value = i >= 7;
        assert_int_equal(yaml_parse(str_z(words[i]), &options, &arena, &root, NULL), 0);
        assert_int_equal(data_bool(root, &value, NULL), 0);
        assert_int_equal(value, i < 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_kinds),
        cmocka_unit_test(test_values_of_numbers_and_booleans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/quantity.h"

#include "yaml_fixture.h"

#define REFUSED (INT64_MIN + 1) /* no quantity comes out as this */

static int64_t whole(const char *text)
{
    int64_t value = REFUSED;
    return quantity_parse(str_z(text), QUANTITY_WHOLE, &value) ? value : REFUSED;
}

static int64_t milli(const char *text)
{
    int64_t value = REFUSED;
    return quantity_parse(str_z(text), QUANTITY_MILLI, &value) ? value : REFUSED;
}

static void test_quantities(void **state)
{
    (void)state;
    assert_int_equal(whole("128Mi"), 134217728);
    assert_int_equal(whole("128M"), 128000000);
    assert_int_equal(whole("1.5Gi"), 1610612736);
    assert_int_equal(whole("0"), 0);
    assert_int_equal(whole("1e3"), 1000);
    assert_int_equal(whole("1E3"), 1000);
    assert_int_equal(whole("12E"), INT64_MAX); /* 12 exa: capped */
    assert_int_equal(whole("1E"), 1000000000000000000);
    assert_int_equal(whole("7Ei"), 7LL << 60);
    assert_int_equal(whole("8Ei"), INT64_MAX);
    assert_int_equal(whole("-8Ei"), -INT64_MAX);
    assert_int_equal(whole(".5Ki"), 512);
    assert_int_equal(whole("5."), 5);
    assert_int_equal(whole("+5"), 5);
    assert_int_equal(whole("-5k"), -5000);
    assert_int_equal(whole("100m"), 1); /* rounded up, as the platform does */
    assert_int_equal(whole("1n"), 1);
    assert_int_equal(whole("1e-99999999999999"), 1);
    assert_int_equal(whole("-100m"), -1);
    assert_int_equal(whole("0m"), 0);
    assert_int_equal(whole("0e999999999999999999999"), 0);
    assert_int_equal(whole("1e+2"), 100);
    assert_int_equal(whole("1e0000000000000000003"), 1000);
    assert_int_equal(whole("9223372036854775807"), INT64_MAX);
    assert_int_equal(whole("9223372036854775808"), INT64_MAX);
    assert_int_equal(whole("9999999999999999999999999999"), INT64_MAX);
    assert_int_equal(whole("0000000000000000000000000000012"), 12);
    assert_int_equal(whole("1.00000000000000000000000000000"), 1);
    assert_int_equal(whole("1.00000000000000000000000000001"), 2);
    assert_int_equal(whole("1e99999999999999999999"), INT64_MAX);
    assert_int_equal(milli("100m"), 100);
    assert_int_equal(milli("0.1"), 100);
    assert_int_equal(milli("2"), 2000);
    assert_int_equal(milli("1u"), 1);
    assert_int_equal(milli("1.5k"), 1500000);
}

static void test_no_quantities(void **state)
{
    (void)state;
    static const char *const refused[] = {"",    " ",    "Mi",  ".",   "-",     "+",    "1 Mi",  "1mi",  "1KI", "1K",
                                          "1MB", "1Mib", "1e",  "1e+", "1e1.5", "1eM",  "1..2",  "0x10", "1,5", "--1",
                                          "1i",  "i",    "1\n", "١",   "1g",    "64mb", "1e1e1", "1Eii"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_int_equal(whole(refused[i]), REFUSED);
    int64_t value = 7;
    assert_false(quantity_parse(str_of("1\0", 2), QUANTITY_WHOLE, &value));
    assert_false(quantity_parse(str_of("1\0i", 3), QUANTITY_WHOLE, &value));
    assert_int_equal(value, 7);
}

static int64_t node_value(const char *text, enum quantity_unit unit)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct yaml_options options = {.schema = YAML_KUBERNETES};
    int64_t value = REFUSED;
    return quantity_of_node(parse(str_z(text), &options, &arena), unit, &value) ? value : REFUSED;
}

static void test_nodes(void **state)
{
    (void)state;
    assert_int_equal(node_value("64Mi", QUANTITY_WHOLE), 67108864);
    assert_int_equal(node_value("' 64Mi '", QUANTITY_WHOLE), 67108864);
    assert_int_equal(node_value("0.5", QUANTITY_MILLI), 500);
    assert_int_equal(node_value(".5", QUANTITY_MILLI), 500);
    assert_int_equal(node_value("1", QUANTITY_MILLI), 1000);
    assert_int_equal(node_value("0x10", QUANTITY_WHOLE), 16);
    assert_int_equal(node_value("0755", QUANTITY_WHOLE), 493);
    assert_int_equal(node_value("1_000", QUANTITY_WHOLE), 1000);
    assert_int_equal(node_value("1_0.5", QUANTITY_MILLI), 10500);
    assert_int_equal(node_value("1e3", QUANTITY_WHOLE), 1000);
    assert_int_equal(node_value("-9223372036854775808", QUANTITY_WHOLE), -INT64_MAX);
    assert_int_equal(node_value("18446744073709551615", QUANTITY_WHOLE), INT64_MAX);
    assert_int_equal(node_value(".inf", QUANTITY_WHOLE), REFUSED);
    assert_int_equal(node_value("true", QUANTITY_WHOLE), REFUSED);
    assert_int_equal(node_value("[1]", QUANTITY_WHOLE), REFUSED);
    assert_int_equal(node_value("~", QUANTITY_WHOLE), REFUSED);
    int64_t value = 7;
    assert_false(quantity_of_node(NULL, QUANTITY_WHOLE, &value));
}

static int64_t bytes(const char *text)
{
    int64_t value = REFUSED;
    return byte_size_parse(str_z(text), &value) ? value : REFUSED;
}

static void test_byte_sizes(void **state)
{
    (void)state;
    assert_int_equal(bytes("64m"), 67108864);
    assert_int_equal(bytes("1gb"), 1073741824);
    assert_int_equal(bytes("1GiB"), 1073741824);
    assert_int_equal(bytes("1.5 g"), 1610612736);
    assert_int_equal(bytes("300"), 300);
    assert_int_equal(bytes("300b"), 300);
    assert_int_equal(bytes("300 B"), 300);
    assert_int_equal(bytes("0.3k"), 307);
    assert_int_equal(bytes("1e3"), 1000);
    assert_int_equal(bytes("1e2kb"), 102400);
    assert_int_equal(bytes("2p"), 2LL << 50);
    assert_int_equal(bytes("0"), 0);
    static const char *const refused[] = {"",      "m",   "-1",    "-1m",  "1e",   "1eb",
                                          "1kk",   "1bb", "1bi",   "1kbi", "1  k", "9999999999999p",
                                          "64 m ", "1x",  "1.2.3", "64mbb"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_int_equal(bytes(refused[i]), REFUSED);
}

static int64_t cpus(const char *text)
{
    int64_t value = REFUSED;
    return cpus_parse(str_z(text), &value) ? value : REFUSED;
}

static void test_cpus(void **state)
{
    (void)state;
    assert_int_equal(cpus("0.5"), 500);
    assert_int_equal(cpus("2"), 2000);
    assert_int_equal(cpus("0.0001"), 1);
    assert_int_equal(cpus("1e-1"), 100);
    assert_int_equal(cpus(".25"), 250);
    assert_int_equal(cpus("0"), 0);
    assert_int_equal(cpus("-1"), REFUSED);
    assert_int_equal(cpus("500m"), REFUSED);
    assert_int_equal(cpus(""), REFUSED);
    assert_int_equal(cpus("1e400"), REFUSED);
}

static int64_t duration(const char *text, enum duration_units units)
{
    int64_t value = REFUSED;
    return duration_parse(str_z(text), units, &value) ? value : REFUSED;
}

static void test_durations(void **state)
{
    (void)state;
    assert_int_equal(duration("30s", DURATION_GO), 30000000000);
    assert_int_equal(duration("1m30s", DURATION_GO), 90000000000);
    assert_int_equal(duration("1.5h", DURATION_GO), 5400000000000);
    assert_int_equal(duration("1h5m30s20ms", DURATION_GO), 3930020000000);
    assert_int_equal(duration("0", DURATION_GO), 0);
    assert_int_equal(duration("-0", DURATION_GO), 0);
    assert_int_equal(duration("-2s", DURATION_GO), -2000000000);
    assert_int_equal(duration("+.5s", DURATION_GO), 500000000);
    assert_int_equal(duration("1\xC2\xB5s1\xCE\xBCs1us1ns", DURATION_GO), 3001);
    assert_int_equal(duration("0.0000000001s", DURATION_GO), 0);
    assert_int_equal(duration("1d", DURATION_GO), REFUSED);
    assert_int_equal(duration("1d", DURATION_COMPOSE), 86400000000000);
    assert_int_equal(duration("2w", DURATION_COMPOSE), 1209600000000000);
    static const char *const refused[] = {"",    "30", "s",  "-",           "1s-1s",
                                          "1 s", "00", "1x", "9999999999h", "9000000000s9000000000s"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_int_equal(duration(refused[i], DURATION_GO), REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantities), cmocka_unit_test(test_no_quantities), cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_byte_sizes), cmocka_unit_test(test_cpus),          cmocka_unit_test(test_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

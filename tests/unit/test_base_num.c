/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"

#include <setjmp.h>

#include <cmocka.h>

#define BAD UINT64_MAX

struct number {
    const char *text;
    uint64_t value; /* BAD: refused */
};

static void check(bool (*parse)(struct str, uint64_t *), const struct number *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = 4711;
        bool ok = parse(str_z(cases[i].text), &value);
        if (ok != (cases[i].value != BAD) || value != (ok ? cases[i].value : 4711))
            fail_msg("'%s' gave %d, %llu", cases[i].text, ok, (unsigned long long)value);
    }
}

static void test_plain(void **state)
{
    (void)state;
    static const struct number decimal[] = {
        {"0", 0},
        {"007", 7},
        {"18446744073709551614", UINT64_MAX - 1},
        {"18446744073709551616", BAD},
        {"99999999999999999999999", BAD},
        {"", BAD},
        {"-1", BAD},
        {"+1", BAD},
        {" 1", BAD},
        {"1 ", BAD},
        {"1a", BAD},
        {"0x1", BAD},
        {"\xD9\xA1", BAD}, /* a digit, but not ASCII */
    };
    static const struct number octal[] = {{"755", 0755}, {"8", BAD}, {"", BAD}, {"2000000000000000000000", BAD}};
    static const struct number hex[] = {
        {"fF", 255}, {"g", BAD}, {"fffffffffffffffe", UINT64_MAX - 1}, {"10000000000000000", BAD}, {"@", BAD}};
    check(num_parse_u64, decimal, ARRAY_LEN(decimal));
    check(num_parse_octal, octal, ARRAY_LEN(octal));
    check(num_parse_hex, hex, ARRAY_LEN(hex));
    uint64_t all = 0;
    assert_true(num_parse_u64(STR("18446744073709551615"), &all));
    assert_true(all == UINT64_MAX);
    uint32_t small = 0;
    assert_true(num_parse_u32(STR("4294967295"), &small));
    assert_true(small == UINT32_MAX);
    assert_false(num_parse_u32(STR("4294967296"), &small));
    assert_false(num_parse_u64(STR("1\0"), &all));
}

static void test_size(void **state)
{
    (void)state;
    static const struct number cases[] = {
        {"512", 512},
        {"512b", 512},
        {"64k", 64000},
        {"64KB", 64000},
        {"64Ki", 65536},
        {"64kib", 65536},
        {"10M", 10000000},
        {"1.5G", 1500000000},
        {"0.15Ki", 153}, /* 153.6 */
        {"0.99Ki", 1013},
        {"0.999999T", 999999000000},
        {"1.999999Ti", 2199022156040},
        {"0.0000001k", BAD},
        {"1.", BAD},
        {".5k", BAD},
        {"", BAD},
        {"k", BAD},
        {"1kk", BAD},
        {"1ki b", BAD},
        {"1i", BAD},
        {"1 k", BAD},
        {"-1k", BAD},
        {"1e3", BAD},
        {"1P", BAD},
        {"18446744073709551615k", BAD},
        {"16777216Ti", BAD},
    };
    check(num_parse_size, cases, ARRAY_LEN(cases));
}

static void test_bytes(void **state)
{
    (void)state;
    uint8_t out[3] = {9, 9, 9};
    assert_false(num_parse_hex_bytes(STR("0011"), out, 3));
    assert_false(num_parse_hex_bytes(STR("00112g"), out, 3));
    assert_int_equal(out[0], 9);
    assert_true(num_parse_hex_bytes(STR("00fFa5"), out, 3));
    assert_memory_equal(out, "\x00\xff\xa5", 3);
    assert_true(num_parse_hex_bytes(STR(""), out, 0));
    static const uint8_t raw[9] = {0, 1, 2, 3, 4, 5, 6, 7, 0xff};
    assert_int_equal(num_le16(raw + 1), 0x0201);
    assert_int_equal(num_be16(raw + 1), 0x0102);
    assert_int_equal(num_le32(raw + 1), 0x04030201);
    assert_int_equal(num_be32(raw + 1), 0x01020304);
    assert_true(num_le64(raw + 1) == 0xff07060504030201ULL);
    assert_true(num_be64(raw + 1) == 0x01020304050607ffULL);
    uint8_t made[8];
    num_put_le64(made, 0xff07060504030201ULL);
    assert_memory_equal(made, raw + 1, 8);
    num_put_le32(made, 0x04030201);
    assert_memory_equal(made, raw + 1, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

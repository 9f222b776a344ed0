/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <setjmp.h>

#include <cmocka.h>

static void test_format(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {1709164800, "2024-02-29T00:00:00Z"},
        {2147483648, "2038-01-19T03:14:08Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {-62135596800, "0001-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        clock_format_rfc3339(&out, cases[i].seconds);
        assert_string_equal(buf_z(&out), cases[i].text);
    }
}

static void test_write_ms(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-1000, "1969-12-31T23:59:59.000Z"},
        {951782400007, "2000-02-29T00:00:00.007Z"},
        {1795303200123, "2026-11-21T23:20:00.123Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[CLOCK_RFC3339_MS_BYTES + 1] = "";
        clock_write_rfc3339_ms(out, cases[i].ms);
        assert_string_equal(out, cases[i].text);
    }
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds; /* -1: refused */
    } cases[] = {
        {"Thu, 01 Jan 1970 00:00:00 UTC", 0},
        {"Sat, 21 Nov 2026 23:20:00 UTC", 1795303200},
        {"Sat, 21 Nov 2026 23:20:00 GMT", 1795303200},
        {"21 nov 2026 23:20 Z", 1795303200},
        {"  Sat,  21  Nov  2026  23:20:00  +0000 ", 1795303200},
        {"Sun, 22 Nov 2026 01:20:00 +0200", 1795303200},
        {"Sat, 21 Nov 2026 17:50:00 -0530", 1795303200},
        {"Thu, 29 Feb 2024 00:00:00 UTC", 1709164800},
        {"Fri, 31 Dec 9999 23:59:59 UTC", 253402300799},
        {"Sat, 31 Dec 2016 23:59:60 UTC", 1483228800}, /* a leap second */
        {"Thu, 29 Feb 2023 00:00:00 UTC", -1},
        {"Thu, 29 Feb 2100 00:00:00 UTC", -1},
        {"31 Apr 2024 00:00:00 UTC", -1},
        {"0 Jan 2024 00:00:00 UTC", -1},
        {"32 Jan 2024 00:00:00 UTC", -1},
        {"1 Foo 2024 00:00:00 UTC", -1},
        {"1 Janu 2024 00:00:00 UTC", -1},
        {"1 Jan 24 00:00:00 UTC", -1},
        {"1 Jan 10000 00:00:00 UTC", -1},
        {"1 Jan 2024 24:00:00 UTC", -1},
        {"1 Jan 2024 00:60:00 UTC", -1},
        {"1 Jan 2024 00:00:61 UTC", -1},
        {"1 Jan 2024 00:00:00:00 UTC", -1},
        {"1 Jan 2024 00 UTC", -1},
        {"1 Jan 2024 00:00:00 CET", -1},
        {"1 Jan 2024 00:00:00 +2400", -1},
        {"1 Jan 2024 00:00:00 +0060", -1},
        {"1 Jan 2024 00:00:00 +00:00", -1},
        {"1 Jan 2024 00:00:00", -1},
        {"1 Jan 2024 00:00:00 UTC rest", -1},
        {"-1 Jan 2024 00:00:00 UTC", -1},
        {"", -1},
        {",", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t seconds = -1;
        bool ok = clock_parse_rfc2822(str_z(cases[i].text), &seconds);
        if (ok != (cases[i].seconds >= 0) || seconds != cases[i].seconds)
            fail_msg("'%s' gave %d, %lld", cases[i].text, ok, (long long)seconds);
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (int64_t seconds = 0; seconds < 253402300800; seconds += 86400LL * 97 + 12345) {
        CLEANUP_BUF struct buf iso = BUF_INIT, mail = BUF_INIT;
        clock_format_rfc3339(&iso, seconds);
        int month = (iso.ptr[5] - '0') * 10 + iso.ptr[6] - '0';
        buf_addf(&mail, "%.2s %s %.4s %.8s UTC", iso.ptr + 8, months[month - 1], iso.ptr, iso.ptr + 11);
        int64_t back = -1;
        assert_true(clock_parse_rfc2822(buf_str(&mail), &back));
        assert_true(back == seconds);
    }
}

static void test_now(void **state)
{
    (void)state;
    uint64_t first = clock_monotonic_ns();
    assert_true(first > 0 && clock_monotonic_ns() >= first);
    assert_true(clock_unix_seconds() > 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),     cmocka_unit_test(test_write_ms), cmocka_unit_test(test_parse),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

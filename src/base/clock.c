/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "base/num.h"

#include <time.h>

#define SECONDS_A_DAY 86400

uint64_t clock_monotonic_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

int64_t clock_unix_seconds(void)
{
    struct timespec now;
    return clock_gettime(CLOCK_REALTIME, &now) == 0 ? (int64_t)now.tv_sec : 0;
}

int64_t clock_unix_ms(void)
{
    struct timespec now;
    return clock_gettime(CLOCK_REALTIME, &now) == 0 ? (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 : 0;
}

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar; years start in March. */
static int64_t days_of_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct date {
    int64_t year, month, day;
    int64_t second; /* of the day */
};

static struct date date_of(int64_t unix_seconds)
{
    int64_t days = unix_seconds / SECONDS_A_DAY;
    int64_t second = unix_seconds % SECONDS_A_DAY;
    if (second < 0) {
        second += SECONDS_A_DAY;
        days--;
    }
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march + (month_from_march < 10 ? 3 : -9);
    return (struct date){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
        .second = second,
    };
}

void clock_format_rfc3339(struct buf *out, int64_t unix_seconds)
{
    struct date date = date_of(unix_seconds);
    buf_addf(out, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ", (long long)date.year, (long long)date.month,
             (long long)date.day, (long long)(date.second / 3600), (long long)(date.second / 60 % 60),
             (long long)(date.second % 60));
}

/* WIDTH digits and what stands behind them. */
static char *put_digits(char *at, int64_t value, int width, char behind)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    at[width] = behind;
    return at + width + 1;
}

void clock_write_rfc3339_ms(char out[CLOCK_RFC3339_MS_BYTES], int64_t unix_ms)
{
    int64_t ms = unix_ms % 1000;
    int64_t seconds = unix_ms / 1000 - (ms < 0);
    struct date date = date_of(seconds);
    char *at = put_digits(out, date.year, 4, '-');
    at = put_digits(at, date.month, 2, '-');
    at = put_digits(at, date.day, 2, 'T');
    at = put_digits(at, date.second / 3600, 2, ':');
    at = put_digits(at, date.second / 60 % 60, 2, ':');
    at = put_digits(at, date.second % 60, 2, '.');
    (void)put_digits(at, ms < 0 ? ms + 1000 : ms, 3, 'Z');
}

static bool parse_month(struct str text, uint32_t *ret_month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (uint32_t i = 0; text.len == 3 && i < 12; i++)
        if (str_eq_fold(text, str_of(names + 3 * (size_t)i, 3))) {
            *ret_month = i + 1;
            return true;
        }
    return false;
}

static bool parse_clock(struct str text, int64_t *ret_seconds)
{
    struct str hour, minute, second;
    uint32_t h, m, s = 0;
    if (!str_next(&text, ':', &hour) || !str_next(&text, ':', &minute))
        return false;
    if (str_next(&text, ':', &second) && !num_parse_u32(second, &s))
        return false;
    if (text.ptr || !num_parse_u32(hour, &h) || !num_parse_u32(minute, &m) || h > 23 || m > 59 || s > 60)
        return false;
    *ret_seconds = (int64_t)h * 3600 + (int64_t)m * 60 + s;
    return true;
}

static bool parse_zone(struct str text, int64_t *ret_offset)
{
    *ret_offset = 0;
    if (str_eq(text, STR("UTC")) || str_eq(text, STR("GMT")) || str_eq(text, STR("Z")))
        return true;
    uint32_t hhmm;
    if (text.len != 5 || (text.ptr[0] != '+' && text.ptr[0] != '-') || !num_parse_u32(str_skip(text, 1), &hhmm))
        return false;
    if (hhmm / 100 > 23 || hhmm % 100 > 59)
        return false;
    int64_t offset = (int64_t)(hhmm / 100) * 3600 + (int64_t)(hhmm % 100) * 60;
    *ret_offset = text.ptr[0] == '-' ? -offset : offset;
    return true;
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

bool clock_parse_rfc2822(struct str text, int64_t *ret_unix_seconds)
{
    size_t comma = str_find_char(text, ',');
    if (comma < text.len)
        text = str_skip(text, comma + 1);
    struct str day_text, month_text, year_text, clock_text, zone_text, rest;
    uint32_t day, month, year;
    int64_t seconds, offset;
    if (!str_next_word(&text, &day_text) || !str_next_word(&text, &month_text) || !str_next_word(&text, &year_text) ||
        !str_next_word(&text, &clock_text) || !str_next_word(&text, &zone_text) || str_next_word(&text, &rest))
        return false;
    if (!num_parse_u32(day_text, &day) || !parse_month(month_text, &month) || !num_parse_u32(year_text, &year) ||
        year < 1970 || year > 9999 || day < 1 || day > days_of_month(year, month) ||
        !parse_clock(clock_text, &seconds) || !parse_zone(zone_text, &offset))
        return false;
    *ret_unix_seconds = days_of_date(year, month, day) * SECONDS_A_DAY + seconds - offset;
    return true;
}

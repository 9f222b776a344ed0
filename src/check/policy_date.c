/* SPDX-License-Identifier: Apache-2.0 */
#include "check/policy_date.h"

#include "base/num.h"

static bool leap(uint32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint32_t days_in(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year) ? 1U : 0U);
}

bool policy_date_parse(struct str text, int64_t *ret_day)
{
    uint32_t year, month, day;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' || !num_parse_u32(str_head(text, 4), &year) ||
        !num_parse_u32(str_head(str_skip(text, 5), 2), &month) || !num_parse_u32(str_skip(text, 8), &day))
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
        return false;
    int64_t days = 0;
    for (uint32_t y = 1970; y < year; y++)
        days += leap(y) ? 366 : 365;
    for (uint32_t m = 1; m < month; m++)
        days += days_in(year, m);
    *ret_day = days + day - 1;
    return true;
}

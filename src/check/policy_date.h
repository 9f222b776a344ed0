/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check/policy_date.h - days of the calendar (RFC 3339 full-date, proleptic Gregorian).
 */
#include "base/buf.h"
#include "base/str.h"

/* "2027-01-31" as days since 1970-01-01 (which is day 0). False for what is no day of the years 1970 to 9999. */
bool policy_date_parse(struct str text, int64_t *ret_day);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * tests/unit/report_fixture.h - a report with something of everything, and a table of rules of its own (it takes the
 * place of rules/table.c), so that what reports look like does not change with the standard.
 */
#include "check/check.h"

/* Verdict fail: an error, a warning, a note, one waived, one unknown; one file of each state; ugly bytes. */
extern const struct report fixture_report;

/* The same files without findings. */
extern const struct report fixture_clean_report;

extern const struct policy fixture_policy;

/* GOT is what tests/data/report/NAME holds. UPDATE=1 in the environment writes it there. */
void fixture_expect(const char *name, struct str got);

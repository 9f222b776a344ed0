/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/text.h - a report for people.
 *
 * File by file, each finding with its place, the line of source, what is expected and what to do; then what was read
 * and what was not judged, and the verdict as the last line. Findings that are waived or unknown, and files that were
 * skipped, are counted, and listed with OUT->verbose.
 */
#include "check/report.h"
#include "op/text.h"

void report_text_write(const struct report *report, struct text_out *out);

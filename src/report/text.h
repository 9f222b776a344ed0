/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/text.h - a report for people.
 *
 * File by file, each finding with its place, the line of source, whose it is where that changes, and one line of help:
 * what belongs there, or else the first sentence of the remedy. Findings about the same bytes share the line of source,
 * those of one line stand together. Then the files that were not judged, and the verdict with all counts as the last
 * line. Findings that are waived or unknown, and files that were skipped, are counted; OUT->verbose lists them, and
 * tells the whole remedy and every related place.
 */
#include "check/report.h"
#include "op/text.h"

void report_text_write(const struct report *report, struct text_out *out);

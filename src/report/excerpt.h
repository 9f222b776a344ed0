/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/excerpt.h - the line of source that a finding is about, with its exact span underlined.
 *
 *     12 |   readOnlyRootFileSystem: true
 *        |   ^^^^^^^^^^^^^^^^^^^^^^
 *
 * Columns are those of a terminal: a tab becomes four blanks, wide characters take two columns, combining ones none,
 * and what could steer a terminal is shown as \xNN. A line that is wider than the terminal is cut around the span,
 * with "..." where something is missing. A span of several lines is underlined to the end of the first; an empty one
 * (something is missing there) is a single caret.
 */
#include "check/report.h"
#include "op/text.h"

/* Columns of the margin in front of "|": all lines that belong to FINDING are set behind it. */
unsigned report_margin(const struct report_finding *finding);

/* Two lines; nothing when the finding has no line. STYLE is the underline's. */
void report_excerpt_draw(const struct report_finding *finding, enum text_style style, struct text_out *out);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/compact.h - a report as one line a finding, for editors and scripts.
 *
 *     FILE:LINE:COLUMN: SEVERITY: MESSAGE [RULE]
 *
 * as compilers write it. What is unknown has "unknown" for a severity; what is waived is left out; a file that was
 * not judged is "FILE: not judged: REASON". Control characters are \xNN, so that a line is a line.
 */
#include "base/buf.h"
#include "check/report.h"

/* Errors: ERR_NOMEM. */
int report_compact_write(const struct report *report, struct buf *out, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/sarif.h - a report as SARIF 2.1.0 (OASIS Standard, with errata 01), for code scanning.
 *
 * One run. Every rule is in the driver's table with its help, whether it found something or not. A region tells lines
 * and columns (columnKind unicodeCodePoints: as ours) and the exact bytes. What is unknown is kind "open", what is
 * waived is suppressed with its reason, a file that was not judged is a notification of the invocation, which then
 * was not successful: a consumer must not take the absence of results for a pass. Artifacts are relative to SRCROOT,
 * the directory that barehull ran in. A result keeps its partial fingerprint when lines move: it is made of the rule,
 * the offending text, the subject, and how often that was met before in the same file.
 */
#include "base/buf.h"
#include "check/report.h"

/* VERSION of barehull. Errors: ERR_NOMEM. */
int report_sarif_write(const struct report *report, struct str version, struct buf *out, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/junit.h - a report as JUnit XML, for CI systems that show tests.
 *
 * The format has no specification; this is what Jenkins, GitLab and GitHub's actions read (tests/data/report/
 * junit.xsd). A suite per file; a case per rule that was asked of it and kept, and one per finding: "failure" when it
 * fails the run, else a passing case that tells it in system-out; what is waived or unknown is "skipped" (an "error"
 * where the policy wants no unknowns). A file that
 * was not judged is one case with an "error". Characters that XML can't hold (and bytes that are no UTF-8) become
 * U+FFFD. No times: a report is a pure function of what was judged.
 */
#include "base/buf.h"
#include "check/report.h"

/* Errors: ERR_NOMEM. */
int report_junit_write(const struct report *report, struct buf *out, struct err *err);

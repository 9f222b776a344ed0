/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/github.h - a report as workflow commands of GitHub Actions, which become annotations of the changed lines.
 *
 *     ::error file=Dockerfile,line=2,col=31,endLine=2,endColumn=78,title=healthcheck-runs::message
 *
 * Reference: "Workflow commands for GitHub Actions", setting an error message; escapes as in the toolkit (% CR LF, in
 * properties ":" and "," too). A column is told only for a span within one line (others are refused); endColumn is
 * the last character's own. Notes and what is unknown are notices, files that were not judged are warnings; what is
 * waived is left out.
 */
#include "base/buf.h"
#include "check/report.h"

/* Errors: ERR_NOMEM. */
int report_github_write(const struct report *report, struct buf *out, struct err *err);

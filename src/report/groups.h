/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/groups.h - a report's findings by the file that they are in.
 *
 * The report's files come first, in their order, also those without findings; then files that only findings name
 * (what a Compose file includes). Within a group findings keep the report's order. Views the report.
 */
#include "base/arena.h"
#include "base/map.h"
#include "check/report.h"

struct report_group {
    struct str name;
    const struct report_file *file; /* NULL: only findings name it */
    size_t first, count;            /* in report_groups.findings */
};

struct report_groups {
    struct report_group *items;
    size_t count;
    const struct report_finding **findings; /* by group */
    struct map by_name;                     /* to struct report_group */
};

/* Errors: ERR_NOMEM, then there is nothing to free. */
int report_groups_init(struct report_groups *groups, const struct report *report, struct err *err);
void report_groups_done(struct report_groups *groups);

/* NULL when no file has that name. */
const struct report_group *report_groups_find(const struct report_groups *groups, struct str name);

/* NAME without "./" in front, which web interfaces do not take for the same file. */
struct str report_plain_name(struct str name);

/* "error", "warning", "note"; "unknown" and "waived" for what is neither. */
const char *report_finding_word(const struct report_finding *finding);

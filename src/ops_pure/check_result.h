/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/check_result.h - what "check" answers, over named texts and over paths alike: the JSON document that is
 * promised to programs (docs/commands/check.md, docs/schema/check.json), and how it looks in every other form.
 *
 * It is made from a report (check/report.h), which it views and keeps for the renderers: findings and files stay in
 * the report's order. Nothing here judges.
 */
#include "check/report.h"
#include "op/operation.h"

struct check_place {
    struct str file;
    uint64_t line, column, end_line, end_column, offset, length;
    struct str text;
};

struct check_related {
    struct check_place at;
    struct str message;
};

struct check_finding {
    struct str rule, severity, verdict;
    struct check_place at;
    struct str message;
    struct str expected, remedy, subject, excerpt, waiver_reason; /* absent: ptr NULL */
    uint64_t excerpt_column;
    OP_LIST(struct check_related) related;
};

struct check_file {
    struct str file, surface, state, reason;
    uint64_t documents;
};

struct check_summary {
    uint64_t errors, warnings, notes, waived, unknown;
    uint64_t judged, not_judged, skipped, bytes;
};

struct check_result {
    struct str verdict; /* "pass", "fail", "incomplete" */
    struct str profile, kubernetes;
    struct check_summary summary;
    OP_LIST(struct check_finding) findings;
    OP_LIST(struct check_file) files;

    /* Not in the JSON: for the other forms. */
    const struct report *report;
    int status;         /* of the program */
    struct str version; /* of barehull */
};

/* For struct operation of every "check": .result, .render, .formats, .exits, .status. */
extern const struct op_record check_result_record;
extern const struct op_format check_result_formats[];
extern const struct op_exit check_result_exits[];
void check_result_render(const void *result, struct text_out *out);
int check_result_status(const void *result);

/*
 * Fills *RET_RESULT from REPORT, which must live as long; STATUS is check_status(report), VERSION barehull's.
 * Errors: ERR_NOMEM.
 */
int check_result_fill(const struct report *report, int status, struct str version, struct arena *arena,
                      struct check_result *ret_result, struct err *err);

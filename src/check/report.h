/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check/report.h - the outcome of a check: findings with all that a person or a program needs, free of the sources.
 *
 * Places are resolved (line, column, excerpt) while the source is at hand, so that memory goes with findings and the
 * largest document, not with the files. Everything lives in the report's arena. report/ writes it in several formats;
 * the JSON is ops_pure/check_result.h's.
 */
#include "rules/judge.h"

struct report_place {
    struct str file;
    uint32_t line, column;         /* from 1; columns count characters */
    uint32_t end_line, end_column; /* behind the last character */
    uint64_t offset;               /* bytes, in the file */
    uint64_t len;
    struct str text; /* the offending bytes, cut to REPORT_TEXT_MAX at a character boundary */
};

struct report_related {
    struct report_place at;
    struct str message;
};

enum report_verdict { REPORT_FAILS, REPORT_UNKNOWN, REPORT_WAIVED };

struct report_finding {
    const struct rule *rule;
    enum report_verdict verdict;
    enum severity severity;
    struct report_place at;
    struct str message, expected, remedy, subject; /* expected and subject may be empty */
    struct str
        excerpt; /* the line `at.line` as it is, without its break, cut to REPORT_EXCERPT_MAX around the column */
    uint32_t excerpt_column; /* of the excerpt's first character: 1 unless it was cut */
    struct str waiver_reason;
    bool waiver_in_policy; /* the waiver stands in the policy; else in the file itself */
    struct report_related *related;
    size_t related_count;
};

enum report_file_state {
    REPORT_JUDGED,
    REPORT_NOT_JUDGED, /* a template, a broken or unreadable file: `reason`; the run is not a pass */
    REPORT_SKIPPED,    /* none of our surfaces; only told when it was named, or with --verbose */
};

struct report_file {
    struct str name;
    enum surface surface;
    enum report_file_state state;
    struct str reason;
    uint32_t documents; /* Kubernetes objects, services, stages */
    bool template;      /* not judged because it is one */
};

struct report {
    const struct policy *policy;
    struct report_finding *findings; /* by file, place, rule */
    size_t finding_count;
    struct report_file *files; /* in the order of the inputs */
    size_t file_count;
    size_t errors, warnings, notes, waived, unknown;
    size_t judged, not_judged, skipped;
    size_t templates; /* of those not judged */
    uint64_t bytes;
};

#define REPORT_TEXT_MAX    200
#define REPORT_EXCERPT_MAX 160

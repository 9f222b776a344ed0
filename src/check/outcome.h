/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check/outcome.h - what one input gave: findings become report_findings while their sources are at hand.
 *
 * The judges of a surface (check/judge_*.c) collect findings for a document in a scratch arena, and hand them over
 * with outcome_settle, which sorts them by place, drops what was told twice, applies waivers, and resolves places.
 * One thread at a time.
 */
#include "check/check.h"
#include "check/waiver.h"

#include <stdatomic.h>

struct outcome {
    const struct op_ctx *ctx;
    const struct policy *policy;
    const struct check_input *input;
    struct arena arena; /* what the report keeps */
    struct {
        struct report_finding *ptr;
        size_t len, cap;
    } findings;
    struct report_file file;
    uint64_t bytes;
    /* Where the last place was resolved, so that a long source is walked through once. Whoever gives a source's memory
     * back sets `source` to NULL. */
    struct {
        const struct source *source;
        struct str name; /* its copy in the arena */
        uint32_t offset, line, line_start;
        uint32_t counted_line, counted_to, counted; /* characters from the line's start to `counted_to` */
    } cursor;
    atomic_size_t *told; /* findings of all inputs so far, where the standard bounds them; or NULL */
    bool *policy_used;   /* one for each of the policy's waivers: it covered a finding */
    bool *policy_met;    /* its paths hold for the file */
};

int outcome_init(struct outcome *outcome, const struct op_ctx *ctx, const struct policy *policy,
                 const struct check_input *input, struct err *err);
void outcome_done(struct outcome *outcome);

/*
 * Takes over FINDINGS (in any order). WAIVERS may be NULL; unused ones are told once with outcome_unused. ERR_LIMIT
 * beyond the standard's findings_max: those that have room were taken.
 */
int outcome_settle(struct outcome *outcome, struct findings *findings, struct waivers *waivers, struct err *err);

/* Puts the findings in order of place, whatever the order in which they were settled. Call it at the end. */
void outcome_sort(struct outcome *outcome);

/* The file is not judged, or only in part: REASON is told. */
int outcome_not_judged(struct outcome *outcome, const char *reason, struct err *err);

/* Adds to FINDINGS a finding of RULE for each waiver that nothing used. */
int outcome_unused(const struct outcome *outcome, const struct waivers *waivers, struct arena *arena,
                   struct findings *findings, struct err *err);

/*
 * Adds a valid-syntax finding for PROBLEM, whose message begins with "line L, column C: " (data/yaml.h, data/json.h;
 * lines count from the start of SOURCE's bytes). Without such a place it is told of the start of the source.
 */
int outcome_syntax(struct outcome *outcome, const struct source *source, const struct err *problem, struct arena *arena,
                   struct findings *findings, struct err *err);
/* As that, of a known place. MESSAGE and REMEDY (may be NULL) live as long as ARENA. */
int outcome_syntax_at(struct outcome *outcome, struct place at, const char *message, const char *remedy,
                      struct arena *arena, struct findings *findings, struct err *err);

/* Whether the policy judges by RULE. */
bool outcome_judges(const struct outcome *outcome, const struct rule *rule);

/* Findings about the policy's own waivers: expired ones, and ones whose files were MET while nothing USED them. */
int outcome_policy(struct outcome *outcome, const bool *met, const bool *used, struct err *err);

/* The judges: the input's bytes to the end. Errors: ERR_NOMEM, ERR_CANCELLED, ERR_DEADLINE. */
int check_judge_dockerfile(struct outcome *outcome, struct err *err);
int check_judge_compose(struct outcome *outcome, struct err *err);
int check_judge_kubernetes(struct outcome *outcome, struct err *err);

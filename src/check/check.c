/* SPDX-License-Identifier: Apache-2.0 */
#include "check/check.h"

#include "base/map.h"
#include "base/pool.h"
#include "check/outcome.h"
#include "rules/families.h"

#include <stdlib.h>
#include <string.h>

struct job {
    struct pool_job job;
    const struct op_ctx *ctx;
    const struct policy *policy;
    const struct check_input *input;
    atomic_size_t *told; /* by all jobs; NULL: not counted */
    struct outcome outcome;
    int result;
    struct err err;
};

static int tell_template(struct outcome *outcome, struct err *err)
{
    const struct standard *standard = &outcome->policy->standard;
    enum severity severity = standard->severity(standard, &not_rendered_rule);
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct findings findings = {0};
    struct source source = {.name = outcome->file.name, .bytes = STR(""), .line = 1};
    if (severity == SEVERITY_OFF)
        return 0;
    struct finding *finding = findings_add(&findings, &arena, err);
    if (!finding)
        return -(int)ERR_NOMEM;
    const char *message = arena_printf(&arena, "not judged: %.*s", STR_ARG(outcome->input->not_judged));
    if (!message)
        return err_nomem(err);
    *finding =
        (struct finding){.rule = &not_rendered_rule, .severity = severity, .at = {&source, {0, 0}}, .message = message};
    int r = outcome_settle(outcome, &findings, NULL, err);
    outcome->cursor.source = NULL;
    if (r == 0 && outcome->findings.len && outcome->findings.ptr[0].verdict == REPORT_WAIVED)
        outcome->file.state = REPORT_SKIPPED;
    return r;
}

static int pass_over(struct outcome *outcome, struct err *err)
{
    const struct check_input *input = outcome->input;
    bool skipped = input->skipped.len > 0;
    outcome->file.state = skipped ? REPORT_SKIPPED : REPORT_NOT_JUDGED;
    outcome->file.reason = arena_str(&outcome->arena, skipped ? input->skipped : input->not_judged);
    if (!outcome->file.reason.ptr)
        return err_nomem(err);
    outcome->file.template = input->template && !skipped;
    return outcome->file.template ? tell_template(outcome, err) : 0;
}

static int judge_input(struct outcome *outcome, struct err *err)
{
    static int (*const judges[SURFACES])(struct outcome * outcome, struct err * err) = {
        [SURFACE_DOCKERFILE] = check_judge_dockerfile,
        [SURFACE_COMPOSE] = check_judge_compose,
        [SURFACE_KUBERNETES] = check_judge_kubernetes,
    };
    struct err problem = ERR_INIT;
    int r = judges[outcome->input->surface](outcome, &problem);
    if (r == 0)
        return 0;
    if (problem.code == ERR_NOMEM || problem.code == ERR_CANCELLED || problem.code == ERR_DEADLINE) {
        *err = problem;
        return r;
    }
    return outcome_not_judged(outcome, problem.message, err);
}

static void run_job(struct pool_job *pool_job)
{
    struct job *job = (struct job *)pool_job;
    const struct check_input *input = job->input;
    job->result = op_check(job->ctx, &job->err);
    if (job->result == 0)
        job->result = outcome_init(&job->outcome, job->ctx, job->policy, input, &job->err);
    if (job->result != 0)
        return;
    job->outcome.told = job->told;
    bool pass = input->skipped.len > 0 || input->not_judged.len > 0;
    job->result = pass ? pass_over(&job->outcome, &job->err) : judge_input(&job->outcome, &job->err);
    outcome_sort(&job->outcome);
    if (!pass && input->done)
        input->done(input->self);
}

static int run_jobs(struct job *jobs, size_t count, unsigned threads, struct err *err)
{
    CLEANUP_POOL struct pool *pool = NULL;
    int r = count > 1 && threads != 1 ? pool_new(threads, &pool, err) : 0;
    if (r != 0)
        return r;
    for (size_t i = 0; pool && i < count; i++)
        pool_submit(pool, &jobs[i].job);
    for (size_t i = 0; i < count; i++) {
        if (pool)
            pool_wait_job(pool, &jobs[i].job);
        else
            run_job(&jobs[i].job);
        op_progress_items(jobs[i].ctx, STR("checking"), STR_NONE, i + 1, count);
        if (jobs[i].result != 0 && r == 0) {
            *err = jobs[i].err;
            r = jobs[i].result;
        }
    }
    return r;
}

static void count_finding(struct report *report, const struct report_finding *finding)
{
    if (finding->verdict == REPORT_WAIVED)
        report->waived++;
    else if (finding->verdict == REPORT_UNKNOWN)
        report->unknown++;
    else if (finding->severity == SEVERITY_ERROR)
        report->errors++;
    else if (finding->severity == SEVERITY_WARNING)
        report->warnings++;
    else
        report->notes++;
}

static void count_file(struct report *report, const struct report_file *file)
{
    if (file->state == REPORT_JUDGED)
        report->judged++;
    else if (file->state == REPORT_NOT_JUDGED)
        report->not_judged++;
    else
        report->skipped++;
    report->templates += file->state == REPORT_NOT_JUDGED && file->template;
}

/*
 * What several inputs tell of one place (a file that two projects read) is told once. TOLD knows the findings of such
 * inputs by rule, place and message.
 */
static int told_before(struct map *told, const struct report_finding *finding, struct arena *arena, bool *ret_before,
                       struct err *err)
{
    char *key =
        arena_printf(arena, "%s %llu %llu %.*s\n%.*s", finding->rule->id, (unsigned long long)finding->at.offset,
                     (unsigned long long)finding->at.len, STR_ARG(finding->at.file), STR_ARG(finding->message));
    void **slot = key ? map_slot(told, str_z(key)) : NULL;
    if (!slot)
        return err_nomem(err);
    *ret_before = *slot != NULL;
    *slot = key;
    return 0;
}

static void add_finding(struct report *report, const struct report_finding *finding)
{
    report->findings[report->finding_count++] = *finding;
    count_finding(report, finding);
}

static int add_findings(struct report *report, const struct outcome *outcome, struct map *told, struct arena *arena,
                        struct err *err)
{
    bool shared = outcome->input->surface == SURFACE_COMPOSE;
    for (size_t i = 0; i < outcome->findings.len; i++) {
        bool before = false;
        int r = shared ? told_before(told, &outcome->findings.ptr[i], arena, &before, err) : 0;
        if (r != 0)
            return r;
        if (!before)
            add_finding(report, &outcome->findings.ptr[i]);
    }
    return 0;
}

/* What the policy's own waivers deserve to be told of, as if its file were one more input. */
static int judge_waivers(struct job *jobs, size_t count, struct job *own, struct arena *arena, struct err *err)
{
    const struct policy *policy = own->policy;
    bool *met = ARENA_ARRAY(arena, policy->waiver_count + 1, bool);
    bool *used = ARENA_ARRAY(arena, policy->waiver_count + 1, bool);
    if (!met || !used)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++)
        for (size_t w = 0; w < policy->waiver_count; w++) {
            met[w] |= jobs[i].outcome.policy_met[w];
            used[w] |= jobs[i].outcome.policy_used[w];
        }
    int r = outcome_init(&own->outcome, own->ctx, policy, own->input, err);
    return r == 0 ? outcome_policy(&own->outcome, met, used, err) : r;
}

static int collect(struct job *jobs, size_t count, struct job *own, struct arena *arena, struct report *report,
                   struct err *err)
{
    size_t findings = own->outcome.findings.len;
    for (size_t i = 0; i < count; i++)
        findings += jobs[i].outcome.findings.len;
    report->findings = ARENA_ARRAY(arena, findings + 1, struct report_finding);
    report->files = ARENA_ARRAY(arena, count + 1, struct report_file);
    if (!report->findings || !report->files)
        return err_nomem(err);
    for (size_t i = 0; i < own->outcome.findings.len; i++)
        add_finding(report, &own->outcome.findings.ptr[i]);
    arena_adopt(arena, &own->outcome.arena);
    CLEANUP_MAP struct map told = MAP_INIT;
    CLEANUP_ARENA struct arena keys = ARENA_INIT;
    for (size_t i = 0; i < count; i++) {
        struct outcome *outcome = &jobs[i].outcome;
        int r = add_findings(report, outcome, &told, &keys, err);
        if (r != 0)
            return r;
        report->files[report->file_count++] = outcome->file;
        count_file(report, &outcome->file);
        report->bytes += outcome->bytes;
        arena_adopt(arena, &outcome->arena);
    }
    return 0;
}

int check_run(const struct op_ctx *ctx, const struct policy *policy, const struct check_input *inputs, size_t count,
              unsigned threads, struct arena *arena, struct report *ret_report, struct err *err)
{
    struct report report = {.policy = policy};
    struct err local = ERR_INIT;
    struct job *jobs = ARENA_ARRAY(arena, count + 1, struct job);
    if (!jobs)
        return err_nomem(err);
    atomic_size_t told = 0;
    for (size_t i = 0; i < count; i++)
        jobs[i] = (struct job){.job = {.run = run_job},
                               .ctx = ctx,
                               .policy = policy,
                               .input = &inputs[i],
                               .told = policy->standard.findings_max ? &told : NULL};
    int r = run_jobs(jobs, count, threads, &local);
    const struct check_input policy_input = {.name = policy->source.name, .surface = SURFACE_KUBERNETES};
    struct job own = {.ctx = ctx, .policy = policy, .input = &policy_input};
    if (r == 0 && policy->waiver_count)
        r = judge_waivers(jobs, count, &own, arena, &local);
    if (r == 0)
        r = collect(jobs, count, &own, arena, &report, &local);
    for (size_t i = 0; i < count; i++)
        outcome_done(&jobs[i].outcome);
    outcome_done(&own.outcome);
    if (r == 0)
        *ret_report = report;
    else if (err)
        *err = local;
    return r;
}

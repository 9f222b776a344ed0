/* SPDX-License-Identifier: Apache-2.0 */
#include "check/outcome.h"
#include "facts/read.h"
#include "rules/families.h"

static int diagnostics(struct outcome *outcome, const struct source *source, const struct dockerfile *file,
                       struct arena *arena, struct findings *findings, struct err *err)
{
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < file->diagnostics.count; i++) {
        const struct dockerfile_diagnostic *diagnostic = &file->diagnostics.items[i];
        r = outcome_syntax_at(outcome, (struct place){source, diagnostic->span}, diagnostic->message, diagnostic->hint,
                              arena, findings, err);
        if (r == 0 && diagnostic->tolerated && findings->count) {
            struct finding *last = &findings->items[findings->count - 1];
            last->severity = last->severity < SEVERITY_WARNING ? last->severity : SEVERITY_WARNING;
        }
    }
    return r;
}

static int judge(struct outcome *outcome, const struct source *source, struct arena *arena, struct err *err)
{
    struct dockerfile file;
    struct build build;
    struct findings findings = {0};
    struct waivers waivers = {0};
    int r = dockerfile_read(source->bytes, arena, &file, err);
    if (r == -(int)ERR_LIMIT)
        return outcome_not_judged(outcome, err->message, err);
    if (r == 0)
        r = diagnostics(outcome, source, &file, arena, &findings, err);
    if (r == 0)
        r = waivers_of_dockerfile(source, &file, arena, &waivers, &findings, err);
    if (r == 0)
        r = facts_of_dockerfile(source, &file, outcome->input->target, arena, &build, err);
    if (r != 0)
        return r;
    outcome->file.documents = file.stage_count;
    if (!build.final && outcome->input->target.len && file.stage_count) {
        const char *reason = arena_printf(arena, "it has no stage '%.*s'", STR_ARG(outcome->input->target));
        r = reason ? outcome_not_judged(outcome, reason, err) : err_nomem(err);
    }
    if (r == 0 && build.final)
        r = judge_build(outcome->ctx, &outcome->policy->standard, &build, arena, &findings, err);
    if (r == 0)
        r = outcome_settle(outcome, &findings, &waivers, err);
    if (r == 0)
        r = outcome_unused(outcome, &waivers, arena, &findings, err);
    return r == 0 ? outcome_settle(outcome, &findings, NULL, err) : r;
}

int check_judge_dockerfile(struct outcome *outcome, struct err *err)
{
    const struct check_input *input = outcome->input;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct source source = {.name = input->name};
    int r = input->next(input->self, &source.bytes, &source.offset, &source.line, err);
    if (r != 0)
        return r;
    outcome->bytes += source.bytes.len;
    return judge(outcome, &source, &arena, err);
}

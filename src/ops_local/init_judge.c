/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/init_judge.h"

#include "ops_pure/texts.h"

static int tell_findings(const struct report *report, struct arena *arena, struct str_list *ret_list, struct err *err)
{
    struct str *list = ARENA_ARRAY(arena, report->finding_count + 1, struct str);
    size_t count = 0;
    if (!list)
        return err_nomem(err);
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct report_finding *finding = &report->findings[i];
        if (finding->verdict != REPORT_FAILS)
            continue;
        const char *line = arena_printf(arena, "%.*s:%u: %s: %.*s", STR_ARG(finding->at.file), finding->at.line,
                                        finding->rule->id, STR_ARG(finding->message));
        if (!line)
            return err_nomem(err);
        list[count++] = str_z(line);
    }
    *ret_list = (struct str_list){list, count};
    return 0;
}

static struct str verdict_of(int status)
{
    return status == 0 ? STR("pass") : status == 1 ? STR("fail") : STR("incomplete");
}

int init_judge(const struct op_services *services, const struct op_ctx *ctx, const struct init_files *files,
               struct init_judgement *ret_judgement, struct err *err)
{
    struct arena *arena = ctx->arena;
    struct named_text *named = ARENA_ARRAY(arena, files->len + 1, struct named_text);
    struct policy *policy = ARENA_NEW(arena, struct policy);
    struct report *report = ARENA_NEW(arena, struct report);
    const struct texts *texts = NULL;
    const struct check_input *inputs = NULL;
    size_t count = 0, input_count = 0;
    if (!named || !policy || !report)
        return err_nomem(err);
    for (size_t i = 0; i < files->len; i++)
        if (!files->ptr[i].binary)
            named[count++] = (struct named_text){.name = files->ptr[i].path, .content = files->ptr[i].content};
    int r = policy_default(arena, policy, err);
    if (r == 0) {
        policy_bind(policy);
        r = texts_new(named, count, arena, &texts, err);
    }
    if (r == 0)
        r = texts_inputs(ctx, texts, STR_NONE, arena, &inputs, &input_count, err);
    if (r == 0)
        r = check_run(ctx, policy, inputs, input_count, services->threads, arena, report, err);
    if (r == 0)
        r = tell_findings(report, arena, &ret_judgement->findings, err);
    if (r != 0)
        return r;
    ret_judgement->verdict = verdict_of(check_status(report));
    ret_judgement->files = report->judged;
    ret_judgement->errors = report->errors;
    ret_judgement->warnings = report->warnings;
    ret_judgement->notes = report->notes;
    return 0;
}

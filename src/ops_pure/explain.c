/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/explain.h"

#include "op/services.h"
#include "op/text.h"
#include "ops_pure/rule_result.h"
#include "report/rule_index.h"
#include "report/rule_page.h"

struct explain_args {
    struct str rule;
};

struct explain_result {
    OP_LIST(struct rule_info) rules;

    const struct rule *rule; /* NULL: all */
};

static const struct op_field fields[] = {
    {.name = "rules",
     .type = OP_F_OBJECTS,
     .record = &rule_info_record,
     .summary = "the rule that was asked for, or all",
     OP_AT(struct explain_result, rules)},
    {.name = NULL},
};
static const struct op_record record = {"explain", fields, sizeof(struct explain_result)};

static const struct op_param params[] = {
    {.name = "rule",
     .type = OP_STRING,
     .flags = OP_POSITIONAL,
     .metavar = "RULE",
     .candidate = rule_candidate,
     .summary = "id of a rule; without it, a list of all in short",
     OP_AT(struct explain_args, rule)},
    {.name = NULL},
};

static int run(const struct op_services *services UNUSED, const struct op_ctx *ctx, const void *arguments, void *result,
               struct err *err)
{
    const struct explain_args *args = arguments;
    struct explain_result *explain = result;
    size_t count = 0;
    int rc = args->rule.ptr ? rule_find_or_suggest(args->rule, &explain->rule, err) : 0;
    if (rc)
        return rc;
    while (rules[count])
        count++;
    struct rule_info *infos = ARENA_ARRAY(ctx->arena, count + 1, struct rule_info);
    if (!infos)
        return err_nomem(err);
    explain->rules.ptr = infos;
    for (size_t i = 0; i < count && !rc; i++)
        if (!explain->rule || explain->rule == rules[i])
            rc = rule_info_fill(rules[i], !explain->rule, ctx->arena, &infos[explain->rules.len++], err);
    return rc;
}

static void render(const void *result, struct text_out *out)
{
    const struct explain_result *explain = result;
    if (explain->rule)
        rule_page_text(explain->rule, out);
    else
        rule_index_text(out);
}

static int write_markdown(const void *result, struct buf *out, struct err *err)
{
    const struct explain_result *explain = result;
    if (explain->rule)
        rule_page_markdown(explain->rule, RULE_PAGE_WHOLE, out);
    else
        rule_index_markdown(out);
    return buf_check(out, err);
}

static const struct op_format formats[] = {
    {"markdown", "text/markdown", "the page of docs/rules", write_markdown},
    {.name = NULL},
};

static const struct op_example examples[] = {
    {"barehull explain", "all rules, by what they are about"},
    {"barehull explain exec-form", "one rule: why, what to do, a bad and a good example"},
    {"barehull explain exec-form --format markdown", "the same as a page"},
    {NULL, NULL},
};

static const char *const see_also[] = {"check", "rules", NULL};

const struct operation explain_operation = {
    .name = "explain",
    .group = "Checks",
    .summary = "tell what a rule is, why it is there, and how it is kept",
    .description = "Tells of a rule of the standard what it holds, what goes wrong without it, what to do about a "
                   "finding, a bad and a good example for each kind of file, what the configuration may set, and the "
                   "documents that it comes from. Without a rule it lists all of them in short.",
    .params = params,
    .args_size = sizeof(struct explain_args),
    .result = &record,
    .effects = OP_PURE,
    .quick = true,
    .examples = examples,
    .see_also = see_also,
    .run = run,
    .render = render,
    .formats = formats,
};

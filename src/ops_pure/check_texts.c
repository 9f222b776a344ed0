/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/check_texts.h"

#include "base/clock.h"
#include "base/limits.h"
#include "op/services.h"
#include "ops_pure/check_options.h"
#include "ops_pure/check_result.h"
#include "ops_pure/texts.h"

#define POLICY_NAME     ".barehull.yaml"
#define SECONDS_PER_DAY 86400

struct file_arg {
    struct str name, content;
    int as; /* index into check_as_choices */
};

struct check_texts_args {
    OP_LIST(struct file_arg) files;
    struct check_options options;
    struct str target;
    struct str config;
};

static const struct op_param file_params[] = {
    {.name = "name",
     .type = OP_STRING,
     .flags = OP_REQUIRED,
     .summary = "path in the project, as 'Dockerfile' or 'deploy/compose.yaml': it tells what the file is, and how "
                "files refer to each other",
     OP_AT(struct file_arg, name)},
    {.name = "content",
     .type = OP_STRING,
     .flags = OP_REQUIRED | OP_MAY_BE_EMPTY,
     .summary = "the file's whole text",
     OP_AT(struct file_arg, content)},
    {.name = "as",
     .type = OP_ENUM,
     .choices = check_as_choices,
     .default_text = "auto",
     .summary = "what the file is",
     OP_AT(struct file_arg, as)},
    {.name = NULL},
};

static const struct op_object file_object = {file_params, sizeof(struct file_arg), LIMIT_CHECK_TEXTS};

static const struct op_param params[] = {
    {.name = "files",
     .type = OP_OBJECTS,
     .flags = OP_REQUIRED,
     .object = &file_object,
     .summary = "the files to judge, with those that they refer to (override files, includes, .env, kustomizations)",
     OP_AT(struct check_texts_args, files)},
    CHECK_OPTION_PARAMS(struct check_texts_args, options),
    {.name = "target",
     .type = OP_STRING,
     .metavar = "STAGE",
     .summary = "the stage of Dockerfiles that ships, as build --target names it (default: the last)",
     OP_AT(struct check_texts_args, target)},
    {.name = "config",
     .type = OP_STRING,
     .summary = "text of a .barehull.yaml to judge by (default: the file of that name among the files)",
     OP_AT(struct check_texts_args, config)},
    {.name = NULL},
};

static int load_policy(struct str given, const struct texts *texts, struct arena *arena, struct policy *policy,
                       struct err *err)
{
    struct str text = given.ptr ? given : texts_find(texts, STR(POLICY_NAME));
    struct err problem = ERR_INIT;
    int r = text.len > 0 ? policy_read(STR(POLICY_NAME), text, arena, policy, &problem)
                         : policy_default(arena, policy, &problem);
    if (r != 0) {
        if (problem.code == ERR_INVALID || problem.code == ERR_LIMIT)
            problem.code = ERR_USAGE; /* a wrong configuration is wrong usage, as a wrong option is */
        if (err)
            *err = problem;
        return -(int)problem.code;
    }
    policy->today = clock_unix_seconds() / SECONDS_PER_DAY;
    policy->standard.findings_max = LIMIT_CHECK_TEXTS_FINDINGS;
    policy_bind(policy);
    return 0;
}

static int take_files(const struct check_texts_args *args, struct arena *arena, const struct texts **ret_texts,
                      struct err *err)
{
    struct named_text *named = ARENA_ARRAY(arena, args->files.len + 1, struct named_text);
    if (!named)
        return err_nomem(err);
    for (size_t i = 0; i < args->files.len; i++)
        named[i] = (struct named_text){.name = args->files.ptr[i].name,
                                       .content = args->files.ptr[i].content,
                                       .as = (enum look_as)args->files.ptr[i].as};
    return texts_new(named, args->files.len, arena, ret_texts, err);
}

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *args_any, void *result_any,
               struct err *err)
{
    const struct check_texts_args *args = args_any;
    struct arena *arena = ctx->arena;
    struct policy *policy = ARENA_NEW(arena, struct policy);
    struct report *report = ARENA_NEW(arena, struct report);
    const struct texts *texts = NULL;
    const struct check_input *inputs = NULL;
    size_t count = 0;
    int r = policy && report ? take_files(args, arena, &texts, err) : err_nomem(err);
    if (r == 0)
        r = load_policy(args->config, texts, arena, policy, err);
    if (r == 0)
        r = check_options_apply(&args->options, policy, err);
    if (r == 0)
        r = texts_inputs(ctx, texts, args->target, arena, &inputs, &count, err);
    if (r == 0)
        r = check_run(ctx, policy, inputs, count, services->threads, arena, report, err);
    if (r == 0)
        r = check_result_fill(report, check_status(report), services->version, arena, result_any, err);
    return r;
}

static const char *const see_also[] = {"explain", "rules", NULL};

const struct operation check_texts_operation = {
    .name = "check",
    .group = "Checks",
    .summary = "judge Dockerfiles, Compose files and manifests by one standard",
    .description =
        "Judges the texts of Dockerfiles, Compose files and Kubernetes manifests, and tells where they fall short of a "
        "hardened, distroless container: each finding with its place, what was found, what belongs there and how to "
        "mend it. Nothing is started, built, fetched, or read but what is sent along.\n\n"
        "Send files that belong together in one call: compose.yaml with compose.override.yaml and .env is one project, "
        "and what a file includes or extends is looked for among the others by its name. A file of another kind is "
        "listed as skipped; a template (Helm, Jinja) is not judged: render it first.",
    .params = params,
    .args_size = sizeof(struct check_texts_args),
    .result = &check_result_record,
    .effects = OP_PURE,
    .exits = check_result_exits,
    .see_also = see_also,
    .run = run,
    .render = check_result_render,
    .formats = check_result_formats,
    .status = check_result_status,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/check.h"

#include "discover/discover.h"
#include "op/services.h"
#include "ops_local/check_policy.h"
#include "ops_pure/check_options.h"
#include "ops_pure/check_result.h"

struct check_args {
    struct str_list paths;
    struct check_options options;
    int as;
    struct str target;
    struct str_list exclude;
    bool gitignore;
    struct str config;
    bool no_config;
    struct str policy;
};

static const struct op_param params[] = {
    {.name = "path",
     .type = OP_PATH_IN,
     .flags = OP_POSITIONAL | OP_REPEATED,
     .metavar = "PATH",
     .summary = "files, directories, or - for standard input (default: the current directory)",
     OP_AT(struct check_args, paths)},
    CHECK_OPTION_PARAMS(struct check_args, options),
    {.name = "as",
     .type = OP_ENUM,
     .choices = check_as_choices,
     .default_text = "auto",
     .summary = "what the named files, or standard input, are",
     OP_AT(struct check_args, as)},
    {.name = "target",
     .type = OP_STRING,
     .metavar = "STAGE",
     .summary = "the stage of Dockerfiles that ships, as build --target names it (default: the last)",
     OP_AT(struct check_args, target)},
    {.name = "exclude",
     .letter = 'x',
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .metavar = "PATTERN",
     .summary = "pass over what matches, as a line of .gitignore does",
     OP_AT(struct check_args, exclude)},
    {.name = "gitignore",
     .type = OP_BOOL,
     .flags = OP_NEGATABLE,
     .default_text = "true",
     .summary = "whether what .gitignore names is passed over",
     OP_AT(struct check_args, gitignore)},
    {.name = "config",
     .type = OP_PATH_IN,
     .metavar = "FILE",
     .summary = "this file instead of the nearest .barehull.yaml",
     OP_AT(struct check_args, config)},
    {.name = "no-config", .type = OP_BOOL, .summary = "no .barehull.yaml at all", OP_AT(struct check_args, no_config)},
    {.name = "policy",
     .type = OP_PATH_IN,
     .metavar = "FILE",
     .summary = "this file instead, locked: waivers in the checked files have no power",
     OP_AT(struct check_args, policy)},
    {.name = NULL},
};

static int discover(const struct op_ctx *ctx, const struct check_args *args, const struct policy *policy,
                    struct str base, struct discover **ret_discover, struct err *err)
{
    const struct rule_strings exclude[] = {{args->exclude.ptr, args->exclude.len}, policy->exclude};
    const struct discover_options options = {
        .as = (enum look_as)args->as,
        .exclude = exclude,
        .exclude_count = 2,
        .target = args->target,
        .gitignore = args->gitignore,
        .base = base,
        .list_skipped = false,
    };
    return discover_paths(ctx, args->paths.ptr, args->paths.len, &options, ret_discover, err);
}

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *args_any, void *result_any,
               struct err *err)
{
    const struct check_args *args = args_any;
    const struct check_policy_choice choice = {args->config, args->policy, args->no_config};
    struct policy *policy = ARENA_NEW(ctx->arena, struct policy);
    struct report *report = ARENA_NEW(ctx->arena, struct report);
    struct str base;
    if (!policy || !report)
        return err_nomem(err);
    int r = check_policy_load(&choice, ctx->arena, policy, &base, err);
    if (r == 0)
        r = check_options_apply(&args->options, policy, err);
    if (r != 0)
        return r;
    struct discover *found = NULL;
    r = discover(ctx, args, policy, base, &found, err);
    if (r != 0)
        return r;
    size_t count = 0;
    const struct check_input *inputs = discover_inputs(found, &count);
    r = check_run(ctx, policy, inputs, count, services->threads, ctx->arena, report, err);
    discover_free(found);
    if (r == 0)
        r = check_result_fill(report, check_status(report), services->version, ctx->arena, result_any, err);
    return r;
}

static const struct op_example examples[] = {
    {"barehull check", "everything below the current directory"},
    {"barehull check Dockerfile compose.yaml k8s/", "named files and directories"},
    {"helm template . | barehull check - --as kubernetes", "what a chart renders to"},
    {"barehull check --profile pss-restricted --kubernetes 1.31 k8s/", "exactly the Pod Security Standards of 1.31"},
    {"barehull check --format text --format sarif=findings.sarif", "for people and for a forge at once"},
    {NULL, NULL},
};

static const struct op_section sections[] = {
    {"Exceptions",
     "A comment on the line of a finding, above it, or at the head of a file says that a rule does not hold there, and "
     "why:\n\n"
     "  # barehull: allow read-only-root -- writes its cache beside its program\n\n"
     "A Kubernetes object may say it in an annotation, barehull.dev/allow.RULE: reason. Files as a whole are waived in "
     ".barehull.yaml, by path. A reason is owed, and a waiver that nothing needs is told."},
    {"What can't be known",
     "A value that hangs on a variable which no file gives is neither a pass nor a failure: it is counted as unknown. "
     "A template (Helm, Jinja) is not judged, and a run that met one is not a pass: render it first."},
    {NULL, NULL},
};

static const char *const see_also[] = {"explain", "rules", NULL};

const struct operation check_operation = {
    .name = "check",
    .group = "Checks",
    .summary = "judge Dockerfiles, Compose files and manifests by one standard",
    .description = "Reads Dockerfiles, Compose files and Kubernetes manifests, and tells where they fall short of a "
                   "hardened, distroless container: each finding with its place, what was found, what belongs there "
                   "and how to mend it. Nothing is started, built or fetched.\n\n"
                   "In a directory, files are found by their names (Dockerfile*, *.Dockerfile, Containerfile*, "
                   "compose*.yaml, docker-compose*.yml) and by what is in them (Kubernetes objects in YAML and JSON).",
    .params = params,
    .args_size = sizeof(struct check_args),
    .result = &check_result_record,
    .effects = OP_READS_FILES,
    .exits = check_result_exits,
    .examples = examples,
    .sections = sections,
    .see_also = see_also,
    .run = run,
    .render = check_result_render,
    .formats = check_result_formats,
    .status = check_result_status,
};

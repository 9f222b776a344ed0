/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets where they stay: in images, their history, and the text of workloads. Messages never hold the value. */
#include "base/path.h"
#include "rules/families.h"
#include "rules/judge.h"
#include "rules/secret_value.h"

static void judge_secrets_of_build(struct judge *judge, const struct build *build);
static void judge_secrets_of_workload(struct judge *judge, const struct workload *workload);

static const struct rule_source sources[] = {
    {"Docker: Build secrets", "https://docs.docker.com/build/building/secrets/"},
    {"Docker build checks: SecretsUsedInArgOrEnv",
     "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/"},
    {"Compose: secrets", "https://docs.docker.com/compose/how-tos/use-secrets/"},
    {"Kubernetes: Good practices for Secrets", "https://kubernetes.io/docs/concepts/security/secrets-good-practices/"},
    {NULL, NULL},
};

static const struct rule_example examples[] = {
    {SURFACE_DOCKERFILE,
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "ENV DB_PASSWORD=hunter2\n"
     "COPY app /app\n"
     "ENTRYPOINT [\"/app\"]\n",
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "ENV DB_PASSWORD_FILE=/run/secrets/db-password\n"
     "COPY app /app\n"
     "ENTRYPOINT [\"/app\"]\n"},
    {SURFACE_COMPOSE,
     "services:\n"
     "  db:\n"
     "    image: postgres:16\n"
     "    environment:\n"
     "      POSTGRES_PASSWORD: hunter2\n",
     "services:\n"
     "  db:\n"
     "    image: postgres:16\n"
     "    environment:\n"
     "      POSTGRES_PASSWORD_FILE: /run/secrets/db-password\n"
     "    secrets: [db-password]\n"
     "secrets:\n"
     "  db-password:\n"
     "    file: ./db-password.txt\n"},
    {SURFACE_KUBERNETES,
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: api}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: api\n"
     "      image: registry.example/api:1\n"
     "      env:\n"
     "        - name: API_TOKEN\n"
     "          value: 4f2a9c71be\n",
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: api}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: api\n"
     "      image: registry.example/api:1\n"
     "      env:\n"
     "        - name: API_TOKEN\n"
     "          valueFrom:\n"
     "            secretKeyRef: {name: api, key: token}\n"},
    {0, NULL, NULL},
};

static const struct rule_param params[] = {
    {"allow", RULE_PARAM_STRINGS, "names of variables, labels and files that hold no secret ('*' for any characters)",
     "[]"},
    {NULL, 0, NULL, NULL},
};

const struct rule no_secrets_rule = {
    .id = "no-secrets",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "secrets are given at run time, not written into images and manifests",
    .rationale =
        "What a Dockerfile sets with ENV, ARG or LABEL, types in a RUN line or copies is readable for everybody who "
        "can pull the image: the configuration and the history carry it, and a later layer that deletes the file does "
        "not take it out of the earlier one. A literal value in a Compose file or a manifest is in every clone of the "
        "repository and in the output of every command that shows the object. Neither can be rotated without a new "
        "build or a new commit. Values are judged together with the last word of their name, and tokens of known "
        "issuers by their shape.",
    .remedies =
        {
            [SURFACE_DOCKERFILE] = "Take the value out, rotate it, and give it at run time. For one command of the "
                                   "build there is RUN --mount=type=secret,id=NAME.",
            [SURFACE_COMPOSE] = "Take the value out, rotate it, and give it as a file: secrets, and NAME_FILE: "
                                "/run/secrets/NAME in the environment.",
            [SURFACE_KUBERNETES] =
                "Take the value out, rotate it, and give it with valueFrom.secretKeyRef or as a mounted Secret.",
        },
    .sources = sources,
    .examples = examples,
    .params = params,
    .build = judge_secrets_of_build,
    .workload = judge_secrets_of_workload,
};

/* --- one value ---------------------------------------------------------------------------------------------- */

static bool is_allowed(struct judge *judge, struct str name)
{
    struct rule_strings allow = judge_param_strings(judge, "allow");
    for (size_t i = 0; i < allow.count; i++)
        if (path_glob(allow.items[i], name))
            return true;
    return false;
}

/* PIECE of the text at AT; all of it when it is written differently there. */
static struct place narrow(struct place at, struct str piece)
{
    struct str text = place_text(at);
    size_t offset = str_find(text, piece);
    if (piece.len == 0 || offset >= text.len)
        return at;
    return (struct place){at.source, {at.span.offset + (uint32_t)offset, (uint32_t)piece.len}};
}

struct value {
    const char *holder; /* "ENV", "the environment variable" */
    struct str name;
    struct str text;
    struct place at;
    bool by_shape_only;
};

/* "INSERT_API_TOKEN" for API_TOKEN: what to fill in, not yet a secret. */
static bool repeats_name(const struct value *value)
{
    return str_has_char(value->name, '_') && str_find(value->text, value->name) < value->text.len;
}

/* Tells VALUE when it is a secret; true then. */
static bool judge_value(struct judge *judge, const struct value *value, enum severity severity)
{
    struct secret_shape shape;
    if (is_allowed(judge, value->name))
        return false;
    if (secret_shape_find(value->text, 0, &shape)) {
        struct place at = narrow(value->at, str_head(str_skip(value->text, shape.offset), shape.len));
        judge_fail_as(judge, severity, at, "%s '%.*s' holds %s", value->holder, STR_ARG(value->name), shape.what);
        return true;
    }
    if (value->by_shape_only || !secret_name(value->name) || !secret_value(value->text) || repeats_name(value))
        return false;
    judge_fail_as(judge, severity, value->at, "%s '%.*s' holds a secret in plain text", value->holder,
                  STR_ARG(value->name));
    return true;
}

/* --- command lines ------------------------------------------------------------------------------------------ */

/* What people type where a program wants a secret to start at all while an image is built. */
static bool is_dummy(struct str value)
{
    static const char *const words[] = {"dummy", "fake",  "placeholder", "unused", "not-used",     "notused",
                                        "temp",  "build", "ignore",      "none",   "collectstatic"};
    char lower[64];
    size_t len = value.len < sizeof(lower) ? value.len : sizeof(lower);
    for (size_t i = 0; i < len; i++)
        lower[i] = char_lower(value.ptr[i]);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(str_of(lower, len), str_z(words[i])) < len)
            return true;
    return value.len < 3;
}

/* "NAME=VALUE" and "--name=VALUE". */
static bool split_word(struct str word, bool option, struct str *ret_name, struct str *ret_value)
{
    size_t sign = str_find_char(word, '=');
    if (sign == word.len || sign == 0)
        return false;
    struct str name = str_head(word, sign);
    if (option != str_starts(name, STR("--")))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_alnum(name.ptr[i]) && name.ptr[i] != '_' && name.ptr[i] != '-' && name.ptr[i] != '.')
            return false;
    *ret_name = option ? str_skip(name, 2) : name;
    *ret_value = str_skip(word, sign + 1);
    return true;
}

/* SHOWN: the stage it stands in; empty for the subject that is judged. */
static void name_subject(struct judge *judge, struct str shown)
{
    if (shown.len)
        judge_subject(judge, "%.*s", STR_ARG(shown));
}

/* Redis' own options, whose value is a word of its own and always a secret. */
static bool is_redis_password(const struct command_word *word)
{
    return !word->unknown && (str_eq_z(word->text, "--requirepass") || str_eq_z(word->text, "--masterauth"));
}

static void judge_value_of(struct judge *judge, const struct command_word *option, const struct command_word *word,
                           struct str shown)
{
    if (!is_redis_password(option) || word->unknown || word->expanded || !secret_value(word->text))
        return;
    judge_fail(judge, word->at, "the command line sets '%.*s' to a secret in plain text",
               STR_ARG(str_skip(option->text, 2)));
    name_subject(judge, shown);
}

static void judge_word(struct judge *judge, const struct command_word *word, bool assignment, struct str shown)
{
    struct secret_shape shape;
    if (word->unknown)
        return;
    if (secret_shape_find(word->text, 0, &shape)) {
        struct str secret = str_head(str_skip(word->text, shape.offset), shape.len);
        judge_fail(judge, narrow(word->at, secret), "the command line holds %s", shape.what);
        name_subject(judge, shown);
        return;
    }
    struct str name, value;
    if (word->expanded || !split_word(word->text, !assignment, &name, &value) || !secret_name(name) ||
        !secret_value(value) || is_dummy(value) || (!assignment && str_eq_fold(name, STR("secret"))) ||
        is_allowed(judge, name))
        return;
    judge_fail(judge, narrow(word->at, value), "the command line sets '%.*s' to a secret in plain text", STR_ARG(name));
    name_subject(judge, shown);
}

static bool exports(const struct shell_command *command)
{
    static const char *const names[] = {"export", "env", "declare", "readonly", "local"};
    for (size_t i = 0; command->word_count && i < ARRAY_LEN(names); i++)
        if (str_eq_z(command->words[0].text, names[i]))
            return true;
    return false;
}

static void judge_command(struct judge *judge, const struct fact_command *command, struct str shown)
{
    if (!fact_said(&command->fact))
        return;
    for (size_t i = 0; i < command->script.count; i++) {
        const struct shell_command *simple = &command->script.commands[i];
        for (size_t k = 0; k < simple->assignment_count; k++)
            judge_word(judge, &simple->assignments[k], true, shown);
        for (size_t k = 0; k < simple->word_count; k++)
            judge_word(judge, &simple->words[k], exports(simple), shown);
        for (size_t k = 1; k < simple->word_count; k++)
            judge_value_of(judge, &simple->words[k - 1], &simple->words[k], shown);
    }
    if (command->script.count)
        return;
    for (size_t k = 0; k < command->word_count; k++)
        judge_word(judge, &command->words[k], false, shown);
    for (size_t k = 1; k < command->word_count; k++)
        judge_value_of(judge, &command->words[k - 1], &command->words[k], shown);
}

/* --- Dockerfile --------------------------------------------------------------------------------------------- */

static struct str stage_shown(const struct build *build, uint32_t position)
{
    for (size_t i = 0; i < build->stage_count; i++) {
        const struct dockerfile_stage *stage = build->stages[i].stage;
        if (position >= stage->first && position < stage->first + stage->count)
            return build->stages[i].shown;
    }
    return STR_NONE;
}

static void name_stage(struct judge *judge, const struct build *build, uint32_t position)
{
    name_subject(judge, stage_shown(build, position));
}

/* Has an ARG in front of POSITION declared NAME? */
static bool is_argument(const struct build *build, uint32_t position, struct str name)
{
    for (uint32_t i = 0; i < position; i++) {
        const struct dockerfile_instruction *instruction = &build->file->instructions[i];
        for (uint32_t k = 0; instruction->kind == DOCKERFILE_ARG && k < instruction->pairs.count; k++)
            if (str_eq(instruction->pairs.items[k].key.text, name))
                return true;
    }
    return false;
}

/* A variable in the word is itself named a secret: it is told where it is declared. */
static bool told_elsewhere(const struct dockerfile_expansion *expansion)
{
    for (uint32_t i = 0; i < expansion->use_count; i++)
        if (secret_name(expansion->uses[i].name))
            return true;
    return false;
}

static const char *holder_of(enum dockerfile_kind kind)
{
    if (kind == DOCKERFILE_ARG)
        return "the default of build argument";
    return kind == DOCKERFILE_ENV ? "environment variable" : "label";
}

static void judge_pair(struct judge *judge, const struct build *build, uint32_t position,
                       const struct dockerfile_instruction *instruction, const struct dockerfile_pair *pair,
                       struct dockerfile_budget *budget)
{
    struct dockerfile_expansion expansion = {0};
    struct place at = {build->source, pair->value.span};
    if (dockerfile_expand_within(build->file, position, &pair->value, budget, judge_arena(judge), &expansion, NULL) !=
        0) {
        judge_nomem(judge);
        return;
    }
    bool known = expansion.value.state == DOCKERFILE_STATE_KNOWN;
    struct value value = {
        .holder = holder_of(instruction->kind),
        .name = pair->key.text,
        .text = known && expansion.use_count == 0 ? expansion.value.text : pair->value.text,
        .at = at,
        .by_shape_only = !known || expansion.use_count > 0,
    };
    if (judge_value(judge, &value, SEVERITY_ERROR)) {
        name_stage(judge, build, position);
        return;
    }
    if (!secret_name(value.name) || is_allowed(judge, value.name))
        return;
    if (known && expansion.use_count && !told_elsewhere(&expansion) && secret_value(expansion.value.text)) {
        judge_fail(judge, at, "%s '%.*s' holds a secret in plain text", value.holder, STR_ARG(value.name));
        name_stage(judge, build, position);
        return;
    }
    for (uint32_t i = 0; instruction->kind != DOCKERFILE_ARG && i < expansion.use_count; i++)
        if (expansion.uses[i].state == DOCKERFILE_STATE_UNKNOWN &&
            is_argument(build, position, expansion.uses[i].name)) {
            judge_fail(judge, at, "%s '%.*s' keeps build argument '%.*s' in the image", value.holder,
                       STR_ARG(value.name), STR_ARG(expansion.uses[i].name));
            judge_remedy(judge, "Mount it for the one command that needs it: RUN --mount=type=secret,id=...,env=%.*s.",
                         STR_ARG(value.name));
            name_stage(judge, build, position);
            return;
        }
}

/* A build argument of that name without a value: each declaration asks for the same one. */
static void judge_bare_argument(struct judge *judge, const struct build *build, uint32_t position,
                                const struct dockerfile_pair *pair)
{
    if (!secret_name(pair->key.text) || is_allowed(judge, pair->key.text) ||
        is_argument(build, position, pair->key.text))
        return;
    judge_fail_as(judge, SEVERITY_WARNING, (struct place){build->source, pair->key.span},
                  "build argument '%.*s' takes a secret, which stays in the build's history", STR_ARG(pair->key.text));
    judge_remedy(judge, "Mount it for the one command that needs it: RUN --mount=type=secret,id=...,env=%.*s.",
                 STR_ARG(pair->key.text));
    name_stage(judge, build, position);
}

static void judge_instruction(struct judge *judge, const struct build *build, uint32_t position,
                              struct dockerfile_budget *budget)
{
    const struct dockerfile_instruction *instruction = &build->file->instructions[position];
    if (instruction->kind == DOCKERFILE_ONBUILD && instruction->trigger)
        instruction = instruction->trigger;
    if (instruction->kind != DOCKERFILE_ENV && instruction->kind != DOCKERFILE_ARG &&
        instruction->kind != DOCKERFILE_LABEL)
        return;
    for (uint32_t i = 0; i < instruction->pairs.count; i++) {
        const struct dockerfile_pair *pair = &instruction->pairs.items[i];
        if (pair->has_value)
            judge_pair(judge, build, position, instruction, pair, budget);
        else if (instruction->kind == DOCKERFILE_ARG)
            judge_bare_argument(judge, build, position, pair);
    }
}

static void judge_file(struct judge *judge, const struct build *build, const struct copy_fact *copy,
                       const struct fact_text *path, const struct place *at)
{
    const char *what = NULL;
    if (!fact_said(&path->fact) || is_allowed(judge, path_base(path->value)))
        return;
    enum secret_file kind = secret_file(path->value, &what);
    if (kind == SECRET_FILE_NONE || (kind == SECRET_FILE_SETTINGS && !copy->ships))
        return;
    struct str base = path_base(path->value);
    if (copy->ships)
        judge_fail(judge, *at, "'%.*s' (%s) is copied into the image", STR_ARG(base), what);
    else
        judge_fail_as(judge, SEVERITY_WARNING, *at, "'%.*s' (%s) stays in the layers of a build stage", STR_ARG(base),
                      what);
    judge_remedy(judge,
                 "Leave the file out (.dockerignore); mount it at run time, or for one command of the build with "
                 "RUN --mount=type=secret.");
    name_stage(judge, build, copy->position);
}

static void judge_heredocs(struct judge *judge, const struct build *build, const struct copy_fact *copy)
{
    for (uint32_t i = 0; i < copy->instruction->heredoc_count; i++) {
        struct place body = {build->source, copy->instruction->heredocs[i].body};
        struct str text = place_text(body);
        struct secret_shape shape;
        for (size_t from = 0; secret_shape_find(text, from, &shape); from = shape.offset + shape.len) {
            struct place at = {body.source, {body.span.offset + (uint32_t)shape.offset, (uint32_t)shape.len}};
            judge_fail(judge, at, "the text of this file holds %s", shape.what);
            name_stage(judge, build, copy->position);
        }
    }
}

static void judge_copy(struct judge *judge, const struct build *build, const struct copy_fact *copy)
{
    const char *what = NULL;
    bool told = false;
    for (size_t i = 0; i < copy->source_count; i++) {
        const struct copy_source *source = &copy->sources[i];
        if (source->heredoc || source->remote)
            continue;
        told = told || (fact_said(&source->path.fact) && secret_file(source->path.value, &what) != SECRET_FILE_NONE);
        judge_file(judge, build, copy, &source->path, &source->path.fact.at);
    }
    if (!told && fact_said(&copy->destination.fact) && secret_file(copy->destination.value, &what) == SECRET_FILE_KEY)
        judge_file(judge, build, copy, &copy->destination, &copy->destination.fact.at);
    judge_heredocs(judge, build, copy);
}

static void judge_secrets_of_build(struct judge *judge, const struct build *build)
{
    struct dockerfile_budget budget = DOCKERFILE_BUDGET_INIT;
    for (uint32_t i = 0; i < build->file->instruction_count; i++)
        judge_instruction(judge, build, i, &budget);
    for (size_t i = 0; i < build->run_count; i++)
        judge_command(judge, &build->runs[i].command, stage_shown(build, build->runs[i].position));
    for (size_t i = 0; i < build->copy_count; i++)
        judge_copy(judge, build, &build->copies[i]);
    judge_command(judge, &build->entrypoint, STR_NONE);
    judge_command(judge, &build->command, STR_NONE);
    judge_command(judge, &build->health.command, STR_NONE);
}

/* --- workloads ---------------------------------------------------------------------------------------------- */

/* The value came from somewhere else (`.env`): what is written here is no secret. */
static bool written_elsewhere(const struct env_fact *env)
{
    const struct data_node *node = env->value.fact.node;
    if (!node || !(node->flags & DATA_INTERPOLATED))
        return false;
    struct str text = place_text(env->value.fact.at), value = env->value.value;
    return value.len == 0 || str_find(text, value) >= text.len;
}

static void judge_env(struct judge *judge, const struct env_fact *env)
{
    if (env->from_elsewhere || !fact_said(&env->value.fact) || written_elsewhere(env))
        return;
    const struct data_node *node = env->value.fact.node;
    bool interpolated = node && node->flags & DATA_INTERPOLATED;
    struct value value = {
        .holder = interpolated ? "the fallback of environment variable" : "environment variable",
        .name = env->name,
        .text = env->value.value,
        .at = interpolated ? narrow(env->value.fact.at, env->value.value) : env->value.fact.at,
    };
    judge_value(judge, &value, interpolated ? SEVERITY_WARNING : SEVERITY_ERROR);
}

static void judge_secrets_of_workload(struct judge *judge, const struct workload *workload)
{
    for (size_t i = 0; i < workload->env_count; i++)
        judge_env(judge, &workload->env[i]);
    judge_command(judge, &workload->entrypoint, STR_NONE);
    judge_command(judge, &workload->command, STR_NONE);
    const struct probe_fact *probes[] = {&workload->health,   &workload->startup,    &workload->readiness,
                                         &workload->liveness, &workload->post_start, &workload->pre_stop};
    for (size_t i = 0; i < ARRAY_LEN(probes); i++)
        if (fact_said(&probes[i]->fact) && probes[i]->action == PROBE_EXEC)
            judge_command(judge, &probes[i]->command, STR_NONE);
}

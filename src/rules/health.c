/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks: is there one, and can the image run it? */
#include "base/path.h"
#include "facts/image_table.h"
#include "rules/families.h"
#include "rules/image_files.h"
#include "rules/judge.h"

static void judge_runs_of_build(struct judge *judge, const struct build *build);
static void judge_runs_of_workload(struct judge *judge, const struct workload *workload);
static void judge_present_in_build(struct judge *judge, const struct build *build);
static void judge_present_in_workload(struct judge *judge, const struct workload *workload);

static const struct rule_source sources[] = {
    {"Dockerfile reference: HEALTHCHECK", "https://docs.docker.com/reference/dockerfile/#healthcheck"},
    {"Compose file reference: healthcheck", "https://docs.docker.com/reference/compose-file/services/#healthcheck"},
    {"Kubernetes: Configure Liveness, Readiness and Startup Probes",
     "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"},
    {NULL, NULL},
};

static const struct rule_example runs_examples[] = {
    {SURFACE_DOCKERFILE,
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "HEALTHCHECK CMD [\"curl\", \"-f\", \"http://localhost:8080/healthz\"]\n"
     "ENTRYPOINT [\"/app\"]\n",
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "HEALTHCHECK CMD [\"/app\", \"health\"]\n"
     "ENTRYPOINT [\"/app\"]\n"},
    {SURFACE_COMPOSE,
     "services:\n"
     "  web:\n"
     "    image: gcr.io/distroless/static-debian12:nonroot\n"
     "    healthcheck:\n"
     "      test: [\"CMD\", \"wget\", \"-q\", \"-O-\", \"http://localhost:8080/\"]\n",
     "services:\n"
     "  web:\n"
     "    image: gcr.io/distroless/static-debian12:nonroot\n"
     "    healthcheck:\n"
     "      test: [\"CMD\", \"/app\", \"health\"]\n"},
    {SURFACE_KUBERNETES,
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: web}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: web\n"
     "      image: gcr.io/distroless/static-debian12:nonroot\n"
     "      livenessProbe:\n"
     "        exec: {command: [curl, -f, \"http://localhost:8080/healthz\"]}\n",
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: web}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: web\n"
     "      image: gcr.io/distroless/static-debian12:nonroot\n"
     "      livenessProbe:\n"
     "        httpGet: {path: /healthz, port: 8080}\n"},
    {0, NULL, NULL},
};

const struct rule healthcheck_runs_rule = {
    .id = "healthcheck-runs",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "the program of a health check is in the image",
    .rationale =
        "A health check runs inside the container, with what the image holds. curl, wget and nc are in no distroless "
        "image and in no slim one: the check fails at every turn although the service is well, Docker calls the "
        "container unhealthy for ever, Compose never starts what depends on it, and the kubelet kills it again and "
        "again. Installing the tool for this one purpose brings back what the image was freed of.",
    .remedies =
        {
            [SURFACE_DOCKERFILE] = "Let the service's own program answer, as in HEALTHCHECK CMD [\"/app\", "
                                   "\"health\"], or ship a static probe beside it.",
            [SURFACE_COMPOSE] = "Let the service's own program answer, as in test: [\"CMD\", \"/app\", \"health\"], or "
                                "ship a static probe in the image.",
            [SURFACE_KUBERNETES] = "Let the kubelet ask with httpGet, tcpSocket or grpc, or let exec start a program "
                                   "of the image that answers for the service.",
        },
    .sources = sources,
    .examples = runs_examples,
    .build = judge_runs_of_build,
    .workload = judge_runs_of_workload,
};

static const struct rule_example present_examples[] = {
    {SURFACE_DOCKERFILE,
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "ENTRYPOINT [\"/app\"]\n",
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "HEALTHCHECK CMD [\"/app\", \"health\"]\n"
     "ENTRYPOINT [\"/app\"]\n"},
    {SURFACE_COMPOSE,
     "services:\n"
     "  web:\n"
     "    image: gcr.io/distroless/static-debian12:nonroot\n",
     "services:\n"
     "  web:\n"
     "    image: gcr.io/distroless/static-debian12:nonroot\n"
     "    healthcheck:\n"
     "      test: [\"CMD\", \"/app\", \"health\"]\n"},
    {SURFACE_KUBERNETES,
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: web}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: web\n"
     "      image: registry.example/web:1\n",
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: web}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: web\n"
     "      image: registry.example/web:1\n"
     "      readinessProbe:\n"
     "        httpGet: {path: /readyz, port: 8080}\n"
     "      livenessProbe:\n"
     "        httpGet: {path: /healthz, port: 8080}\n"},
    {0, NULL, NULL},
};

const struct rule healthcheck_present_rule = {
    .id = "healthcheck-present",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "a service can be asked whether it is well",
    .rationale =
        "Without a health check a platform knows only that a process exists. One that hangs keeps its place and its "
        "traffic, one that still starts gets requests, and what depends on it starts too early. Docker and Compose "
        "read HEALTHCHECK of the image or `healthcheck` of the service; Kubernetes reads neither and asks by probes "
        "alone.",
    .remedies =
        {
            [SURFACE_DOCKERFILE] =
                "Add HEALTHCHECK CMD [\"/app\", \"health\"], with a program of the image that answers for the service.",
            [SURFACE_COMPOSE] = "Add healthcheck with test: [\"CMD\", \"/app\", \"health\"], a program of the image "
                                "that answers for the service.",
            [SURFACE_KUBERNETES] = "Add a readinessProbe that asks whether it can serve and a livenessProbe that asks "
                                   "whether it has to be restarted.",
        },
    .sources = sources,
    .examples = present_examples,
    .build = judge_present_in_build,
    .workload = judge_present_in_workload,
};

/* --- healthcheck-runs ----------------------------------------------------------------------------------------- */

struct image_facts {
    const struct image_name *name;
    enum image_answer shell;
    const struct image_files *files; /* Dockerfile */
    struct place at;                 /* what names the image */
    bool unknown;                    /* its name hangs on a variable */
};

static bool is_fetcher(struct str program)
{
    static const char *const names[] = {"curl", "wget", "nc", "netcat", "ncat", "telnet"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(program, names[i]))
            return true;
    return false;
}

/* What a shell does itself. */
static bool is_builtin(struct str program)
{
    static const char *const names[] = {
        "exit", "true", "false",  "test",   "[",    "[[",   "echo",  "printf", "cd", "kill",   "read",    "set", ":",
        "eval", "exec", "export", "return", "wait", "trap", "shift", "local",  ".",  "source", "command", "type"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(program, names[i]))
            return true;
    return false;
}

static bool mentions(const struct run_fact *run, struct str program)
{
    for (size_t i = 0; i < run->command.script.count; i++)
        for (size_t k = 0; k < run->command.script.commands[i].word_count; k++)
            if (str_find(run->command.script.commands[i].words[k].text, program) <
                run->command.script.commands[i].words[k].text.len)
                return true;
    for (size_t k = 0; k < run->command.word_count; k++)
        if (str_find(run->command.words[k].text, program) < run->command.words[k].text.len)
            return true;
    return false;
}

/* Only installers whose packages are seen, and what surely installs nothing. */
static bool is_plain(struct str program)
{
    static const char *const names[] = {"apt-get",  "apt",   "apk",   "adduser", "addgroup", "useradd",
                                        "groupadd", "mkdir", "chown", "chmod",   "rm",       "echo",
                                        "pip",      "pip3",  "npm",   "ln",      "rm",       "touch",
                                        "set",      "true",  "cp",    "mv",      "cd",       "update-ca-certificates",
                                        "usermod",  "sed",   "exit"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(program, names[i]))
            return true;
    return false;
}

/* May a RUN that ships have brought PROGRAM? */
static bool may_be_installed(const struct build *build, struct str program)
{
    for (size_t i = 0; i < build->run_count; i++) {
        const struct run_fact *run = &build->runs[i];
        if (!run->ships)
            continue;
        if (run->command.script.count == 0 || mentions(run, program))
            return true;
        for (size_t k = 0; k < run->command.script.count; k++) {
            const struct shell_command *simple = &run->command.script.commands[k];
            size_t at = command_program_of(simple->words, simple->word_count);
            if (at < simple->word_count &&
                (!is_plain(command_base_name(simple->words[at].text)) || str_has_char(simple->words[at].text, '/')))
                return true;
            for (size_t w = 0; w < simple->word_count; w++)
                if (simple->words[w].expanded) /* packages in a variable */
                    return true;
        }
    }
    return false;
}

static bool may_be_copied(const struct image_files *files, struct str program)
{
    return str_has_char(program, '/') ? image_files_may_hold(files, program) : image_files_may_find(files, program);
}

/* The image surely lacks PROGRAM, a word of a command. */
static bool is_missing(const struct image_facts *image, struct str program)
{
    struct str base = command_base_name(program);
    const struct image_files *files = image->files;
    if (files && (may_be_copied(files, program) || may_be_installed(files->build, base)))
        return false;
    if (image_has_program(image->name, base) == IMAGE_NO)
        return !command_is_shell(base) || image->shell == IMAGE_NO;
    /* What else there is in such an image is copied; without any copy the file says nothing of what it is made for. */
    return files && image_files_bare(files) && files->count > 0 && str_starts(program, STR("/")) &&
           image_files_base_is_empty(files->build);
}

static void judge_program(struct judge *judge, const struct image_facts *image, const struct command_word *words,
                          size_t count, bool in_shell)
{
    size_t at = command_program_of(words, count);
    if (at >= count || words[at].unknown || words[at].expanded)
        return;
    const struct command_word *word = &words[at];
    struct str base = command_base_name(word->text);
    if (word->text.len == 0 || (in_shell && is_builtin(word->text)))
        return;
    if (image->unknown) {
        if (is_fetcher(base))
            judge_unknown(judge, word->at, "whether the image has '%.*s' is not known: its name hangs on a variable",
                          STR_ARG(base));
        return;
    }
    if (!is_missing(image, word->text))
        return;
    judge_fail(judge, word->at, "the probe runs '%.*s', which the image does not have", STR_ARG(base));
    if (image->at.source)
        judge_related(judge, image->at, "this image has no '%.*s'", STR_ARG(base));
}

static void judge_probe_command(struct judge *judge, const struct image_facts *image,
                                const struct fact_command *command)
{
    if (!fact_said(&command->fact))
        return;
    bool words = command->form == COMMAND_EXEC || command->form == COMMAND_SPLIT;
    /* "sh -c" itself is told by exec-form. */
    if (words && command->script.count == 0)
        judge_program(judge, image, command->words, command->word_count, false);
    for (size_t i = 0; command->form != COMMAND_BROKEN_EXEC && i < command->script.count; i++)
        judge_program(judge, image, command->script.commands[i].words, command->script.commands[i].word_count, true);
}

static void judge_runs_of_build(struct judge *judge, const struct build *build)
{
    struct image_files files;
    if (!build->final || build->health.fact.state == FACT_ABSENT || build->health.action != PROBE_EXEC)
        return;
    if (image_files_read(build, judge_arena(judge), &files, NULL) != 0) {
        judge_nomem(judge);
        return;
    }
    const struct image_facts image = {
        .name = &build->final_fact->image_name,
        .shell = build->shell,
        .files = &files,
        .at = build->final_fact->image_at,
        .unknown = !fact_said(&build->final_fact->image.fact),
    };
    judge_probe_command(judge, &image, &build->health.command);
}

static bool is_built(const struct workload *workload)
{
    return workload->built.fact.state != FACT_ABSENT && (workload->built.value || !fact_said(&workload->built.fact));
}

/* A mount over a folder of programs may bring anything. */
static bool mounts_programs(const struct workload *workload)
{
    for (size_t i = 0; i < workload->mount_count; i++) {
        const struct fact_text *target = &workload->mounts[i].target;
        if (!fact_said(&target->fact) || str_find(target->value, STR("bin")) < target->value.len)
            return true;
    }
    return false;
}

static void judge_runs_of_workload(struct judge *judge, const struct workload *workload)
{
    const struct probe_fact *probes[] = {&workload->health, &workload->startup, &workload->readiness,
                                         &workload->liveness};
    const struct image_facts image = {
        .name = &workload->image_name,
        .shell = workload->image_name.shell,
        .at = workload->image.fact.at,
        .unknown = workload->image.fact.state == FACT_UNKNOWN,
    };
    if (is_built(workload) || mounts_programs(workload) || (!image.unknown && !fact_said(&workload->image.fact)))
        return;
    for (size_t i = 0; i < ARRAY_LEN(probes); i++)
        if (fact_said(&probes[i]->fact) && probes[i]->action == PROBE_EXEC)
            judge_probe_command(judge, &image, &probes[i]->command);
}

/* --- healthcheck-present -------------------------------------------------------------------------------------- */

/* Official images have no HEALTHCHECK, nor have distroless ones. Any name without a folder is called library/NAME:
 * "web", built here, is not official for that. */
static bool has_none_itself(const struct image_name *name)
{
    const struct str library = STR("library/");
    return name->kind == IMAGE_SCRATCH || name->kind == IMAGE_DISTROLESS ||
           (str_starts(name->repository, library) && image_row_official(str_skip(name->repository, library.len)));
}

static void judge_off(struct judge *judge, struct place at, const char *what)
{
    judge_fail_as(judge, SEVERITY_NOTE, at, "%s switches the health check off", what);
}

static void judge_present_in_build(struct judge *judge, const struct build *build)
{
    if (!build->final || build->health.fact.state == FACT_UNKNOWN)
        return;
    if (build->health.fact.state != FACT_ABSENT) {
        if (build->health.action == PROBE_NONE)
            judge_off(judge, build->health.fact.at, "'HEALTHCHECK NONE'");
        return;
    }
    bool scratch = build->final->root->base == DOCKERFILE_BASE_SCRATCH;
    bool starts = build->entrypoint.fact.state != FACT_ABSENT || build->command.fact.state != FACT_ABSENT;
    if (scratch && !starts) /* an image of files */
        return;
    if (!fact_said(&build->final_fact->image.fact) || !(scratch || has_none_itself(&build->final_fact->image_name))) {
        judge_unknown(judge, build->at, "no HEALTHCHECK is set, and whether the base image has one is not known");
        return;
    }
    judge_fail(judge, build->at, "the image has no HEALTHCHECK");
    judge_remedy(judge,
                 "Add HEALTHCHECK CMD [\"/app\", \"health\"], a program of the image that answers for the service; "
                 "an image for Kubernetes alone may waive this.");
}

static void judge_service(struct judge *judge, const struct workload *workload)
{
    const struct probe_fact *health = &workload->health;
    const struct fact_text *restart = &workload->pod->restart_policy;
    if (health->fact.state != FACT_ABSENT) {
        if (fact_said(&health->fact) && health->action == PROBE_NONE)
            judge_off(judge, health->fact.at, "this");
        return;
    }
    /* Said in so many words: it runs once. */
    if (!workload->pod->serves || (restart->fact.state == FACT_KNOWN &&
                                   (str_eq_z(restart->value, "no") || str_starts(restart->value, STR("on-failure")))))
        return;
    if (is_built(workload) || !fact_said(&workload->image.fact) || !has_none_itself(&workload->image_name)) {
        judge_unknown(judge, workload->at, "no healthcheck is set, and whether the image has one is not known");
        return;
    }
    judge_fail(judge, workload->at, "the service has no healthcheck, and neither has its image");
}

static void judge_container(struct judge *judge, const struct workload *workload)
{
    const struct fact_text *restart = &workload->pod->restart_policy;
    if (workload->kind != WORKLOAD_CONTAINER || !workload->pod->serves ||
        workload->readiness.fact.state != FACT_ABSENT || workload->liveness.fact.state != FACT_ABSENT)
        return;
    if (restart->fact.state == FACT_KNOWN && !str_eq_z(restart->value, "Always"))
        return;
    judge_fail(judge, workload->at, "the container has neither readinessProbe nor livenessProbe");
    bool readiness = judge_missed(judge, &workload->readiness.fact) != NULL;
    judge_fact(judge, readiness ? &workload->readiness.fact : &workload->liveness.fact);
}

static void judge_present_in_workload(struct judge *judge, const struct workload *workload)
{
    if (workload->kind == WORKLOAD_SERVICE)
        judge_service(judge, workload);
    else
        judge_container(judge, workload);
}

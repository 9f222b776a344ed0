/* SPDX-License-Identifier: Apache-2.0 */
/* How a container's command line reaches its program: directly, or through a shell that may not be there. */
#include "rules/families.h"
#include "rules/image_files.h"
#include "rules/judge.h"
#include "rules/shell_syntax.h"

#include <string.h>

static void judge_form_of_build(struct judge *judge, const struct build *build);
static void judge_form_of_workload(struct judge *judge, const struct workload *workload);
static void judge_syntax_of_build(struct judge *judge, const struct build *build);
static void judge_syntax_of_workload(struct judge *judge, const struct workload *workload);

static const struct rule_source sources[] = {
    {"Dockerfile reference: Shell and exec form", "https://docs.docker.com/reference/dockerfile/#shell-and-exec-form"},
    {"Compose file reference: healthcheck", "https://docs.docker.com/reference/compose-file/services/#healthcheck"},
    {"Kubernetes: Define a command and arguments for a container",
     "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/"},
    {"Distroless: Entrypoints", "https://github.com/GoogleContainerTools/distroless#entrypoints"},
    {NULL, NULL},
};

static const struct rule_example form_examples[] = {
    {SURFACE_DOCKERFILE,
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "ENTRYPOINT /app serve\n",
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "ENTRYPOINT [\"/app\", \"serve\"]\n"},
    {SURFACE_COMPOSE,
     "services:\n"
     "  web:\n"
     "    image: gcr.io/distroless/static-debian12:nonroot\n"
     "    healthcheck:\n"
     "      test: /app health\n",
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
     "      command: [\"sh\", \"-c\", \"/app serve\"]\n",
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: web}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: web\n"
     "      image: gcr.io/distroless/static-debian12:nonroot\n"
     "      command: [\"/app\", \"serve\"]\n"},
    {0, NULL, NULL},
};

const struct rule exec_form_rule = {
    .id = "exec-form",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "programs and probes are started directly, not through a shell",
    .rationale =
        "The shell form of ENTRYPOINT, CMD and HEALTHCHECK, CMD-SHELL in Compose and an explicit `sh -c` all hand a "
        "text "
        "to the image's shell. A distroless image has none: the container does not start, or its probe never succeeds. "
        "Where there is a shell it stands as process 1 between the platform and the program and, unless the program "
        "replaces it, does not pass SIGTERM on, so that every stop lasts until the kill. A Dockerfile's array that is "
        "no JSON (single quotes, a comma too many) becomes shell form without a word.",
    .remedies =
        {
            [SURFACE_DOCKERFILE] = "Write a JSON array with double quotes, as in ENTRYPOINT [\"/app\", "
                                   "\"--port=8080\"]. What the shell did belongs into the program.",
            [SURFACE_COMPOSE] =
                "Write a list that begins with the program, as in command: [\"/app\", \"--port=8080\"]; a test begins "
                "with CMD. What the shell did belongs into the program.",
            [SURFACE_KUBERNETES] = "Start the program itself, as in command: [\"/app\", \"--port=8080\"]. What the "
                                   "shell did belongs into the program.",
        },
    .sources = sources,
    .examples = form_examples,
    .build = judge_form_of_build,
    .workload = judge_form_of_workload,
};

static const struct rule_example syntax_examples[] = {
    {SURFACE_DOCKERFILE,
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "ENTRYPOINT [\"/app\", \"--port=$PORT\"]\n",
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "ENTRYPOINT [\"/app\", \"--port=8080\"]\n"},
    {SURFACE_COMPOSE,
     "services:\n"
     "  web:\n"
     "    image: registry.example/web:1\n"
     "    command: [\"/app\", \"--port=$$PORT\"]\n",
     "services:\n"
     "  web:\n"
     "    image: registry.example/web:1\n"
     "    command: [\"/app\", \"--port=${PORT:-8080}\"]\n"},
    {SURFACE_KUBERNETES,
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: web}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: web\n"
     "      image: registry.example/web:1\n"
     "      args: [\"--port=$PORT\"]\n"
     "      env: [{name: PORT, value: \"8080\"}]\n",
     "apiVersion: v1\n"
     "kind: Pod\n"
     "metadata: {name: web}\n"
     "spec:\n"
     "  containers:\n"
     "    - name: web\n"
     "      image: registry.example/web:1\n"
     "      args: [\"--port=$(PORT)\"]\n"
     "      env: [{name: PORT, value: \"8080\"}]\n"},
    {0, NULL, NULL},
};

const struct rule no_shell_syntax_rule = {
    .id = "no-shell-syntax",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE | RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "a command in exec form holds nothing that only a shell would expand",
    .rationale =
        "The words of an array go to the program as they are: `$PORT` arrives as five characters, `&&` as an argument, "
        "`/app/*.jar` as the name of a file. The container starts and then fails in a way that points elsewhere, or "
        "silently takes a default. Kubernetes puts in `$(NAME)` of variables that the container declares, and nothing "
        "else; Compose puts in `${NAME}` from its own environment before anything runs, and `$$NAME` comes through as "
        "`$NAME`.",
    .remedies =
        {
            [SURFACE_DOCKERFILE] = "Read the variable in the program, or write the value. Two commands are two "
                                   "programs: put them into one, or into a builder stage.",
            [SURFACE_COMPOSE] = "Write ${NAME}, which Compose fills in itself, or read the variable in the program. "
                                "Two commands are two programs.",
            [SURFACE_KUBERNETES] =
                "Write $(NAME) of a variable under env, or read it in the program. Two commands are two programs.",
        },
    .sources = sources,
    .examples = syntax_examples,
    .build = judge_syntax_of_build,
    .workload = judge_syntax_of_workload,
};

/* --- exec-form ---------------------------------------------------------------------------------------------- */

struct shell_state {
    enum image_answer has;
    struct place at;                /* what says so; source NULL: nothing to show */
    const struct image_name *image; /* whose it is; NULL: not known */
};

/* Written as an array, a program that the image does not have starts no better. */
static bool is_lost(const struct shell_state *shell, struct str program)
{
    return shell->image && !str_has_char(program, '/') && image_has_program(shell->image, program) == IMAGE_NO;
}

/* A text that is one command, at most with "|| exit N" behind it, needs no shell. */
static bool is_one_command(const struct fact_command *command)
{
    const struct shell_script *script = &command->script;
    if (script->count == 0 || script->expands || script->redirects || script->commands[0].assignment_count ||
        script->commands[0].word_count == 0)
        return false;
    if (script->count == 1)
        return !script->operators;
    const struct shell_command *second = &script->commands[1];
    return script->count == 2 && str_eq_z(str_z(second->joined), "||") && second->word_count &&
           str_eq_z(second->words[0].text, "exit");
}

static void expect_array(struct judge *judge, const struct fact_command *command, const char *first,
                         const struct shell_state *shell)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    if (!is_one_command(command) || is_lost(shell, command->script.commands[0].words[0].text))
        return;
    const struct shell_command *simple = &command->script.commands[0];
    if (simple->word_count > 1 && command_is_shell(simple->words[0].text) && str_eq_z(simple->words[1].text, "-c"))
        return; /* the same with one shell less is no remedy */
    if (simple->word_count > 0 && str_has_char(simple->words[0].text, ' '))
        return; /* "cmd.exe /S /C": no program is called so */
    buf_addf(&text, "[%s", first);
    for (size_t i = 0; i < simple->word_count; i++) {
        struct str word = simple->words[i].text;
        buf_add_z(&text, i ? ", \"" : "\"");
        for (size_t k = 0; k < word.len; k++) {
            if ((unsigned char)word.ptr[k] < 0x20)
                return;
            if (word.ptr[k] == '"' || word.ptr[k] == '\\')
                buf_add_char(&text, '\\');
            buf_add_char(&text, word.ptr[k]);
        }
        buf_add_char(&text, '"');
    }
    buf_add_char(&text, ']');
    if (buf_check(&text, NULL) != 0)
        judge_nomem(judge);
    else
        judge_expect(judge, "%s", buf_z(&text));
}

/* WHAT: "the shell form of CMD". Warns where the shell is there. */
static void judge_shell_use(struct judge *judge, struct place at, const char *what, const struct shell_state *shell)
{
    if (shell->has == IMAGE_MAYBE)
        judge_unknown(judge, at, "%s needs a shell, and whether the image has one is not known", what);
    else if (shell->has == IMAGE_NO)
        judge_fail(judge, at, "%s needs a shell, and the image has none", what);
    else
        judge_fail_as(judge, SEVERITY_WARNING, at, "%s puts a shell in front of the program", what);
    if (shell->has == IMAGE_NO && shell->at.source)
        judge_related(judge, shell->at, "this image has no shell");
}

static void judge_shell_text(struct judge *judge, const struct fact_command *command, const char *name,
                             const struct shell_state *shell)
{
    if (command->form == COMMAND_BROKEN_EXEC) {
        judge_fail(judge, command->fact.at, "%s looks like an array but is no JSON, so that a shell gets it as text",
                   name);
        judge_expect(judge, "a JSON array of strings in double quotes");
        return;
    }
    const char *what = arena_printf(judge_arena(judge), "the shell form of %s", name);
    if (!what)
        judge_nomem(judge);
    judge_shell_use(judge, command->fact.at, what ? what : name, shell);
    expect_array(judge, command, "", shell);
}

/* "sh -c" among the words. */
static void judge_words(struct judge *judge, enum surface surface, const struct fact_command *entrypoint,
                        const struct fact_command *command, const struct shell_state *shell)
{
    struct shell_syntax_line line;
    if (shell_syntax_join(surface, entrypoint, command, judge_arena(judge), &line, NULL) != 0) {
        judge_nomem(judge);
        return;
    }
    if (line.text == line.count)
        return;
    const struct command_word *word = &line.words[line.program];
    const char *what = arena_printf(judge_arena(judge), "'%.*s -c'", STR_ARG(command_base_name(word->text)));
    if (!what)
        judge_nomem(judge);
    judge_shell_use(judge, word->at, what ? what : "the command", shell);
}

static bool is_text(const struct fact_command *command)
{
    return fact_said(&command->fact) && (command->form == COMMAND_SHELL || command->form == COMMAND_BROKEN_EXEC);
}

static const struct fact_command nothing = {.fact = {.state = FACT_ABSENT}};

static void judge_form_of_build(struct judge *judge, const struct build *build)
{
    const struct shell_state shell = {build->shell, build->shell_at,
                                      build->final_fact ? &build->final_fact->image_name : NULL};
    const struct fact_command *health = build->health.action == PROBE_EXEC ? &build->health.command : &nothing;
    if (is_text(&build->entrypoint))
        judge_shell_text(judge, &build->entrypoint, "ENTRYPOINT", &shell);
    if (is_text(&build->command))
        judge_shell_text(judge, &build->command, "CMD", &shell);
    judge_words(judge, SURFACE_DOCKERFILE, &build->entrypoint, &build->command, &shell);
    if (is_text(health))
        judge_shell_text(judge, health, "HEALTHCHECK", &shell);
    else
        judge_words(judge, SURFACE_DOCKERFILE, health, &nothing, &shell);
}

static struct shell_state shell_of(const struct workload *workload)
{
    bool built = fact_said(&workload->built.fact) && workload->built.value;
    if (built || !fact_said(&workload->image.fact))
        return (struct shell_state){.has = IMAGE_MAYBE};
    return (struct shell_state){workload->image_name.shell, workload->image.fact.at, &workload->image_name};
}

static void judge_probe_form(struct judge *judge, enum surface surface, const struct probe_fact *probe,
                             const struct shell_state *shell)
{
    if (!fact_said(&probe->fact) || probe->action != PROBE_EXEC)
        return;
    if (!is_text(&probe->command)) {
        judge_words(judge, surface, &probe->command, &nothing, shell);
        return;
    }
    judge_shell_use(judge, probe->command.fact.at, "the shell form of the probe", shell);
    expect_array(judge, &probe->command, "\"CMD\", ", shell);
}

static void judge_form_of_workload(struct judge *judge, const struct workload *workload)
{
    enum surface surface = workload->pod->surface;
    const struct shell_state shell = shell_of(workload);
    const struct probe_fact *probes[] = {&workload->health,   &workload->startup,    &workload->readiness,
                                         &workload->liveness, &workload->post_start, &workload->pre_stop};
    judge_words(judge, surface, &workload->entrypoint, &workload->command, &shell);
    for (size_t i = 0; i < ARRAY_LEN(probes); i++)
        judge_probe_form(judge, surface, probes[i], &shell);
}

/* --- no-shell-syntax ---------------------------------------------------------------------------------------- */

static void expect_variable(struct judge *judge, enum surface surface, struct str piece)
{
    struct str name = str_skip(piece, str_starts(piece, STR("${")) ? 2 : 1);
    size_t len = 0;
    while (len < name.len && (char_is_alnum(name.ptr[len]) || name.ptr[len] == '_'))
        len++;
    name = str_head(name, len);
    if (name.len && surface == SURFACE_KUBERNETES)
        judge_expect(judge, "$(%.*s)", STR_ARG(name));
    else if (name.len && surface == SURFACE_COMPOSE)
        judge_expect(judge, "${%.*s}, which Compose puts in itself, or the value", STR_ARG(name));
    else
        judge_expect(judge, "the value, or a program that reads the variable itself");
}

static void tell_syntax(struct judge *judge, enum surface surface, enum shell_syntax syntax, struct place at,
                        struct str piece)
{
    piece = str_head(piece, 60);
    switch (syntax) {
    case SHELL_SYNTAX_NONE:
        break;
    case SHELL_SYNTAX_VARIABLE:
        judge_fail(judge, at, "nobody expands '%.*s': no shell reads this command", STR_ARG(piece));
        expect_variable(judge, surface, piece);
        break;
    case SHELL_SYNTAX_SUBSTITUTION:
        judge_fail(judge, at, "nobody runs '%.*s': no shell reads this command", STR_ARG(piece));
        break;
    case SHELL_SYNTAX_OPERATOR:
        judge_fail(judge, at, "'%.*s' is an argument here: no shell reads this command", STR_ARG(piece));
        break;
    case SHELL_SYNTAX_HOME:
        judge_fail(judge, at, "nobody expands '~' in '%.*s': no shell reads this command", STR_ARG(piece));
        judge_expect(judge, "an absolute path");
        break;
    case SHELL_SYNTAX_GLOB:
        judge_fail(judge, at, "nobody expands the pattern '%.*s': no shell reads this command", STR_ARG(piece));
        judge_expect(judge, "the file's own name");
        break;
    case SHELL_SYNTAX_ASSIGNMENT:
        judge_fail(judge, at, "'%.*s' is taken as the program: no shell reads this command", STR_ARG(piece));
        judge_expect(judge, "the variable in the environment of the container");
        break;
    case SHELL_SYNTAX_BUILTIN:
        judge_fail(judge, at, "'%.*s' is part of a shell and no program", STR_ARG(piece));
        break;
    }
}

/* An entry script may expand what it is given; most only start it. */
static bool through_script(const struct shell_syntax_line *line, size_t at)
{
    for (size_t i = 0; i < at && i <= line->program + 1; i++) {
        struct str base = command_base_name(line->words[i].text);
        if (str_find(base, STR("entrypoint")) < base.len || (i == line->program && str_ends(base, STR(".sh"))))
            return true;
    }
    return false;
}

static void judge_line(struct judge *judge, const struct shell_syntax_line *line)
{
    bool operator_told = false;
    /* One text for an ENTRYPOINT that is not known: that may be a shell. */
    if (!line->complete && line->count == 1 && str_has_char(line->words[0].text, ' '))
        return;
    for (size_t at = 0; at < line->count; at++) {
        struct str piece = STR_NONE;
        enum shell_syntax syntax = shell_syntax_of(line, at, &piece);
        if (syntax == SHELL_SYNTAX_NONE || (syntax == SHELL_SYNTAX_OPERATOR && operator_told))
            continue;
        operator_told = operator_told || syntax == SHELL_SYNTAX_OPERATOR;
        if (through_script(line, at))
            judge_unknown(judge, line->words[at].at, "whether the entry script expands '%.*s' is not known",
                          STR_ARG(str_head(piece, 60)));
        else
            tell_syntax(judge, line->surface, syntax, line->words[at].at, piece);
    }
}

static void judge_command(struct judge *judge, enum surface surface, const struct fact_command *entrypoint,
                          const struct fact_command *command, struct shell_syntax_line *ret_line)
{
    *ret_line = (struct shell_syntax_line){0};
    if (shell_syntax_join(surface, entrypoint, command, judge_arena(judge), ret_line, NULL) == 0)
        judge_line(judge, ret_line);
    else
        judge_nomem(judge);
}

static void judge_syntax_of_build(struct judge *judge, const struct build *build)
{
    struct shell_syntax_line line;
    judge_command(judge, SURFACE_DOCKERFILE, &build->entrypoint, &build->command, &line);
    if (build->health.action == PROBE_EXEC)
        judge_command(judge, SURFACE_DOCKERFILE, &build->health.command, &nothing, &line);
}

/* What the kubelet adds for every service of the namespace. */
static bool is_service_variable(struct str name)
{
    return str_ends(name, STR("_SERVICE_HOST")) || str_find(name, STR("_SERVICE_PORT")) < name.len ||
           str_ends(name, STR("_PORT")) || str_find(name, STR("_PORT_")) < name.len;
}

static bool declares(const struct workload *workload, struct str name)
{
    for (size_t i = 0; i < workload->env_count; i++)
        if (str_eq(workload->env[i].name, name))
            return true;
    return false;
}

static void judge_references(struct judge *judge, const struct workload *workload, const struct shell_syntax_line *line)
{
    for (size_t i = 0; i < line->count && i < line->text; i++) {
        struct str piece, name;
        for (size_t at = 0; shell_syntax_next_reference(line->words[i].text, &at, &piece, &name);) {
            if (declares(workload, name))
                continue;
            if (str_has_char(name, ' ')) {
                tell_syntax(judge, SURFACE_KUBERNETES, SHELL_SYNTAX_SUBSTITUTION, line->words[i].at, piece);
            } else if (!workload->env_open && !is_service_variable(name)) {
                judge_fail(judge, line->words[i].at, "'%.*s' stays as it is: the container declares no variable '%.*s'",
                           STR_ARG(str_head(piece, 60)), STR_ARG(str_head(name, 60)));
                judge_expect(judge, "an entry '%.*s' in env", STR_ARG(str_head(name, 60)));
                judge_remedy(judge, "Declare the variable under the container's env; variables of the image are not "
                                    "put in.");
            }
        }
    }
}

/* Compose splits a text up to the first operator and drops the rest without a word. */
static void judge_cut(struct judge *judge, const struct fact_command *command)
{
    if (!fact_said(&command->fact) || command->form != COMMAND_SPLIT || command->word_count == 0)
        return;
    struct place last = command->words[command->word_count - 1].at, all = command->fact.at;
    uint32_t end = last.span.offset + last.span.len, all_end = all.span.offset + all.span.len;
    if (!last.source || last.source != all.source || end < all.span.offset || end >= all_end)
        return;
    struct str rest = str_trim_left(place_text((struct place){all.source, {end, all_end - end}}));
    size_t len = 0;
    while (len < rest.len && len < 2 && rest.ptr[len] && strchr("&|;<>", rest.ptr[len]))
        len++;
    if (len == 0)
        return;
    struct place at = {all.source, {(uint32_t)(rest.ptr - all.source->bytes.ptr), (uint32_t)len}};
    judge_fail(judge, at, "Compose stops reading at '%.*s', and what follows is dropped: no shell reads this command",
               STR_ARG(str_head(rest, len)));
}

static void judge_syntax_of_workload(struct judge *judge, const struct workload *workload)
{
    enum surface surface = workload->pod->surface;
    struct shell_syntax_line line;
    const struct probe_fact *probes[] = {&workload->health,   &workload->startup,    &workload->readiness,
                                         &workload->liveness, &workload->post_start, &workload->pre_stop};
    judge_command(judge, surface, &workload->entrypoint, &workload->command, &line);
    judge_cut(judge, &workload->entrypoint);
    judge_cut(judge, &workload->command);
    if (surface == SURFACE_KUBERNETES)
        judge_references(judge, workload, &line);
    for (size_t i = 0; i < ARRAY_LEN(probes); i++)
        if (fact_said(&probes[i]->fact) && probes[i]->action == PROBE_EXEC)
            judge_command(judge, surface, &probes[i]->command, &nothing, &line);
}

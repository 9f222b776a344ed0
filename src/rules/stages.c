/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#define MULTI_STAGE                                                                                                    \
    {                                                                                                                  \
        "Docker: Multi-stage builds", "https://docs.docker.com/build/building/multi-stage/"                            \
    }
#define REFERENCE(what, anchor)                                                                                        \
    {                                                                                                                  \
        "Dockerfile reference: " what, "https://docs.docker.com/reference/dockerfile/#" anchor                         \
    }
#define FINAL "FROM gcr.io/distroless/cc-debian12:nonroot\n"

/* --- multi-stage-build -------------------------------------------------------------------------------------- */

static void multi_stage_build(struct judge *judge, const struct build *build);

const struct rule multi_stage_build_rule = {
    .id = "multi-stage-build",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .summary = "compilers and package managers run in builder stages, not in the stage that ships",
    .rationale =
        "What a RUN needs stays in the image: the compiler, the package manager with its lists and caches, headers, "
        "and whatever the packages brought along. Removing it in a later instruction hides it in an upper layer and "
        "ships it below. Each tool is weight to pull, something to patch, and something to use for whoever gets in. "
        "And a stage in which nothing has to run can start from an image without a shell.",
    .remedy = "Move the instruction into a builder stage (FROM ... AS build) and copy what it makes into the stage "
              "that ships with COPY --from=build.",
    .sources = (const struct rule_source[]){MULTI_STAGE, REFERENCE("COPY --from", "copy---from"), {0}},
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE,
             "FROM rust:1.82\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\n"
             "ENTRYPOINT [\"/src/target/release/app\"]\n",
             "FROM rust:1.82 AS build\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\n\n" FINAL
             "COPY --from=build /src/target/release/app /app\nENTRYPOINT [\"/app\"]\n"},
            {0},
        },
    .build = multi_stage_build,
};

/* Programs that build or install; of those with words, only with one of them as the first that is no option. */
static const struct {
    const char *name;
    const char *words;
} tools[] = {
    {"apt-get", NULL},
    {"apt", NULL},
    {"aptitude", NULL},
    {"apk", NULL},
    {"yum", NULL},
    {"dnf", NULL},
    {"microdnf", NULL},
    {"tdnf", NULL},
    {"zypper", NULL},
    {"pacman", NULL},
    {"pip", NULL},
    {"pip3", NULL},
    {"pipx", NULL},
    {"pipenv", NULL},
    {"poetry", NULL},
    {"uv", NULL},
    {"conda", NULL},
    {"mamba", NULL},
    {"micromamba", NULL},
    {"npm", NULL},
    {"npx", NULL},
    {"yarn", NULL},
    {"pnpm", NULL},
    {"corepack", NULL},
    {"bun", " install i add build "},
    {"go", " build install mod get generate "},
    {"cargo", NULL},
    {"rustc", NULL},
    {"rustup", NULL},
    {"gcc", NULL},
    {"g++", NULL},
    {"cc", NULL},
    {"c++", NULL},
    {"clang", NULL},
    {"clang++", NULL},
    {"make", NULL},
    {"cmake", NULL},
    {"ninja", NULL},
    {"meson", NULL},
    {"configure", NULL},
    {"bazel", NULL},
    {"javac", NULL},
    {"mvn", NULL},
    {"mvnw", NULL},
    {"gradle", NULL},
    {"gradlew", NULL},
    {"sbt", NULL},
    {"gem", NULL},
    {"bundle", " install package update "},
    {"composer", NULL},
    {"docker-php-ext-install", NULL},
    {"pecl", NULL},
    {"dotnet", " build publish restore pack add tool "},
    {"nuget", NULL},
    {"mix", NULL},
    {"rebar3", NULL},
    {"cabal", NULL},
    {"stack", NULL},
    {"ghc", NULL},
    {"swift", " build package "},
    {"dart", " compile pub "},
    {"cpanm", NULL},
};

/* The first word behind FROM that is no option, or the empty view. */
static struct str first_operand(const struct shell_command *command, size_t from)
{
    for (size_t i = from; i < command->word_count; i++)
        if (!str_starts(command->words[i].text, STR("-")))
            return command->words[i].text;
    return STR_NONE;
}

/* The tool in python -m pip, in python setup.py install; or NULL. */
static const struct command_word *tool_of_python(const struct shell_command *command, size_t program)
{
    static const char *const modules[] = {"pip", "build", "venv", "uv", "poetry", NULL};
    if (!str_starts(command_base_name(command->words[program].text), STR("python")))
        return NULL;
    for (size_t i = program + 1; i < command->word_count; i++) {
        const struct command_word *word = &command->words[i];
        if (str_eq_z(word->text, "-m"))
            return i + 1 < command->word_count && name_among(word[1].text, modules) ? word + 1 : NULL;
        if (!str_starts(word->text, STR("-")))
            return str_eq_z(command_base_name(word->text), "setup.py") ? word : NULL;
    }
    return NULL;
}

static bool lists_word(const char *words, struct str word)
{
    struct str rest = str_z(words);
    struct str next;
    while (str_next_word(&rest, &next))
        if (str_eq(next, word))
            return true;
    return false;
}

/* dpkg --print-architecture and rpm -q install nothing. */
static bool installs_by_option(const struct shell_command *command, size_t program)
{
    static const char *const options[] = {"--install", "--unpack", "--upgrade", "--erase", "--remove", "--purge", NULL};
    struct str name = command_base_name(command->words[program].text);
    bool rpm = str_eq_z(name, "rpm");
    if (!rpm && !str_eq_z(name, "dpkg"))
        return false;
    for (size_t i = program + 1; i < command->word_count; i++) {
        struct str word = command->words[i].text;
        bool letters = word.len > 1 && word.ptr[0] == '-' && word.ptr[1] != '-';
        if (name_among(word, options) || (letters && str_has_char(rpm ? STR("iUFe") : STR("irP"), word.ptr[1])))
            return true;
    }
    return false;
}

/* pip --version */
static bool only_shows(const struct shell_command *command, size_t program)
{
    static const char *const words[] = {"--version", "-V", "-v", "version", "--help", "-h", "help", NULL};
    return program + 2 == command->word_count && name_among(command->words[program + 1].text, words);
}

/* The word of COMMAND that names a tool, or NULL. */
static const struct command_word *tool_of(const struct shell_command *command)
{
    size_t program = command_program_of(command->words, command->word_count);
    if (program == command->word_count || only_shows(command, program))
        return NULL;
    const struct command_word *word = &command->words[program];
    struct str name = command_base_name(word->text);
    for (size_t i = 0; i < ARRAY_LEN(tools); i++)
        if (str_eq_z(name, tools[i].name))
            return !tools[i].words || lists_word(tools[i].words, first_operand(command, program + 1)) ? word : NULL;
    return installs_by_option(command, program) ? word : tool_of_python(command, program);
}

/* The commands of a RUN in whatever form: ["apt-get", "update"] is one too. */
static struct shell_script commands_of(const struct run_fact *run, struct shell_command *only)
{
    const struct fact_command *command = &run->command;
    if (command->form != COMMAND_EXEC || command->script.count > 0)
        return command->script;
    *only = (struct shell_command){.words = command->words, .word_count = command->word_count, .joined = ""};
    return (struct shell_script){.commands = only, .count = command->word_count > 0};
}

/* True when something was told. */
static bool tell_tools(struct judge *judge, struct shell_script script)
{
    const struct command_word *first = NULL;
    const struct command_word *second = NULL;
    const struct command_word *unclear = NULL;
    for (size_t i = 0; i < script.count; i++) {
        const struct shell_command *command = &script.commands[i];
        const struct command_word *tool = tool_of(command);
        if (!tool && command->word_count && command->words[0].expanded && str_starts(command->words[0].text, STR("$")))
            unclear = unclear ? unclear : &command->words[0];
        if (tool && !first)
            first = tool;
        else if (tool && !second && !str_eq(command_base_name(tool->text), command_base_name(first->text)))
            second = tool;
    }
    if (first && second)
        judge_fail(judge, first->at, "'%.*s' and '%.*s' run in the stage that ships",
                   STR_ARG(command_base_name(first->text)), STR_ARG(command_base_name(second->text)));
    else if (first)
        judge_fail(judge, first->at, "'%.*s' runs in the stage that ships", STR_ARG(command_base_name(first->text)));
    else if (unclear)
        judge_unknown(judge, unclear->at, "%s runs in the stage that ships, and is not known",
                      judge_shown(judge, unclear->at));
    if (first)
        judge_expect(judge, "a builder stage runs it, and COPY --from takes what it makes");
    return first || unclear;
}

static void name_stage(struct judge *judge, const struct build *build, const struct dockerfile_stage *stage)
{
    judge_subject(judge, "%.*s", STR_ARG(build->stages[stage->index].shown));
}

static void multi_stage_build(struct judge *judge, const struct build *build)
{
    for (size_t i = 0; i < build->run_count; i++) {
        const struct run_fact *run = &build->runs[i];
        struct shell_command only;
        if (!run->ships)
            continue;
        struct shell_script script = commands_of(run, &only);
        if (script.count == 0 && run->command.form != COMMAND_EXEC && !command_is_shell(run->command.shell))
            judge_unknown(judge, run->command.fact.at, "what '%.*s' runs in the stage that ships is not read",
                          STR_ARG(run->command.shell));
        else if (!tell_tools(judge, script))
            continue;
        name_stage(judge, build, run->stage);
    }
}

/* --- copy-artifacts-only ------------------------------------------------------------------------------------ */

static void copy_artifacts_only(struct judge *judge, const struct build *build);

const struct rule copy_artifacts_only_rule = {
    .id = "copy-artifacts-only",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .summary = "the stage that ships gets the files that run, not a whole tree",
    .rationale =
        "COPY . . takes what happens to lie in the working directory: history, local settings, caches, test data, "
        "keys. A .dockerignore helps only against what somebody thought of. COPY --from=build / / brings the whole "
        "builder back, and with it everything the separate stage was meant to leave behind. Sources of a compiled "
        "program and the tools' caches are weight at best.",
    .remedy = "Name each file or folder that the program needs at run time, and copy nothing else.",
    .sources = (const struct rule_source[]){REFERENCE("COPY", "copy"),
                                            {"Docker: Build context", "https://docs.docker.com/build/concepts/"
                                                                      "context/"},
                                            MULTI_STAGE,
                                            {0}},
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE, FINAL "WORKDIR /app\nCOPY . .\nENTRYPOINT [\"/app/server\"]\n",
             FINAL "WORKDIR /app\nCOPY server config.yaml ./\nENTRYPOINT [\"/app/server\"]\n"},
            {0},
        },
    .build = copy_artifacts_only,
};

static struct str last_component(struct str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path = str_head(path, path.len - 1);
    return command_base_name(path);
}

/*
 * What is in the source that has no place in an image, or NULL. Where the stage that ships builds too (BUILT), its
 * sources have to be there: that is multi-stage-build's matter.
 */
static const char *ballast_of(const struct copy_fact *copy, struct str path, bool built)
{
    static const char *const caches[] = {
        ".cache", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".npm", ".pnpm-store",
        ".m2",    ".gradle",     ".tox",          ".nuget",      ".ccache",     NULL};
    /* In a repository they hold settings, and the tool itself. */
    static const char *const homes[] = {".yarn", ".cargo", NULL};
    static const char *const history[] = {".git", ".hg", ".svn", NULL};
    static const char *const project[] = {"Dockerfile", "Containerfile", ".dockerignore", ".github", ".gitlab",
                                          ".idea",      ".vscode",       ".gitignore",    NULL};
    static const char *const builds[] = {"Makefile", "CMakeLists.txt", "Cargo.toml",   "Cargo.lock",       "go.mod",
                                         "go.sum",   "pom.xml",        "build.gradle", "build.gradle.kts", NULL};
    static const char *const sources[] = {".go", ".rs", ".c", ".cc", ".cpp", ".h", ".java", ".kt", ".cs", ".swift"};
    struct str name = last_component(path);
    if (name_among(name, history))
        return "the history of the sources";
    if (name_among(name, caches) || (copy->from.fact.state != FACT_ABSENT && name_among(name, homes)))
        return "a cache";
    if (name_among(name, project))
        return "a file of the project, not of the program";
    if (built)
        return NULL;
    if (name_among(name, builds))
        return "a file of the build";
    if (str_eq_z(name, "node_modules") && copy->from.fact.state == FACT_ABSENT)
        return "what is installed on the machine that builds";
    if (copy->from.fact.state != FACT_ABSENT && (str_eq_z(path, "/usr/local/go") || str_eq_z(path, "/go") ||
                                                 str_eq_z(path, "/usr/local/cargo") || str_eq_z(path, "/usr/src")))
        return "a tool chain or its sources";
    for (size_t i = 0; i < ARRAY_LEN(sources); i++)
        if (name.len > str_z(sources[i]).len && str_ends(name, str_z(sources[i])))
            return "source code";
    return NULL;
}

static void judge_source(struct judge *judge, const struct build *build, const struct copy_fact *copy,
                         const struct copy_source *source, bool built)
{
    struct place at = source->path.fact.at;
    const char *shown = judge_shown(judge, at);
    const char *ballast = NULL;
    if (source->heredoc || source->remote)
        return;
    if (source->whole && copy->from_stage)
        judge_fail(judge, at, "the whole file system of %.*s ships",
                   STR_ARG(build->stages[copy->from_stage->index].shown));
    else if (source->whole && copy->from.fact.state != FACT_ABSENT)
        judge_fail(judge, at, "the whole file system of %s ships", judge_shown(judge, copy->from.fact.at));
    else if (source->whole)
        judge_fail(judge, at, "the whole build context ships");
    else if (source->path.fact.state == FACT_UNKNOWN && str_starts(source->path.value, STR("$")))
        judge_unknown(judge, at, "what %s brings hangs on a variable", shown);
    else if (fact_said(&source->path.fact) && (ballast = ballast_of(copy, source->path.value, built)))
        judge_fail(judge, at, "%s is %s", shown, ballast);
    else
        return;
    judge_expect(judge, "the files that the program needs at run time");
    name_stage(judge, build, copy->stage);
}

static void each_shipped_source(struct judge *judge, const struct build *build,
                                void (*told)(struct judge *judge, const struct build *build,
                                             const struct copy_fact *copy, const struct copy_source *source))
{
    for (size_t i = 0; i < build->copy_count; i++)
        for (size_t k = 0; build->copies[i].ships && k < build->copies[i].source_count; k++)
            told(judge, build, &build->copies[i], &build->copies[i].sources[k]);
}

static bool builds_what_ships(const struct build *build)
{
    for (size_t i = 0; i < build->run_count; i++) {
        struct shell_command only;
        struct shell_script script = commands_of(&build->runs[i], &only);
        for (size_t k = 0; build->runs[i].ships && k < script.count; k++)
            if (tool_of(&script.commands[k]))
                return true;
    }
    return false;
}

static void copy_artifacts_only(struct judge *judge, const struct build *build)
{
    bool built = builds_what_ships(build);
    for (size_t i = 0; i < build->copy_count; i++)
        for (size_t k = 0; build->copies[i].ships && k < build->copies[i].source_count; k++)
            judge_source(judge, build, &build->copies[i], &build->copies[i].sources[k], built);
}

/* --- no-shell ----------------------------------------------------------------------------------------------- */

static void no_shell(struct judge *judge, const struct build *build);

const struct rule no_shell_rule = {
    .id = "no-shell",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .summary = "no shell is copied into the stage that ships",
    .rationale =
        "A shell turns a way to start one program into a way to start any: it is the first thing that injected "
        "commands, web shells and post-exploitation scripts ask for. A distroless image has none; copying sh, bash "
        "or busybox in, mostly for an entry script or a health check, gives that up for the whole life of the image.",
    .remedy = "Leave the shell out: the program does what the script did, and a subcommand of it answers the health "
              "check. Write ENTRYPOINT and HEALTHCHECK as JSON arrays.",
    .sources =
        (const struct rule_source[]){
            {"Distroless container images", "https://github.com/GoogleContainerTools/distroless"},
            REFERENCE("Shell and exec form", "shell-and-exec-form"),
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE,
             FINAL "COPY --from=busybox:1.36 /bin/sh /bin/sh\nCOPY app /app\nENTRYPOINT [\"/app\"]\n",
             FINAL "COPY app /app\nENTRYPOINT [\"/app\"]\n"},
            {0},
        },
    .build = no_shell,
};

/* A whole file system is told by copy-artifacts-only. */
static void judge_shell(struct judge *judge, const struct build *build, const struct copy_fact *copy,
                        const struct copy_source *source)
{
    struct place at = source->path.fact.at;
    const char *shown = judge_shown(judge, at);
    if (source->whole)
        return;
    if (source->shell == IMAGE_YES)
        judge_fail(judge, at, "%s brings a shell into the stage that ships", shown);
    else if (source->shell == IMAGE_MAYBE && build->final_fact->image_name.shell == IMAGE_NO)
        judge_unknown(judge, at, "whether %s holds a shell can't be seen here", shown);
    else
        return;
    judge_expect(judge, "an image without a shell");
    name_stage(judge, build, copy->stage);
}

static void no_shell(struct judge *judge, const struct build *build)
{
    if (build->final_fact)
        each_shipped_source(judge, build, judge_shell);
}

/* --- no-package-manager ------------------------------------------------------------------------------------- */

static void no_package_manager(struct judge *judge, const struct build *build);

const struct rule no_package_manager_rule = {
    .id = "no-package-manager",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .summary = "no package manager is copied into the stage that ships",
    .rationale =
        "A package manager in a running container installs what its image lacks: whoever gets in fetches tools with "
        "the platform's own means, and nobody can tell any more what runs from what was built. It is not needed "
        "there: an image is changed by building another one.",
    .remedy = "Run the package manager in a builder stage and copy what it installed.",
    .sources = (const struct rule_source[]){MULTI_STAGE, REFERENCE("COPY", "copy"), {0}},
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE,
             "FROM gcr.io/distroless/python3-debian12:nonroot\n"
             "COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/uv\nCOPY app /app\n",
             "FROM ghcr.io/astral-sh/uv:0.5-debian AS build\nCOPY pyproject.toml uv.lock /src/\n"
             "RUN uv sync --project /src --no-dev\n\nFROM gcr.io/distroless/python3-debian12:nonroot\n"
             "COPY --from=build /src/.venv /venv\nCOPY app /app\n"},
            {0},
        },
    .build = no_package_manager,
};

static bool is_package_manager(struct str path)
{
    static const char *const names[] = {"apt",   "apt-get",  "dpkg",     "apk",    "yum",   "dnf",  "microdnf",
                                        "tdnf",  "rpm",      "zypper",   "pacman", "pip",   "pip3", "npm",
                                        "npx",   "yarn",     "pnpm",     "gem",    "cargo", "uv",   "uvx",
                                        "conda", "composer", "corepack", "brew",   "nix",   NULL};
    return name_among(last_component(path), names);
}

static bool in_program_folder(struct str path)
{
    return str_find(path, STR("bin/")) < path.len;
}

static void judge_manager(struct judge *judge, const struct build *build, const struct copy_fact *copy,
                          const struct copy_source *source)
{
    struct str path = source->path.value;
    struct str destination = copy->destination.value;
    struct place at = source->path.fact.at;
    bool from_context = copy->from.fact.state == FACT_ABSENT;
    bool known = fact_said(&source->path.fact) && !source->heredoc;
    bool programs = in_program_folder(path) || in_program_folder(destination);
    if (known && is_package_manager(path) && (programs || !from_context))
        judge_fail(judge, at, "'%.*s' is a package manager", STR_ARG(last_component(path)));
    else if (!source->heredoc && in_program_folder(destination) && is_package_manager(destination) &&
             !str_ends(destination, STR("/")))
        judge_fail(judge, copy->destination.fact.at, "'%.*s' is a package manager",
                   STR_ARG(last_component(destination)));
    else if (source->path.fact.state == FACT_UNKNOWN && str_starts(path, STR("$")) && programs)
        judge_unknown(judge, at, "what %s brings hangs on a variable", judge_shown(judge, at));
    else
        return;
    judge_expect(judge, "an image without a package manager");
    name_stage(judge, build, copy->stage);
}

static void no_package_manager(struct judge *judge, const struct build *build)
{
    each_shipped_source(judge, build, judge_manager);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#include <string.h>

static void verified_downloads(struct judge *judge, const struct build *build);

const struct rule verified_downloads_rule = {
    .id = "verified-downloads",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .summary = "what a build downloads is checked: certificates, signatures, digests",
    .rationale =
        "A build runs what it downloads, and what comes out is signed and rolled out under your name. curl -k, "
        "--allow-untrusted, --trusted-host and their like give that trust to everybody between the builder and the "
        "server: they switch off the one check that was there, mostly to get around a missing CA certificate. A file "
        "without a digest is whatever the server sends today, and a script that is piped into a shell even runs when "
        "only half of it came through.",
    .remedy = "Compare the download with a digest: ADD --checksum=sha256:... URL, or sha256sum -c behind curl. Leave "
              "the check of certificates on, and install the one that is missing.",
    .sources =
        (const struct rule_source[]){
            {"Dockerfile reference: ADD --checksum", "https://docs.docker.com/reference/dockerfile/#add---checksum"},
            {"curl: SSL CA certificates", "https://curl.se/docs/sslcerts.html"},
            {"Debian: apt-secure(8)", "https://manpages.debian.org/stable/apt/apt-secure.8.en.html"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_DOCKERFILE,
             "FROM debian:12-slim AS build\nRUN curl -fsSLk https://get.example/tool.tgz -o /tool.tgz\n"
             "FROM gcr.io/distroless/cc-debian12:nonroot\nCOPY --from=build /tool /tool\n",
             "FROM debian:12-slim AS build\n"
             "ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d "
             "https://get.example/tool.tgz /tool.tgz\n"
             "FROM gcr.io/distroless/cc-debian12:nonroot\nCOPY --from=build /tool /tool\n"},
            {0},
        },
    .build = verified_downloads,
};

/* --- options that switch a check off ------------------------------------------------------------------------- */

/* An option of PROGRAMS ("|" between and around), written whole, or with its value behind '=' or in the next word. */
struct switch_off {
    const char *programs;
    const char *option;
    const char *value; /* NULL: none is needed */
    const char *what;  /* what is not checked any more */
};

static const struct switch_off switches[] = {
    {"|curl|", "--insecure", NULL, "the server's certificate"},
    {"|curl|", "--proxy-insecure", NULL, "the proxy's certificate"},
    {"|curl|", "--doh-insecure", NULL, "the resolver's certificate"},
    {"|wget|", "--no-check-certificate", NULL, "the server's certificate"},
    {"|wget2|", "--no-check-certificate", NULL, "the server's certificate"},
    {"|aria2c|", "--check-certificate", "false", "the server's certificate"},
    {"|apk|", "--allow-untrusted", NULL, "the signatures of packages"},
    {"|apt|apt-get|aptitude|", "--allow-unauthenticated", NULL, "the signatures of packages"},
    {"|apt|apt-get|", "--allow-insecure-repositories", NULL, "the signatures of the archive"},
    {"|apt|apt-get|", "--force-yes", NULL, "the signatures of packages"},
    {"|apt|apt-get|", "APT::Get::AllowUnauthenticated", "true", "the signatures of packages"},
    {"|apt|apt-get|", "Acquire::AllowInsecureRepositories", "true", "the signatures of the archive"},
    {"|apt|apt-get|", "Acquire::https::Verify-Peer", "false", "the server's certificate"},
    {"|yum|dnf|microdnf|tdnf|", "--nogpgcheck", NULL, "the signatures of packages"},
    {"|zypper|", "--no-gpg-checks", NULL, "the signatures of packages"},
    {"|zypper|", "--allow-unsigned-rpm", NULL, "the signatures of packages"},
    {"|rpm|", "--nosignature", NULL, "the signatures of packages"},
    {"|pip|pip3|", "--trusted-host", NULL, "the server's certificate"},
    {"|pip|pip3|", "global.trusted-host", NULL, "the server's certificate"},
    {"|uv|", "--allow-insecure-host", NULL, "the server's certificate"},
    {"|uv|", "--trusted-host", NULL, "the server's certificate"},
    {"|npm|pnpm|yarn|", "strict-ssl", "false", "the server's certificate"},
    {"|npm|pnpm|yarn|", "--strict-ssl", "false", "the server's certificate"},
    {"|npm|pnpm|yarn|", "--no-strict-ssl", NULL, "the server's certificate"},
    {"|yarn|", "enableStrictSsl", "false", "the server's certificate"},
    {"|git|", "http.sslVerify", "false", "the server's certificate"},
    {"|conda|mamba|micromamba|", "--insecure", NULL, "the server's certificate"},
    {"|conda|mamba|", "ssl_verify", "false", "the server's certificate"},
    {"|helm|", "--insecure-skip-tls-verify", NULL, "the server's certificate"},
};

static bool listed(const char *programs, struct str name)
{
    struct str rest = str_skip(str_z(programs), 1);
    struct str next;
    while (str_next(&rest, '|', &next))
        if (next.len > 0 && str_eq(next, name))
            return true;
    return false;
}

static bool is_value(struct str text, const char *value)
{
    if (str_eq_fold(text, str_z(value)))
        return true;
    bool off = strcmp(value, "false") == 0;
    return str_eq_z(text, off ? "0" : "1") || str_eq_fold(text, off ? STR("no") : STR("yes"));
}

/* WORD of COMMAND at AT is the switch; *RET_LAST is its value's word. */
static bool is_switch(const struct switch_off *off, const struct shell_command *command, size_t at, size_t *ret_last)
{
    struct str word = command->words[at].text;
    struct str option = str_z(off->option);
    struct str attached = str_skip(word, option.len);
    *ret_last = at;
    if (word.len < option.len || !str_eq_fold(str_head(word, option.len), option))
        return false;
    if (str_starts(attached, STR("=")))
        return !off->value || is_value(str_skip(attached, 1), off->value);
    if (attached.len > 0)
        return false;
    if (!off->value)
        return true;
    *ret_last = at + 1;
    return at + 1 < command->word_count && is_value(command->words[at + 1].text, off->value);
}

/* curl's -k, also among others: -fsSLk. Letters behind one that takes a value are that value. */
static bool is_short_insecure(struct str word)
{
    if (word.len < 2 || word.ptr[0] != '-' || word.ptr[1] == '-')
        return false;
    for (size_t i = 1; i < word.len; i++) {
        if (word.ptr[i] == 'k')
            return true;
        if (str_has_char(STR("AbcCdDeEFhHKmoPQrtTuUwxXyYz"), word.ptr[i]))
            return false;
    }
    return false;
}

/* A word that may hold options: $CURL_OPTS. */
static bool is_options_variable(const struct command_word *word)
{
    struct str text = word->text;
    static const char *const parts[] = {"OPT", "opt", "FLAG", "flag", "ARGS", "args"};
    for (size_t i = 0; word->expanded && str_starts(text, STR("$")) && i < ARRAY_LEN(parts); i++)
        if (str_find(text, str_z(parts[i])) < text.len && !str_starts(text, STR("$(")))
            return true;
    return false;
}

static struct place from_to(struct place first, struct place last)
{
    uint32_t end = last.span.offset + last.span.len;
    if (first.source == last.source && end > first.span.offset)
        first.span.len = end - first.span.offset;
    return first;
}

static bool is_downloader(struct str name)
{
    static const char *const names[] = {"curl", "wget", "wget2", "aria2c", NULL};
    return name_among(name, names);
}

static bool tell_switch(struct judge *judge, const struct shell_command *command, struct str name, size_t at)
{
    for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
        size_t last;
        if (!listed(switches[i].programs, name) || !is_switch(&switches[i], command, at, &last))
            continue;
        struct place place = from_to(command->words[at].at, command->words[last].at);
        judge_fail(judge, place, "%s: '%.*s' does not check %s", judge_shown(judge, place), STR_ARG(name),
                   switches[i].what);
        return true;
    }
    if (str_eq_z(name, "curl") && is_short_insecure(command->words[at].text)) {
        struct place place = command->words[at].at;
        judge_fail(judge, place, "%s: 'curl' does not check the server's certificate", judge_shown(judge, place));
        return true;
    }
    return false;
}

static bool judge_options(struct judge *judge, const struct shell_command *command)
{
    bool told = false;
    size_t program = command_program_of(command->words, command->word_count);
    struct str name = program < command->word_count ? command_base_name(command->words[program].text) : STR_NONE;
    bool pip = str_starts(name, STR("python")) && program + 2 < command->word_count &&
               str_eq_z(command->words[program + 1].text, "-m") && str_eq_z(command->words[program + 2].text, "pip");
    if (pip)
        name = STR("pip");
    for (size_t i = program + 1; i < command->word_count; i++) {
        const struct command_word *word = &command->words[i];
        if (tell_switch(judge, command, name, i)) {
            told = true;
        } else if (str_find(word->text, STR("[trusted=yes]")) < word->text.len) {
            judge_fail(judge, word->at, "'trusted=yes': apt does not check the signatures of this archive");
            told = true;
        } else if (is_downloader(name) && is_options_variable(word)) {
            judge_unknown(judge, word->at, "the options in %s are not known here", judge_shown(judge, word->at));
            told = true;
        }
    }
    return told;
}

/* --- variables that do ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *value; /* NULL: any but the empty one */
    const char *what;
} variables[] = {
    {"GIT_SSL_NO_VERIFY", NULL, "'git' does not check the server's certificate"},
    {"NODE_TLS_REJECT_UNAUTHORIZED", "0", "'node' does not check the server's certificate"},
    {"npm_config_strict_ssl", "false", "'npm' does not check the server's certificate"},
    {"NPM_CONFIG_STRICT_SSL", "false", "'npm' does not check the server's certificate"},
    {"PYTHONHTTPSVERIFY", "0", "'python' does not check the server's certificate"},
    {"PIP_TRUSTED_HOST", NULL, "'pip' does not check the server's certificate"},
    {"GOINSECURE", NULL, "'go' does not check the server's certificate"},
    {"GONOSUMDB", "*", "'go' does not check the digests of modules"},
    {"GOSUMDB", "off", "'go' does not check the digests of modules"},
};

static bool judge_variable(struct judge *judge, struct place at, struct str name, struct str value)
{
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        if (!str_eq_z(name, variables[i].name) ||
            !(variables[i].value ? str_eq_z(value, variables[i].value) : value.len > 0))
            continue;
        judge_fail(judge, at, "%s: %s", judge_shown(judge, at), variables[i].what);
        return true;
    }
    return false;
}

static bool judge_assignments(struct judge *judge, const struct command_word *words, size_t count)
{
    bool told = false;
    for (size_t i = 0; i < count; i++) {
        size_t equals = str_find_char(words[i].text, '=');
        if (equals < words[i].text.len &&
            judge_variable(judge, words[i].at, str_head(words[i].text, equals), str_skip(words[i].text, equals + 1)))
            told = true;
    }
    return told;
}

/* --- scripts from the network --------------------------------------------------------------------------------- */

static const struct command_word *program_word(const struct shell_command *command)
{
    size_t program = command_program_of(command->words, command->word_count);
    return program < command->word_count ? &command->words[program] : NULL;
}

static bool runs_input(struct str program)
{
    static const char *const names[] = {"python", "python3", "perl", "ruby", "node", "php", NULL};
    return command_is_shell(program) || name_among(command_base_name(program), names);
}

/* sh -c "$(curl ...)", eval "$(wget ...)" */
static const struct command_word *runs_download(const struct shell_command *command)
{
    static const char *const patterns[] = {"$(curl ", "$(wget ", "`curl ", "`wget "};
    const struct command_word *program = program_word(command);
    if (!program || (!command_is_shell(program->text) && !str_eq_z(program->text, "eval")))
        return NULL;
    for (size_t i = 0; i < command->word_count; i++)
        for (size_t k = 0; command->words[i].expanded && k < ARRAY_LEN(patterns); k++)
            if (str_find(command->words[i].text, str_z(patterns[k])) < command->words[i].text.len)
                return &command->words[i];
    return NULL;
}

static bool judge_pipes(struct judge *judge, const struct shell_script *script)
{
    const struct command_word *download = NULL; /* of the pipeline that is walked */
    bool told = false;
    for (size_t i = 0; i < script->count; i++) {
        const struct shell_command *command = &script->commands[i];
        const struct command_word *program = program_word(command);
        const struct command_word *inner = runs_download(command);
        if (strcmp(command->joined, "|") != 0)
            download = NULL;
        if (inner) {
            judge_fail(judge, inner->at, "what is downloaded runs unseen in '%.*s'", STR_ARG(program->text));
            told = true;
        } else if (download && program && runs_input(program->text)) {
            judge_fail(judge, from_to(download->at, program->at), "what '%.*s' downloads runs unseen in '%.*s'",
                       STR_ARG(command_base_name(download->text)), STR_ARG(command_base_name(program->text)));
            told = true;
            download = NULL;
        }
        if (program && is_downloader(command_base_name(program->text)))
            download = program;
    }
    return told;
}

/* --- ADD ------------------------------------------------------------------------------------------------------ */

/* A Git source names a commit: https://host/x.git#<40 or 64 hex digits>[:folder]. */
static bool names_commit(struct str url)
{
    struct str fragment = str_skip(url, str_find_char(url, '#') + 1);
    fragment = str_head(fragment, str_find_char(fragment, ':'));
    for (size_t i = 0; i < fragment.len; i++)
        if (!char_is_digit(fragment.ptr[i]) && (fragment.ptr[i] < 'a' || fragment.ptr[i] > 'f'))
            return false;
    return fragment.len == 40 || fragment.len == 64;
}

static bool is_git(struct str url)
{
    struct str path = str_head(url, str_find_char(url, '#'));
    return str_ends(path, STR(".git")) || str_starts(url, STR("git@")) || str_starts(url, STR("git://")) ||
           str_starts(url, STR("ssh://"));
}

static void name_stage(struct judge *judge, const struct build *build, const struct dockerfile_stage *stage)
{
    judge_subject(judge, "%.*s", STR_ARG(build->stages[stage->index].shown));
}

static void judge_add(struct judge *judge, const struct build *build, const struct copy_fact *copy)
{
    for (size_t i = 0; copy->add && copy->checksum.fact.state == FACT_ABSENT && i < copy->source_count; i++) {
        const struct copy_source *source = &copy->sources[i];
        struct place at = source->path.fact.at;
        bool git = is_git(source->path.value);
        if (source->remote && git && names_commit(source->path.value))
            continue;
        if (source->remote)
            judge_fail(judge, at, "%s is added without a %s", judge_shown(judge, at), git ? "commit" : "digest");
        else if (source->path.fact.state == FACT_UNKNOWN && str_starts(source->path.value, STR("$")))
            judge_unknown(judge, at, "whether %s is a download hangs on a variable", judge_shown(judge, at));
        else
            continue;
        judge_expect(judge, "%s", git ? "the commit behind '#'" : "ADD --checksum=sha256:...");
        name_stage(judge, build, copy->stage);
    }
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

static void judge_run(struct judge *judge, const struct build *build, const struct run_fact *run)
{
    const struct fact_command *command = &run->command;
    struct shell_command only = {.words = command->words, .word_count = command->word_count, .joined = ""};
    struct shell_script script = command->script;
    if (command->form == COMMAND_EXEC && script.count == 0)
        script = (struct shell_script){.commands = &only, .count = 1};
    for (size_t i = 0; i < script.count; i++) {
        const struct shell_command *simple = &script.commands[i];
        size_t program = command_program_of(simple->words, simple->word_count);
        const struct command_word *word = program_word(simple);
        bool exports = word && str_eq_z(word->text, "export");
        if (judge_assignments(judge, simple->assignments, simple->assignment_count))
            name_stage(judge, build, run->stage);
        if (judge_assignments(judge, simple->words, exports ? simple->word_count : program))
            name_stage(judge, build, run->stage);
        if (judge_options(judge, simple))
            name_stage(judge, build, run->stage);
    }
    if (judge_pipes(judge, &script))
        name_stage(judge, build, run->stage);
}

static void verified_downloads(struct judge *judge, const struct build *build)
{
    for (size_t i = 0; i < build->run_count; i++)
        judge_run(judge, build, &build->runs[i]);
    for (size_t i = 0; i < build->copy_count; i++)
        judge_add(judge, build, &build->copies[i]);
    for (size_t i = 0; i < build->stage_count; i++) {
        const struct dockerfile_entries *env = &build->stages[i].stage->env;
        for (uint32_t k = 0; k < env->count; k++) {
            const struct dockerfile_entry *entry = &env->items[k];
            struct place at = {build->source,
                               entry->value.origin_count ? entry->value.origins[0] : (struct data_span){0}};
            if (entry->value.state == DOCKERFILE_STATE_KNOWN &&
                judge_variable(judge, at, entry->key.text, entry->value.text))
                name_stage(judge, build, build->stages[i].stage);
        }
    }
}

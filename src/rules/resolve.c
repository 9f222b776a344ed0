/* SPDX-License-Identifier: Apache-2.0 */
/* Is what an image starts in the image? Only where its name and its copies leave no doubt. */
#include "base/path.h"
#include "rules/families.h"
#include "rules/image_files.h"
#include "rules/judge.h"

static void judge_resolves(struct judge *judge, const struct build *build);

static const struct rule_source sources[] = {
    {"Dockerfile reference: ENTRYPOINT", "https://docs.docker.com/reference/dockerfile/#entrypoint"},
    {"Dockerfile reference: COPY, destination", "https://docs.docker.com/reference/dockerfile/#destination"},
    {"Distroless: what is in the images", "https://github.com/GoogleContainerTools/distroless#readme"},
    {NULL, NULL},
};

static const struct rule_example examples[] = {
    {SURFACE_DOCKERFILE,
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY entrypoint.sh app /\n"
     "ENTRYPOINT [\"/entrypoint.sh\"]\n",
     "FROM gcr.io/distroless/static-debian12:nonroot\n"
     "COPY app /app\n"
     "ENTRYPOINT [\"/app\"]\n"},
    {0, NULL, NULL},
};

const struct rule entrypoint_resolves_rule = {
    .id = "entrypoint-resolves",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_DOCKERFILE,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "what the image starts is in the image, and can be started there",
    .rationale =
        "An image without ENTRYPOINT and CMD starts nothing. One whose program is missing, is a folder, is found in no "
        "directory of PATH, or is a script for an interpreter that the image lacks builds without a complaint and "
        "stops at its first start with \"no such file or directory\", often about a file that is plainly there: the "
        "missing one is the interpreter. Images of language runtimes have an ENTRYPOINT of their own, so that a CMD "
        "which names the interpreter again gives it to itself as a script.",
    .remedy =
        "Name the program by its absolute path, as the copy in the final stage puts it there, and start programs, "
        "not scripts.",
    .sources = sources,
    .examples = examples,
    .build = judge_resolves,
};

/* --- nothing to start ---------------------------------------------------------------------------------------- */

/* Of scratch people also make images of files, for export or to be mounted: only settings of a container tell. */
static bool is_for_running(const struct build *build)
{
    return build->final->root->base != DOCKERFILE_BASE_SCRATCH || build->ports.count > 0 ||
           build->final->user_from.instruction || build->health.fact.state == FACT_KNOWN ||
           build->final->stopsignal_from.instruction;
}

static bool is_absent(const struct fact_command *command)
{
    return command->fact.state == FACT_ABSENT;
}

static bool judge_nothing(struct judge *judge, const struct build *build)
{
    if (!is_absent(&build->entrypoint) || !is_absent(&build->command))
        return false;
    if (image_files_base_is_empty(build) && is_for_running(build)) {
        judge_fail(judge, build->at,
                   "the image starts nothing: neither ENTRYPOINT nor CMD is set, and the base has none");
        judge_remedy(judge, "Add ENTRYPOINT with the program as a JSON array.");
    }
    return true;
}

/* --- the runtime's own ENTRYPOINT ----------------------------------------------------------------------------- */

/* CMD ["python", "app.py"] where the base already starts Python. */
static void judge_twice(struct judge *judge, const struct build *build)
{
    static const struct {
        const char *flavour, *program, *entrypoint;
    } runtimes[] = {{"python3", "python", "/usr/bin/python3"},
                    {"nodejs", "node", "/nodejs/bin/node"},
                    {"java1", "java", "java -jar"},
                    {"java2", "java", "java -jar"}};
    const struct image_name *name = &build->final_fact->image_name;
    if (!is_absent(&build->entrypoint) || !fact_said(&build->command.fact) || build->command.form != COMMAND_EXEC ||
        build->command.word_count == 0 || name->kind != IMAGE_DISTROLESS || !name->flavour)
        return;
    struct str program = command_base_name(build->command.words[0].text);
    for (size_t i = 0; i < ARRAY_LEN(runtimes); i++) {
        struct str base = str_z(runtimes[i].program), rest = str_skip(program, base.len);
        if (!str_starts(str_z(name->flavour), str_z(runtimes[i].flavour)) || !str_starts(program, base) ||
            (rest.len && !char_is_digit(rest.ptr[0])))
            continue;
        judge_fail(judge, build->command.words[0].at, "'%.*s' is given as a file to the base's own ENTRYPOINT '%s'",
                   STR_ARG(program), runtimes[i].entrypoint);
        judge_remedy(judge, "Leave the interpreter out of CMD, or set ENTRYPOINT.");
        return;
    }
}

/* --- the program ---------------------------------------------------------------------------------------------- */

static const struct command_word *program_word(const struct build *build)
{
    const struct fact_command *command = fact_said(&build->entrypoint.fact) ? &build->entrypoint : &build->command;
    if (command == &build->command && (!is_absent(&build->entrypoint) || !image_files_base_is_empty(build)))
        return NULL;
    if (!fact_said(&command->fact) || command->form != COMMAND_EXEC || command->shell_in_exec ||
        command->word_count == 0)
        return NULL;
    return &command->words[0];
}

/* What runs a script of that name; NULL: no script, or the image may have it. */
static const char *missing_interpreter(const struct build *build, struct str program)
{
    static const struct {
        const char *ending, *flavour, *what;
    } scripts[] = {
        {".sh", "", "a shell"},       {".bash", "", "a shell"},      {".py", "python", "Python"},
        {".js", "nodejs", "Node.js"}, {".mjs", "nodejs", "Node.js"}, {".rb", "", "Ruby"},
        {".pl", "", "Perl"},          {".php", "", "PHP"},           {".jar", NULL, "Java"},
    };
    const char *flavour = build->final_fact->image_name.flavour;
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        if (!str_ends(program, str_z(scripts[i].ending)))
            continue;
        bool there = scripts[i].flavour && scripts[i].flavour[0] && flavour &&
                     str_starts(str_z(flavour), str_z(scripts[i].flavour));
        return there ? NULL : scripts[i].what;
    }
    return NULL;
}

/* The image is known through and through but for what is copied: programs of interpreters do not count as copied. */
static bool judge_script(struct judge *judge, const struct build *build, const struct image_files *files,
                         const struct command_word *word)
{
    struct str name = command_base_name(word->text);
    bool shell_script = str_ends(name, STR(".sh")) || str_ends(name, STR(".bash"));
    if (command_is_shell(name)) {
        if (build->shell != IMAGE_NO || (image_files_bare(files) && image_files_may_hold(files, word->text)))
            return false;
        judge_fail(judge, word->at, "'%.*s' is a shell, and the image has none", STR_ARG(name));
    } else {
        const char *what = missing_interpreter(build, name);
        if (!what || build->shell != IMAGE_NO ||
            (!shell_script && (!image_files_bare(files) || !image_files_base_is_empty(build))))
            return false;
        judge_fail(judge, word->at, "'%.*s' is a script, and the image has no %s", STR_ARG(name),
                   shell_script ? "shell" : what);
        judge_remedy(judge,
                     "Start the program itself; what the script prepared belongs into the build or the program.");
    }
    if (build->shell_at.source)
        judge_related(judge, build->shell_at, "this image has none");
    return true;
}

static bool is_workdir(const struct build *build, struct str path)
{
    const struct dockerfile_value *workdir = &build->final->workdir;
    bool known = workdir->state == DOCKERFILE_STATE_KNOWN || workdir->state == DOCKERFILE_STATE_INHERITED;
    return known && build->final->workdir_from.instruction && str_eq(path, workdir->text);
}

/* The copy that makes a folder of PATH; COUNT when there is none. */
static size_t folder_copy(const struct image_files *files, struct str path)
{
    size_t i = 0;
    while (i < files->count && !(files->folders[i] && str_eq(files->destinations[i], path)))
        i++;
    return i;
}

static void judge_folder(struct judge *judge, const struct image_files *files, const struct command_word *word,
                         struct str path)
{
    size_t copy = folder_copy(files, path);
    if (copy < files->count) {
        judge_fail(judge, word->at, "'%.*s' is a folder: the copy puts files into it", STR_ARG(path));
        judge_related(judge, files->copies[copy]->destination.fact.at, "the folder is made here");
    } else if (is_workdir(files->build, path)) {
        const struct dockerfile_instruction *workdir = files->build->final->workdir_from.instruction;
        judge_fail(judge, word->at, "'%.*s' is a folder: WORKDIR makes it", STR_ARG(path));
        judge_related(judge, (struct place){files->build->source, workdir->rest.span}, "the folder is made here");
    }
}

static void judge_path(struct judge *judge, const struct image_files *files, const struct command_word *word)
{
    struct buf normal CLEANUP_BUF = BUF_INIT;
    struct str workdir = str_starts(word->text, STR("/")) ? STR("/") : image_files_workdir(files);
    if (workdir.len == 0 || !path_normalize(&normal, workdir, word->text))
        return;
    struct str path = arena_buf(judge_arena(judge), &normal);
    if (!path.ptr) {
        judge_nomem(judge);
        return;
    }
    if (folder_copy(files, path) < files->count || is_workdir(files->build, path)) {
        judge_folder(judge, files, word, path);
        return;
    }
    /* Without any copy the file says nothing of what the image is made for. */
    if (!image_files_bare(files) || !image_files_base_is_empty(files->build) || image_files_copied(files, path) ||
        (files->count == 0 && !files->hidden))
        return;
    if (files->hidden) {
        if (files->hidden->fact.state == FACT_UNKNOWN)
            judge_unknown(judge, word->at, "whether '%.*s' is in the image hangs on a destination that is not known",
                          STR_ARG(path));
        return;
    }
    judge_fail(judge, word->at, "nothing puts '%.*s' into the image", STR_ARG(path));
    judge_expect(judge, "a path that a COPY of the final stage makes");
}

static void judge_bare_name(struct judge *judge, const struct image_files *files, const struct command_word *word)
{
    if (!image_files_bare(files) || files->count == 0 || image_files_may_find(files, word->text))
        return;
    enum image_answer has = image_has_program(&files->build->final_fact->image_name, word->text);
    if (has == IMAGE_YES || (has == IMAGE_MAYBE && !image_files_base_is_empty(files->build)))
        return;
    judge_fail(judge, word->at, "'%.*s' is in no directory of PATH: nothing is copied there", STR_ARG(word->text));
    judge_expect(judge, "the program's absolute path");
}

static void judge_resolves(struct judge *judge, const struct build *build)
{
    struct image_files files;
    if (!build->final || judge_nothing(judge, build))
        return;
    judge_twice(judge, build);
    const struct command_word *word = program_word(build);
    /* A runtime of WebAssembly starts its modules by other rules than execve's. */
    if (!word || word->unknown || word->text.len == 0 || str_ends(word->text, STR(".wasm")))
        return;
    if (image_files_read(build, judge_arena(judge), &files, NULL) != 0) {
        judge_nomem(judge);
        return;
    }
    if (judge_script(judge, build, &files, word) || str_has_char(word->text, '$'))
        return;
    if (str_has_char(word->text, '/'))
        judge_path(judge, &files, word);
    else
        judge_bare_name(judge, &files, word);
}

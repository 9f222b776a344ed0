/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/init.h"

#include "base/path.h"
#include "init/plan.h"
#include "init/plan_check.h"
#include "io/file.h"
#include "oci/image_name.h"
#include "ops_local/init_files.h"
#include "ops_local/init_judge.h"
#include "ops_local/init_work.h"

#include <errno.h>
#include <unistd.h>

/* --- what the application is --------------------------------------------------------------------------------- */

static bool names_image(struct str app)
{
    static const char *const prefixes[] = {"oci:", "oci-archive:", "docker-archive:"};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (str_starts(app, str_z(prefixes[i])))
            return true;
    return false;
}

static bool holds_layout(struct arena *arena, struct str directory)
{
    const char *path = arena_printf(arena, "%.*s/oci-layout", STR_ARG(directory));
    return path && access(path, F_OK) == 0;
}

static bool is_archive(struct str path)
{
    static const char *const endings[] = {".tar", ".tar.gz", ".tgz", ".tar.zst"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (str_ends(path, str_z(endings[i])))
            return true;
    return false;
}

static int find_out(struct init_work *work, struct str app, struct err *err)
{
    struct stat st;
    bool image = names_image(app);
    if (work->options.language == INIT_IMAGE && !work->args->app.len) { /* nothing to look at */
        work->noun = STR("an image");
        return 0;
    }
    if (!image && stat(app.ptr, &st) != 0) {
        int errnum = errno;
        if (errnum == ENOENT && str_has_char(app, ':'))
            return init_from_image(work, app, err); /* says which transports there are */
        int r = err_errno(err, errnum, "cannot read '%.*s'", STR_ARG(app));
        return errnum == ENOENT
                   ? err_hint(err, "give a project's directory, a program, or an image (oci:DIR, docker-archive:FILE)")
                   : r;
    }
    if (image || (S_ISDIR(st.st_mode) && holds_layout(work->ctx->arena, app)) ||
        (S_ISREG(st.st_mode) && is_archive(app)))
        return init_from_image(work, app, err);
    if (S_ISDIR(st.st_mode)) {
        work->directory = work->args->directory.len ? work->directory : app;
        return init_from_directory(work, app, err);
    }
    return init_from_program(work, app, err);
}

/* --- the answer ---------------------------------------------------------------------------------------------- */

static struct str state_of(const struct init_target_file *target, bool written)
{
    switch (target->state) {
    case INIT_NEW:
        return STR("new");
    case INIT_SAME:
        return STR("same");
    case INIT_CHANGED:
    default:
        return written ? STR("overwritten") : STR("changed");
    }
}

static int fill_files(struct init_result *result, const struct init_targets *targets, struct arena *arena,
                      struct err *err)
{
    struct init_written *files = ARENA_ARRAY(arena, targets->count + 1, struct init_written);
    if (!files)
        return err_nomem(err);
    for (size_t i = 0; i < targets->count; i++)
        files[i] = (struct init_written){
            .path = targets->items[i].file->path,
            .state = state_of(&targets->items[i], result->written),
            .what = str_z(targets->items[i].file->what),
            .size_bytes = targets->items[i].file->content.len,
        };
    result->files.ptr = files;
    result->files.len = targets->count;
    return 0;
}

static int fill_notes(const struct init_work *work, const struct init_files *files, struct init_result *result,
                      struct err *err)
{
    struct str *notes = ARENA_ARRAY(work->ctx->arena, files->notes.len + work->note_count + 1, struct str);
    if (!notes)
        return err_nomem(err);
    for (size_t i = 0; i < files->notes.len; i++)
        notes[result->notes.len++] = files->notes.ptr[i];
    for (size_t i = 0; i < work->note_count; i++)
        notes[result->notes.len++] = work->notes[i];
    result->notes.ptr = notes;
    return 0;
}

/* TEXT as one word of a shell. */
static struct str shell_word(struct arena *arena, struct str text)
{
    CLEANUP_BUF struct buf word = BUF_INIT;
    if (init_made_of(text, "/._-+@,:=%~") && text.ptr[0] != '~' && text.ptr[0] != '-')
        return text;
    buf_add_z(&word, text.ptr[0] == '-' ? "-- '" : "'");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            buf_add_z(&word, "'\\'");
        buf_add_char(&word, text.ptr[i]);
    }
    buf_add_char(&word, '\'');
    return arena_buf(arena, &word);
}

/* What a person does next, each a whole line for a shell. */
static int fill_next(const struct init_work *work, const struct init_plan *plan, struct init_result *result,
                     struct err *err)
{
    struct arena *arena = work->ctx->arena;
    struct str *next = ARENA_ARRAY(arena, 4, struct str);
    size_t count = 0;
    if (!next)
        return err_nomem(err);
    if (!str_eq_z(work->directory, ".")) {
        struct str word = shell_word(arena, work->directory);
        next[count++] = word.ptr ? str_z(arena_printf(arena, "cd %.*s", STR_ARG(word))) : STR_NONE;
    }
    if (plan->targets & INIT_DOCKERFILE) {
        struct str tag = plan->image_tag.len ? plan->image_tag : plan->version;
        next[count++] =
            str_z(arena_printf(arena, "docker build -t %.*s:%.*s .", STR_ARG(plan->image_name), STR_ARG(tag)));
    }
    if (plan->targets & INIT_COMPOSE)
        next[count++] = STR("docker compose up");
    if (plan->targets & INIT_KUBERNETES)
        next[count++] = STR("kubectl apply -k k8s");
    for (size_t i = 0; i < count; i++)
        if (!next[i].ptr)
            return err_nomem(err);
    result->next = (struct str_list){next, count};
    return 0;
}

/* A patch is text: what is none is told beside it. */
static int tell_binaries(const struct init_work *work, const struct init_targets *targets, struct err *err)
{
    CLEANUP_BUF struct buf names = BUF_INIT;
    for (size_t i = 0; i < targets->count; i++)
        if (targets->items[i].file->binary &&
            (targets->items[i].state == INIT_CHANGED || (work->args->diff && targets->items[i].state == INIT_NEW)))
            buf_addf(&names, "%s%.*s", names.len ? ", " : "", STR_ARG(targets->items[i].file->path));
    int r = buf_check(&names, err);
    if (r == 0 && names.len)
        op_warn(work->ctx, "not in the patch, because it is no text: %s", buf_z(&names));
    return r;
}

static int show(const struct init_work *work, const struct init_targets *targets, struct init_result *result,
                struct err *err)
{
    CLEANUP_BUF struct buf diff = BUF_INIT;
    int r = init_targets_diff(targets, work->args->diff, &diff, err);
    if (r != 0)
        return r;
    result->diff = diff.len ? arena_take_buf(work->ctx->arena, &diff) : STR("");
    if (!result->diff.ptr)
        return err_nomem(err);
    result->differs = targets->changed_count > 0 || (work->args->diff && targets->new_count > 0);
    r = tell_binaries(work, targets, err);
    if (r != 0)
        return r;
    if (!work->args->diff)
        op_warn(work->ctx, "nothing was written: %zu %s from what init would write, as shown (--force writes over %s)",
                targets->changed_count, targets->changed_count == 1 ? "file differs" : "files differ",
                targets->changed_count == 1 ? "it" : "them");
    return 0;
}

/* Writing comes last: what can fail for want of memory has been done. */
static int answer(struct init_work *work, const struct init_plan *plan, const struct init_files *files,
                  const struct init_targets *targets, struct init_result *result, struct err *err)
{
    const struct init_local_args *args = work->args;
    result->image = plan->image;
    result->shown = args->diff;
    result->written = !args->diff && (args->force || targets->changed_count == 0);
    int r = fill_files(result, targets, work->ctx->arena, err);
    if (r == 0)
        r = fill_notes(work, files, result, err);
    if (r == 0)
        r = fill_next(work, plan, result, err);
    if (r != 0)
        return r;
    return result->written ? init_targets_write(work->ctx, targets, err) : show(work, targets, result, err);
}

static int make(struct init_work *work, struct init_result *result, struct err *err)
{
    struct init_files files = {0};
    struct init_plan plan;
    struct init_targets targets = {.dirfd = -1};
    int r = init_plan_make(&work->options, work->ctx->arena, &plan, err);
    if (r == 0)
        r = init_write(&work->options, work->ctx->arena, &files, err);
    if (r == 0)
        r = init_judge(work->services, work->ctx, &files, &result->check, err);
    if (r == 0)
        r = init_targets_look(work->ctx, work->directory, &files, &targets, err);
    if (r == 0)
        r = answer(work, &plan, &files, &targets, result, err);
    fd_cleanup(&targets.dirfd);
    return r;
}

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *args_any, void *result_any,
               struct err *err)
{
    const struct init_local_args *args = args_any;
    struct init_result *result = result_any;
    struct str app = args->app.len ? args->app : STR(".");
    struct init_work work = {
        .services = services,
        .ctx = ctx,
        .args = args,
        .options = args->options,
        .asks = services->ask && !args->yes,
        .directory = args->directory.len ? args->directory : STR("."),
    };
    int r = find_out(&work, app, err);
    if (r == 0)
        r = make(&work, result, err);
    if (r != 0)
        return r;
    result->application = app;
    result->kind = work.noun;
    result->directory = work.directory;
    result->found.ptr = work.found;
    result->found.len = work.found_count;
    return 0;
}

/* --- the operation ------------------------------------------------------------------------------------------- */

static const struct op_exit exits[] = {
    {1,
     "files are there that differ: nothing was written, and the diff was shown; with --diff: something would change"},
    {3, "the application can't be read or is of another kind, or the files can't be written"},
    {0, NULL},
};

static const struct op_example examples[] = {
    {"barehull init", "the project in this directory; asks for what it can't find out"},
    {"barehull init ./shop --yes --port 8080 --health /health", "nothing is asked"},
    {"barehull init ./build/server --write dockerfile --write compose", "a program that is compiled already"},
    {"barehull init docker-archive:app.tar --directory deploy", "an image that is there: Compose and Kubernetes"},
    {"barehull init --diff", "what would change; 1 tells that something would, as in CI"},
    {NULL, NULL},
};

static const struct op_section sections[] = {
    {"What is found out",
     "A directory's sources are read as a person skims them, and nothing is run: language and build, the program or "
     "the "
     "module, the port, the paths that tell its health and metrics, directories that it writes to, variables that it "
     "reads, Debian packages that it needs. A program is read for its libraries; an image for its ports, user, volumes "
     "and health check. The answer names the place of each finding. Options win over what was found.\n\n"
     "On a terminal, what is missing or has rivals is asked for; Ctrl-D calls it off. With --yes, --format json or "
     "without a terminal nothing is asked: the best answer is taken, and a warning names the option that says better."},
    {"What is written",
     "All files or none: they are written under temporary names first. A file that is the same is left alone. When a "
     "file is there that differs, nothing is written: the difference is the answer, as a patch on standard output, and "
     "the exit status is 1. --force writes over such files and keeps their mode and owner; --diff shows what would "
     "change, new files too, and writes nothing in any case; the probe's files "
     "are no text, and it leaves them out but for their names. A symbolic link, or a directory, in a file's place is "
     "refused. In JSON the patch is the member 'diff'.\n\n"
     "The files are judged as 'barehull check' judges them, without exceptions, and the answer says so."},
    {NULL, NULL},
};

static const char *const see_also[] = {"check", "build", NULL};

const struct operation init_files_operation = {
    .name = "init",
    .group = "Deployment",
    .summary = "write an application's Dockerfile, Compose file and manifests",
    .description =
        "Looks at an application (sources in C, C++, Go, Rust or Python, a compiled program, or an image) and writes "
        "what it takes to run it hardened: a Dockerfile on a distroless base with its .dockerignore and the health "
        "probe, a Compose file, and a directory of Kubernetes manifests. For an image that is there no Dockerfile is "
        "written.\n\n"
        "Files that differ from what would be written are never overwritten without --force.",
    .params = init_local_params,
    .args_size = sizeof(struct init_local_args),
    .given_at = offsetof(struct init_local_args, given),
    .result = &init_result_record,
    .effects = OP_READS_FILES | OP_WRITES_FILES,
    .exits = exits,
    .examples = examples,
    .sections = sections,
    .see_also = see_also,
    .run = run,
    .render = init_result_render,
    .status = init_result_status,
};

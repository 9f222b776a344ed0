/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/discover.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/path.h"
#include "discover/internal.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void discover_free(struct discover *discover)
{
    if (!discover)
        return;
    for (size_t i = 0; i < discover->inputs.len; i++)
        if (discover->inputs.ptr[i].done)
            discover->inputs.ptr[i].done(discover->inputs.ptr[i].self);
    for (size_t i = 0; i < discover->starts.len; i++)
        close(discover->starts.ptr[i]);
    VEC_DONE(&discover->inputs);
    VEC_DONE(&discover->starts);
    map_done(&discover->seen);
    kustomize_done(&discover->kustomize);
    arena_done(&discover->arena);
    mem_free(discover);
}

const struct check_input *discover_inputs(const struct discover *discover, size_t *ret_count)
{
    *ret_count = discover->inputs.len;
    return discover->inputs.ptr;
}

/* --- inputs -------------------------------------------------------------------------------------------------- */

/* Text that lives as long as the inputs. */
static struct str keep(struct finder *finder, struct str text)
{
    return arena_str(&finder->discover->arena, text);
}

int finder_add(struct finder *finder, const struct check_input *input, struct err *err)
{
    return VEC_PUSH(&finder->discover->inputs, *input) ? 0 : err_nomem(err);
}

int finder_add_not_judged(struct finder *finder, enum surface surface, struct str shown, struct str policy,
                          const char *reason, bool template, struct err *err)
{
    struct check_input input = {.surface = surface,
                                .name = keep(finder, shown),
                                .path = keep(finder, policy),
                                .not_judged = keep(finder, str_z(reason)),
                                .template = template};
    if (!input.name.ptr || !input.path.ptr || !input.not_judged.ptr)
        return err_nomem(err);
    return finder_add(finder, &input, err);
}

int finder_add_skipped(struct finder *finder, const struct candidate *candidate, const char *reason, struct err *err)
{
    struct check_input input = {.name = keep(finder, candidate->source.shown),
                                .path = keep(finder, candidate->policy),
                                .skipped = keep(finder, str_z(reason))};
    if (!input.name.ptr || !input.path.ptr || !input.skipped.ptr)
        return err_nomem(err);
    return finder_add(finder, &input, err);
}

int finder_input(struct finder *finder, const struct candidate *candidate, enum surface surface,
                 struct check_input *ret_input, struct err *err)
{
    struct arena *arena = &finder->discover->arena;
    struct source_file *file = ARENA_NEW(arena, struct source_file);
    struct check_input input = {.surface = surface,
                                .name = keep(finder, candidate->source.shown),
                                .path = keep(finder, candidate->policy),
                                .next = source_next,
                                .done = source_done,
                                .self = file};
    const char *path = arena_z(arena, str_z(candidate->source.path));
    if (!file || !path || !input.name.ptr || !input.path.ptr)
        return err_nomem(err);
    *file = candidate->source;
    file->path = path;
    file->shown = input.name;
    file->reader = NULL;
    file->stretches = source_stretches(surface);
    if (surface == SURFACE_DOCKERFILE)
        input.target = finder->options->target;
    if (surface == SURFACE_COMPOSE)
        input.compose_files = (struct compose_files){source_read_other, file};
    *ret_input = input;
    return 0;
}

/* --- paths --------------------------------------------------------------------------------------------------- */

/* PATH made absolute, and relative to the policy's directory ("." for itself). */
static int name_path(struct finder *finder, struct str path, struct buf *absolute, struct buf *policy, struct err *err)
{
    if (!path_normalize(absolute, buf_str(&finder->cwd), path))
        return err_set(err, ERR_INVALID, "'%.*s' is not a path", STR_ARG(path));
    int r = buf_check(absolute, err);
    if (r < 0)
        return r;
    path_relative(policy, finder->base, buf_str(absolute));
    return buf_check(policy, err);
}

static bool wants(void *self, const char *name)
{
    const struct finder *finder = self;
    return finder->options->list_skipped || look_is_worth(str_z(name));
}

static int on_file(void *self, const struct walk_dir *dir, const char *name, struct err *err)
{
    struct finder *finder = self;
    CLEANUP_BUF struct buf paths = BUF_INIT;
    const struct str before[] = {dir->absolute, dir->sub, dir->shown};
    struct str texts[ARRAY_LEN(before)]; /* absolute, sub, shown, each with a NUL */
    size_t ends[ARRAY_LEN(before)];
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        buf_add_str(&paths, before[i]);
        buf_add(&paths, name, strlen(name) + 1);
        ends[i] = paths.len;
    }
    CLEANUP_BUF struct buf policy = BUF_INIT;
    if (!paths.failed)
        path_relative(&policy, finder->base, str_head(buf_str(&paths), ends[0] - 1));
    if (paths.failed || policy.failed)
        return err_nomem(err);
    for (size_t i = 0, at = 0; i < ARRAY_LEN(before); at = ends[i++])
        texts[i] = str_of(paths.ptr + at, ends[i] - at - 1);
    struct candidate candidate = {
        .source = {.dirfd = finder->discover->starts.ptr[finder->discover->starts.len - 1],
                   .path = texts[1].ptr,
                   .shown = texts[2],
                   .found = true},
        .policy = buf_str(&policy),
        .absolute = texts[0],
        .dir = dir,
    };
    return look_is_worth(str_z(name)) ? candidate_add(finder, &candidate, LOOK_AUTO, err)
                                      : finder_add_skipped(finder, &candidate, "its name is none of ours", err);
}

static int on_unreadable(void *self, const struct walk_dir *dir, const char *reason, struct err *err)
{
    struct finder *finder = self;
    CLEANUP_BUF struct buf policy = BUF_INIT;
    char text[256];
    snprintf(text, sizeof(text), "the directory is not read whole: %s", reason);
    path_relative(&policy, finder->base, dir->absolute);
    struct str shown = dir->shown.len > 0 ? dir->shown : STR("./");
    int r = buf_check(&policy, err);
    return r < 0 ? r : finder_add_not_judged(finder, SURFACE_KUBERNETES, shown, buf_str(&policy), text, false, err);
}

/* Without "./", so that a file has one name however it is come to: a Compose file names others by clean paths. */
static struct str shown_of(struct str path)
{
    while (str_starts(path, STR("./")) || str_eq(path, STR("."))) {
        path = str_skip(path, 1);
        while (str_starts(path, STR("/")))
            path = str_skip(path, 1);
    }
    return path;
}

/* A directory: SHOWN is empty, or as it was named. */
static int add_directory(struct finder *finder, int fd, struct str shown_path, const char *path, struct str absolute,
                         struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf shown = BUF_INIT;
    CLEANUP_BUF struct buf start = BUF_INIT;
    buf_add_str(&shown, shown_path);
    if (shown.len > 0 && !str_ends(shown_path, STR("/")))
        buf_add_char(&shown, '/');
    buf_add_str(&start, absolute);
    if (!str_ends(absolute, STR("/")))
        buf_add_char(&start, '/');
    if (shown.failed || start.failed)
        return err_nomem(err);
    struct walk_options options = {.shown = buf_str(&shown),
                                   .absolute = buf_str(&start),
                                   .base = finder->base,
                                   .exclude = finder->exclude,
                                   .exclude_count = finder->options->exclude_count,
                                   .gitignore = finder->options->gitignore,
                                   .files_left = &finder->files_left};
    int r = options.gitignore ? ignore_above(finder->ctx, path, &arena, &options.above, &options.prefix, err) : 0;
    const struct walk_visitor visitor = {wants, on_file, on_unreadable, finder};
    return r < 0 ? r : walk_directory(finder->ctx, fd, &options, &visitor, err);
}

/* Takes FD as the start of a walk. */
static int hold_start(struct finder *finder, int fd, struct err *err)
{
    if (VEC_PUSH(&finder->discover->starts, fd))
        return 0;
    close(fd);
    return err_nomem(err);
}

/* PATH, or the current directory under no name. */
static int add_path(struct finder *finder, struct str path, bool named, struct err *err)
{
    CLEANUP_BUF struct buf absolute = BUF_INIT;
    CLEANUP_BUF struct buf policy = BUF_INIT;
    struct stat st;
    int r = name_path(finder, path, &absolute, &policy, err);
    char *path_z = r == 0 ? arena_z(&finder->discover->arena, path) : NULL;
    if (r < 0 || !path_z)
        return r < 0 ? r : err_nomem(err);
    if (sys_stat(AT_FDCWD, path_z, &st, 0) == 0 && !S_ISDIR(st.st_mode)) {
        struct candidate candidate = {.source = {.dirfd = AT_FDCWD, .path = path_z, .shown = shown_of(path)},
                                      .policy = buf_str(&policy),
                                      .absolute = buf_str(&absolute)};
        return candidate_add(finder, &candidate, finder->options->as, err);
    }
    int fd = sys_open(AT_FDCWD, path_z, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        struct err problem = ERR_INIT;
        err_errno(&problem, errno, "cannot open '%s'", path_z);
        return finder_add_not_judged(finder, SURFACE_KUBERNETES, path, buf_str(&policy), problem.message, false, err);
    }
    r = hold_start(finder, fd, err);
    return r < 0 ? r : add_directory(finder, fd, named ? shown_of(path) : STR_NONE, path_z, buf_str(&absolute), err);
}

static int add_standard_input(struct finder *finder, struct err *err)
{
    struct candidate candidate = {
        .source = {.dirfd = AT_FDCWD, .path = "", .shown = STR("<stdin>")}, .policy = STR("-"), .absolute = STR("-")};
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return err_errno(err, errno, "cannot read standard input");
    int r = stretch_new(fd, candidate.source.shown, &candidate.source.reader, err);
    return r < 0 ? r : candidate_add(finder, &candidate, finder->options->as, err);
}

static int prepare(struct finder *finder, struct err *err)
{
    const struct discover_options *options = finder->options;
    struct arena *arena = &finder->discover->arena;
    char cwd[PATH_MAX];
    if (!getcwd(cwd, sizeof(cwd)))
        return err_errno(err, errno, "cannot find the current directory");
    buf_add_z(&finder->cwd, cwd);
    finder->base = options->base.len > 0 ? options->base : buf_str(&finder->cwd);
    finder->exclude = ARENA_ARRAY(arena, options->exclude_count + 1, struct gitignore);
    int r = finder->exclude ? buf_check(&finder->cwd, err) : err_nomem(err);
    for (size_t i = 0; i < options->exclude_count && r == 0; i++) {
        CLEANUP_BUF struct buf text = BUF_INIT;
        for (size_t k = 0; k < options->exclude[i].count; k++) {
            buf_add_str(&text, options->exclude[i].items[k]);
            buf_add_char(&text, '\n');
        }
        r = buf_check(&text, err);
        if (r == 0)
            r = gitignore_parse(buf_str(&text), arena, &finder->exclude[i], err);
    }
    return r;
}

int discover_paths(const struct op_ctx *ctx, const struct str *paths, size_t count,
                   const struct discover_options *options, struct discover **ret_discover, struct err *err)
{
    struct discover *discover = mem_calloc(1, sizeof(*discover));
    if (!discover)
        return err_nomem(err);
    struct finder finder = {.ctx = ctx, .options = options, .discover = discover, .files_left = LIMIT_DISCOVER_FILES};
    bool standard_input = false;
    int r = prepare(&finder, err);
    if (r == 0 && count == 0)
        r = add_path(&finder, STR("."), false, err);
    for (size_t i = 0; i < count && r == 0; i++) {
        r = op_check(ctx, err);
        if (r == 0 && !str_eq(paths[i], STR("-")))
            r = add_path(&finder, paths[i], true, err);
        else if (r == 0 && !standard_input)
            r = add_standard_input(&finder, err);
        standard_input |= str_eq(paths[i], STR("-"));
    }
    buf_done(&finder.cwd);
    if (r < 0)
        discover_free(discover);
    else
        *ret_discover = discover;
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the project and of its environment, and where their links lead. */
#include "project/python_reading.h"

#include "base/path.h"
#include "base/vec.h"

#include <errno.h>

/* Not on the list at all: another list's, or nobody's. Compared by its address. */
static const char elsewhere[] = "elsewhere";

static bool is_one_of(struct str text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(text, list[i]))
            return true;
    return false;
}

/* What of a directory that is an environment is the environment's. */
static bool is_environments(struct str path)
{
    static const char *const parts[] = {"bin", "lib", "lib64", "include", "share", "pyvenv.cfg"};
    return is_one_of(str_head(path, str_find_char(path, '/')), parts, ARRAY_LEN(parts));
}

static const char *skip_own(void *self, struct str path, bool directory)
{
    const struct python_reading *reading = self;
    const struct python_environment *environment = &reading->app->environment;
    if (reading->script.len)
        return str_eq(path, reading->script) ? NULL : elsewhere;
    if (environment->inside.len && str_eq(path, environment->inside))
        return elsewhere;
    if (environment->kind == PYTHON_ENVIRONMENT_VENV && environment->is_root && is_environments(path))
        return elsewhere;
    if (directory) {
        struct str config = python_join(reading->ctx->arena, path, STR("pyvenv.cfg"));
        if (config.ptr && python_is_file(reading->app->root, config))
            return "another virtual environment";
    }
    const char *why = python_drop_own(path, directory);
    if (why)
        return why;
    if (!project_ignore_matches(reading->ignore, path))
        return NULL;
    return directory && project_ignore_may_return(reading->ignore, path) ? NULL : PYTHON_DROPPED_IGNORED;
}

static const char *skip_environment(void *self, struct str path, bool directory)
{
    const struct python_reading *reading = self;
    const struct python_environment *environment = &reading->app->environment;
    bool virtual = environment->kind == PYTHON_ENVIRONMENT_VENV;
    if (virtual && environment->is_root && !is_environments(path))
        return elsewhere;
    if (virtual && directory && !str_eq(environment->library, path_base(path)) &&
        (str_eq_z(path_dir(path), "lib") || str_eq_z(path_dir(path), "lib64"))) {
        struct python_interpreter other;
        if (python_name_parse(path_base(path), &other))
            return "packages of another Python";
    }
    const char *why = python_drop_environment(path, directory);
    if (why)
        return why;
    struct str inside = python_join(reading->ctx->arena, environment->inside, path);
    bool excluded = inside.ptr && project_ignore_matches(reading->excludes, inside);
    if (!excluded || (directory && project_ignore_may_return(reading->excludes, inside)))
        return NULL;
    return PYTHON_DROPPED_IGNORED;
}

/* The metadata that somebody reads, sources, and small texts without an extension, which may be scripts. */
static bool reads(void *self, struct str path)
{
    const struct python_reading *reading = self;
    if (reading->script.len && str_eq(path, reading->script))
        return true;
    static const char *const endings[] = {".py", ".pth", ".cfg", ".toml", ".egg-link", ".egg-info", ".pem", ".key"};
    static const char *const names[] = {"METADATA",         "RECORD",         "WHEEL",
                                        "INSTALLER",        "PKG-INFO",       "Procfile",
                                        "entry_points.txt", "top_level.txt",  "requirements.txt",
                                        "requires.txt",     "direct_url.json"};
    struct str name = path_base(path);
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (str_ends(name, str_z(endings[i])))
            return true;
    if (is_one_of(name, names, ARRAY_LEN(names)))
        return true;
    struct str dir = path_base(path_dir(path));
    return str_eq_z(dir, "bin") || str_eq_z(dir, "scripts");
}

static void remove_elsewhere(struct project_files *files)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->len; i++) {
        if (files->ptr[i].dropped == elsewhere)
            files->dropped_bytes -= files->ptr[i].size_bytes;
        else
            files->ptr[kept++] = files->ptr[i];
    }
    files->len = kept;
}

/* Directories that are on the list only for what might have come back below them. */
static void drop_emptied(const struct python_reading *reading, struct project_files *files)
{
    for (size_t i = files->len; i-- > 0;) {
        struct project_file *file = &files->ptr[i];
        if (file->type != TREE_DIR || file->dropped || !project_ignore_matches(reading->ignore, file->path))
            continue;
        bool holds = false;
        for (size_t k = i + 1; k < files->len && !holds; k++) {
            struct str path = files->ptr[k].path;
            if (str_starts(path, file->path) && path_is_below(path, file->path))
                holds = files->ptr[k].dropped == NULL;
            else if (!str_starts(path, file->path))
                break;
        }
        if (!holds)
            file->dropped = PYTHON_DROPPED_IGNORED;
    }
}

static bool is_interpreter_link(struct str path)
{
    struct python_interpreter of;
    struct str name = path_base(path);
    return str_eq_z(path_dir(path), "bin") &&
           (str_eq_z(name, "python") || str_eq_z(name, "python3") || python_name_parse(name, &of));
}

static bool from_uv(const struct python_reading *reading, struct str real)
{
    return reading->app->environment.config.maker == PYTHON_VENV_UV ||
           str_find(real, STR("/uv/archive-v")) < real.len || str_find(real, STR("/.uv/")) < real.len;
}

/* An absolute link that stays inside becomes a relative one. */
static int make_relative(struct python_reading *reading, struct project_file *file, struct str root, struct str real,
                         struct err *err)
{
    if (file->target.len == 0 || file->target.ptr[0] != '/')
        return 0;
    struct str host = python_join(reading->ctx->arena, root, path_dir(file->path));
    struct buf relative CLEANUP_BUF = BUF_INIT;
    if (host.ptr)
        path_relative(&relative, host, real);
    file->target = host.ptr ? arena_buf(reading->ctx->arena, &relative) : STR_NONE;
    return file->target.ptr ? 0 : err_nomem(err);
}

static int refuse_link(const struct python_reading *reading, const struct project_file *file, bool broken,
                       struct err *err)
{
    struct str inside = reading->app->environment.inside;
    err_set(err, ERR_INVALID, "the link '%.*s%s%.*s' leads %s '%.*s'", STR_ARG(inside), inside.len ? "/" : "",
            STR_ARG(file->path), broken ? "to nowhere:" : "out of the environment, to", STR_ARG(file->target));
    return err_hint(err, "install what it belongs to anew, or leave it out with --exclude '%.*s%s%.*s'",
                    STR_ARG(inside), inside.len ? "/" : "", STR_ARG(file->path));
}

static int check_environment_link(struct python_reading *reading, struct project_file *file, struct err *err)
{
    struct str root = reading->app->environment.host_path;
    if (is_interpreter_link(file->path))
        return 0;
    errno = 0;
    struct str real = python_real(reading->ctx->arena, file->host_path);
    if (!real.ptr)
        return errno == ENOMEM ? err_nomem(err) : refuse_link(reading, file, true, err);
    if (path_is_below(real, root))
        return make_relative(reading, file, root, real, err);
    if (from_uv(reading, real) && python_is_file(real, STR("")))
        return project_file_follow(reading->ctx, file, reads(reading, file->path), err);
    return refuse_link(reading, file, false, err);
}

static int check_own_link(struct python_reading *reading, struct project_file *file, struct err *err)
{
    struct python_app *app = reading->app;
    errno = 0;
    struct str real = python_real(reading->ctx->arena, file->host_path);
    if (!real.ptr && errno == ENOMEM)
        return err_nomem(err);
    if (real.ptr && path_is_below(real, app->root))
        return make_relative(reading, file, app->root, real, err);
    file->dropped = real.ptr ? "links out of the project" : "links that lead nowhere";
    op_warn(reading->ctx, "the link '%.*s' leads %s '%.*s': it does not ship", STR_ARG(file->path),
            real.ptr ? "out of the project, to" : "to nowhere:", STR_ARG(file->target));
    return 0;
}

static int check_links(struct python_reading *reading, struct project_files *files,
                       int (*check)(struct python_reading *, struct project_file *, struct err *), struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < files->len; i++)
        if (files->ptr[i].type == TREE_SYMLINK && !files->ptr[i].dropped)
            r = check(reading, &files->ptr[i], err);
    return r;
}

int python_own_walk(struct python_reading *reading, struct err *err)
{
    struct python_app *app = reading->app;
    struct project_walk own = {.skip = skip_own, .reads = reads, .self = reading};
    int r = project_files_walk(reading->ctx, app->root, &own, &app->files, err);
    if (r < 0)
        return r;
    remove_elsewhere(&app->files);
    drop_emptied(reading, &app->files);
    return check_links(reading, &app->files, check_own_link, err);
}

int python_environment_walk(struct python_reading *reading, struct err *err)
{
    struct python_app *app = reading->app;
    struct python_environment *environment = &app->environment;
    if (environment->kind == PYTHON_ENVIRONMENT_NONE)
        return 0;
    if (environment->kind == PYTHON_ENVIRONMENT_TARGET && environment->is_root) {
        environment->files = app->files;
        app->files = (struct project_files){NULL, 0, 0, 0};
        return 0;
    }
    struct project_walk theirs = {.skip = skip_environment, .reads = reads, .self = reading, .digests = true};
    int r = project_files_walk(reading->ctx, environment->host_path, &theirs, &environment->files, err);
    if (r < 0)
        return r;
    remove_elsewhere(&environment->files);
    return check_links(reading, &environment->files, check_environment_link, err);
}

/* True when something on the list lies below FILES[AT] that OWNERS says (or doesn't say) to be theirs. */
static bool is_packages(const struct python_reading *reading, const struct project_files *files, size_t at)
{
    const struct project_file *file = &files->ptr[at];
    if (python_distribution_of(reading, file->path))
        return true;
    struct str top = str_head(file->path, str_find_char(file->path, '/'));
    if (str_ends(top, STR(".dist-info")) || str_ends(top, STR(".egg-info")))
        return true;
    if (file->type != TREE_DIR)
        return false;
    for (size_t i = at + 1; i < files->len && str_starts(files->ptr[i].path, file->path); i++)
        if (path_is_below(files->ptr[i].path, file->path) && files->ptr[i].type != TREE_DIR &&
            python_distribution_of(reading, files->ptr[i].path))
            return true;
    return false;
}

int python_environment_split(struct python_reading *reading, struct err *err)
{
    struct python_app *app = reading->app;
    struct project_files *all = &app->environment.files;
    if (app->environment.kind != PYTHON_ENVIRONMENT_TARGET || !app->environment.is_root)
        return 0;
    size_t kept = 0;
    uint64_t dropped = 0;
    for (size_t i = 0; i < all->len; i++) {
        struct project_file file = all->ptr[i];
        if (is_packages(reading, all, i)) {
            all->ptr[kept++] = file;
            continue;
        }
        if (file.dropped)
            dropped += file.size_bytes;
        struct project_file *moved = VEC_ADD(&app->files);
        if (!moved)
            return err_nomem(err);
        *moved = file;
    }
    all->len = kept;
    all->dropped_bytes -= dropped;
    app->files.dropped_bytes += dropped;
    return 0;
}

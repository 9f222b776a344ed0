/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/discover.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/path.h"
#include "discover/classify.h"
#include "discover/source.h"
#include "discover/walk.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct discover {
    struct arena arena; /* names, sources */
    VEC(struct check_input) inputs;
    VEC(int) starts; /* directories of the walks */
    struct map seen; /* identity of files that are among the inputs */
};

/* What discover_paths works with. */
struct finder {
    const struct op_ctx *ctx;
    const struct discover_options *options;
    struct discover *discover;
    struct gitignore *exclude;
    struct buf cwd;
    uint64_t files_left;
    int start; /* descriptor of the walk */
};

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
    arena_done(&discover->arena);
    mem_free(discover);
}

const struct check_input *discover_inputs(const struct discover *discover, size_t *ret_count)
{
    *ret_count = discover->inputs.len;
    return discover->inputs.ptr;
}

/* Text that lives as long as the inputs. */
static struct str keep(struct finder *finder, struct str text)
{
    return arena_str(&finder->discover->arena, text);
}

/* True when the file of ST and PATH is among the inputs already; notes it. Several hard links are several files. */
static int is_seen(struct finder *finder, const struct stat *st, struct str policy, bool *ret_seen, struct err *err)
{
    char *key = st->st_nlink == 1 ? arena_printf(&finder->discover->arena, "%llx:%llx", (unsigned long long)st->st_dev,
                                                 (unsigned long long)st->st_ino)
                                  : arena_printf(&finder->discover->arena, "/%.*s", STR_ARG(policy));
    void **slot = key ? map_slot(&finder->discover->seen, str_z(key)) : NULL;
    if (!slot)
        return err_nomem(err);
    *ret_seen = *slot != NULL;
    *slot = key;
    return 0;
}

static int add_input(struct finder *finder, const struct check_input *input, struct err *err)
{
    return VEC_PUSH(&finder->discover->inputs, *input) ? 0 : err_nomem(err);
}

static int add_not_judged(struct finder *finder, struct str shown, struct str policy, struct str reason,
                          struct err *err)
{
    struct check_input input = {
        .name = keep(finder, shown), .path = keep(finder, policy), .not_judged = keep(finder, reason)};
    if (!input.name.ptr || !input.path.ptr || !input.not_judged.ptr)
        return err_nomem(err);
    return add_input(finder, &input, err);
}

static uint64_t limit_of(enum surface surface)
{
    return surface == SURFACE_DOCKERFILE ? LIMIT_DOCKERFILE_BYTES : LIMIT_YAML_DOCUMENT_BYTES;
}

static int read_other(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err)
{
    const struct source_file *file = self;
    CLEANUP_BUF struct buf full = BUF_INIT;
    struct buf CLEANUP_BUF bytes = BUF_INIT;
    if (path.len == 0 || path.ptr[0] != '/') {
        struct str dir = path_dir(str_z(file->path));
        buf_add_str(&full, dir);
        if (dir.len > 0)
            buf_add_char(&full, '/');
    }
    buf_add_str(&full, path);
    int r = buf_check(&full, err);
    if (r < 0)
        return r;
    r = file_read_all(file->dirfd, buf_z(&full), LIMIT_YAML_DOCUMENT_BYTES, &bytes, err);
    if (r == -ERR_NOT_FOUND) {
        *ret_bytes = STR_NONE;
        return 0;
    }
    if (r < 0)
        return r;
    *ret_bytes = arena_str(arena, buf_str(&bytes));
    return ret_bytes->ptr ? 0 : err_nomem(err);
}

static int add_file(struct finder *finder, const struct source_file *source, enum surface surface, struct str policy,
                    struct err *err)
{
    struct source_file *file = ARENA_NEW(&finder->discover->arena, struct source_file);
    struct check_input input = {.surface = surface, .name = keep(finder, source->shown), .path = keep(finder, policy)};
    char *path = arena_z(&finder->discover->arena, str_z(source->path));
    if (!file || !path || !input.name.ptr || !input.path.ptr)
        return err_nomem(err);
    *file = *source;
    file->path = path;
    file->shown = input.name;
    file->limit_bytes = limit_of(surface);
    input.next = source_next;
    input.done = source_done;
    input.self = file;
    if (surface == SURFACE_COMPOSE)
        input.compose_files = (struct compose_files){read_other, file};
    return add_input(finder, &input, err);
}

/* Decides by NAME and content, and adds it. */
static int consider(struct finder *finder, const struct source_file *source, struct str policy, enum discover_as as,
                    struct err *err)
{
    enum classify_name kind = classify_name(path_base(source->shown));
    if (kind == NAME_OTHER && as == DISCOVER_AUTO && source->found)
        return 0;
    CLEANUP_FD int fd = -1;
    struct stat st;
    int r = source_open(source, &fd, &st, err);
    if (r < 0 && source->found)
        return r == -ERR_NOMEM ? r : add_not_judged(finder, source->shown, policy, str_z(err->message), err);
    bool seen = false;
    if (r == 0)
        r = is_seen(finder, &st, policy, &seen, err);
    if (r < 0 || seen)
        return r;
    enum surface surface = SURFACE_KUBERNETES;
    if (as != DISCOVER_AUTO)
        surface = as == DISCOVER_DOCKERFILE ? SURFACE_DOCKERFILE
                  : as == DISCOVER_COMPOSE  ? SURFACE_COMPOSE
                                            : SURFACE_KUBERNETES;
    else if (kind == NAME_DOCKERFILE)
        surface = SURFACE_DOCKERFILE;
    else if (kind == NAME_COMPOSE)
        surface = SURFACE_COMPOSE;
    else {
        CLEANUP_BUF struct buf head = BUF_INIT;
        if (!buf_reserve(&head, 1 << 20))
            return err_nomem(err);
        ssize_t got = sys_read(fd, head.ptr, 1 << 20);
        head.len = got > 0 ? (size_t)got : 0;
        enum classify_content content = classify_content(buf_str(&head));
        if (content == CONTENT_COMPOSE && !source->found)
            surface = SURFACE_COMPOSE;
        else if (content != CONTENT_KUBERNETES)
            return 0;
    }
    return add_file(finder, source, surface, policy, err);
}

static int on_file(void *self, const struct walk_dir *dir, const char *name, struct err *err)
{
    struct finder *finder = self;
    if (classify_name(str_z(name)) == NAME_OTHER)
        return 0;
    CLEANUP_BUF struct buf shown = BUF_INIT;
    CLEANUP_BUF struct buf policy = BUF_INIT;
    CLEANUP_BUF struct buf sub = BUF_INIT;
    buf_addf(&shown, "%.*s%s", STR_ARG(dir->shown), name);
    buf_addf(&policy, "%.*s%s", STR_ARG(dir->policy), name);
    buf_addf(&sub, "%.*s%s", STR_ARG(dir->sub), name);
    if (shown.failed || policy.failed || sub.failed)
        return err_nomem(err);
    struct source_file source = {.dirfd = finder->start, .path = sub.ptr, .shown = buf_str(&shown), .found = true};
    return consider(finder, &source, buf_str(&policy), DISCOVER_AUTO, err);
}

static int on_unreadable(void *self, struct str shown, struct str policy, const char *reason, struct err *err)
{
    char text[256] = "the directory can't be read: ";
    strncat(text, reason, sizeof(text) - strlen(text) - 1);
    return add_not_judged(self, shown, policy, str_z(text), err);
}

/* The path relative to the policy's directory. */
static int policy_path(struct finder *finder, struct str path, struct buf *out, struct err *err)
{
    CLEANUP_BUF struct buf absolute = BUF_INIT;
    struct str base = finder->options->base.len > 0 ? finder->options->base : buf_str(&finder->cwd);
    if (!path_normalize(&absolute, buf_str(&finder->cwd), path))
        return err_set(err, ERR_INVALID, "'%.*s' is no path", STR_ARG(path));
    path_relative(out, base, buf_str(&absolute));
    return buf_check(&absolute, err) < 0 ? -ERR_NOMEM : buf_check(out, err);
}

static int walk_start(struct finder *finder, struct str path, const char *path_z, struct err *err)
{
    CLEANUP_FD int fd = sys_open(AT_FDCWD, path_z, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return err_errno(err, errno, "cannot open '%s'", path_z);
    if (!VEC_PUSH(&finder->discover->starts, fd))
        return err_nomem(err);
    finder->start = fd;
    fd = -1;
    CLEANUP_BUF struct buf policy = BUF_INIT;
    CLEANUP_BUF struct buf shown = BUF_INIT;
    int r = policy_path(finder, path, &policy, err);
    if (r < 0)
        return r;
    if (str_eq(buf_str(&policy), STR(".")))
        buf_truncate(&policy, 0);
    else
        buf_add_char(&policy, '/');
    buf_add_str(&shown, path);
    if (!str_ends(path, STR("/")))
        buf_add_char(&shown, '/');
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct walk_options options = {.shown = buf_str(&shown),
                                   .policy = buf_str(&policy),
                                   .exclude = finder->exclude,
                                   .exclude_count = finder->options->exclude_count,
                                   .gitignore = finder->options->gitignore,
                                   .files_left = &finder->files_left};
    if (options.gitignore)
        r = ignore_above(finder->ctx, path_z, &arena, &options.above, &options.prefix, err);
    struct walk_visitor visitor = {on_file, on_unreadable, finder};
    return r < 0 ? r : walk_directory(finder->ctx, finder->start, &options, &visitor, err);
}

static int add_path(struct finder *finder, struct str path, struct err *err)
{
    if (str_eq(path, STR("-"))) {
        struct source_file source = {.shown = STR("<stdin>"), .path = "", .standard_input = true, .dirfd = AT_FDCWD};
        enum surface surface = finder->options->as == DISCOVER_DOCKERFILE ? SURFACE_DOCKERFILE
                               : finder->options->as == DISCOVER_COMPOSE  ? SURFACE_COMPOSE
                                                                          : SURFACE_KUBERNETES;
        return add_file(finder, &source, surface, STR("-"), err);
    }
    char *path_z = arena_z(&finder->discover->arena, path);
    struct stat st;
    if (!path_z)
        return err_nomem(err);
    if (sys_stat(AT_FDCWD, path_z, &st, 0) < 0)
        return err_errno(err, errno, "cannot open '%s'", path_z);
    if (S_ISDIR(st.st_mode))
        return walk_start(finder, path, path_z, err);
    CLEANUP_BUF struct buf policy = BUF_INIT;
    int r = policy_path(finder, path, &policy, err);
    struct source_file source = {.dirfd = AT_FDCWD, .path = path_z, .shown = path};
    return r < 0 ? r : consider(finder, &source, buf_str(&policy), finder->options->as, err);
}

static int prepare(struct finder *finder, struct err *err)
{
    const struct discover_options *options = finder->options;
    struct arena *arena = &finder->discover->arena;
    char cwd[4096];
    if (!getcwd(cwd, sizeof(cwd)))
        return err_errno(err, errno, "cannot find the current directory");
    buf_add_z(&finder->cwd, cwd);
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
    int r = prepare(&finder, err);
    for (size_t i = 0; i < count && r == 0; i++)
        r = add_path(&finder, paths[i], err);
    buf_done(&finder.cwd);
    if (r < 0)
        discover_free(discover);
    else
        *ret_discover = discover;
    return r;
}

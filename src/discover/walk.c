/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/walk.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "io/file.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk {
    const struct op_ctx *ctx;
    const struct walk_options *options;
    const struct walk_visitor *visitor;
    struct buf shown, absolute, sub, ignore; /* the paths of the directory that the walk is in */
    struct buf entry;                        /* of an entry, relative to the base */
};

static void dir_cleanup(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static bool is_never_entered(const char *name)
{
    return strcmp(name, ".git") == 0 || strcmp(name, "node_modules") == 0 || strcmp(name, ".hg") == 0 ||
           strcmp(name, ".svn") == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct walk_name *)a)->name, ((const struct walk_name *)b)->name);
}

/* False: neither a regular file nor a directory, or gone. */
static bool kind_of(int dirfd, const struct dirent *entry, bool *ret_is_dir)
{
    struct stat st;
    unsigned char type = entry->d_type;
    if (type == DT_UNKNOWN && sys_stat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        type = S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_LNK;
    *ret_is_dir = type == DT_DIR;
    return type == DT_DIR || type == DT_REG;
}

static bool is_wanted(struct walk *walk, int dirfd, const struct dirent *entry, bool *ret_is_dir)
{
    const struct walk_visitor *visitor = walk->visitor;
    bool wanted = visitor->wants(visitor->self, entry->d_name);
    if (!wanted && entry->d_type == DT_REG)
        return false;
    return kind_of(dirfd, entry, ret_is_dir) && (wanted || *ret_is_dir);
}

/* What `exclude` says; nothing of the base itself and of what it lies in. */
static enum gitignore_verdict exclude_match(struct walk *walk, const char *name, bool is_dir)
{
    if (walk->options->exclude_count == 0)
        return GITIGNORE_NONE;
    size_t before = walk->absolute.len;
    buf_add_z(&walk->absolute, name);
    buf_reset(&walk->entry);
    path_relative(&walk->entry, walk->options->base, buf_str(&walk->absolute));
    buf_truncate(&walk->absolute, before);
    struct str last = path_base(buf_str(&walk->entry));
    if (str_eq(last, STR(".")) || str_eq(last, STR("..")))
        return GITIGNORE_NONE;
    return ignore_sets_match(walk->options->exclude, walk->options->exclude_count, buf_str(&walk->entry), is_dir);
}

static bool is_passed_over(struct walk *walk, const struct ignore_level *level, const char *name, bool is_dir)
{
    if (is_dir && is_never_entered(name))
        return true;
    enum gitignore_verdict verdict = exclude_match(walk, name, is_dir);
    if (verdict != GITIGNORE_NONE || !level)
        return verdict == GITIGNORE_EXCLUDED;
    size_t before = walk->ignore.len;
    buf_add_z(&walk->ignore, name);
    bool excluded = ignore_is_excluded(level, buf_str(&walk->ignore), is_dir);
    buf_truncate(&walk->ignore, before);
    return excluded;
}

/* The directory's names that count, sorted; *ret_reason when it can't be read whole. */
static int read_names(struct walk *walk, int dirfd, const struct ignore_level *level, struct arena *arena,
                      struct walk_dir *dir, const char **ret_reason, struct err *err)
{
    VEC(struct walk_name) names = {0};
    CLEANUP(dir_cleanup) DIR *stream = NULL;
    int own = sys_open(dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
    if (own < 0 || !(stream = fdopendir(own))) {
        *ret_reason = strerror(errno);
        if (own >= 0)
            close(own);
        return 0;
    }
    int r = 0;
    const struct dirent *entry;
    while (r == 0 && !*ret_reason && (errno = 0, entry = readdir(stream))) {
        const char *name = entry->d_name;
        bool is_dir = false;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (*walk->options->files_left == 0 || arena->used_bytes > LIMIT_DISCOVER_NAME_BYTES)
            *ret_reason = "there are too many files";
        else
            --*walk->options->files_left;
        if (*ret_reason || !is_wanted(walk, dirfd, entry, &is_dir) || is_passed_over(walk, level, name, is_dir))
            continue;
        char *copy = arena_z(arena, str_z(name));
        if (!copy || !VEC_PUSH(&names, ((struct walk_name){copy, is_dir})))
            r = err_nomem(err);
        errno = 0;
    }
    if (r == 0 && !*ret_reason && errno != 0)
        *ret_reason = strerror(errno);
    struct walk_name *sorted = r == 0 ? ARENA_ARRAY(arena, names.len + 1, struct walk_name) : NULL;
    if (sorted && names.len > 0)
        memcpy(sorted, names.ptr, names.len * sizeof(*sorted));
    if (r == 0 && !sorted)
        r = err_nomem(err);
    if (sorted)
        qsort(sorted, names.len, sizeof(*sorted), by_name);
    dir->names = sorted;
    dir->count = names.len;
    VEC_DONE(&names);
    return r;
}

static int tell_unreadable(struct walk *walk, const char *reason, struct err *err)
{
    const struct walk_dir dir = {
        .fd = -1, .shown = buf_str(&walk->shown), .absolute = buf_str(&walk->absolute), .sub = buf_str(&walk->sub)};
    return walk->visitor->unreadable(walk->visitor->self, &dir, reason, err);
}

static int visit_directory(struct walk *walk, int dirfd, const struct ignore_level *up, unsigned depth,
                           struct err *err);

static int visit_below(struct walk *walk, int dirfd, const char *name, const struct ignore_level *level, unsigned depth,
                       struct err *err)
{
    size_t lens[] = {walk->shown.len, walk->absolute.len, walk->sub.len, walk->ignore.len};
    struct buf *paths[] = {&walk->shown, &walk->absolute, &walk->sub, &walk->ignore};
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(paths) && r == 0; i++) {
        buf_add_z(paths[i], name);
        buf_add_char(paths[i], '/');
        r = buf_check(paths[i], err);
    }
    CLEANUP_FD int fd = -1;
    if (r == 0)
        fd = sys_open(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    bool gone = fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP);
    if (r == 0 && fd < 0 && !gone)
        r = tell_unreadable(walk, strerror(errno), err);
    else if (r == 0 && depth >= LIMIT_DISCOVER_DEPTH && !gone)
        r = tell_unreadable(walk, "it lies too deep", err);
    else if (r == 0 && !gone)
        r = visit_directory(walk, fd, level, depth, err);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        buf_truncate(paths[i], lens[i]);
    return r;
}

static int visit_directory(struct walk *walk, int dirfd, const struct ignore_level *up, unsigned depth, struct err *err)
{
    int r = op_check(walk->ctx, err);
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct ignore_level level = {0};
    if (r == 0 && walk->options->gitignore)
        r = ignore_level_read(walk->ctx, dirfd, buf_str(&walk->shown), &arena, &level, err);
    level.base_len = walk->ignore.len;
    level.up = up;
    const struct ignore_level *top = walk->options->gitignore ? &level : NULL;
    struct walk_dir dir = {.fd = dirfd};
    const char *reason = NULL;
    if (r == 0)
        r = read_names(walk, dirfd, top, &arena, &dir, &reason, err);
    if (r == 0 && walk->entry.failed)
        r = err_nomem(err);
    if (r == 0 && reason)
        r = tell_unreadable(walk, reason, err);
    for (size_t i = 0; i < dir.count && r == 0; i++) {
        dir.shown = buf_str(&walk->shown);
        dir.absolute = buf_str(&walk->absolute);
        dir.sub = buf_str(&walk->sub);
        if (dir.names[i].is_dir)
            r = visit_below(walk, dirfd, dir.names[i].name, top, depth + 1, err);
        else
            r = walk->visitor->file(walk->visitor->self, &dir, dir.names[i].name, err);
    }
    return r;
}

int walk_directory(const struct op_ctx *ctx, int dirfd, const struct walk_options *options,
                   const struct walk_visitor *visitor, struct err *err)
{
    struct walk walk = {.ctx = ctx, .options = options, .visitor = visitor};
    buf_add_str(&walk.shown, options->shown);
    buf_add_str(&walk.absolute, options->absolute);
    buf_add_str(&walk.ignore, options->prefix);
    int r = buf_check(&walk.shown, err);
    if (r == 0)
        r = buf_check(&walk.absolute, err);
    if (r == 0)
        r = buf_check(&walk.ignore, err);
    if (r == 0)
        r = visit_directory(&walk, dirfd, options->above, 0, err);
    if (r == 0 && (walk.absolute.failed || walk.ignore.failed))
        r = err_nomem(err);
    buf_done(&walk.shown);
    buf_done(&walk.absolute);
    buf_done(&walk.entry);
    buf_done(&walk.sub);
    buf_done(&walk.ignore);
    return r;
}

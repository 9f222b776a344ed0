/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/init_files.h"

#include "base/limits.h"
#include "base/path.h"
#include "diff/diff.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { CONTEXT_LINES = 3, EXECUTE = 0111 };

/* --- what is there ------------------------------------------------------------------------------------------- */

static int open_directory(struct str directory, struct init_targets *targets, struct err *err)
{
    targets->directory = directory;
    targets->dirfd = sys_open(AT_FDCWD, directory.ptr, O_RDONLY | O_DIRECTORY, 0);
    if (targets->dirfd >= 0)
        return 0;
    int errnum = errno;
    int r = err_errno(err, errnum, "cannot open the directory '%.*s'", STR_ARG(directory));
    if (errnum == ENOENT)
        return err_hint(err, "make it first: mkdir -p '%.*s'", STR_ARG(directory));
    if (errnum == ENOTDIR)
        return err_hint(err, "give a directory with --directory");
    return r;
}

static int refuse_place(struct str path, mode_t mode, bool is_parent, struct err *err)
{
    const char *what = S_ISLNK(mode)   ? "a symbolic link"
                       : S_ISDIR(mode) ? "a directory"
                       : S_ISREG(mode) ? "a file"
                                       : "neither a file nor a directory";
    err_set(err, ERR_EXISTS, "'%.*s' is %s, where %s is to be written", STR_ARG(path), what,
            is_parent ? "a directory of files" : "a file");
    return err_hint(err, "move it away, or name another directory with --directory; nothing was written");
}

/* *RET_MODE is 0 when nothing is there. */
static int look_at(const struct init_targets *targets, struct arena *arena, struct str path, struct stat *ret_stat,
                   struct err *err)
{
    const char *name = arena_z(arena, path);
    if (!name)
        return err_nomem(err);
    *ret_stat = (struct stat){0};
    if (sys_stat(targets->dirfd, name, ret_stat, AT_SYMLINK_NOFOLLOW) == 0)
        return 0;
    if (errno == ENOENT || errno == ENOTDIR) {
        *ret_stat = (struct stat){0};
        return 0;
    }
    return err_errno(err, errno, "cannot look at '%s'", name);
}

/* Every directory above PATH is one, or is not there; *RET_THERE tells of the last. */
static int look_at_parents(const struct init_targets *targets, struct arena *arena, struct str path, bool *ret_there,
                           struct err *err)
{
    *ret_there = true;
    for (size_t i = 0; i < path.len; i++) {
        struct stat st;
        if (path.ptr[i] != '/')
            continue;
        struct str parent = str_head(path, i);
        int r = look_at(targets, arena, parent, &st, err);
        if (r != 0)
            return r;
        *ret_there = st.st_mode != 0;
        if (!*ret_there)
            return 0;
        if (!S_ISDIR(st.st_mode))
            return refuse_place(parent, st.st_mode, true, err);
    }
    return 0;
}

static int compare(const struct init_targets *targets, struct arena *arena, const struct stat *st,
                   struct init_target_file *target, struct err *err)
{
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    const struct init_file *file = target->file;
    const char *name = arena_z(arena, file->path);
    int r = name ? file_read_all(targets->dirfd, name, LIMIT_INIT_FILE_BYTES, &bytes, err) : err_nomem(err);
    if (r != 0)
        return r == -(int)ERR_LIMIT ? err_hint(err, "it is none of init's: move it away") : r;
    target->becomes_executable = file->executable && !(st->st_mode & EXECUTE);
    bool same = str_eq(buf_str(&bytes), file->content) && !target->becomes_executable;
    target->state = same ? INIT_SAME : INIT_CHANGED;
    target->mode = (st->st_mode & 07777) | (file->executable ? EXECUTE : 0);
    target->uid = st->st_uid;
    target->gid = st->st_gid;
    target->before = same ? STR_NONE : arena_take_buf(arena, &bytes);
    return same || target->before.ptr ? 0 : err_nomem(err);
}

static int look(const struct init_targets *targets, struct arena *arena, struct init_target_file *target,
                struct err *err)
{
    struct stat st = {0};
    bool there;
    struct str path = target->file->path;
    int r = look_at_parents(targets, arena, path, &there, err);
    if (r == 0 && there)
        r = look_at(targets, arena, path, &st, err);
    if (r != 0)
        return r;
    target->state = INIT_NEW;
    target->mode = target->file->executable ? 0755 : 0644;
    if (!st.st_mode)
        return 0;
    return S_ISREG(st.st_mode) ? compare(targets, arena, &st, target, err) : refuse_place(path, st.st_mode, false, err);
}

int init_targets_look(const struct op_ctx *ctx, struct str directory, const struct init_files *files,
                      struct init_targets *ret_targets, struct err *err)
{
    struct init_targets *targets = ret_targets;
    *targets = (struct init_targets){.dirfd = -1, .count = files->len};
    targets->items = ARENA_ARRAY(ctx->arena, files->len + 1, struct init_target_file);
    int r = targets->items ? open_directory(directory, targets, err) : err_nomem(err);
    for (size_t i = 0; r == 0 && i < files->len; i++) {
        struct init_target_file *target = &targets->items[i];
        target->file = &files->ptr[i];
        r = op_check(ctx, err);
        if (r == 0)
            r = look(targets, ctx->arena, target, err);
        targets->new_count += target->state == INIT_NEW;
        targets->changed_count += target->state == INIT_CHANGED;
    }
    return r;
}

/* --- what would change --------------------------------------------------------------------------------------- */

static int add_diff(const struct init_target_file *target, struct buf *out, struct err *err)
{
    const struct init_file *file = target->file;
    CLEANUP_BUF struct buf old = BUF_INIT, new = BUF_INIT;
    buf_addf(&old, "a/%.*s", STR_ARG(file->path));
    buf_addf(&new, "b/%.*s", STR_ARG(file->path));
    if (old.failed || new.failed)
        return err_nomem(err);
    if (target->becomes_executable)
        buf_addf(out, "diff --git %s %s\nold mode 100%03o\nnew mode 100%03o\n", buf_z(&old), buf_z(&new), 0644, 0755);
    struct diff_side before = {buf_str(&old), target->state == INIT_NEW ? STR_NONE : target->before};
    struct diff_side after = {buf_str(&new), file->content};
    return diff_unified(&before, &after, CONTEXT_LINES, out, err);
}

int init_targets_diff(const struct init_targets *targets, bool with_new, struct buf *out, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < targets->count; i++)
        if (!targets->items[i].file->binary &&
            (targets->items[i].state == INIT_CHANGED || (with_new && targets->items[i].state == INIT_NEW)))
            r = add_diff(&targets->items[i], out, err);
    return r;
}

/* --- writing ------------------------------------------------------------------------------------------------- */

struct writing {
    const struct op_ctx *ctx;
    const struct init_targets *targets;
    struct writer **writers; /* one of each target, NULL where nothing is to be written */
    const char **made;       /* directories that were made, in order */
    size_t made_count;
};

static int make_parents(struct writing *writing, struct str path, struct err *err)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '/')
            continue;
        const char *name = arena_z(writing->ctx->arena, str_head(path, i));
        if (!name)
            return err_nomem(err);
        if (sys_mkdir(writing->targets->dirfd, name, 0755) == 0)
            writing->made[writing->made_count++] = name;
        else if (errno != EEXIST)
            return err_errno(err, errno, "cannot make the directory '%s'", name);
    }
    return 0;
}

static int prepare(struct writing *writing, size_t i, struct err *err)
{
    const struct init_target_file *target = &writing->targets->items[i];
    const char *name = arena_z(writing->ctx->arena, target->file->path);
    struct writer **writer = &writing->writers[i];
    if (!name)
        return err_nomem(err);
    int r = op_check(writing->ctx, err);
    if (r == 0)
        r = make_parents(writing, target->file->path, err);
    if (r == 0)
        r = file_writer_new(writing->targets->dirfd, name, target->mode, writer, err);
    if (r == 0 && target->state == INIT_CHANGED)
        file_writer_set_owner(*writer, target->uid, target->gid);
    if (r == 0)
        r = writer_write_str(*writer, target->file->content, err);
    return r == 0 ? file_writer_finish(*writer, err) : r;
}

/* Gives the files their names. What was named stays when a later one fails, and is told. */
static int publish(struct writing *writing, struct err *err)
{
    CLEANUP_BUF struct buf done = BUF_INIT;
    int r = 0;
    for (size_t i = 0; r == 0 && i < writing->targets->count; i++) {
        if (!writing->writers[i])
            continue;
        r = writer_close(TAKE_PTR(writing->writers[i]), err);
        if (r == 0)
            buf_addf(&done, "%s%.*s", done.len ? ", " : "", STR_ARG(writing->targets->items[i].file->path));
    }
    if (r != 0 && done.len)
        return err_hint(err, "these were written before: %s; run it again for the others", buf_z(&done));
    return r;
}

static void call_off(struct writing *writing)
{
    for (size_t i = 0; i < writing->targets->count; i++)
        writer_cancel(TAKE_PTR(writing->writers[i]));
    while (writing->made_count) /* one that holds a file stays */
        (void)unlinkat(writing->targets->dirfd, writing->made[--writing->made_count], AT_REMOVEDIR);
}

int init_targets_write(const struct op_ctx *ctx, const struct init_targets *targets, struct err *err)
{
    size_t directories = 1;
    for (size_t i = 0; i < targets->count; i++)
        for (size_t k = 0; k < targets->items[i].file->path.len; k++)
            directories += targets->items[i].file->path.ptr[k] == '/';
    struct writing writing = {
        .ctx = ctx,
        .targets = targets,
        .writers = ARENA_ARRAY(ctx->arena, targets->count + 1, struct writer *),
        .made = ARENA_ARRAY(ctx->arena, directories, const char *),
    };
    if (!writing.writers || !writing.made)
        return err_nomem(err);
    int r = 0;
    for (size_t i = 0; r == 0 && i < targets->count; i++)
        if (targets->items[i].state != INIT_SAME)
            r = prepare(&writing, i, err);
    if (r != 0) {
        (void)err_wrap(err, "nothing was written in '%.*s'", STR_ARG(targets->directory));
        if (r == -(int)ERR_PERMISSION)
            (void)err_hint(err, "let yourself write there, or name another directory with --directory");
    }
    if (r == 0)
        r = publish(&writing, err);
    if (r != 0)
        call_off(&writing);
    return r;
}

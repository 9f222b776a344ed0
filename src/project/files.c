/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a directory: names first, then, sorted, what is in the files (files_read.c). */
#include "project/files.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "io/file.h"
#include "io/sys.h"
#include "project/files_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_BYTES (32U << 10) /* of a directory, at a time */

/* A directory that is still to be read, and where it stands on the list: it is looked at when it is open. */
struct pending {
    struct str path, host_path;
    unsigned depth;
    size_t at;
};

struct walker {
    const struct op_ctx *ctx;
    const struct project_walk *how;
    struct project_files files;
    VEC(struct pending) pending;
    char *entries; /* ENTRIES_BYTES */
};

static enum tree_type type_of(mode_t mode)
{
    if (S_ISREG(mode))
        return TREE_FILE;
    if (S_ISDIR(mode))
        return TREE_DIR;
    return S_ISLNK(mode) ? TREE_SYMLINK : TREE_OTHER;
}

static int read_link(struct walker *walker, struct project_file *file, struct err *err)
{
    char target[LIMIT_TAR_NAME_BYTES + 1];
    file->mode = 0777;
    ssize_t len = readlink(file->host_path.ptr, target, sizeof(target));
    if (len < 0)
        return project_file_cannot(errno, "read the link", file->host_path, err);
    file->target = arena_str(walker->ctx->arena, str_of(target, (size_t)len));
    return file->target.ptr ? 0 : err_nomem(err);
}

/* "DIR/NAME"; NAME alone when DIR is empty. */
static struct str join(struct arena *arena, struct str dir, struct str name)
{
    size_t front = dir.len ? dir.len + 1 : 0;
    char *path = arena_alloc(arena, front + name.len + 1);
    if (!path)
        return STR_NONE;
    if (front) {
        memcpy(path, dir.ptr, dir.len);
        path[dir.len] = '/';
    }
    memcpy(path + front, name.ptr, name.len);
    return str_of(path, front + name.len);
}

/* What the directory says of its entry; a file system that doesn't is asked. */
static int find_type(int dirfd, const struct dirent64 *entry, struct str host_path, enum tree_type *ret_type,
                     struct err *err)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN) {
        *ret_type = type_of(DTTOIF(entry->d_type));
        return 0;
    }
    if (sys_stat(dirfd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return project_file_cannot(errno, "look at", host_path, err);
    *ret_type = type_of(st.st_mode);
    return 0;
}

/* Of what is dropped only the size is of interest. */
static int measure(struct walker *walker, int dirfd, const char *name, struct project_file *file, struct err *err)
{
    struct stat st;
    if (sys_stat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return project_file_cannot(errno, "look at", file->host_path, err);
    file->mode = (uint32_t)st.st_mode & 07777U;
    if (file->type == TREE_FILE)
        file->size_bytes = (uint64_t)st.st_size;
    walker->files.dropped_bytes += file->size_bytes;
    return 0;
}

static int take(struct walker *walker, struct pending dir, int dirfd, const struct dirent64 *entry, struct err *err)
{
    int r = op_check(walker->ctx, err);
    if (r < 0)
        return r;
    struct arena *arena = walker->ctx->arena;
    struct str name = str_z(entry->d_name);
    struct project_file file = {.path = join(arena, dir.path, name), .host_path = join(arena, dir.host_path, name)};
    if (!file.path.ptr || !file.host_path.ptr)
        return err_nomem(err);
    r = find_type(dirfd, entry, file.host_path, &file.type, err);
    if (r < 0)
        return r;
    const struct project_walk *how = walker->how;
    if (how->skip)
        file.dropped = how->skip(how->self, file.path, file.type == TREE_DIR);
    if (file.type == TREE_OTHER && !file.dropped)
        file.dropped = "sockets, FIFOs and devices";
    if (file.dropped)
        r = measure(walker, dirfd, entry->d_name, &file, err);
    else if (file.type == TREE_SYMLINK)
        r = read_link(walker, &file, err);
    else if (file.type == TREE_DIR && !VEC_PUSH(&walker->pending, ((struct pending){file.path, file.host_path,
                                                                                    dir.depth + 1, walker->files.len})))
        r = err_nomem(err);
    if (r < 0)
        return r;
    if (walker->files.len >= LIMIT_APP_FILES) {
        err_set(err, ERR_LIMIT, "there are more than %d files below '%.*s'", LIMIT_APP_FILES, STR_ARG(dir.host_path));
        return err_hint(err, "leave directories that don't belong to the application out with --exclude");
    }
    return VEC_PUSH(&walker->files, file) ? 0 : err_nomem(err);
}

static bool is_self(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static int take_entries(struct walker *walker, struct pending dir, int fd, struct err *err)
{
    for (;;) {
        ssize_t got = sys_getdents(fd, walker->entries, ENTRIES_BYTES);
        if (got < 0)
            return project_file_cannot(errno, "read the directory", dir.host_path, err);
        if (got == 0)
            return 0;
        for (ssize_t at = 0; at < got;) {
            const struct dirent64 *entry = (const void *)(walker->entries + at);
            int r = is_self(entry->d_name) ? 0 : take(walker, dir, fd, entry, err);
            if (r < 0)
                return r;
            at += entry->d_reclen;
        }
    }
}

static int read_directory(struct walker *walker, struct pending dir, struct err *err)
{
    if (dir.depth > LIMIT_PROJECT_DEPTH)
        return err_set(err, ERR_LIMIT, "'%.*s...' has more than %d directories one in the other",
                       STR_ARG(str_head(dir.host_path, 300)), LIMIT_PROJECT_DEPTH);
    int flags = O_RDONLY | O_DIRECTORY | (dir.depth ? O_NOFOLLOW : 0);
    struct stat st;
    int fd CLEANUP_FD = sys_open(AT_FDCWD, dir.host_path.ptr, flags, 0);
    if (fd < 0 || (dir.depth && sys_fstat(fd, &st) != 0))
        return project_file_cannot(errno, "read the directory", dir.host_path, err);
    if (dir.depth)
        walker->files.ptr[dir.at].mode = (uint32_t)st.st_mode & 07777U;
    return take_entries(walker, dir, fd, err);
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct project_file *)a)->path, ((const struct project_file *)b)->path);
}

static int list(struct walker *walker, struct str root, struct err *err)
{
    walker->entries = mem_alloc(ENTRIES_BYTES);
    if (!walker->entries || !VEC_PUSH(&walker->pending, ((struct pending){.host_path = root})))
        return err_nomem(err);
    int r = 0;
    while (r == 0 && walker->pending.len > 0)
        r = read_directory(walker, walker->pending.ptr[--walker->pending.len], err);
    return r;
}

int project_files_walk(const struct op_ctx *ctx, struct str root, const struct project_walk *walk,
                       struct project_files *ret_files, struct err *err)
{
    struct walker walker = {.ctx = ctx, .how = walk};
    int r = list(&walker, root, err);
    VEC_DONE(&walker.pending);
    mem_free(walker.entries);
    if (r == 0 && walker.files.len)
        qsort(walker.files.ptr, walker.files.len, sizeof(*walker.files.ptr), by_path);
    if (r == 0)
        r = project_files_read(ctx, walk, &walker.files, err);
    if (r < 0) {
        project_files_done(&walker.files);
        return r;
    }
    *ret_files = walker.files;
    return 0;
}

void project_files_done(struct project_files *files)
{
    VEC_DONE(files);
    files->dropped_bytes = 0;
}

struct project_file *project_files_find(const struct project_files *files, struct str path)
{
    struct project_file key = {.path = path};
    return files->len ? bsearch(&key, files->ptr, files->len, sizeof(*files->ptr), by_path) : NULL;
}

int project_file_follow(const struct op_ctx *ctx, struct project_file *file, bool read, struct err *err)
{
    char real[PATH_MAX];
    struct stat st;
    if (!realpath(file->host_path.ptr, real) || sys_stat(AT_FDCWD, real, &st, 0) != 0)
        return project_file_cannot(errno, "follow the link", file->host_path, err);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "'%.*s' leads to what is no file", STR_ARG(file->host_path));
    struct project_file found = *file;
    found.host_path = arena_str(ctx->arena, str_z(real));
    if (!found.host_path.ptr)
        return err_nomem(err);
    found.type = TREE_FILE;
    found.target = STR_NONE;
    int r = project_file_read(ctx, &found, read, err);
    if (r == 0)
        *file = found;
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a directory; names first, then, sorted, the list. */
#include "project/files.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "io/file.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A directory that is still to be read. */
struct pending {
    struct str path, host_path;
    unsigned depth;
};

struct walker {
    const struct op_ctx *ctx;
    const struct project_walk *how;
    struct project_files files;
    uint64_t read_bytes; /* that are kept in memory */
    VEC(struct pending) pending;
};

static int cannot(int errnum, const char *what, struct str host_path, struct err *err)
{
    err_errno(err, errnum, "cannot %s '%.*s'", what, STR_ARG(host_path));
    if (errnum == EACCES || errnum == EPERM)
        return err_hint(err, "make it readable for you, or leave it out with --exclude");
    if (errnum == ENOENT)
        return err_hint(err, "something changes the directory: build when it is at rest");
    return err ? -(int)err->code : -ERR_IO;
}

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
    ssize_t len = readlink(file->host_path.ptr, target, sizeof(target));
    if (len < 0)
        return cannot(errno, "read the link", file->host_path, err);
    file->target = arena_str(walker->ctx->arena, str_of(target, (size_t)len));
    return file->target.ptr ? 0 : err_nomem(err);
}

static int read_content(const struct op_ctx *ctx, struct project_file *file, uint64_t limit, struct err *err)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    int r = file_read_all(AT_FDCWD, file->host_path.ptr, limit, &bytes, err);
    if (r == -ERR_LIMIT)
        return err_hint(err, "leave it out with --exclude when the application does not need it");
    if (r < 0)
        return r;
    file->content = arena_take_buf(ctx->arena, &bytes);
    if (!file->content.ptr)
        return err_nomem(err);
    file->size_bytes = file->content.len;
    return 0;
}

/* Looks at the first bytes, and reads the whole where it is wanted. */
static int read_file(const struct op_ctx *ctx, struct project_file *file, bool wanted, struct err *err)
{
    int fd CLEANUP_FD = sys_open(AT_FDCWD, file->host_path.ptr, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd < 0)
        return cannot(errno, "read", file->host_path, err);
    char magic[4] = {0};
    ssize_t got = sys_read(fd, magic, sizeof(magic));
    if (got < 0)
        return cannot(errno, "read", file->host_path, err);
    file->is_elf = got == 4 && memcmp(magic, "\177ELF", 4) == 0;
    if (file->is_elf)
        return read_content(ctx, file, LIMIT_ELF_BYTES, err);
    return wanted ? read_content(ctx, file, LIMIT_PROJECT_READ_BYTES, err) : 0;
}

/* Reads FILE of a walk, which keeps no more than there may be memory for. */
static int read_walked(struct walker *walker, struct project_file *file, struct err *err)
{
    const struct project_walk *how = walker->how;
    int r = read_file(walker->ctx, file, how->reads && how->reads(how->self, file->path), err);
    walker->read_bytes += r == 0 ? file->content.len : 0;
    if (walker->read_bytes <= LIMIT_PROJECT_KEPT_BYTES)
        return r;
    err_set(err, ERR_LIMIT, "modules and libraries take more than %llu MiB, at '%.*s'", LIMIT_PROJECT_KEPT_BYTES >> 20,
            STR_ARG(file->host_path));
    return err_hint(err, "leave what the application does not need out with --exclude");
}

static int take(struct walker *walker, struct pending dir, struct str name, struct err *err)
{
    int r = op_check(walker->ctx, err);
    if (r < 0)
        return r;
    struct arena *arena = walker->ctx->arena;
    const char *path =
        dir.path.len ? arena_printf(arena, "%.*s/%.*s", STR_ARG(dir.path), STR_ARG(name)) : arena_z(arena, name);
    const char *host = arena_printf(arena, "%.*s/%.*s", STR_ARG(dir.host_path), STR_ARG(name));
    if (!path || !host)
        return err_nomem(err);
    struct stat st;
    if (sys_stat(AT_FDCWD, host, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return cannot(errno, "look at", str_z(host), err);
    struct project_file file = {.path = str_z(path),
                                .host_path = str_z(host),
                                .type = type_of(st.st_mode),
                                .mode = (uint32_t)st.st_mode & 07777U};
    const struct project_walk *how = walker->how;
    if (how->skip)
        file.dropped = how->skip(how->self, file.path, file.type == TREE_DIR);
    if (file.type == TREE_FILE)
        file.size_bytes = (uint64_t)st.st_size;
    if (file.type == TREE_OTHER && !file.dropped)
        file.dropped = "sockets, FIFOs and devices";
    if (file.dropped)
        walker->files.dropped_bytes += file.size_bytes;
    else if (file.type == TREE_FILE)
        r = read_walked(walker, &file, err);
    else if (file.type == TREE_SYMLINK)
        r = read_link(walker, &file, err);
    else if (!VEC_PUSH(&walker->pending, ((struct pending){file.path, file.host_path, dir.depth + 1})))
        r = err_nomem(err);
    if (r < 0)
        return r;
    if (walker->files.len >= LIMIT_APP_FILES) {
        err_set(err, ERR_LIMIT, "there are more than %d files below '%.*s'", LIMIT_APP_FILES, STR_ARG(dir.host_path));
        return err_hint(err, "leave directories that don't belong to the application out with --exclude");
    }
    return VEC_PUSH(&walker->files, file) ? 0 : err_nomem(err);
}

static int read_directory(struct walker *walker, struct pending dir, struct err *err)
{
    if (dir.depth > LIMIT_PROJECT_DEPTH)
        return err_set(err, ERR_LIMIT, "'%.*s...' has more than %d directories one in the other",
                       STR_ARG(str_head(dir.host_path, 300)), LIMIT_PROJECT_DEPTH);
    int flags = O_RDONLY | O_DIRECTORY | (dir.depth ? O_NOFOLLOW : 0);
    int fd = sys_open(AT_FDCWD, dir.host_path.ptr, flags, 0);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
    if (!stream) {
        int errnum = errno;
        if (fd >= 0)
            close(fd);
        return cannot(errnum, "read the directory", dir.host_path, err);
    }
    int r = 0;
    while (r == 0) {
        errno = 0;
        struct dirent *entry = readdir(stream);
        if (!entry) {
            if (errno)
                r = cannot(errno, "read the directory", dir.host_path, err);
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            r = take(walker, dir, str_z(entry->d_name), err);
    }
    closedir(stream);
    return r;
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct project_file *)a)->path, ((const struct project_file *)b)->path);
}

int project_files_walk(const struct op_ctx *ctx, struct str root, const struct project_walk *walk,
                       struct project_files *ret_files, struct err *err)
{
    struct walker walker = {.ctx = ctx, .how = walk};
    int r = VEC_PUSH(&walker.pending, ((struct pending){.host_path = root})) ? 0 : err_nomem(err);
    while (r == 0 && walker.pending.len > 0)
        r = read_directory(&walker, walker.pending.ptr[--walker.pending.len], err);
    VEC_DONE(&walker.pending);
    if (r < 0) {
        project_files_done(&walker.files);
        return r;
    }
    if (walker.files.len)
        qsort(walker.files.ptr, walker.files.len, sizeof(*walker.files.ptr), by_path);
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
        return cannot(errno, "follow the link", file->host_path, err);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "'%.*s' leads to what is no file", STR_ARG(file->host_path));
    struct project_file found = *file;
    found.host_path = arena_str(ctx->arena, str_z(real));
    if (!found.host_path.ptr)
        return err_nomem(err);
    found.type = TREE_FILE;
    found.mode = (uint32_t)st.st_mode & 07777U;
    found.size_bytes = (uint64_t)st.st_size;
    found.target = STR_NONE;
    int r = read_file(ctx, &found, read, err);
    if (r == 0)
        *file = found;
    return r;
}

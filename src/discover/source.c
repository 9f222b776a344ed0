/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/source.h"

#include "base/limits.h"
#include "base/path.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

/* As openat, and no component of PATH may be a symbolic link. */
static int open_without_links(int dirfd, const char *path)
{
    CLEANUP_FD int at = -1;
    for (;;) {
        const char *slash = strchr(path, '/');
        if (!slash)
            return sys_open(at >= 0 ? at : dirfd, path, OPEN_FLAGS | O_NOFOLLOW, 0);
        char name[256];
        size_t len = (size_t)(slash - path);
        if (len >= sizeof(name)) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(name, path, len);
        name[len] = '\0';
        int next = sys_open(at >= 0 ? at : dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
        if (next < 0)
            return -1;
        fd_cleanup(&at);
        at = next;
        path = slash + 1;
    }
}

static int open_found(const struct source_file *file, int *ret_fd, struct stat *ret_stat, struct err *err)
{
    CLEANUP_FD int fd = open_without_links(file->dirfd, file->path);
    if (fd < 0)
        return err_errno(err, errno, "cannot open '%.*s'", STR_ARG(file->shown));
    if (sys_fstat(fd, ret_stat) < 0)
        return err_errno(err, errno, "cannot read '%.*s'", STR_ARG(file->shown));
    if (!S_ISREG(ret_stat->st_mode))
        return err_set(err, ERR_INVALID, "'%.*s' is not a regular file", STR_ARG(file->shown));
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int source_open(const struct source_file *file, struct stretch_reader **ret_reader, struct stat *ret_stat,
                struct err *err)
{
    int fd = -1;
    int r = file->found ? open_found(file, &fd, ret_stat, err) : file_open(file->dirfd, file->path, &fd, ret_stat, err);
    return r < 0 ? r : stretch_new(fd, file->shown, ret_reader, err);
}

struct stretch_options source_stretches(enum surface surface)
{
    if (surface == SURFACE_DOCKERFILE)
        return (struct stretch_options){.whole = true, .limit_bytes = LIMIT_DOCKERFILE_BYTES};
    if (surface == SURFACE_COMPOSE)
        return (struct stretch_options){.whole = true, .limit_bytes = LIMIT_COMPOSE_FILE_BYTES};
    return (struct stretch_options){.limit_bytes = LIMIT_YAML_DOCUMENT_BYTES, .file_bytes = LIMIT_YAML_STREAM_BYTES};
}

int source_next(void *self, struct str *ret_bytes, uint64_t *ret_offset, uint32_t *ret_line, struct err *err)
{
    struct source_file *file = self;
    struct stat st;
    int r = file->reader ? 0 : source_open(file, &file->reader, &st, err);
    return r < 0 ? r : stretch_next(file->reader, &file->stretches, ret_bytes, ret_offset, ret_line, err);
}

void source_done(void *self)
{
    for (struct source_file *file = self; file; file = file->follower) {
        stretch_free(file->reader);
        file->reader = NULL;
    }
}

int source_read_other(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err)
{
    const struct source_file *file = self;
    CLEANUP_BUF struct buf full = BUF_INIT;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    if (path.len == 0 || path.ptr[0] != '/') {
        size_t slash = str_rfind_char(str_z(file->path), '/');
        buf_add_str(&full, slash < strlen(file->path) ? str_of(file->path, slash + 1) : STR_NONE);
    }
    buf_add_str(&full, path);
    int r = buf_check(&full, err);
    if (r < 0)
        return r;
    struct err problem = ERR_INIT;
    r = str_has_char(path, '\0') ? -(int)ERR_NOT_FOUND
                                 : file_read_all(file->dirfd, buf_z(&full), LIMIT_COMPOSE_FILE_BYTES, &bytes, &problem);
    if (r == -(int)ERR_NOT_FOUND) {
        *ret_bytes = STR_NONE;
        return 0;
    }
    if (r < 0) {
        if (err)
            *err = problem;
        return r;
    }
    *ret_bytes = arena_take_buf(arena, &bytes);
    return ret_bytes->ptr ? 0 : err_nomem(err);
}

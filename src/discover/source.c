/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/source.h"

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

int source_open(const struct source_file *file, int *ret_fd, struct stat *ret_stat, struct err *err)
{
    if (!file->found)
        return file_open(file->dirfd, file->path, ret_fd, ret_stat, err);
    CLEANUP_FD int fd = open_without_links(file->dirfd, file->path);
    if (fd < 0)
        return err_errno(err, errno, "cannot open '%.*s'", STR_ARG(file->shown));
    if (sys_fstat(fd, ret_stat) < 0)
        return err_errno(err, errno, "cannot read '%.*s'", STR_ARG(file->shown));
    if (!S_ISREG(ret_stat->st_mode))
        return err_set(err, ERR_INVALID, "'%.*s' is no regular file", STR_ARG(file->shown));
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int read_whole(struct source_file *file, int fd, struct err *err)
{
    for (;;) {
        if (!buf_reserve(&file->bytes, file->bytes.len < 65536 ? 65536 : file->bytes.len))
            return err_nomem(err);
        ssize_t got = sys_read(fd, file->bytes.ptr + file->bytes.len, file->bytes.cap - file->bytes.len - 1);
        if (got < 0)
            return err_errno(err, errno, "cannot read '%.*s'", STR_ARG(file->shown));
        if (got == 0)
            return 0;
        file->bytes.len += (size_t)got;
        if (file->bytes.len > file->limit_bytes)
            return err_set(err, ERR_LIMIT, "'%.*s' is larger than %llu bytes", STR_ARG(file->shown),
                           (unsigned long long)file->limit_bytes);
    }
}

int source_next(void *self, struct str *ret_bytes, uint64_t *ret_offset, uint32_t *ret_line, struct err *err)
{
    struct source_file *file = self;
    if (file->given) {
        *ret_bytes = STR_NONE;
        return 0;
    }
    CLEANUP_FD int fd = -1;
    struct stat st;
    int r = file->standard_input ? read_whole(file, STDIN_FILENO, err) : source_open(file, &fd, &st, err);
    if (r == 0 && !file->standard_input)
        r = read_whole(file, fd, err);
    if (r < 0)
        return r;
    file->given = true;
    *ret_bytes = file->bytes.ptr ? buf_str(&file->bytes) : STR("");
    *ret_offset = 0;
    *ret_line = 1;
    return 0;
}

void source_done(void *self)
{
    struct source_file *file = self;
    buf_done(&file->bytes);
    file->given = false;
}

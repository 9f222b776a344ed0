/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file.h"

#include "base/alloc.h"
#include "io/sys.h"
#include "io/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fd_cleanup(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static const char *kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    case S_IFLNK:
        return "a symbolic link";
    default:
        return "a device";
    }
}

int file_open(int dirfd, const char *path, int *ret_fd, struct stat *ret_stat, struct err *err)
{
    CLEANUP_FD int fd = sys_open(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0 && errno == ENXIO)
        return err_set(err, ERR_INVALID, "'%s' is a socket or device, not a regular file", path);
    if (fd < 0)
        return err_errno(err, errno, "cannot open '%s'", path);
    struct stat st;
    if (sys_fstat(fd, &st) < 0)
        return err_errno(err, errno, "cannot read '%s'", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "'%s' is %s, not a regular file", path, kind_of(st.st_mode));
    if (ret_stat)
        *ret_stat = st;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* The size in *ret_stat is a hint; a file that grows meanwhile is read to its end. */
static int read_all(int fd, const char *path, uint64_t limit_bytes, uint64_t size_hint, struct buf *out,
                    struct err *err)
{
    uint64_t total = 0;
    size_t want = (size_t)size_hint + 1; /* one more shows the end without another growth */
    for (;;) {
        if (!buf_reserve(out, want))
            return err_nomem(err);
        ssize_t got = sys_read(fd, out->ptr + out->len, out->cap - out->len - 1);
        if (got < 0)
            return err_errno(err, errno, "cannot read '%s'", path);
        if (got == 0)
            return 0;
        total += (uint64_t)got;
        if (total > limit_bytes)
            return err_set(err, ERR_LIMIT, "'%s' is larger than %llu bytes", path, (unsigned long long)limit_bytes);
        out->len += (size_t)got;
        out->ptr[out->len] = '\0';
        want = 4096;
    }
}

int file_read_all(int dirfd, const char *path, uint64_t limit_bytes, struct buf *out, struct err *err)
{
    CLEANUP_FD int fd = -1;
    struct stat st;
    int r = file_open(dirfd, path, &fd, &st, err);
    if (r < 0)
        return r;
    if ((uint64_t)st.st_size > limit_bytes)
        return err_set(err, ERR_LIMIT, "'%s' is larger than %llu bytes", path, (unsigned long long)limit_bytes);
    size_t before = out->len;
    r = read_all(fd, path, limit_bytes, (uint64_t)st.st_size, out, err);
    if (r < 0) {
        buf_truncate(out, before);
        if (out->ptr)
            out->ptr[out->len] = '\0';
    }
    return r;
}

int file_map(int dirfd, const char *path, uint64_t limit_bytes, struct str *ret_bytes, struct err *err)
{
    CLEANUP_FD int fd = -1;
    struct stat st;
    int r = file_open(dirfd, path, &fd, &st, err);
    if (r < 0)
        return r;
    if ((uint64_t)st.st_size > limit_bytes)
        return err_set(err, ERR_LIMIT, "'%s' is larger than %llu bytes", path, (unsigned long long)limit_bytes);
    if (st.st_size == 0) {
        *ret_bytes = STR_NONE;
        return 0;
    }
    void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return err_errno(err, errno, "cannot map '%s'", path);
    *ret_bytes = str_of(at, (size_t)st.st_size);
    return 0;
}

void file_unmap(struct str bytes)
{
    if (bytes.len == 0)
        return;
    union {
        const char *view;
        void *block;
    } at = {.view = bytes.ptr};
    munmap(at.block, bytes.len);
}

int file_write_all(int dirfd, const char *path, mode_t mode, struct str bytes, struct err *err)
{
    CLEANUP_WRITER struct writer *writer = NULL;
    int r = file_writer_new(dirfd, path, mode, &writer, err);
    if (r == 0)
        r = writer_write_str(writer, bytes, err);
    return r < 0 ? r : writer_close(TAKE_PTR(writer), err);
}

/* 0 when NAME, which mkdir refused with ERRNUM, is a directory already. PATH is for messages. */
static int check_dir(int dirfd, const char *name, int errnum, const char *path, struct err *err)
{
    struct stat st;
    bool there = errnum == EEXIST && sys_stat(dirfd, name, &st, 0) == 0;
    if (there && S_ISDIR(st.st_mode))
        return 0;
    if (there)
        return err_set(err, ERR_INVALID, "cannot make directory '%s': '%s' is not a directory", path, name);
    return err_errno(err, errnum, "cannot make directory '%s'", path);
}

int file_make_dirs(int dirfd, const char *path, mode_t mode, struct err *err)
{
    if (sys_mkdir(dirfd, path, mode) == 0) /* most often only the last is missing */
        return 0;
    if (errno != ENOENT || path[0] == '\0')
        return check_dir(dirfd, path, errno, path, err);
    CLEANUP_MEM char *part = mem_dup(path, strlen(path));
    if (!part)
        return err_nomem(err);
    for (char *at = part + 1;; at++) {
        if (*at && (*at != '/' || at[-1] == '/'))
            continue;
        bool last = *at == '\0';
        *at = '\0';
        int r = sys_mkdir(dirfd, part, mode) < 0 ? check_dir(dirfd, part, errno, path, err) : 0;
        if (r < 0 || last)
            return r;
        *at = '/';
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "io/sys.h"

#include "base/fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The value of CALL, made again while a signal interrupts it; -1 and EIO when a test wants it to fail. */
#define RETRY(type, call)                                                                                              \
    ({                                                                                                                 \
        type result_ = -1;                                                                                             \
        if (fault_point(FAULT_IO))                                                                                     \
            errno = EIO;                                                                                               \
        else                                                                                                           \
            do                                                                                                         \
                result_ = (call);                                                                                      \
            while (result_ < 0 && errno == EINTR);                                                                     \
        result_;                                                                                                       \
    })

int sys_open(int dirfd, const char *path, int flags, mode_t mode)
{
    return RETRY(int, openat(dirfd, path, flags | O_CLOEXEC, mode));
}

int sys_stat(int dirfd, const char *path, struct stat *ret_stat, int flags)
{
    return RETRY(int, fstatat(dirfd, path, ret_stat, flags));
}

int sys_fstat(int fd, struct stat *ret_stat)
{
    return RETRY(int, fstat(fd, ret_stat));
}

ssize_t sys_getdents(int fd, void *entries, size_t size)
{
    return RETRY(ssize_t, getdents64(fd, entries, size));
}

ssize_t sys_read(int fd, void *data, size_t size)
{
    return RETRY(ssize_t, read(fd, data, size));
}

ssize_t sys_pread(int fd, void *data, size_t size, off_t offset)
{
    return RETRY(ssize_t, pread(fd, data, size, offset));
}

ssize_t sys_write(int fd, const void *data, size_t size)
{
    return RETRY(ssize_t, write(fd, data, size));
}

int sys_rename(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
    return RETRY(int, renameat(from_dirfd, from, to_dirfd, to));
}

int sys_link(int from_dirfd, const char *from, int to_dirfd, const char *to, int flags)
{
    return RETRY(int, linkat(from_dirfd, from, to_dirfd, to, flags));
}

int sys_unlink(int dirfd, const char *path, int flags)
{
    return RETRY(int, unlinkat(dirfd, path, flags));
}

int sys_mkdir(int dirfd, const char *path, mode_t mode)
{
    return RETRY(int, mkdirat(dirfd, path, mode));
}

int sys_chmod(int fd, mode_t mode)
{
    return RETRY(int, fchmod(fd, mode));
}

int sys_fsync(int fd)
{
    return RETRY(int, fsync(fd));
}

int sys_write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t put = sys_write(fd, at, size);
        if (put < 0)
            return -1;
        if (put == 0) {
            errno = EIO;
            return -1;
        }
        at += put;
        size -= (size_t)put;
    }
    return 0;
}

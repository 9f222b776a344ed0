/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/sys.h - the system calls that touch files, with a point of failure that tests can trigger (base/fault.h).
 *
 * Each is the call of the same name, begun again when a signal interrupts it: the result or -1 with errno. A point
 * of FAULT_IO that has to fail gives EIO before the call is made; closing is no such point, since it can't be undone.
 */
#include "base/forward.h"

#include <sys/stat.h>
#include <sys/types.h>

int sys_open(int dirfd, const char *path, int flags, mode_t mode); /* adds O_CLOEXEC */
int sys_stat(int dirfd, const char *path, struct stat *ret_stat, int flags);
int sys_fstat(int fd, struct stat *ret_stat);
ssize_t sys_getdents(int fd, void *entries, size_t size); /* struct dirent64, one behind the other */
ssize_t sys_read(int fd, void *data, size_t size);
ssize_t sys_pread(int fd, void *data, size_t size, off_t offset);
ssize_t sys_write(int fd, const void *data, size_t size);
int sys_rename(int from_dirfd, const char *from, int to_dirfd, const char *to);
int sys_link(int from_dirfd, const char *from, int to_dirfd, const char *to, int flags);
int sys_unlink(int dirfd, const char *path, int flags);
int sys_mkdir(int dirfd, const char *path, mode_t mode);
int sys_chmod(int fd, mode_t mode);
int sys_fsync(int fd);

/* Writes all SIZE bytes: 0, or -1 with errno and an unknown part written. */
int sys_write_all(int fd, const void *data, size_t size);

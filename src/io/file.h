/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/file.h - files that are whole or not there.
 *
 * Paths are relative to DIRFD (AT_FDCWD for the current directory). Messages name the path as given.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <sys/stat.h>

/*
 * Appends a regular file's bytes to OUT (as it was before on failure). ERR_LIMIT above LIMIT_BYTES; a directory, FIFO
 * or device is ERR_INVALID.
 */
int file_read_all(int dirfd, const char *path, uint64_t limit_bytes, struct buf *out, struct err *err);

/*
 * Maps a file that nobody changes in place (the cache's own). *ret_bytes is valid until file_unmap; an empty file
 * gives the empty view. For files of others use file_read_all: a shrinking file would kill the process.
 */
int file_map(int dirfd, const char *path, uint64_t limit_bytes, struct str *ret_bytes, struct err *err);
void file_unmap(struct str bytes);

/* Opens a regular file for reading without blocking on FIFOs; fills *ret_stat when it is not NULL. */
int file_open(int dirfd, const char *path, int *ret_fd, struct stat *ret_stat, struct err *err);

/*
 * A new file that appears at PATH, replacing atomically, when the writer closes: written as an unnamed or hidden
 * temporary file in the same directory. MODE is exact, the umask does not count. What stands at PATH must be a regular
 * file or a link to one (a link is replaced, not followed), else ERR_INVALID: a device or FIFO is never replaced.
 * Small writes are gathered. DIRFD stays open as long as the writer lives.
 * Safe against kill -9 (a hidden file may be left behind where the file system knows no unnamed ones, or when killed
 * between the two steps of a replacement), not against a loss of power: nothing is synced.
 */
int file_writer_new(int dirfd, const char *path, mode_t mode, struct writer **ret_writer, struct err *err);

/*
 * For content that names itself: WRITER, from file_writer_new, will appear at PATH instead, which lies in the same
 * directory. On failure the old path stays.
 */
int file_writer_set_path(struct writer *writer, const char *path, struct err *err);

/*
 * For several files that shall appear together: WRITER, from file_writer_new, takes no more, and all that may well fail
 * (a full disk) has been done; what is left to its close is the name. Once.
 */
int file_writer_finish(struct writer *writer, struct err *err);

/* Gives the file to UID and GID, where the process may; else it stays the process's own. Before it is finished. */
void file_writer_set_owner(struct writer *writer, uid_t uid, gid_t gid);

/* The whole of BYTES, atomically. */
int file_write_all(int dirfd, const char *path, mode_t mode, struct str bytes, struct err *err);

/* Copies a file's content atomically; reflink or copy_file_range where the kernel can. */
int file_copy(int from_dirfd, const char *from, int to_dirfd, const char *to, mode_t mode, struct err *err);

/* mkdir -p; 0 when it is there already. New directories get MODE less the umask. */
int file_make_dirs(int dirfd, const char *path, mode_t mode, struct err *err);

/* rm -rf, never following links; 0 when it is not there. ERR_LIMIT below FILE_TREE_DEPTH_MAX levels. */
#define FILE_TREE_DEPTH_MAX 256 /* each holds a descriptor and some stack */
int file_remove_tree(int dirfd, const char *path, struct err *err);

/* The names of temporary files that a killed process may have left: FILE_TEMP_PREFIX, 16 hex digits. */
#define FILE_TEMP_PREFIX ".barehull-"
bool file_is_temp_name(const char *name);

void fd_cleanup(int *fd); /* closes when >= 0, and makes it -1: a second call must not close another's file */
#define CLEANUP_FD CLEANUP(fd_cleanup)

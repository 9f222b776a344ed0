/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of a store that live as long as a lock on them is held. */
#include "base/alloc.h"
#include "io/file.h"
#include "io/internal.h"
#include "io/store.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORK_PREFIX ".work-"
#define ATTEMPTS    16 /* each lost one was swept between its making and its lock */

/* Makes and locks one; *ret_fd is -1 when another process took it for a dead one's first. */
static int make(const struct store *store, struct buf *path, int *ret_fd, struct err *err)
{
    struct stat st;
    buf_addf(path, "%s/" WORK_PREFIX "XXXXXX", store->dir);
    int r = buf_check(path, err);
    if (r < 0)
        return r;
    if (!mkdtemp(path->ptr)) /* ends with NUL */
        return err_errno(err, errno, "cannot make a directory in the cache '%s'", store->dir);
    CLEANUP_FD int fd = sys_open(AT_FDCWD, path->ptr, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    *ret_fd = -1;
    if (fd < 0 && errno != ENOENT) {
        r = err_errno(err, errno, "cannot open '%s'", path->ptr);
        (void)rmdir(path->ptr);
        return r;
    }
    /* Where the file system can't lock, nobody can sweep either. */
    if (fd < 0 || (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) || fstat(fd, &st) != 0 ||
        st.st_nlink == 0)
        return 0;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int store_work_dir(struct store *store, struct buf *path, int *ret_lock_fd, struct err *err)
{
    if (!store)
        return err_set(err, ERR_NOT_FOUND, "there is no cache");
    for (int i = 0; i < ATTEMPTS; i++) {
        CLEANUP_BUF struct buf made = BUF_INIT;
        int fd;
        int r = make(store, &made, &fd, err);
        if (r < 0)
            return r;
        if (fd < 0)
            continue;
        buf_add_str(path, buf_str(&made));
        r = buf_check(path, err);
        if (r < 0) {
            (void)rmdir(made.ptr);
            close(fd);
            return r;
        }
        *ret_lock_fd = fd;
        return 0;
    }
    return err_set(err, ERR_IO, "directories in the cache '%s' go as soon as they are made", store->dir);
}

void store_sweep_work(struct store *store)
{
    CLEANUP_FD int top = sys_open(AT_FDCWD, store->dir, O_RDONLY | O_DIRECTORY, 0);
    int own = top >= 0 ? fcntl(top, F_DUPFD_CLOEXEC, 0) : -1;
    DIR *entries = own >= 0 ? fdopendir(own) : NULL;
    if (!entries && own >= 0)
        close(own);
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        if (strncmp(entry->d_name, WORK_PREFIX, sizeof(WORK_PREFIX) - 1) != 0)
            continue;
        CLEANUP_FD int fd = sys_open(top, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            (void)file_remove_tree(top, entry->d_name, NULL);
    }
    if (entries)
        closedir(entries);
}

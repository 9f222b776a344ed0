/* SPDX-License-Identifier: Apache-2.0 */
#include "io/file.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int remove_entry(int dirfd, const char *name, const char *path, unsigned depth, struct err *err);

/* Empties the directory behind FD, which it closes. */
static int remove_content(int fd, const char *path, unsigned depth, struct err *err)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int errnum = errno;
        close(fd);
        return err_errno(err, errnum, "cannot read directory '%s'", path);
    }
    int r = 0;
    while (r == 0) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry && errno != 0)
            r = err_errno(err, errno, "cannot read directory '%s'", path);
        if (!entry)
            break;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            r = remove_entry(dirfd(dir), entry->d_name, path, depth, err);
    }
    closedir(dir);
    return r;
}

/* Removes NAME; what another process removed meanwhile is fine. PATH is for messages. */
static int remove_entry(int dirfd, const char *name, const char *path, unsigned depth, struct err *err)
{
    if (sys_unlink(dirfd, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return err_errno(err, errno, "cannot remove '%s' in '%s'", name, path);
    if (depth == 0)
        return err_set(err, ERR_LIMIT, "cannot remove '%s': deeper than %d directories", path, FILE_TREE_DEPTH_MAX);
    int errnum = errno;
    int fd = sys_open(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return err_errno(err, errno == ENOTDIR ? errnum : errno, "cannot remove '%s' in '%s'", name, path);
    int r = remove_content(fd, path, depth - 1, err);
    if (r < 0)
        return r;
    if (sys_unlink(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        return err_errno(err, errno, "cannot remove '%s' in '%s'", name, path);
    return 0;
}

int file_remove_tree(int dirfd, const char *path, struct err *err)
{
    return remove_entry(dirfd, path, path, FILE_TREE_DEPTH_MAX, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic files. An unnamed file (O_TMPFILE) leaves nothing behind when the process is killed; linkat gives it its
 * name, but can't replace: over an existing file it is linked under a hidden name, which is then renamed. Where the
 * file system knows no unnamed files, or /proc (through which they are linked) is missing, the hidden name is there
 * from the start.
 */
#include "base/alloc.h"
#include "base/path.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#define TEMP_TRIES 16

struct file_writer {
    struct writer base;
    struct writer *below; /* gathers small writes, writes to fd */
    int dirfd;            /* the caller's */
    int fd;
    mode_t mode;
    char *path;
    char *temp; /* hidden path in the same directory, or NULL while the file is unnamed */
};

bool file_is_temp_name(const char *name)
{
    struct str s = str_z(name);
    size_t prefix = sizeof(FILE_TEMP_PREFIX) - 1;
    if (s.len != prefix + 16 || !str_starts(s, STR(FILE_TEMP_PREFIX)))
        return false;
    for (size_t i = prefix; i < s.len; i++)
        if (!char_is_digit(s.ptr[i]) && (s.ptr[i] < 'a' || s.ptr[i] > 'f'))
            return false;
    return true;
}

/* A fresh hidden path beside PATH; NULL when memory is short. Owner frees with mem_free. */
static char *temp_path(const char *path)
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
        random = (uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)path; /* O_EXCL still guards */
    struct str dir = path_dir(str_z(path));
    struct buf name = BUF_INIT;
    buf_add_str(&name, dir);
    if (dir.len && dir.ptr[dir.len - 1] != '/')
        buf_add_char(&name, '/');
    buf_addf(&name, FILE_TEMP_PREFIX "%016llx", (unsigned long long)random);
    char *made = buf_take(&name, NULL);
    buf_done(&name);
    return made;
}

/* Opens an unnamed file in PATH's directory; -1 and errno. */
static int open_unnamed(int dirfd, const char *path)
{
    if (faccessat(AT_FDCWD, "/proc/self/fd", X_OK, 0) != 0) {
        errno = EOPNOTSUPP;
        return -1;
    }
    struct str dir = path_dir(str_z(path));
    CLEANUP_MEM char *copy = dir.len ? mem_dup(dir.ptr, dir.len) : mem_dup(".", 1);
    if (!copy) {
        errno = ENOMEM;
        return -1;
    }
    return sys_open(dirfd, copy, O_TMPFILE | O_WRONLY, 0600);
}

static int open_hidden(struct file_writer *writer)
{
    for (int i = 0; i < TEMP_TRIES; i++) {
        CLEANUP_MEM char *temp = temp_path(writer->path);
        if (!temp) {
            errno = ENOMEM;
            return -1;
        }
        int fd = sys_open(writer->dirfd, temp, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0600);
        if (fd >= 0)
            writer->temp = TAKE_PTR(temp);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static int open_temporary(struct file_writer *writer, struct err *err)
{
    writer->fd = open_unnamed(writer->dirfd, writer->path);
    if (writer->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        writer->fd = open_hidden(writer);
    if (writer->fd < 0)
        return err_errno(err, errno, "cannot create '%s'", writer->path);
    return 0;
}

/* Frees all; removes a hidden file that is still there. */
static void discard(struct file_writer *writer)
{
    writer_cancel(writer->below);
    if (writer->temp)
        unlinkat(writer->dirfd, writer->temp, 0); /* not sys_unlink: nothing can be done about a failure */
    if (writer->fd >= 0)
        close(writer->fd);
    mem_free(writer->temp);
    mem_free(writer->path);
    mem_free(writer);
}

/* Gives an unnamed file the hidden name that a rename needs. */
static int link_hidden(struct file_writer *writer, const char *proc_path)
{
    for (int i = 0; i < TEMP_TRIES; i++) {
        CLEANUP_MEM char *temp = temp_path(writer->path);
        if (!temp) {
            errno = ENOMEM;
            return -1;
        }
        if (sys_link(AT_FDCWD, proc_path, writer->dirfd, temp, AT_SYMLINK_FOLLOW) == 0) {
            writer->temp = TAKE_PTR(temp);
            return 0;
        }
        if (errno != EEXIST)
            return -1;
    }
    return -1;
}

/* Makes the file appear at its path; -1 and errno. */
static int publish(struct file_writer *writer)
{
    if (!writer->temp) {
        char proc_path[64];
        (void)snprintf(proc_path, sizeof(proc_path), "/proc/self/fd/%d", writer->fd);
        if (sys_link(AT_FDCWD, proc_path, writer->dirfd, writer->path, AT_SYMLINK_FOLLOW) == 0)
            return 0;
        if (errno != EEXIST || link_hidden(writer, proc_path) < 0)
            return -1;
    }
    if (sys_rename(writer->dirfd, writer->temp, writer->dirfd, writer->path) < 0)
        return -1;
    mem_free(writer->temp);
    writer->temp = NULL;
    return 0;
}

static int file_write(struct writer *base, const void *data, size_t size, struct err *err)
{
    struct file_writer *writer = (struct file_writer *)base;
    if (!writer->below)
        return err_set(err, ERR_INTERNAL, "'%s' is finished", writer->path);
    return writer_write(writer->below, data, size, err);
}

static void file_cancel(struct writer *base)
{
    discard((struct file_writer *)base);
}

int file_writer_finish(struct writer *base, struct err *err)
{
    struct file_writer *writer = (struct file_writer *)base;
    int r = writer_close(TAKE_PTR(writer->below), err);
    if (r == 0 && sys_chmod(writer->fd, writer->mode) < 0)
        r = err_errno(err, errno, "cannot set the mode of '%s'", writer->path);
    if (r < 0 && base->failed == ERR_NONE)
        base->failed = (enum err_code) - r;
    return r;
}

void file_writer_set_owner(struct writer *base, uid_t uid, gid_t gid)
{
    struct file_writer *writer = (struct file_writer *)base;
    if (fchown(writer->fd, uid, gid) != 0) /* not root: a group of its own is what it may give */
        (void)!fchown(writer->fd, (uid_t)-1, gid);
}

static int file_close(struct writer *base, struct err *err)
{
    struct file_writer *writer = (struct file_writer *)base;
    int r = writer->below ? file_writer_finish(base, err) : 0;
    if (r == 0 && publish(writer) < 0)
        r = err_errno(err, errno, "cannot create '%s'", writer->path);
    discard(writer);
    return r;
}

static const struct writer_ops file_ops = {file_write, file_close, file_cancel};

/* Only a regular file may be replaced; a missing one is fine, all else shows when the file is made. */
static int check_target(int dirfd, const char *path, struct err *err)
{
    struct stat st;
    if (path[0] == '\0' || path[strlen(path) - 1] == '/')
        return err_set(err, ERR_INVALID, "'%s' is not the name of a file", path);
    if (fstatat(dirfd, path, &st, 0) != 0 || S_ISREG(st.st_mode))
        return 0;
    return err_set(err, ERR_INVALID, "'%s' is %s, it will not be replaced by a file", path,
                   S_ISDIR(st.st_mode) ? "a directory" : "no regular file");
}

int file_writer_new(int dirfd, const char *path, mode_t mode, struct writer **ret_writer, struct err *err)
{
    int r = check_target(dirfd, path, err);
    if (r < 0)
        return r;
    struct file_writer *writer = mem_calloc(1, sizeof(*writer));
    if (!writer)
        return err_nomem(err);
    writer->base.ops = &file_ops;
    writer->dirfd = dirfd;
    writer->fd = -1;
    writer->mode = mode;
    writer->path = mem_dup(path, strlen(path));
    r = writer->path ? open_temporary(writer, err) : err_nomem(err);
    if (r == 0)
        r = fd_writer_new(writer->fd, path, &writer->below, err);
    if (r < 0) {
        discard(writer);
        return r;
    }
    *ret_writer = &writer->base;
    return 0;
}

int file_writer_set_path(struct writer *base, const char *path, struct err *err)
{
    struct file_writer *writer = (struct file_writer *)base;
    int r = check_target(writer->dirfd, path, err);
    if (r < 0)
        return r;
    char *copy = mem_dup(path, strlen(path));
    if (!copy)
        return err_nomem(err);
    mem_free(writer->path);
    writer->path = copy;
    return 0;
}

/* Moves the bytes inside the kernel: shared extents where the file system has them, else a copy; -1 and errno. */
static int copy_in_kernel(int from, int to)
{
    if (ioctl(to, FICLONE, from) == 0)
        return 0;
    for (;;) {
        ssize_t put = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put == 0 ? 0 : -1;
    }
}

static int copy_by_hand(int from, const char *name, struct file_writer *writer, struct err *err)
{
    CLEANUP_MEM char *chunk = mem_alloc(128U * 1024U);
    if (!chunk)
        return err_nomem(err);
    for (;;) {
        ssize_t got = sys_read(from, chunk, 128U * 1024U);
        if (got < 0)
            return err_errno(err, errno, "cannot read '%s'", name);
        if (got == 0)
            return 0;
        int r = writer_write(&writer->base, chunk, (size_t)got, err);
        if (r < 0)
            return r;
    }
}

int file_copy(int from_dirfd, const char *from, int to_dirfd, const char *to, mode_t mode, struct err *err)
{
    CLEANUP_FD int fd = -1;
    CLEANUP_WRITER struct writer *base = NULL;
    struct stat st;
    int r = file_open(from_dirfd, from, &fd, &st, err);
    if (r == 0)
        r = file_writer_new(to_dirfd, to, mode, &base, err);
    if (r < 0)
        return r;
    struct file_writer *writer = (struct file_writer *)base;
    /* What a failed copy in the kernel has done stays done: both offsets moved alike, the rest goes by hand. */
    if (copy_in_kernel(fd, writer->fd) < 0)
        r = copy_by_hand(fd, from, writer, err);
    return r < 0 ? r : writer_close(TAKE_PTR(base), err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a store holds, and taking it away. */
#include "base/buf.h"
#include "base/clock.h"
#include "io/file.h"
#include "io/internal.h"
#include "io/store.h"
#include "io/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_AGE_SECONDS 3600 /* a file that is being written is younger */
#define SWEEP_STAMP      ".swept"
#define SWEEP_SECONDS    86400

static DIR *open_dir(int dirfd, const char *path)
{
    int fd = sys_open(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir && fd >= 0)
        close(fd);
    return dir;
}

static void close_dir(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}
#define CLEANUP_DIR CLEANUP(close_dir)

/* The next kind of the store, or NULL. */
static const char *next_kind(DIR *dir)
{
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (name[0] != '.' && strlen(name) <= STORE_KIND_MAX && strcmp(name, STORE_LOCKS) != 0)
            return name;
    }
    return NULL;
}

/* Looks at the next regular file of DIR; false at the end. */
static bool next_file(DIR *dir, const char **ret_name, struct stat *ret_stat)
{
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (sys_stat(dirfd(dir), entry->d_name, ret_stat, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(ret_stat->st_mode))
            continue;
        *ret_name = entry->d_name;
        return true;
    }
    return false;
}

static int by_kind(const void *a, const void *b)
{
    return strcmp(((const struct store_usage *)a)->kind, ((const struct store_usage *)b)->kind);
}

size_t store_usage(struct store *store, struct store_usage *ret_usage, size_t max)
{
    CLEANUP_DIR DIR *top = store ? open_dir(AT_FDCWD, store->dir) : NULL;
    size_t count = 0;
    for (const char *kind; top && count < max && (kind = next_kind(top));) {
        CLEANUP_DIR DIR *dir = open_dir(dirfd(top), kind);
        if (!dir)
            continue;
        struct store_usage *usage = &ret_usage[count++];
        *usage = (struct store_usage){.files = 0};
        (void)snprintf(usage->kind, sizeof(usage->kind), "%s", kind);
        const char *name;
        for (struct stat st; next_file(dir, &name, &st);) {
            usage->files++;
            usage->bytes += (uint64_t)st.st_size;
        }
    }
    if (count > 1)
        qsort(ret_usage, count, sizeof(*ret_usage), by_kind);
    return count;
}

static bool is_old_temp(const char *name, const struct stat *st)
{
    return file_is_temp_name(name) && st->st_mtime < clock_unix_seconds() - TEMP_AGE_SECONDS;
}

struct cleared {
    uint64_t files;
    uint64_t bytes;
};

/* Removes the files of one kind; the directory stays, as others may be about to put a file there. */
static int clear_kind(int top, const char *kind, bool temps_only, struct cleared *cleared, struct err *err)
{
    CLEANUP_DIR DIR *dir = open_dir(top, kind);
    if (!dir && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return 0;
    if (!dir)
        return err_errno(err, errno, "cannot read '%s' in the cache", kind);
    const char *name;
    for (struct stat st; next_file(dir, &name, &st);) {
        bool temp = file_is_temp_name(name);
        if (temp ? !is_old_temp(name, &st) : temps_only)
            continue;
        if (sys_unlink(dirfd(dir), name, 0) < 0 && errno != ENOENT)
            return err_errno(err, errno, "cannot remove '%s/%s' from the cache", kind, name);
        cleared->files++;
        cleared->bytes += (uint64_t)st.st_size;
    }
    return 0;
}

/* Removes the locks that nobody holds; who waits for one sees that its file is gone (store_lock). */
static void clear_locks(int top)
{
    CLEANUP_DIR DIR *dir = open_dir(top, STORE_LOCKS);
    const char *name;
    for (struct stat st; dir && next_file(dir, &name, &st);) {
        CLEANUP_FD int fd = sys_open(dirfd(dir), name, O_RDWR | O_NOFOLLOW, 0);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            (void)sys_unlink(dirfd(dir), name, 0);
    }
}

static int clear_all(DIR *top, bool temps_only, struct cleared *cleared, struct err *err)
{
    for (const char *kind; (kind = next_kind(top));) {
        int r = clear_kind(dirfd(top), kind, temps_only, cleared, err);
        if (r < 0)
            return r;
    }
    return 0;
}

int store_clear(struct store *store, const char *kind, uint64_t *ret_files, uint64_t *ret_bytes, struct err *err)
{
    struct cleared cleared = {0, 0};
    if (store) {
        CLEANUP_DIR DIR *top = open_dir(AT_FDCWD, store->dir);
        if (!top)
            return err_errno(err, errno, "cannot read the cache '%s'", store->dir);
        int r = kind ? clear_kind(dirfd(top), kind, false, &cleared, err) : clear_all(top, false, &cleared, err);
        if (r < 0)
            return r;
        if (!kind) {
            clear_locks(dirfd(top));
            store_sweep_work(store);
        }
    }
    if (ret_files)
        *ret_files = cleared.files;
    if (ret_bytes)
        *ret_bytes = cleared.bytes;
    return 0;
}

void store_sweep_daily(struct store *store)
{
    CLEANUP_DIR DIR *top = open_dir(AT_FDCWD, store->dir);
    struct stat st;
    if (!top)
        return;
    int64_t now = clock_unix_seconds();
    if (sys_stat(dirfd(top), SWEEP_STAMP, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mtime <= now &&
        st.st_mtime > now - SWEEP_SECONDS)
        return;
    CLEANUP_FD int fd = sys_open(dirfd(top), SWEEP_STAMP, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
    if (fd < 0 || futimens(fd, NULL) != 0)
        return;
    struct cleared cleared = {0, 0};
    (void)clear_all(top, true, &cleared, NULL);
}

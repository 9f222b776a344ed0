/* SPDX-License-Identifier: Apache-2.0 */
#include "io/store.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "io/file.h"
#include "io/internal.h"
#include "io/sys.h"
#include "io/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define KEY_MAX          200U
#define LOCK_POLL_MIN_NS 1000000L  /* first wait; doubles up to the maximum */
#define LOCK_POLL_MAX_NS 50000000L /* how late a cancellation is noticed */
#define LOCK_PROGRESS_NS 200000000ULL

static bool valid_name(const char *name, size_t max)
{
    size_t len = strlen(name);
    if (len == 0 || len > max || name[0] == '.')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!char_is_alnum(name[i]) && !strchr("._+~-", name[i]))
            return false;
    return true;
}

static int hint(struct err *err)
{
    return err_hint(err, "choose another directory with BAREHULL_CACHE_DIR or XDG_CACHE_HOME");
}

/* Appends DIR/KIND/KEY to OUT (DIR/KIND when KEY is NULL). */
static int make_path(const struct store *store, const char *kind, const char *key, struct buf *out, struct err *err)
{
    if (!valid_name(kind, STORE_KIND_MAX) || (key && !valid_name(key, KEY_MAX)))
        return err_set(err, ERR_INTERNAL, "'%s/%s' can't be the name of a file in the cache", kind, key ? key : "");
    buf_addf(out, "%s/%s", store->dir, kind);
    if (key)
        buf_addf(out, "/%s", key);
    return buf_check(out, err);
}

int store_open(const char *dir, struct store **ret_store, struct err *err)
{
    if (dir[0] == '\0') {
        *ret_store = NULL;
        return 0;
    }
    int r = file_make_dirs(AT_FDCWD, dir, 0700, err);
    if (r < 0) {
        (void)err_wrap(err, "cannot use the cache");
        return hint(err);
    }
    if (faccessat(AT_FDCWD, dir, R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
        (void)err_errno(err, errno, "cannot use the cache '%s'", dir);
        return hint(err);
    }
    struct store *store = mem_calloc(1, sizeof(*store));
    char *copy = mem_dup(dir, strlen(dir));
    if (!store || !copy) {
        mem_free(store);
        mem_free(copy);
        return err_nomem(err);
    }
    store->dir = copy;
    store_sweep_daily(store);
    store_sweep_work(store);
    *ret_store = store;
    return 0;
}

void store_free(struct store *store)
{
    if (!store)
        return;
    mem_free(store->dir);
    mem_free(store);
}

void store_cleanup(struct store **store)
{
    store_free(*store);
}

const char *store_dir(const struct store *store)
{
    return store ? store->dir : "";
}

/* ---- taking */

bool store_map(struct store *store, const char *kind, const char *key, struct str *ret_bytes)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    if (!store || make_path(store, kind, key, &path, NULL) < 0 ||
        file_map(AT_FDCWD, buf_z(&path), INT64_MAX, ret_bytes, NULL) < 0)
        return false;
    static const struct timespec used[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};
    (void)utimensat(AT_FDCWD, buf_z(&path), used, AT_SYMLINK_NOFOLLOW);
    return true;
}

int store_open_fd(struct store *store, const char *kind, const char *key)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    int fd = -1;
    if (!store || make_path(store, kind, key, &path, NULL) < 0 ||
        file_open(AT_FDCWD, buf_z(&path), &fd, NULL, NULL) < 0)
        return -1;
    return fd;
}

void store_remove(struct store *store, const char *kind, const char *key)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    if (store && make_path(store, kind, key, &path, NULL) == 0)
        (void)sys_unlink(AT_FDCWD, buf_z(&path), 0);
}

/* ---- putting: a file that tells the remedy when it fails */

struct store_writer {
    struct writer base;
    struct writer *below;
};

static int with_hint(int r, struct err *err)
{
    if (r == -(int)ERR_NO_SPACE)
        (void)err_hint(err, "free some space (barehull cache --clear), or choose another directory with "
                            "BAREHULL_CACHE_DIR or XDG_CACHE_HOME");
    else if (r == -(int)ERR_PERMISSION)
        (void)hint(err);
    return r;
}

static int store_write(struct writer *base, const void *data, size_t size, struct err *err)
{
    return with_hint(writer_write(((struct store_writer *)base)->below, data, size, err), err);
}

static int store_close(struct writer *base, struct err *err)
{
    int r = writer_close(((struct store_writer *)base)->below, err);
    mem_free(base);
    return with_hint(r, err);
}

static void store_cancel(struct writer *base)
{
    writer_cancel(((struct store_writer *)base)->below);
    mem_free(base);
}

static const struct writer_ops store_ops = {store_write, store_close, store_cancel};

/* A file at PATH, whose directory is made when it is missing. */
static int open_file(struct store *store, const char *kind, const char *path, struct writer **ret_writer,
                     struct err *err)
{
    int r = file_writer_new(AT_FDCWD, path, 0600, ret_writer, err);
    if (r != -(int)ERR_NOT_FOUND)
        return r;
    CLEANUP_BUF struct buf dir = BUF_INIT;
    r = make_path(store, kind, NULL, &dir, err);
    if (r == 0)
        r = file_make_dirs(AT_FDCWD, buf_z(&dir), 0700, err);
    return r < 0 ? r : file_writer_new(AT_FDCWD, path, 0600, ret_writer, err);
}

int store_writer_new(struct store *store, const char *kind, const char *key, struct writer **ret_writer,
                     struct err *err)
{
    if (!store)
        return null_writer_new(ret_writer, err);
    CLEANUP_BUF struct buf path = BUF_INIT;
    CLEANUP_WRITER struct writer *below = NULL;
    int r = make_path(store, kind, key, &path, err);
    if (r == 0)
        r = with_hint(open_file(store, kind, buf_z(&path), &below, err), err);
    if (r < 0)
        return r;
    struct store_writer *writer = mem_calloc(1, sizeof(*writer));
    if (!writer)
        return err_nomem(err);
    writer->base.ops = &store_ops;
    writer->below = TAKE_PTR(below);
    *ret_writer = &writer->base;
    return 0;
}

int store_put(struct store *store, const char *kind, const char *key, struct str bytes, struct err *err)
{
    CLEANUP_WRITER struct writer *writer = NULL;
    int r = store_writer_new(store, kind, key, &writer, err);
    if (r == 0)
        r = writer_write_str(writer, bytes, err);
    return r < 0 ? r : writer_close(TAKE_PTR(writer), err);
}

/* ---- locks */

/* Opens the lock file at PATH, making its directory when it is missing. */
static int open_lock(struct store *store, const char *path, int *ret_fd, struct err *err)
{
    int fd = sys_open(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == ENOENT) {
        CLEANUP_BUF struct buf dir = BUF_INIT;
        int r = make_path(store, STORE_LOCKS, NULL, &dir, err);
        if (r == 0)
            r = file_make_dirs(AT_FDCWD, buf_z(&dir), 0700, err);
        if (r < 0)
            return r;
        fd = sys_open(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    }
    if (fd < 0)
        return with_hint(err_errno(err, errno, "cannot open the lock '%s'", path), err);
    *ret_fd = fd;
    return 0;
}

/* Waits until FD is locked, or can't ever be. */
static int wait_lock(int fd, const char *name, const struct op_ctx *ctx, struct err *err)
{
    uint64_t start = clock_monotonic_ns();
    struct timespec pause = {.tv_nsec = LOCK_POLL_MIN_NS};
    while (flock(fd, LOCK_EX | LOCK_NB) != 0 && (errno == EWOULDBLOCK || errno == EINTR)) {
        int r = op_check(ctx, err);
        if (r < 0)
            return r;
        if (clock_monotonic_ns() - start > LOCK_PROGRESS_NS)
            op_progress(ctx, STR("waiting"), str_z(name), 0, 0);
        (void)nanosleep(&pause, NULL);
        pause.tv_nsec = pause.tv_nsec * 2 < LOCK_POLL_MAX_NS ? pause.tv_nsec * 2 : LOCK_POLL_MAX_NS;
    }
    return 0;
}

int store_lock(struct store *store, const char *name, const struct op_ctx *ctx, int *ret_lock_fd, struct err *err)
{
    if (!store) {
        *ret_lock_fd = -1;
        return 0;
    }
    CLEANUP_BUF struct buf path = BUF_INIT;
    int r = make_path(store, STORE_LOCKS, name, &path, err);
    while (r == 0) {
        CLEANUP_FD int fd = -1;
        r = open_lock(store, buf_z(&path), &fd, err);
        if (r == 0)
            r = wait_lock(fd, name, ctx, err);
        struct stat st;
        if (r == 0 && sys_fstat(fd, &st) < 0)
            r = err_errno(err, errno, "cannot read the lock '%s'", buf_z(&path));
        if (r < 0 || st.st_nlink == 0) /* store_clear took the file away: others lock a new one */
            continue;
        *ret_lock_fd = fd;
        fd = -1;
        break;
    }
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "io/file.h"
#include "io/sys.h"
#include "oci/index.h"
#include "oci/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define LAYOUT_FILE "oci-layout"
#define BLOBS_DIR   "blobs/sha256"

/* How long another process may hold the lock: it is held for one small file's sake. */
#define LOCK_PATIENCE_NS 60000000000ULL
#define LOCK_POLL_NS     5000000L

/* Opening is tried again while another process takes a failed creation away. */
#define OPEN_TRIES 1000

/*
 * A writer holds a shared lock on the directory of blobs: as long as one does, nobody takes away what was created. The
 * lock on the layout's own directory is the index's.
 */
struct oci_layout {
    char *path; /* for messages */
    int dirfd;
    int use_fd;       /* on "blobs", locked; -1: for reading, or where the file system can't lock */
    bool made_dir;    /* PATH was not there before */
    bool made_layout; /* neither a layout nor blobs were there before */
};

void oci_layout_free(struct oci_layout *layout)
{
    if (!layout)
        return;
    if (layout->dirfd >= 0)
        close(layout->dirfd);
    if (layout->use_fd >= 0)
        close(layout->use_fd);
    mem_free(layout->path);
    mem_free(layout);
}

void oci_layout_cleanup(struct oci_layout **layout)
{
    oci_layout_free(*layout);
}

int oci_layout_version_check(struct str bytes, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL, *member = NULL;
    struct str version = STR_NONE;
    int r = oci_json_read(bytes, LIMIT_MANIFEST_BYTES, &arena, &root, err);
    if (r == 0)
        r = data_need(root, "imageLayoutVersion", &member, err);
    if (r == 0)
        r = data_str(member, &version, err);
    if (r == 0 && !str_starts(version, STR("1."))) {
        r = err_set(err, ERR_UNSUPPORTED, "the layout has version '%.*s', not 1.0.0", STR_ARG(str_head(version, 100)));
    }
    return r;
}

/* True when nothing but what a layout is made of is there (a creation that was killed, or one that runs right now). */
static bool is_fresh_name(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "blobs") == 0 ||
           strcmp(name, LAYOUT_FILE) == 0 || file_is_temp_name(name);
}

static int check_empty(const struct oci_layout *layout, struct err *err)
{
    int fd = sys_open(layout->dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        int errnum = errno;
        if (fd >= 0)
            close(fd);
        return err_errno(err, errnum, "cannot read directory '%s'", layout->path);
    }
    int r = 0;
    for (struct dirent *entry; r == 0 && (entry = readdir(dir));) {
        if (is_fresh_name(entry->d_name))
            continue;
        err_set(err, ERR_EXISTS, "'%s' is neither empty nor an OCI layout: it holds '%s'", layout->path, entry->d_name);
        err_hint(err, "name another directory, or empty this one");
        r = -(int)ERR_EXISTS;
    }
    closedir(dir);
    return r;
}

static int make_layout(struct oci_layout *layout, struct err *err)
{
    struct stat st;
    int r = check_empty(layout, err);
    /* "blobs" without a layout may be what a killed creation left, or may be somebody's: it will not be taken away. */
    layout->made_layout = r == 0 && sys_stat(layout->dirfd, "blobs", &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
    if (r == 0)
        r = file_make_dirs(layout->dirfd, BLOBS_DIR, 0777, err);
    if (r == 0)
        r = file_write_all(layout->dirfd, LAYOUT_FILE, 0644, STR(OCI_LAYOUT_TEXT), err);
    return r;
}

/* Creates what is missing (CREATE) and checks what is there. */
static int check_layout(struct oci_layout *layout, bool create, struct err *err)
{
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    struct err why = ERR_INIT;
    int r = file_read_all(layout->dirfd, LAYOUT_FILE, LIMIT_MANIFEST_BYTES, &bytes, &why);
    if (r == -(int)ERR_NOT_FOUND) {
        struct stat st;
        int made = create ? make_layout(layout, err) : 0;
        /* What was found instead of an empty directory may be a layout that another process finished meanwhile. */
        if (made == -(int)ERR_EXISTS && sys_stat(layout->dirfd, LAYOUT_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0)
            return check_layout(layout, create, err);
        if (create)
            return made;
        return err_set(err, ERR_INVALID, "'%s' is no OCI layout: it has no file '" LAYOUT_FILE "'", layout->path);
    }
    if (r == 0)
        r = oci_layout_version_check(buf_str(&bytes), &why);
    if (r != 0) {
        err_wrap(&why, "'%s/" LAYOUT_FILE "'", layout->path);
        if (err)
            *err = why;
        return r;
    }
    return create ? file_make_dirs(layout->dirfd, BLOBS_DIR, 0777, err) : 0;
}

/* True when what was opened and locked is still what stands at the path. */
static bool still_there(const struct oci_layout *layout, int blobs_fd)
{
    struct stat opened, found, dir;
    return sys_fstat(layout->dirfd, &dir) == 0 && dir.st_nlink > 0 && sys_fstat(blobs_fd, &opened) == 0 &&
           sys_stat(layout->dirfd, "blobs", &found, AT_SYMLINK_NOFOLLOW) == 0 && opened.st_ino == found.st_ino &&
           sys_stat(layout->dirfd, LAYOUT_FILE, &found, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Takes the writer's lock; *ret_again when the layout was taken away in between. */
static int start_use(struct oci_layout *layout, bool *ret_again, struct err *err)
{
    CLEANUP_FD int fd = sys_open(layout->dirfd, "blobs", O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 && errno != ENOENT)
        return err_errno(err, errno, "cannot open '%s/blobs'", layout->path);
    bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0;
    *ret_again = fd < 0 || (!locked && errno == EWOULDBLOCK) || (locked && !still_there(layout, fd));
    if (locked && !*ret_again) {
        layout->use_fd = fd;
        fd = -1;
    }
    return 0;
}

static int try_open(const char *path, bool create, struct oci_layout **ret_layout, bool *ret_again, struct err *err)
{
    struct stat st;
    CLEANUP_OCI_LAYOUT struct oci_layout *layout = mem_calloc(1, sizeof(*layout));
    if (!layout)
        return err_nomem(err);
    layout->dirfd = -1;
    layout->use_fd = -1;
    layout->path = mem_dup(path, strlen(path));
    if (!layout->path)
        return err_nomem(err);
    layout->made_dir = create && sys_stat(AT_FDCWD, path, &st, 0) != 0 && errno == ENOENT;
    int r = create ? file_make_dirs(AT_FDCWD, path, 0777, err) : 0;
    if (r != 0)
        return r;
    layout->dirfd = sys_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    if (layout->dirfd < 0)
        return err_errno(err, errno, "cannot open the layout '%s'", path);
    r = check_layout(layout, create, err);
    if (r == 0 && create)
        r = start_use(layout, ret_again, err);
    else if (create && sys_fstat(layout->dirfd, &st) == 0 && st.st_nlink == 0)
        *ret_again = true;
    if (r != 0)
        oci_layout_undo(layout);
    if (r == 0 && !*ret_again)
        *ret_layout = TAKE_PTR(layout);
    return *ret_again ? 0 : r;
}

int oci_layout_open(const char *path, bool create, struct oci_layout **ret_layout, struct err *err)
{
    for (int i = 0; i < OPEN_TRIES; i++) {
        bool again = false;
        int r = try_open(path, create, ret_layout, &again, err);
        if (r != 0 || !again)
            return r;
        nanosleep(&(struct timespec){0, LOCK_POLL_NS}, NULL);
    }
    return err_set(err, ERR_IO, "the layout '%s' is taken away again and again by another process", path);
}

void oci_layout_undo(struct oci_layout *layout)
{
    struct stat st;
    if (!layout->made_layout)
        return;
    CLEANUP_FD int fd = sys_open(layout->dirfd, "blobs", O_RDONLY | O_DIRECTORY, 0);
    int lock_fd = layout->use_fd >= 0 ? layout->use_fd : fd;
    if (lock_fd >= 0 && flock(lock_fd, LOCK_EX | LOCK_NB) != 0)
        return; /* somebody else works here, or nobody can tell */
    if (sys_stat(layout->dirfd, "index.json", &st, AT_SYMLINK_NOFOLLOW) == 0)
        return;
    /* The layout's mark goes first: who finds new blobs without it starts anew (still_there). */
    (void)sys_unlink(layout->dirfd, LAYOUT_FILE, 0);
    (void)file_remove_tree(layout->dirfd, "blobs", NULL);
    if (layout->made_dir)
        (void)sys_unlink(AT_FDCWD, layout->path, AT_REMOVEDIR);
    layout->made_layout = false;
}

bool oci_layout_has_blob(struct oci_layout *layout, const struct digest *digest, uint64_t size_bytes)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    struct stat st;
    oci_blob_path(&path, digest);
    return buf_check(&path, NULL) == 0 && sys_stat(layout->dirfd, path.ptr, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(st.st_mode) && (uint64_t)st.st_size == size_bytes;
}

int oci_layout_put_blob(struct oci_layout *layout, const struct digest *digest, struct str bytes, struct err *err)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    oci_blob_path(&path, digest);
    int r = buf_check(&path, err);
    if (r != 0 || oci_layout_has_blob(layout, digest, bytes.len))
        return r;
    r = file_write_all(layout->dirfd, path.ptr, 0644, bytes, err);
    if (r != 0 && err)
        (void)err_wrap(err, "the layout '%s'", layout->path);
    return r;
}

/* Waits for the exclusive lock on the directory; *ret_fd holds it until it is closed. */
static int lock(const struct oci_layout *layout, const struct op_ctx *ctx, int *ret_fd, struct err *err)
{
    /* A description of its own: threads that share layout->dirfd would share its lock as well. */
    CLEANUP_FD int fd = sys_open(layout->dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return err_errno(err, errno, "cannot open the layout '%s'", layout->path);
    uint64_t until = clock_monotonic_ns() + LOCK_PATIENCE_NS;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_errno(err, errno, "cannot lock the layout '%s'", layout->path);
        int r = op_check(ctx, err);
        if (r != 0)
            return r;
        if (clock_monotonic_ns() > until) {
            return err_set(err, ERR_DEADLINE, "the layout '%s' is locked by another process for a minute now",
                           layout->path);
        }
        nanosleep(&(struct timespec){0, LOCK_POLL_NS}, NULL);
    }
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int oci_layout_add_manifest(struct oci_layout *layout, const struct oci_descriptor *manifest, const struct op_ctx *ctx,
                            struct err *err)
{
    CLEANUP_FD int lock_fd = -1;
    CLEANUP_BUF struct buf old = BUF_INIT;
    CLEANUP_BUF struct buf merged = BUF_INIT;
    int r = lock(layout, ctx, &lock_fd, err);
    if (r != 0)
        return r;
    struct err why = ERR_INIT;
    r = file_read_all(layout->dirfd, "index.json", LIMIT_MANIFEST_BYTES, &old, &why);
    if (r == 0 || r == -(int)ERR_NOT_FOUND)
        r = oci_index_merge(buf_str(&old), manifest, &merged, &why);
    if (r == 0)
        r = file_write_all(layout->dirfd, "index.json", 0644, buf_str(&merged), &why);
    if (r != 0) {
        err_wrap(&why, "'%s/index.json'", layout->path);
        if (err)
            *err = why;
    }
    return r;
}

const char *oci_layout_path(const struct oci_layout *layout)
{
    return layout->path;
}

int oci_layout_dirfd(const struct oci_layout *layout)
{
    return layout->dirfd;
}

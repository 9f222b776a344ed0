/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/host_files.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "io/file.h"
#include "pack/rootfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct pending {
    struct str source;
    struct str path;
};

/* Directories still to be read: depth is bounded by memory alone, and links are never followed. */
struct walk {
    const struct op_ctx *ctx;
    struct host_files *files;
    VEC(struct pending) pending;
};

int host_files_split(struct str text, struct str *ret_source, struct str *ret_destination, struct err *err)
{
    size_t at = text.len;
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.ptr[i] == ':' && text.ptr[i + 1] == '/')
            at = i;
    if (at == text.len || at == 0) {
        err_set(err, ERR_USAGE, "'%.*s' does not say what to include where", STR_ARG(text));
        return err_hint(err, "give SRC:DST with an absolute DST, for instance ./public:/app/public");
    }
    *ret_source = str_head(text, at);
    *ret_destination = str_skip(text, at + 1);
    return 0;
}

uint32_t host_files_mode(uint32_t mode, bool directory)
{
    uint32_t safe = mode & 0755U;
    /* What the image's user can't read is of no use in the image. */
    return safe | 0444U | (directory || (safe & 0111U) ? 0111U : 0U);
}

static uint32_t safe_mode(const struct op_ctx *ctx, struct str path, mode_t mode)
{
    if (mode & (S_ISUID | S_ISGID) && !S_ISDIR(mode))
        op_warn(ctx, "'/%.*s' is setuid or setgid here; in the image it is not", STR_ARG(path));
    if (mode & S_IWOTH)
        op_warn(ctx, "'/%.*s' is writable for everybody here; in the image it is not", STR_ARG(path));
    if (!(mode & (S_IRGRP | S_IROTH)))
        op_warn(ctx, "'/%.*s' is private to its owner here; in the image everybody can read it", STR_ARG(path));
    return host_files_mode((uint32_t)mode, S_ISDIR(mode));
}

static int add_file(struct walk *walk, struct str source, struct str path, const struct stat *st, struct err *err)
{
    struct host_files *files = walk->files;
    struct tree_node node = {.path = path,
                             .type = TREE_FILE,
                             .mode = safe_mode(walk->ctx, path, st->st_mode),
                             .mtime = files->mtime,
                             .size_bytes = (uint64_t)st->st_size,
                             .host_path = source};
    int fd CLEANUP_FD = -1;
    int r = file_open(AT_FDCWD, source.ptr, &fd, NULL, err);
    if (r < 0)
        return r;
    char magic[4] = {0};
    ssize_t got = read(fd, magic, sizeof(magic));
    if (got < 0)
        return err_errno(err, errno, "cannot read '%.*s'", STR_ARG(source));
    bool is_elf = got == 4 && memcmp(magic, "\177ELF", 4) == 0;
    if (is_elf) {
        struct buf bytes CLEANUP_BUF = BUF_INIT;
        r = file_read_all(AT_FDCWD, source.ptr, LIMIT_ELF_BYTES, &bytes, err);
        if (r < 0)
            return r;
        node.content = arena_take_buf(files->arena, &bytes);
        if (!node.content.ptr)
            return err_nomem(err);
        node.host_path = STR_NONE;
        node.size_bytes = node.content.len;
    }
    r = rootfs_put(files->tree, &node, err);
    if (r == 0 && is_elf && files->elf_found)
        r = files->elf_found(files->self, path, node.content, err);
    return r;
}

static int add_link(struct walk *walk, struct str source, struct str path, struct err *err)
{
    char target[4096];
    ssize_t len = readlink(source.ptr, target, sizeof(target));
    if (len < 0)
        return err_errno(err, errno, "cannot read the link '%.*s'", STR_ARG(source));
    struct tree_node node = {.path = path,
                             .type = TREE_SYMLINK,
                             .mode = 0777,
                             .mtime = walk->files->mtime,
                             .target = str_of(target, (size_t)len)};
    return rootfs_put(walk->files->tree, &node, err);
}

/* FOLLOW: a link that the caller named. */
static int add_one(struct walk *walk, struct str source, struct str path, bool follow, struct err *err)
{
    int r = op_check(walk->ctx, err);
    if (r < 0)
        return r;
    if (walk->files->count++ >= LIMIT_APP_FILES)
        return err_set(err, ERR_LIMIT, "more than %d files would be included", LIMIT_APP_FILES);
    struct stat st;
    if ((follow ? stat : lstat)(source.ptr, &st) != 0)
        return err_errno(err, errno, "cannot include '%.*s'", STR_ARG(source));
    if (path.len == 0 && !S_ISDIR(st.st_mode)) {
        err_set(err, ERR_USAGE, "'%.*s' is no directory, and can't be the image's root", STR_ARG(source));
        return err_hint(err, "give it a name, for instance --include %.*s:/app/NAME", STR_ARG(source));
    }
    if (S_ISREG(st.st_mode))
        return add_file(walk, source, path, &st, err);
    if (S_ISLNK(st.st_mode))
        return add_link(walk, source, path, err);
    if (!S_ISDIR(st.st_mode)) {
        err_set(err, ERR_INVALID, "'%.*s' is neither a file, a directory nor a link", STR_ARG(source));
        return err_hint(err, "images hold no sockets, FIFOs or devices: leave it out");
    }
    struct tree_node node = {
        .path = path, .type = TREE_DIR, .mode = safe_mode(walk->ctx, path, st.st_mode), .mtime = walk->files->mtime};
    if (path.len > 0)
        r = rootfs_put(walk->files->tree, &node, err);
    if (r == 0 && !VEC_PUSH(&walk->pending, ((struct pending){source, path})))
        r = err_nomem(err);
    return r;
}

static int add_directory(struct walk *walk, struct pending dir, struct err *err)
{
    DIR *stream = opendir(dir.source.ptr);
    if (!stream)
        return err_errno(err, errno, "cannot read the directory '%.*s'", STR_ARG(dir.source));
    int r = 0;
    while (r == 0) {
        errno = 0;
        struct dirent *entry = readdir(stream);
        if (!entry) {
            if (errno)
                r = err_errno(err, errno, "cannot read the directory '%.*s'", STR_ARG(dir.source));
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        struct arena *arena = walk->files->arena;
        char *source = arena_printf(arena, "%.*s/%s", STR_ARG(dir.source), entry->d_name);
        char *path = arena_printf(arena, "%.*s%s%s", STR_ARG(dir.path), dir.path.len ? "/" : "", entry->d_name);
        r = source && path ? add_one(walk, str_z(source), str_z(path), false, err) : err_nomem(err);
    }
    closedir(stream);
    return r;
}

int host_files_add(const struct op_ctx *ctx, struct host_files *files, struct str source, struct str destination,
                   struct err *err)
{
    struct buf path CLEANUP_BUF = BUF_INIT;
    if (!path_normalize(&path, STR("/"), destination) || path.failed) {
        err_set(err, ERR_USAGE, "'%.*s' is no place in an image", STR_ARG(destination));
        return err_hint(err, "give an absolute path");
    }
    struct str source_copy = arena_str(files->arena, source);
    struct str path_copy = arena_str(files->arena, str_skip(buf_str(&path), 1));
    if (!source_copy.ptr || !path_copy.ptr)
        return err_nomem(err);
    if (str_has_char(source, '\0'))
        return err_set(err, ERR_USAGE, "a path to include holds a NUL byte");
    struct walk walk = {.ctx = ctx, .files = files};
    int r = add_one(&walk, source_copy, path_copy, true, err);
    while (r == 0 && walk.pending.len > 0) {
        struct pending dir = walk.pending.ptr[--walk.pending.len];
        r = add_directory(&walk, dir, err);
    }
    VEC_DONE(&walk.pending);
    return r;
}

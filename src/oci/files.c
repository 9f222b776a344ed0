/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/files.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/path.h"
#include "io/compress.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct archive_entry {
    enum tree_type type;
    uint64_t offset_bytes; /* in the uncompressed archive */
    uint64_t size_bytes;
    struct str target; /* links: name inside the archive, in normal form */
};

struct oci_files {
    char *path;
    int fd; /* of the directory, or of the archive */
    bool directory;
    enum compression compression; /* of the archive */
    struct arena arena;
    struct map entries; /* name -> struct archive_entry; no directories */
};

/* ---- a file's bytes from an offset on, without moving the descriptor that others read from too */

struct pread_reader {
    struct reader base;
    const struct oci_files *files;
    uint64_t offset_bytes;
};

static int pread_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct pread_reader *reader = (struct pread_reader *)base;
    ssize_t got = sys_pread(reader->files->fd, data, size, (off_t)reader->offset_bytes);
    if (got < 0)
        return err_errno(err, errno, "cannot read '%s'", reader->files->path);
    reader->offset_bytes += (uint64_t)got;
    *ret_got = (size_t)got;
    return 0;
}

static void pread_free(struct reader *base)
{
    mem_free(base);
}

static const struct reader_ops pread_ops = {pread_read, pread_free};

static int pread_reader_new(const struct oci_files *files, uint64_t offset_bytes, struct reader **ret_reader,
                            struct err *err)
{
    struct pread_reader *reader = mem_calloc(1, sizeof(*reader));
    if (!reader)
        return err_nomem(err);
    reader->base.ops = &pread_ops;
    reader->files = files;
    reader->offset_bytes = offset_bytes;
    *ret_reader = &reader->base;
    return 0;
}

/* ---- one entry of an archive: owns the stream that it cuts from */

struct entry_reader {
    struct reader base;
    struct reader *source;
    uint64_t left_bytes;
    const struct oci_files *files;
};

static int entry_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct entry_reader *reader = (struct entry_reader *)base;
    size_t got = 0;
    if (reader->left_bytes == 0) {
        *ret_got = 0;
        return 0;
    }
    int r = reader_read(reader->source, data, size < reader->left_bytes ? size : (size_t)reader->left_bytes, &got, err);
    if (r != 0)
        return r;
    if (got == 0)
        return err_set(err, ERR_INVALID, "'%s' is truncated", reader->files->path);
    reader->left_bytes -= got;
    *ret_got = got;
    return 0;
}

static void entry_free(struct reader *base)
{
    reader_free(((struct entry_reader *)base)->source);
    mem_free(base);
}

static const struct reader_ops entry_ops = {entry_read, entry_free};

/* The archive's uncompressed bytes from OFFSET on. */
static int archive_reader(const struct oci_files *files, uint64_t offset_bytes, struct reader **ret_reader,
                          struct err *err)
{
    bool plain = files->compression == COMPRESS_NONE;
    CLEANUP_READER struct reader *reader = NULL;
    struct reader *top = NULL;
    int r = pread_reader_new(files, plain ? offset_bytes : 0, &reader, err);
    if (r == 0 && !plain) {
        r = decompress_reader_new(files->compression, reader, &top, err);
        if (r == 0)
            reader = top;
        if (r == 0)
            r = bound_reader_new(reader, LIMIT_LAYER_BYTES, files->path, &top, err);
        if (r == 0)
            reader = top;
        if (r == 0)
            r = reader_skip(reader, offset_bytes, files->path, err);
    }
    if (r == 0)
        *ret_reader = TAKE_PTR(reader);
    return r;
}

static int entry_open(const struct oci_files *files, const struct archive_entry *entry, struct reader **ret_reader,
                      struct err *err)
{
    struct entry_reader *reader = mem_calloc(1, sizeof(*reader));
    if (!reader)
        return err_nomem(err);
    reader->base.ops = &entry_ops;
    reader->files = files;
    reader->left_bytes = entry->size_bytes;
    int r = archive_reader(files, entry->offset_bytes, &reader->source, err);
    if (r != 0) {
        mem_free(reader);
        return r;
    }
    *ret_reader = &reader->base;
    return 0;
}

/* ---- the index of an archive */

/* *ret_name: where a link at NAME leads, in normal form; empty when it leaves the archive. */
static int link_target(struct oci_files *files, const struct tree_node *node, struct str *ret_name, struct err *err)
{
    CLEANUP_BUF struct buf target = BUF_INIT;
    *ret_name = STR("");
    if (node->type == TREE_HARDLINK)
        buf_add_str(&target, node->target);
    else if (str_starts(node->target, STR("/")) || !path_normalize(&target, path_dir(node->path), node->target))
        return 0;
    if (buf_check(&target, err) != 0)
        return -(int)ERR_NOMEM;
    *ret_name = arena_str(&files->arena, buf_str(&target));
    return ret_name->ptr ? 0 : err_nomem(err);
}

static int add_entry(struct oci_files *files, const struct tar_entry *found, struct err *err)
{
    if (found->node.type == TREE_DIR)
        return 0;
    struct str name = arena_str(&files->arena, found->node.path);
    struct archive_entry *entry = ARENA_NEW(&files->arena, struct archive_entry);
    if (!name.ptr || !entry)
        return err_nomem(err);
    entry->type = found->node.type;
    entry->offset_bytes = found->offset_bytes;
    entry->size_bytes = found->node.size_bytes;
    if (entry->type == TREE_SYMLINK || entry->type == TREE_HARDLINK) {
        int r = link_target(files, &found->node, &entry->target, err);
        if (r != 0)
            return r;
    }
    void **slot = map_slot(&files->entries, name);
    if (!slot)
        return err_nomem(err);
    if (*slot) {
        err_set(err, ERR_INVALID, "'%s' holds '%.*s' twice", files->path, STR_ARG(name));
        err_hint(err, "readers differ on which one counts; write the archive again");
        return -(int)ERR_INVALID;
    }
    *slot = entry;
    return 0;
}

static int index_archive(struct oci_files *files, struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    CLEANUP_TAR_READER struct tar_reader *tar = NULL;
    int r = archive_reader(files, 0, &reader, err);
    if (r == 0)
        r = tar_reader_new(reader, files->path, &tar, err);
    bool more = true;
    while (r == 0) {
        struct tar_entry entry;
        r = tar_reader_next(tar, &entry, &more, err);
        if (r != 0 || !more)
            break;
        r = add_entry(files, &entry, err);
    }
    return r;
}

static int detect_compression(struct oci_files *files, struct err *err)
{
    char head[6];
    ssize_t got = sys_pread(files->fd, head, sizeof(head), 0);
    if (got < 0)
        return err_errno(err, errno, "cannot read '%s'", files->path);
    files->compression = compression_of(str_of(head, (size_t)got));
    return 0;
}

/* ---- what others call */

int oci_files_open(const char *path, struct oci_files **ret_files, struct err *err)
{
    struct oci_files *files = mem_calloc(1, sizeof(*files));
    if (!files)
        return err_nomem(err);
    files->fd = -1;
    files->path = mem_dup(path, strlen(path));
    int r = files->path ? 0 : err_nomem(err);
    if (r == 0) {
        files->fd = sys_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
        files->directory = files->fd >= 0;
        if (files->fd < 0 && errno != ENOTDIR)
            r = err_errno(err, errno, "cannot open '%s'", path);
    }
    if (r == 0 && !files->directory)
        r = file_open(AT_FDCWD, path, &files->fd, NULL, err);
    if (r == 0 && !files->directory)
        r = detect_compression(files, err);
    if (r == 0 && !files->directory)
        r = index_archive(files, err);
    if (r != 0) {
        oci_files_free(files);
        return r;
    }
    *ret_files = files;
    return 0;
}

void oci_files_free(struct oci_files *files)
{
    if (!files)
        return;
    if (files->fd >= 0)
        close(files->fd);
    map_done(&files->entries);
    arena_done(&files->arena);
    mem_free(files->path);
    mem_free(files);
}

bool oci_files_is_directory(const struct oci_files *files)
{
    return files->directory;
}

const char *oci_files_path(const struct oci_files *files)
{
    return files->path;
}

/* The file that NAME leads to; NULL when there is none. */
static const struct archive_entry *find_entry(const struct oci_files *files, struct str name)
{
    const struct archive_entry *entry = map_get(&files->entries, name);
    for (int depth = 0; entry && entry->type != TREE_FILE; depth++) {
        bool link = entry->type == TREE_SYMLINK || entry->type == TREE_HARDLINK;
        if (!link || depth == LIMIT_LINK_DEPTH || entry->target.len == 0)
            return NULL;
        entry = map_get(&files->entries, entry->target);
    }
    return entry;
}

bool oci_files_has(const struct oci_files *files, struct str name)
{
    if (!files->directory)
        return find_entry(files, name) != NULL;
    struct stat st;
    CLEANUP_MEM char *path = mem_dup(name.ptr, name.len);
    return path && sys_stat(files->fd, path, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int directory_reader(const struct oci_files *files, struct str name, struct reader **ret_reader,
                            uint64_t *ret_size_bytes, struct err *err)
{
    CLEANUP_FD int fd = -1;
    CLEANUP_MEM char *path = mem_dup(name.ptr, name.len);
    struct stat st;
    if (!path)
        return err_nomem(err);
    int r = file_open(files->fd, path, &fd, &st, err);
    if (r == 0)
        r = fd_reader_new(fd, path, ret_reader, err);
    if (r != 0)
        return r;
    fd = -1;
    *ret_size_bytes = (uint64_t)st.st_size;
    return 0;
}

int oci_files_reader(const struct oci_files *files, struct str name, struct reader **ret_reader,
                     uint64_t *ret_size_bytes, struct err *err)
{
    if (!path_is_clean_relative(name)) {
        return err_set(err, ERR_INVALID, "'%.*s' can't be the name of a file in '%s'", STR_ARG(str_head(name, 200)),
                       files->path);
    }
    if (files->directory)
        return directory_reader(files, name, ret_reader, ret_size_bytes, err);
    const struct archive_entry *entry = find_entry(files, name);
    if (!entry)
        return err_set(err, ERR_NOT_FOUND, "'%s' holds no file '%.*s'", files->path, STR_ARG(str_head(name, 200)));
    int r = entry_open(files, entry, ret_reader, err);
    if (r == 0)
        *ret_size_bytes = entry->size_bytes;
    return r;
}

int oci_files_read(const struct oci_files *files, struct str name, uint64_t limit_bytes, struct buf *out,
                   struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    uint64_t size_bytes = 0;
    int r = oci_files_reader(files, name, &reader, &size_bytes, err);
    if (r != 0)
        return r;
    if (size_bytes > limit_bytes) {
        return err_set(err, ERR_LIMIT, "'%.*s' is larger than %llu bytes", STR_ARG(name),
                       (unsigned long long)limit_bytes);
    }
    return reader_read_all(reader, limit_bytes, out, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/limits.h"
#include "base/op.h"
#include "base/path.h"
#include "io/sys.h"
#include "io/tar.h"
#include "io/tar_block.h"
#include "io/tar_pax.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { COPY_BYTES = 256 << 10 };

/* What ustar can't say of a node. */
struct pax_plan {
    struct {
        enum pax_key key;
        struct str value;
        char digits[24];
    } records[PAX_KEYS];
    size_t count;
    size_t bytes; /* of all records */
};

static uint64_t content_bytes(const struct tree_node *node)
{
    if (node->type != TREE_FILE)
        return 0;
    return node->host_path.len || node->place ? node->size_bytes : node->content.len;
}

static void plan_text(struct pax_plan *plan, enum pax_key key, struct str value)
{
    plan->records[plan->count].key = key;
    plan->records[plan->count].value = value;
    plan->count++;
    plan->bytes += pax_record_len(key, value.len);
}

/* Fills FIELD; what doesn't fit becomes a record and the field 0, as others do it. */
static void plan_number(struct pax_plan *plan, char *field, size_t size, enum pax_key key, int64_t value)
{
    if (tar_format_octal(field, size, value))
        return;
    (void)tar_format_octal(field, size, 0);
    char *digits = plan->records[plan->count].digits;
    int len = snprintf(digits, sizeof(plan->records[0].digits), "%" PRId64, value);
    plan_text(plan, key, str_of(digits, (size_t)len));
}

/*
 * PATH over the name and prefix fields, with a directory's final SLASH; what doesn't fit becomes a record (without the
 * slash: the type says it) and the name is cut.
 */
static void plan_name(struct pax_plan *plan, struct tar_block *block, struct str path, bool slash)
{
    struct str prefix = STR_NONE, rest = path;
    if (path.len + slash > sizeof(block->name)) {
        size_t at = str_rfind_char(str_head(path, sizeof(block->prefix) + 1), '/');
        if (at > 0 && at <= sizeof(block->prefix) && at < path.len) {
            prefix = str_head(path, at);
            rest = str_skip(path, at + 1);
        }
    }
    if (rest.len + slash > sizeof(block->name)) {
        plan_text(plan, PAX_PATH, path);
        prefix = STR_NONE;
        rest = str_head(path, sizeof(block->name));
        slash = false;
    }
    memcpy(block->name, rest.ptr, rest.len);
    if (slash)
        block->name[rest.len] = '/';
    if (prefix.len)
        memcpy(block->prefix, prefix.ptr, prefix.len);
}

static void plan_link(struct pax_plan *plan, struct tar_block *block, struct str target)
{
    if (target.len > sizeof(block->linkname))
        plan_text(plan, PAX_LINKPATH, target);
    struct str head = str_head(target, sizeof(block->linkname));
    if (head.len)
        memcpy(block->linkname, head.ptr, head.len);
}

static void block_finish(struct tar_block *block)
{
    memcpy(block->magic, "ustar", 6);
    memcpy(block->version, "00", 2);
    (void)tar_format_octal(block->devmajor, sizeof(block->devmajor), 0);
    (void)tar_format_octal(block->devminor, sizeof(block->devminor), 0);
    int32_t ignored;
    (void)tar_format_octal(block->checksum, 7, tar_checksum(block, &ignored));
    block->checksum[7] = ' ';
}

/* Fills BLOCK for NODE and plans its extended header, in the order of enum pax_key. */
static int block_fill(const struct tree_node *node, struct tar_block *block, struct pax_plan *plan, struct err *err)
{
    static const char types[] = {[TREE_FILE] = '0', [TREE_HARDLINK] = '1', [TREE_SYMLINK] = '2', [TREE_DIR] = '5'};
    if (node->type == TREE_WHITEOUT || node->type == TREE_OTHER)
        return err_set(err, ERR_UNSUPPORTED, "'%.*s' is %s, which can't be written to a tar archive",
                       STR_ARG(node->path), node->type == TREE_OTHER ? "a device, pipe or socket" : "a whiteout");
    *block = (struct tar_block){.type = types[node->type]};
    plan_name(plan, block, node->path.len ? node->path : STR("."), node->type == TREE_DIR);
    if (node->type == TREE_SYMLINK || node->type == TREE_HARDLINK)
        plan_link(plan, block, node->target);
    (void)tar_format_octal(block->mode, sizeof(block->mode), node->mode & 07777);
    plan_number(plan, block->size, sizeof(block->size), PAX_SIZE, (int64_t)content_bytes(node));
    plan_number(plan, block->uid, sizeof(block->uid), PAX_UID, node->uid);
    plan_number(plan, block->gid, sizeof(block->gid), PAX_GID, node->gid);
    plan_number(plan, block->mtime, sizeof(block->mtime), PAX_MTIME, node->mtime);
    block_finish(block);
    return 0;
}

static int write_pax(struct writer *writer, const struct pax_plan *plan, struct str path, struct err *err)
{
    struct buf records CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < plan->count; i++)
        pax_record_add(&records, plan->records[i].key, plan->records[i].value);
    int rc = buf_check(&records, err);
    if (rc)
        return rc;
    struct tar_block block = {.type = 'x', .name = "PaxHeaders/"};
    size_t used = strlen(block.name);
    struct str base = str_head(path_base(path), sizeof(block.name) - used);
    if (base.len)
        memcpy(block.name + used, base.ptr, base.len);
    (void)tar_format_octal(block.mode, sizeof(block.mode), 0644);
    (void)tar_format_octal(block.uid, sizeof(block.uid), 0);
    (void)tar_format_octal(block.gid, sizeof(block.gid), 0);
    (void)tar_format_octal(block.size, sizeof(block.size), (int64_t)records.len);
    (void)tar_format_octal(block.mtime, sizeof(block.mtime), 0);
    block_finish(&block);
    rc = writer_write(writer, &block, sizeof(block), err);
    if (!rc)
        rc = writer_write_str(writer, buf_str(&records), err);
    return rc ? rc : writer_write_zeros(writer, tar_padding(records.len), err);
}

static int changed(const char *path, struct err *err)
{
    int rc = err_set(err, ERR_IO, "'%s' changed while it was read", path);
    (void)err_hint(err, "run it again once nothing writes to the file");
    return rc;
}

static int copy_host_file(struct writer *writer, int fd, const struct tree_node *node, struct err *err)
{
    const char *path = node->host_path.ptr;
    struct stat st;
    if (sys_fstat(fd, &st) != 0)
        return err_errno(err, errno, "can't read '%s'", path);
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != node->size_bytes)
        return changed(path, err);
    char *block CLEANUP_MEM = mem_alloc(COPY_BYTES);
    if (!block)
        return err_nomem(err);
    uint64_t left = node->size_bytes;
    for (;;) {
        ssize_t got = sys_read(fd, block, COPY_BYTES);
        if (got < 0)
            return err_errno(err, errno, "can't read '%s'", path);
        if ((uint64_t)got > left || (got == 0 && left > 0))
            return changed(path, err);
        if (got == 0)
            return 0;
        int rc = writer_write(writer, block, (size_t)got, err);
        if (rc)
            return rc;
        left -= (uint64_t)got;
    }
}

static int write_content(struct writer *writer, const struct tree_node *node, struct err *err)
{
    uint64_t size = content_bytes(node);
    if (size == 0 && !node->host_path.len)
        return 0;
    int rc;
    if (node->host_path.len) {
        int fd = sys_open(AT_FDCWD, node->host_path.ptr, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
        if (fd < 0)
            return err_errno(err, errno, "can't open '%s'", node->host_path.ptr);
        rc = copy_host_file(writer, fd, node, err);
        (void)close(fd);
    } else {
        rc = writer_write_str(writer, node->content, err);
    }
    return rc ? rc : writer_write_zeros(writer, tar_padding(size), err);
}

int tar_write_header(struct writer *writer, const struct tree_node *node, struct err *err)
{
    if (node->path.len > LIMIT_TAR_NAME_BYTES)
        return err_set(err, ERR_LIMIT, "path '%.*s...' is longer than %d bytes", STR_ARG(str_head(node->path, 64)),
                       LIMIT_TAR_NAME_BYTES);
    struct tar_block block;
    struct pax_plan plan = {.count = 0};
    int rc = block_fill(node, &block, &plan, err);
    if (!rc && plan.count)
        rc = write_pax(writer, &plan, node->path, err);
    return rc ? rc : writer_write(writer, &block, sizeof(block), err);
}

int tar_write_padding(struct writer *writer, uint64_t size_bytes, struct err *err)
{
    return writer_write_zeros(writer, tar_padding(size_bytes), err);
}

int tar_write_node(struct writer *writer, const struct tree_node *node, struct err *err)
{
    if (node->type == TREE_FILE && node->place)
        return err_set(err, ERR_UNSUPPORTED, "the content of '%.*s' is not at hand", STR_ARG(node->path));
    int rc = tar_write_header(writer, node, err);
    return rc || node->type != TREE_FILE ? rc : write_content(writer, node, err);
}

int tar_write_end(struct writer *writer, struct err *err)
{
    return writer_write_zeros(writer, 2 * (uint64_t)TAR_BLOCK_BYTES, err);
}

/*
 * NODE as an archive has to say it: of a file and its hard links the first in order carries the content, since
 * readers make a link when they meet it.
 */
static struct tree_node as_written(const struct tree_node *node)
{
    const struct tree_node *file = tree_link_file(node);
    const struct tree_node *first = tree_first_link(node);
    if (!file || (first == node && file == node))
        return *node;
    struct tree_node written = *file;
    written.path = node->path;
    if (first != node) {
        written.type = TREE_HARDLINK;
        written.target = first->path;
    }
    return written;
}

int tar_write_tree(struct writer *writer, const struct tree *tree, const struct op_ctx *ctx, struct err *err)
{
    int rc = 0;
    for (size_t i = 1; !rc && i < tree_count(tree); i++) {
        struct tree_node node = as_written(tree_at(tree, i));
        rc = op_check(ctx, err);
        if (!rc)
            rc = tar_write_node(writer, &node, err);
    }
    return rc ? rc : tar_write_end(writer, err);
}

uint64_t tar_tree_size(const struct tree *tree)
{
    uint64_t total = 2 * (uint64_t)TAR_BLOCK_BYTES;
    for (size_t i = 1; i < tree_count(tree); i++) {
        struct tree_node node = as_written(tree_at(tree, i));
        struct tar_block block;
        struct pax_plan plan = {.count = 0};
        if (block_fill(&node, &block, &plan, NULL))
            continue; /* tar_write_tree fails there */
        if (plan.count)
            total += TAR_BLOCK_BYTES + plan.bytes + tar_padding(plan.bytes);
        uint64_t size = content_bytes(&node);
        total += TAR_BLOCK_BYTES + size + tar_padding(size);
    }
    return total;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/deb_cache.h"
#include "archive/deb_cache_format.h"
#include "base/alloc.h"
#include "base/num.h"

#include <libdeflate.h>
#include <string.h>

enum { COPY_BYTES = 128 << 10 };

struct unpack {
    struct writer *writer;
    uint64_t offset_bytes; /* written */
    struct buf strings, records;
    char *block; /* COPY_BYTES */
};

static int put(struct unpack *unpack, const void *data, size_t size, struct err *err)
{
    unpack->offset_bytes += size;
    return size ? writer_write(unpack->writer, data, size, err) : 0;
}

static int put_str(struct unpack *unpack, struct str s, struct err *err)
{
    return put(unpack, s.ptr, s.len, err);
}

static int put_padding(struct unpack *unpack, struct err *err)
{
    static const char zeros[DEB_CACHE_ALIGN];
    return put(unpack, zeros, -unpack->offset_bytes & (DEB_CACHE_ALIGN - 1), err);
}

static int put_content(struct unpack *unpack, struct tar_reader *tar, uint32_t *ret_crc, const struct op_ctx *ctx,
                       struct err *err)
{
    uint32_t crc = 0;
    for (size_t got = 1; got > 0;) {
        int rc = op_check(ctx, err);
        if (!rc)
            rc = tar_reader_content(tar, unpack->block, COPY_BYTES, &got, err);
        if (!rc)
            rc = put(unpack, unpack->block, got, err);
        if (rc)
            return rc;
        crc = libdeflate_crc32(crc, unpack->block, got);
    }
    *ret_crc = crc;
    return 0;
}

/* Keeps S, NUL-terminated, and notes where in the record FIELD. */
static int add_string(struct unpack *unpack, unsigned char *field, struct str s, struct err *err)
{
    if (s.len >= UINT32_MAX - unpack->strings.len)
        return err_set(err, ERR_LIMIT, "the names of the package are larger than 4 GiB");
    num_put_le32(field, (uint32_t)unpack->strings.len);
    num_put_le32(field + 4, (uint32_t)s.len);
    buf_add_str(&unpack->strings, s);
    buf_add_char(&unpack->strings, '\0');
    return buf_check(&unpack->strings, err);
}

static int add_entry(struct unpack *unpack, struct tar_reader *tar, const struct tree_node *node,
                     const struct op_ctx *ctx, struct err *err)
{
    unsigned char record[RECORD_BYTES] = {0};
    uint32_t crc = 0;
    int rc = add_string(unpack, record + RECORD_PATH, node->path, err);
    if (!rc)
        rc = add_string(unpack, record + RECORD_TARGET, node->target, err);
    if (!rc && node->size_bytes)
        rc = put_padding(unpack, err);
    num_put_le64(record + RECORD_CONTENT64, unpack->offset_bytes);
    if (!rc && node->size_bytes)
        rc = put_content(unpack, tar, &crc, ctx, err);
    if (rc)
        return rc;
    num_put_le32(record + RECORD_MODE, node->mode | (uint32_t)node->type << 16);
    num_put_le32(record + RECORD_UID, node->uid);
    num_put_le32(record + RECORD_GID, node->gid);
    num_put_le32(record + RECORD_CRC, crc);
    num_put_le64(record + RECORD_MTIME64, (uint64_t)node->mtime);
    num_put_le64(record + RECORD_SIZE64, node->size_bytes);
    buf_add(&unpack->records, record, sizeof(record));
    return buf_check(&unpack->records, err);
}

static int add_entries(struct unpack *unpack, struct tar_reader *tar, const struct op_ctx *ctx, struct err *err)
{
    for (;;) {
        struct tar_entry entry;
        bool more = false;
        int rc = op_check(ctx, err);
        if (!rc)
            rc = tar_reader_next(tar, &entry, &more, err);
        if (rc || !more)
            return rc;
        rc = add_entry(unpack, tar, &entry.node, ctx, err);
        if (rc)
            return rc;
    }
}

static void make_head(unsigned char head[static HEAD_BYTES])
{
    memset(head, 0, HEAD_BYTES);
    memcpy(head + HEAD_MAGIC64, DEB_CACHE_HEAD_MAGIC, DEB_CACHE_MAGIC_BYTES);
    num_put_le32(head + HEAD_VERSION, DEB_CACHE_VERSION);
}

static int put_head(struct unpack *unpack, const struct deb_control *control, struct err *err)
{
    unsigned char head[HEAD_BYTES];
    make_head(head);
    int rc = put(unpack, head, sizeof(head), err);
    if (!rc)
        rc = put_str(unpack, control->control, err);
    if (!rc)
        rc = put_str(unpack, control->md5sums, err);
    return rc ? rc : put_str(unpack, control->conffiles, err);
}

static uint32_t add_crc(uint32_t crc, struct str s)
{
    return s.len ? libdeflate_crc32(crc, s.ptr, s.len) : crc;
}

/* Strings, records and foot. */
static int put_index(struct unpack *unpack, const struct deb_control *control, struct err *err)
{
    unsigned char head[HEAD_BYTES], foot[FOOT_BYTES] = {0};
    memcpy(foot + FOOT_MAGIC64, DEB_CACHE_FOOT_MAGIC, DEB_CACHE_MAGIC_BYTES);
    num_put_le64(foot + FOOT_CONTROL_LEN64, control->control.len);
    num_put_le64(foot + FOOT_MD5SUMS_LEN64, control->md5sums.len);
    num_put_le64(foot + FOOT_CONFFILES_LEN64, control->conffiles.len);
    num_put_le64(foot + FOOT_STRINGS64, unpack->offset_bytes);
    num_put_le64(foot + FOOT_STRINGS_LEN64, unpack->strings.len);
    int rc = put_str(unpack, buf_str(&unpack->strings), err);
    num_put_le64(foot + FOOT_RECORDS64, unpack->offset_bytes);
    num_put_le64(foot + FOOT_RECORD_COUNT64, unpack->records.len / RECORD_BYTES);
    if (!rc)
        rc = put_str(unpack, buf_str(&unpack->records), err);
    num_put_le64(foot + FOOT_FILE_BYTES64, unpack->offset_bytes + FOOT_BYTES);
    num_put_le32(foot + FOOT_SCRIPTS, control->scripts);
    uint32_t crc = add_crc(add_crc(add_crc(0, control->control), control->md5sums), control->conffiles);
    crc = add_crc(add_crc(crc, buf_str(&unpack->strings)), buf_str(&unpack->records));
    num_put_le32(foot + FOOT_INDEX_CRC, crc);
    make_head(head);
    crc = libdeflate_crc32(libdeflate_crc32(0, head, sizeof(head)), foot, FOOT_CRC);
    num_put_le32(foot + FOOT_CRC, crc);
    return rc ? rc : put(unpack, foot, sizeof(foot), err);
}

int deb_unpack(struct reader *source, const char *name, struct writer *writer, const struct op_ctx *ctx,
               struct err *err)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct deb *deb CLEANUP_DEB = NULL;
    struct unpack unpack = {.writer = writer, .block = mem_alloc(COPY_BYTES)};
    int rc = unpack.block ? deb_open(source, name, &arena, &deb, err) : err_nomem(err);
    if (!rc)
        rc = put_head(&unpack, deb_control(deb), err);
    if (!rc)
        rc = add_entries(&unpack, deb_data(deb), ctx, err);
    if (!rc)
        rc = deb_finish(deb, err);
    if (!rc)
        rc = put_index(&unpack, deb_control(deb), err);
    buf_done(&unpack.strings);
    buf_done(&unpack.records);
    mem_free(unpack.block);
    return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "io/reader.h"

#include "base/alloc.h"
#include "io/sys.h"
#include "io/writer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define COPY_BYTES       (128U * 1024U) /* at a time; large enough that calls don't count */
#define READ_ALL_MINIMUM (16U * 1024U)

int reader_read(struct reader *reader, void *data, size_t size, size_t *ret_got, struct err *err)
{
    if (reader->failed)
        return err_set(err, reader->failed, "an earlier read failed");
    size_t got = 0;
    if (size > 0 && !reader->ended) {
        int r = reader->ops->read(reader, data, size, &got, err);
        if (r < 0) {
            reader->failed = (enum err_code) - r;
            return r;
        }
        reader->ended = got == 0;
    }
    *ret_got = got;
    return 0;
}

int reader_read_exact(struct reader *reader, void *data, size_t size, const char *what, struct err *err)
{
    char *at = data;
    while (size > 0) {
        size_t got;
        int r = reader_read(reader, at, size, &got, err);
        if (r < 0)
            return r;
        if (got == 0)
            return err_set(err, ERR_INVALID, "'%s' is truncated", what);
        at += got;
        size -= got;
    }
    return 0;
}

static int read_all(struct reader *reader, uint64_t limit_bytes, struct buf *out, struct err *err)
{
    uint64_t total = 0;
    for (;;) {
        if (out->cap - out->len < READ_ALL_MINIMUM && !buf_reserve(out, READ_ALL_MINIMUM))
            return err_nomem(err);
        size_t room = out->cap - out->len - 1;
        size_t got;
        int r = reader_read(reader, out->ptr + out->len, room, &got, err);
        if (r < 0)
            return r;
        if (got == 0)
            return 0;
        total += got;
        if (total > limit_bytes)
            return err_set(err, ERR_LIMIT, "more than %llu bytes", (unsigned long long)limit_bytes);
        out->len += got;
        out->ptr[out->len] = '\0';
    }
}

int reader_read_all(struct reader *reader, uint64_t limit_bytes, struct buf *out, struct err *err)
{
    size_t before = out->len;
    int r = read_all(reader, limit_bytes, out, err);
    if (r < 0) {
        buf_truncate(out, before);
        if (out->ptr)
            out->ptr[out->len] = '\0'; /* a failed read may have written behind the end */
    }
    return r;
}

int reader_skip(struct reader *reader, uint64_t size, const char *what, struct err *err)
{
    char scratch[8192];
    while (size > 0) {
        size_t part = size < sizeof(scratch) ? (size_t)size : sizeof(scratch);
        int r = reader_read_exact(reader, scratch, part, what, err);
        if (r < 0)
            return r;
        size -= part;
    }
    return 0;
}

void reader_free(struct reader *reader)
{
    if (reader)
        reader->ops->free(reader);
}

void reader_cleanup(struct reader **reader)
{
    reader_free(*reader);
}

/* ---- memory */

struct mem_reader {
    struct reader base;
    struct str left;
};

static int mem_read(struct reader *base, void *data, size_t size, size_t *ret_got, UNUSED struct err *err)
{
    struct mem_reader *reader = (struct mem_reader *)base;
    struct str part = str_head(reader->left, size);
    if (part.len)
        memcpy(data, part.ptr, part.len);
    reader->left = str_skip(reader->left, part.len);
    *ret_got = part.len;
    return 0;
}

static void plain_free(struct reader *base)
{
    mem_free(base);
}

static const struct reader_ops mem_ops = {mem_read, plain_free};

int mem_reader_new(struct str bytes, struct reader **ret_reader, struct err *err)
{
    struct mem_reader *reader = mem_calloc(1, sizeof(*reader));
    if (!reader)
        return err_nomem(err);
    reader->base.ops = &mem_ops;
    reader->left = bytes;
    *ret_reader = &reader->base;
    return 0;
}

static int copy_stream(struct reader *reader, struct writer *writer, uint64_t *total, struct err *err)
{
    CLEANUP_MEM char *chunk = mem_alloc(COPY_BYTES);
    if (!chunk)
        return err_nomem(err);
    for (;;) {
        size_t got;
        int r = reader_read(reader, chunk, COPY_BYTES, &got, err);
        if (r < 0)
            return r;
        if (got == 0)
            return 0;
        r = writer_write(writer, chunk, got, err);
        if (r < 0)
            return r;
        *total += got;
    }
}

int reader_copy(struct reader *reader, struct writer *writer, uint64_t *ret_bytes, struct err *err)
{
    uint64_t total = 0;
    int r;
    if (reader->ops == &mem_ops && !reader->failed) { /* spares a copy */
        struct mem_reader *mem = (struct mem_reader *)reader;
        struct str all = mem->left;
        total = all.len;
        mem->left = str_skip(all, all.len);
        r = writer_write_str(writer, all, err);
    } else {
        r = copy_stream(reader, writer, &total, err);
    }
    if (r == 0 && ret_bytes)
        *ret_bytes = total;
    return r;
}

/* ---- descriptor */

struct fd_reader {
    struct reader base;
    int fd;
    char *name;
};

static int fd_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct fd_reader *reader = (struct fd_reader *)base;
    ssize_t got = sys_read(reader->fd, data, size);
    if (got < 0)
        return err_errno(err, errno, "cannot read '%s'", reader->name);
    *ret_got = (size_t)got;
    return 0;
}

static void fd_free(struct reader *base)
{
    struct fd_reader *reader = (struct fd_reader *)base;
    close(reader->fd);
    mem_free(reader->name);
    mem_free(reader);
}

static const struct reader_ops fd_ops = {fd_read, fd_free};

int fd_reader_new(int fd, const char *name, struct reader **ret_reader, struct err *err)
{
    struct fd_reader *reader = mem_calloc(1, sizeof(*reader));
    char *copy = mem_dup(name, strlen(name));
    if (!reader || !copy) {
        mem_free(reader);
        mem_free(copy);
        return err_nomem(err);
    }
    reader->base.ops = &fd_ops;
    reader->fd = fd;
    reader->name = copy;
    *ret_reader = &reader->base;
    return 0;
}

/* ---- bound and slice */

struct limited_reader {
    struct reader base;
    struct reader *source;
    uint64_t limit_bytes;
    uint64_t left_bytes;
    char *what;
};

static int bound_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct limited_reader *reader = (struct limited_reader *)base;
    char probe;
    bool full = reader->left_bytes == 0;
    if (full) /* only one byte more tells whether SOURCE ends here */
        data = &probe;
    size_t want = size < reader->left_bytes ? size : (size_t)reader->left_bytes;
    size_t got = 0;
    int r = reader_read(reader->source, data, full ? 1 : want, &got, err);
    if (r < 0)
        return r;
    if (full && got > 0)
        return err_set(err, ERR_LIMIT, "'%s' is larger than %llu bytes", reader->what,
                       (unsigned long long)reader->limit_bytes);
    reader->left_bytes -= got;
    *ret_got = got;
    return 0;
}

static int slice_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct limited_reader *reader = (struct limited_reader *)base;
    size_t want = size < reader->left_bytes ? size : (size_t)reader->left_bytes;
    size_t got = 0;
    int r = want ? reader_read(reader->source, data, want, &got, err) : 0;
    if (r < 0)
        return r;
    if (want > 0 && got == 0)
        return err_set(err, ERR_INVALID, "'%s' is truncated", reader->what);
    reader->left_bytes -= got;
    *ret_got = got;
    return 0;
}

static void slice_free(struct reader *base)
{
    struct limited_reader *reader = (struct limited_reader *)base;
    mem_free(reader->what);
    mem_free(reader);
}

static void bound_free(struct reader *base)
{
    reader_free(((struct limited_reader *)base)->source);
    slice_free(base);
}

static const struct reader_ops bound_ops = {bound_read, bound_free};
static const struct reader_ops slice_ops = {slice_read, slice_free};

static int limited_new(const struct reader_ops *ops, struct reader *source, uint64_t bytes, const char *what,
                       struct reader **ret_reader, struct err *err)
{
    struct limited_reader *reader = mem_calloc(1, sizeof(*reader));
    char *copy = mem_dup(what, strlen(what));
    if (!reader || !copy) {
        mem_free(reader);
        mem_free(copy);
        return err_nomem(err);
    }
    reader->base.ops = ops;
    reader->source = source;
    reader->limit_bytes = bytes;
    reader->left_bytes = bytes;
    reader->what = copy;
    *ret_reader = &reader->base;
    return 0;
}

int bound_reader_new(struct reader *source, uint64_t limit_bytes, const char *what, struct reader **ret_reader,
                     struct err *err)
{
    return limited_new(&bound_ops, source, limit_bytes, what, ret_reader, err);
}

int slice_reader_new(struct reader *source, uint64_t size, const char *what, struct reader **ret_reader,
                     struct err *err)
{
    return limited_new(&slice_ops, source, size, what, ret_reader, err);
}

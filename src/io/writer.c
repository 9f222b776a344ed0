/* SPDX-License-Identifier: Apache-2.0 */
#include "io/writer.h"

#include "base/alloc.h"
#include "io/sys.h"

#include <errno.h>
#include <string.h>

#define FD_GATHER_BYTES (64U * 1024U)

int writer_write(struct writer *writer, const void *data, size_t size, struct err *err)
{
    if (writer->failed)
        return err_set(err, writer->failed, "an earlier write failed");
    if (size == 0)
        return 0;
    int r = writer->ops->write(writer, data, size, err);
    if (r < 0)
        writer->failed = (enum err_code) - r;
    return r;
}

int writer_write_str(struct writer *writer, struct str s, struct err *err)
{
    return writer_write(writer, s.ptr, s.len, err);
}

int writer_write_zeros(struct writer *writer, uint64_t count, struct err *err)
{
    static const char zeros[16384];
    while (count > 0) {
        size_t part = count < sizeof(zeros) ? (size_t)count : sizeof(zeros);
        int r = writer_write(writer, zeros, part, err);
        if (r < 0)
            return r;
        count -= part;
    }
    return 0;
}

int writer_close(struct writer *writer, struct err *err)
{
    if (writer->failed) {
        enum err_code code = writer->failed;
        writer->ops->cancel(writer);
        return err_set(err, code, "an earlier write failed");
    }
    return writer->ops->close(writer, err);
}

void writer_cancel(struct writer *writer)
{
    if (writer)
        writer->ops->cancel(writer);
}

void writer_cleanup(struct writer **writer)
{
    writer_cancel(*writer);
}

static void plain_cancel(struct writer *base)
{
    mem_free(base);
}

static int plain_close(struct writer *base, UNUSED struct err *err)
{
    mem_free(base);
    return 0;
}

/* ---- buffer */

struct buf_writer {
    struct writer base;
    struct buf *buf;
    size_t start;
};

static int buf_write(struct writer *base, const void *data, size_t size, struct err *err)
{
    struct buf *buf = ((struct buf_writer *)base)->buf;
    buf_add(buf, data, size);
    return buf_check(buf, err);
}

static void buf_cancel(struct writer *base)
{
    struct buf_writer *writer = (struct buf_writer *)base;
    buf_truncate(writer->buf, writer->start);
    mem_free(writer);
}

static const struct writer_ops buf_ops = {buf_write, plain_close, buf_cancel};

int buf_writer_new(struct buf *buf, struct writer **ret_writer, struct err *err)
{
    struct buf_writer *writer = mem_calloc(1, sizeof(*writer));
    if (!writer)
        return err_nomem(err);
    writer->base.ops = &buf_ops;
    writer->buf = buf;
    writer->start = buf->len;
    *ret_writer = &writer->base;
    return 0;
}

/* ---- descriptor */

struct fd_writer {
    struct writer base;
    int fd;
    char *name;
    size_t held; /* bytes of gather[] that wait */
    char gather[FD_GATHER_BYTES];
};

static int put(struct fd_writer *writer, const void *data, size_t size, struct err *err)
{
    if (sys_write_all(writer->fd, data, size) < 0)
        return err_errno(err, errno, "cannot write '%s'", writer->name);
    return 0;
}

static int fd_write(struct writer *base, const void *data, size_t size, struct err *err)
{
    struct fd_writer *writer = (struct fd_writer *)base;
    if (size <= sizeof(writer->gather) - writer->held) {
        memcpy(writer->gather + writer->held, data, size);
        writer->held += size;
        return 0;
    }
    int r = put(writer, writer->gather, writer->held, err);
    if (r < 0)
        return r;
    writer->held = 0;
    if (size >= sizeof(writer->gather))
        return put(writer, data, size, err);
    memcpy(writer->gather, data, size);
    writer->held = size;
    return 0;
}

static void fd_cancel(struct writer *base)
{
    struct fd_writer *writer = (struct fd_writer *)base;
    mem_free(writer->name);
    mem_free(writer);
}

static int fd_close(struct writer *base, struct err *err)
{
    struct fd_writer *writer = (struct fd_writer *)base;
    int r = put(writer, writer->gather, writer->held, err);
    fd_cancel(base);
    return r;
}

static const struct writer_ops fd_ops = {fd_write, fd_close, fd_cancel};

int fd_writer_new(int fd, const char *name, struct writer **ret_writer, struct err *err)
{
    struct fd_writer *writer = mem_alloc(sizeof(*writer)); /* gather[] is not worth clearing */
    char *copy = mem_dup(name, strlen(name));
    if (!writer || !copy) {
        mem_free(writer);
        mem_free(copy);
        return err_nomem(err);
    }
    writer->base = (struct writer){.ops = &fd_ops};
    writer->fd = fd;
    writer->name = copy;
    writer->held = 0;
    *ret_writer = &writer->base;
    return 0;
}

/* ---- nothing */

static int null_write(UNUSED struct writer *base, UNUSED const void *data, UNUSED size_t size, UNUSED struct err *err)
{
    return 0;
}

static const struct writer_ops null_ops = {null_write, plain_close, plain_cancel};

int null_writer_new(struct writer **ret_writer, struct err *err)
{
    struct writer *writer = mem_calloc(1, sizeof(*writer));
    if (!writer)
        return err_nomem(err);
    writer->ops = &null_ops;
    *ret_writer = writer;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/stretch.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "classify/classify.h"
#include "data/yaml.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <string.h>

#define READ_BYTES ((size_t)256 << 10)

struct stretch_reader {
    int fd;
    struct str shown;
    struct stat st;         /* when it was opened */
    struct buf bytes;       /* what was read and is not given back */
    size_t given;           /* bytes at the front that the caller has */
    uint64_t offset, total; /* of the front; read in all */
    uint32_t line;          /* of the front */
    bool end;               /* of the file was seen */
    bool any;               /* a stretch was given */
    struct yaml_cutter cutter;
    struct err err;
};

int stretch_new(int fd, struct str shown, struct stretch_reader **ret_reader, struct err *err)
{
    CLEANUP_FD int own = fd;
    struct stretch_reader *reader = mem_calloc(1, sizeof(*reader));
    if (!reader)
        return err_nomem(err);
    if (sys_fstat(own, &reader->st) < 0) {
        int r = err_errno(err, errno, "cannot read '%.*s'", STR_ARG(shown));
        mem_free(reader);
        return r;
    }
    reader->fd = own;
    own = -1;
    reader->shown = shown;
    reader->line = 1;
    *ret_reader = reader;
    return 0;
}

void stretch_free(struct stretch_reader *reader)
{
    if (!reader)
        return;
    fd_cleanup(&reader->fd);
    buf_done(&reader->bytes);
    mem_free(reader);
}

static int fail(struct stretch_reader *reader, struct err *err)
{
    if (err)
        *err = reader->err;
    return -(int)reader->err.code;
}

static int judge_end(struct stretch_reader *reader)
{
    struct stat st;
    reader->end = true;
    if (!S_ISREG(reader->st.st_mode) || reader->st.st_size == 0) /* a pipe; what a kernel makes up on reading */
        return 0;
    if (sys_fstat(reader->fd, &st) < 0)
        return err_errno(&reader->err, errno, "cannot read '%.*s'", STR_ARG(reader->shown));
    bool same = st.st_size == reader->st.st_size && (uint64_t)st.st_size == reader->total &&
                st.st_mtim.tv_sec == reader->st.st_mtim.tv_sec && st.st_mtim.tv_nsec == reader->st.st_mtim.tv_nsec;
    if (same)
        return 0;
    return err_set(&reader->err, ERR_INVALID, "'%.*s' changed while it was read", STR_ARG(reader->shown));
}

/* Reads WANT bytes more, or fewer. */
static int fill(struct stretch_reader *reader, size_t want)
{
    struct buf *bytes = &reader->bytes;
    if (S_ISREG(reader->st.st_mode) && reader->st.st_size > 0 && (uint64_t)reader->st.st_size >= reader->total) {
        uint64_t left = (uint64_t)reader->st.st_size - reader->total + 1; /* one more shows the end */
        want = left < want ? (size_t)left : want;
    }
    if (!buf_reserve(bytes, want)) {
        buf_reset(bytes);
        return err_nomem(&reader->err);
    }
    size_t from = bytes->len;
    ssize_t got = sys_read(reader->fd, bytes->ptr + from, want);
    if (got < 0)
        return err_errno(&reader->err, errno, "cannot read '%.*s'", STR_ARG(reader->shown));
    if (got == 0)
        return judge_end(reader);
    bytes->len += (size_t)got;
    bytes->ptr[bytes->len] = '\0';
    reader->total += (uint64_t)got;
    const char *foreign = classify_foreign(str_skip(buf_str(bytes), from), reader->offset == 0 && from == 0);
    if (!foreign)
        return 0;
    err_set(&reader->err, ERR_UNSUPPORTED, "'%.*s' %s", STR_ARG(reader->shown), foreign);
    return err_hint(&reader->err, "save it as UTF-8");
}

int stretch_peek(struct stretch_reader *reader, size_t want, struct str *ret_bytes, bool *ret_end, struct err *err)
{
    while (reader->err.code == ERR_NONE && !reader->end && reader->bytes.len < want)
        fill(reader, want - reader->bytes.len);
    *ret_bytes = buf_str(&reader->bytes);
    *ret_end = reader->end;
    return reader->err.code != ERR_NONE ? fail(reader, err) : 0;
}

bool stretch_keep(struct stretch_reader *reader, struct str shown)
{
    if (!reader->end || reader->err.code != ERR_NONE)
        return false;
    fd_cleanup(&reader->fd);
    reader->shown = shown;
    return true;
}

static void drop_given(struct stretch_reader *reader)
{
    struct str given = str_head(buf_str(&reader->bytes), reader->given);
    reader->offset += given.len;
    for (size_t at; (at = str_find_char(given, '\n')) < given.len; reader->line++)
        given = str_skip(given, at + 1);
    if (reader->given > 0)
        memmove(reader->bytes.ptr, reader->bytes.ptr + reader->given, reader->bytes.len - reader->given);
    buf_truncate(&reader->bytes, reader->bytes.len - reader->given);
    reader->given = 0;
    reader->cutter = (struct yaml_cutter){0};
}

static size_t cut_bytes(const struct stretch_options *options)
{
    return options->cut_bytes ? options->cut_bytes : STRETCH_BYTES;
}

/* The length of the next stretch, 0 when the file has to tell more. */
static size_t find_cut(struct stretch_reader *reader, const struct stretch_options *options)
{
    size_t cut = 0;
    if (!options->whole && yaml_cut(&reader->cutter, buf_str(&reader->bytes), cut_bytes(options), &cut))
        return cut;
    return reader->end ? reader->bytes.len : 0;
}

static int check_limits(struct stretch_reader *reader, const struct stretch_options *options)
{
    uint64_t stretch = options->limit_bytes + (options->whole ? 0 : cut_bytes(options));
    uint64_t file = options->file_bytes ? options->file_bytes : UINT64_MAX;
    if (reader->bytes.len <= stretch && reader->total <= file)
        return 0;
    bool document = reader->bytes.len > stretch && !options->whole;
    return err_set(&reader->err, ERR_LIMIT, "%s'%.*s' is larger than %llu MiB", document ? "a document of " : "",
                   STR_ARG(reader->shown),
                   (unsigned long long)((reader->bytes.len > stretch ? options->limit_bytes : file) >> 20));
}

/* In proportion to what is there, so that what is left over is moved seldom. */
static size_t more(const struct stretch_reader *reader)
{
    return reader->bytes.len / 2 > READ_BYTES ? reader->bytes.len / 2 : READ_BYTES;
}

int stretch_next(struct stretch_reader *reader, const struct stretch_options *options, struct str *ret_bytes,
                 uint64_t *ret_offset, uint32_t *ret_line, struct err *err)
{
    drop_given(reader);
    size_t cut = 0;
    while (reader->err.code == ERR_NONE && (cut = find_cut(reader, options)) == 0 && !reader->end)
        if (fill(reader, more(reader)) == 0)
            check_limits(reader, options);
    if (reader->err.code != ERR_NONE)
        return fail(reader, err);
    bool empty = cut == 0 && !reader->any;
    *ret_bytes = empty ? STR("") : cut == 0 ? STR_NONE : str_of(reader->bytes.ptr, cut);
    *ret_offset = reader->offset;
    *ret_line = reader->line;
    reader->given = cut;
    reader->any = true;
    return 0;
}

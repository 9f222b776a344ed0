/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/deb.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/num.h"
#include "io/ar.h"
#include "io/compress.h"

#include <string.h>

enum { FORMAT_BYTES_MAX = 1024, DRAIN_BYTES = 64 << 10 };

struct deb {
    char *name;
    struct arena *arena;
    struct ar_reader *ar;
    struct reader *stream; /* of the member at hand, expanded */
    struct tar_reader *tar;
    char *tar_name; /* of the member at hand, for messages */
    struct deb_control control;
};

static const char *const script_names[DEB_SCRIPTS] = {
#define X(script, name) [script] = (name),
    DEB_SCRIPT_TABLE(X)
#undef X
};

const char *deb_script_name(enum deb_script script)
{
    return script_names[script];
}

const struct deb_control *deb_control(const struct deb *deb)
{
    return &deb->control;
}

struct tar_reader *deb_data(struct deb *deb)
{
    return deb->tar;
}

/* ---- members ---- */

static void member_done(struct deb *deb)
{
    tar_reader_free(TAKE_PTR(deb->tar));
    reader_free(TAKE_PTR(deb->stream));
    mem_free(TAKE_PTR(deb->tar_name));
}

/* The next member that counts, which is WHAT: no other may stand there. */
static int next_member(struct deb *deb, const char *what, struct ar_entry *ret_entry, struct err *err)
{
    bool more = true;
    do {
        int rc = ar_reader_next(deb->ar, ret_entry, &more, err);
        if (rc)
            return rc;
    } while (more && ret_entry->name.ptr[0] == '_');
    if (!more)
        return err_set(err, ERR_INVALID, "'%s' is no Debian package: it has no '%s'", deb->name, what);
    if (!str_starts(ret_entry->name, str_z(what)))
        return err_set(err, ERR_INVALID, "'%s' is no Debian package: it has '%.*s' where '%s' belongs", deb->name,
                       STR_ARG(ret_entry->name), what);
    return 0;
}

/* "2.0\n": programs must take a larger minor version, and refuse another major one. */
static int read_format(struct deb *deb, struct err *err)
{
    struct ar_entry entry;
    int rc = next_member(deb, "debian-binary", &entry, err);
    if (rc)
        return rc;
    char text[FORMAT_BYTES_MAX];
    size_t len = 0;
    if (entry.size_bytes > sizeof(text))
        return err_set(err, ERR_INVALID, "'%s': its 'debian-binary' is too large", deb->name);
    for (size_t got = 1; got > 0; len += got) {
        rc = ar_reader_content(deb->ar, text + len, sizeof(text) - len, &got, err);
        if (rc)
            return rc;
    }
    struct str line = STR_NONE, all = str_of(text, len);
    uint32_t major, minor;
    if (!str_eq(entry.name, STR("debian-binary")))
        return err_set(err, ERR_INVALID, "'%s' is no Debian package: it begins with '%.*s'", deb->name,
                       STR_ARG(entry.name));
    bool whole = str_has_char(all, '\n') && str_next_line(&all, &line);
    size_t dot = str_find_char(line, '.');
    if (!whole || !num_parse_u32(str_head(line, dot), &major) || !num_parse_u32(str_skip(line, dot + 1), &minor))
        return err_set(err, ERR_INVALID, "'%s' is no Debian package: its 'debian-binary' is broken", deb->name);
    if (major != 2)
        return err_set(err, ERR_UNSUPPORTED, "'%s' has version %u of the package format, only 2 is supported",
                       deb->name, major);
    return 0;
}

static int compression_of_name(const struct deb *deb, struct str name, struct str stem, enum compression *ret_kind,
                               struct err *err)
{
    static const struct {
        struct str suffix;
        enum compression kind;
    } known[] = {
        {STR_INIT(""), COMPRESS_NONE},
        {STR_INIT(".gz"), COMPRESS_GZIP},
        {STR_INIT(".xz"), COMPRESS_XZ},
        {STR_INIT(".zst"), COMPRESS_ZSTD},
    };
    struct str suffix = str_skip(name, stem.len);
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (str_eq(suffix, known[i].suffix)) {
            *ret_kind = known[i].kind;
            return 0;
        }
    }
    return err_set(err, ERR_UNSUPPORTED, "'%s': the compression of '%.*s' is not supported (only gzip, xz and zstd)",
                   deb->name, STR_ARG(name));
}

/* Opens the next member, a tar archive called STEM, into deb->tar. */
static int open_member(struct deb *deb, const char *stem, uint64_t limit_bytes, struct err *err)
{
    struct ar_entry entry;
    enum compression kind = COMPRESS_NONE;
    int rc = next_member(deb, stem, &entry, err);
    if (!rc)
        rc = compression_of_name(deb, entry.name, str_z(stem), &kind, err);
    if (rc)
        return rc;
    struct buf name CLEANUP_BUF = BUF_INIT;
    buf_addf(&name, "%s:%.*s", deb->name, STR_ARG(entry.name));
    deb->tar_name = buf_take(&name, &(size_t){0});
    if (!deb->tar_name)
        return err_nomem(err);
    struct reader *outer = NULL;
    rc = ar_reader_open(deb->ar, &deb->stream, err);
    if (!rc && kind != COMPRESS_NONE && !(rc = decompress_reader_new(kind, deb->stream, &outer, err)))
        deb->stream = outer;
    if (!rc && !(rc = bound_reader_new(deb->stream, limit_bytes, deb->tar_name, &outer, err)))
        deb->stream = outer;
    return rc ? rc : tar_reader_new(deb->stream, deb->tar_name, &deb->tar, err);
}

/* Reads the member at hand to its end. */
static int drain_member(struct deb *deb, struct err *err)
{
    char *scratch CLEANUP_MEM = mem_alloc(DRAIN_BYTES);
    if (!scratch)
        return err_nomem(err);
    for (size_t got = 1; got > 0;) {
        int rc = reader_read(deb->stream, scratch, DRAIN_BYTES, &got, err);
        if (rc) {
            (void)err_wrap(err, "'%s'", deb->tar_name);
            return rc;
        }
    }
    return 0;
}

/* ---- control files ---- */

static int read_text(struct deb *deb, const struct tar_entry *entry, struct str *text, struct err *err)
{
    struct str path = entry->node.path;
    if (entry->node.type != TREE_FILE)
        return err_set(err, ERR_INVALID, "'%s': '%.*s' is no file", deb->tar_name, STR_ARG(path));
    if (text->ptr)
        return err_set(err, ERR_INVALID, "'%s' has '%.*s' twice", deb->tar_name, STR_ARG(path));
    size_t size = (size_t)entry->node.size_bytes; /* at most what is left of the limit, or the content ends early */
    if (entry->node.size_bytes > LIMIT_DEB_CONTROL_BYTES)
        return err_set(err, ERR_LIMIT, "'%s': '%.*s' is larger than %llu bytes", deb->tar_name, STR_ARG(path),
                       LIMIT_DEB_CONTROL_BYTES);
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    char *data = buf_extend(&bytes, size);
    if (!data)
        return err_nomem(err);
    size_t done = 0;
    for (size_t got = 1; got > 0; done += got) {
        int rc = tar_reader_content(deb->tar, data + done, size - done, &got, err);
        if (rc)
            return rc;
    }
    struct str copy = arena_buf(deb->arena, &bytes);
    if (!copy.ptr)
        return err_nomem(err);
    *text = copy;
    return 0;
}

static int read_control_file(struct deb *deb, const struct tar_entry *entry, struct err *err)
{
    struct str path = entry->node.path;
    if (str_eq(path, STR("control")))
        return read_text(deb, entry, &deb->control.control, err);
    if (str_eq(path, STR("md5sums")))
        return read_text(deb, entry, &deb->control.md5sums, err);
    if (str_eq(path, STR("conffiles")))
        return read_text(deb, entry, &deb->control.conffiles, err);
    for (unsigned i = 0; i < DEB_SCRIPTS; i++)
        if (str_eq_z(path, script_names[i]))
            deb->control.scripts |= 1U << i;
    return 0;
}

static int read_control(struct deb *deb, struct err *err)
{
    int rc = open_member(deb, "control.tar", LIMIT_DEB_CONTROL_BYTES, err);
    for (bool more = true; !rc && more;) {
        struct tar_entry entry;
        rc = tar_reader_next(deb->tar, &entry, &more, err);
        if (!rc && more)
            rc = read_control_file(deb, &entry, err);
    }
    if (!rc)
        rc = drain_member(deb, err);
    if (!rc && deb->control.control.len == 0)
        rc = err_set(err, ERR_INVALID, "'%s' has no control file", deb->name);
    member_done(deb);
    return rc;
}

/* ---- life ---- */

int deb_open(struct reader *source, const char *name, struct arena *arena, struct deb **ret_deb, struct err *err)
{
    struct deb *deb CLEANUP_DEB = mem_calloc(1, sizeof(*deb));
    if (!deb || !(deb->name = mem_dup(name, strlen(name))))
        return err_nomem(err);
    deb->arena = arena;
    int rc = ar_reader_new(source, name, &deb->ar, err);
    if (!rc)
        rc = read_format(deb, err);
    if (!rc)
        rc = read_control(deb, err);
    if (!rc)
        rc = open_member(deb, "data.tar", LIMIT_DEB_UNPACKED_BYTES, err);
    if (!rc)
        *ret_deb = TAKE_PTR(deb);
    return rc;
}

int deb_finish(struct deb *deb, struct err *err)
{
    bool more = true;
    int rc = 0;
    while (!rc && more) {
        struct tar_entry ignored;
        rc = tar_reader_next(deb->tar, &ignored, &more, err);
    }
    if (!rc)
        rc = drain_member(deb, err);
    more = true;
    while (!rc && more) {
        struct ar_entry ignored;
        rc = ar_reader_next(deb->ar, &ignored, &more, err);
    }
    return rc;
}

void deb_free(struct deb *deb)
{
    if (!deb)
        return;
    member_done(deb);
    ar_reader_free(deb->ar);
    mem_free(deb->name);
    mem_free(deb);
}

void deb_cleanup(struct deb **deb)
{
    deb_free(*deb);
    *deb = NULL;
}

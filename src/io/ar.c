/* SPDX-License-Identifier: Apache-2.0 */
#include "io/ar.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/num.h"

#include <inttypes.h>
#include <string.h>

static const struct str MAGIC = STR_INIT("!<arch>\n");
static const struct str MAGIC_THIN = STR_INIT("!<thin>\n");

struct ar_block {
    char name[16];
    char mtime[12];
    char uid[6];
    char gid[6];
    char mode[8];
    char size[10];
    char end[2];
};
_Static_assert(sizeof(struct ar_block) == 60, "a header has no padding");

struct ar_reader {
    struct reader *source;
    char *name;
    uint64_t offset_bytes;  /* taken from the source */
    uint64_t header_offset; /* of the member at hand */
    uint64_t left_bytes;    /* of its content */
    bool padded;            /* one byte follows it */
    struct buf names;       /* GNU's table */
    struct buf member;      /* name of the member at hand */
    struct err failure;     /* sticky */
};

int ar_reader_new(struct reader *source, const char *name, struct ar_reader **ret_ar, struct err *err)
{
    struct ar_reader *ar = mem_calloc(1, sizeof(*ar));
    char *copy = mem_dup(name, strlen(name));
    if (!ar || !copy) {
        mem_free(ar);
        mem_free(copy);
        return err_nomem(err);
    }
    ar->source = source;
    ar->name = copy;
    *ret_ar = ar;
    return 0;
}

void ar_reader_free(struct ar_reader *ar)
{
    if (!ar)
        return;
    buf_done(&ar->names);
    buf_done(&ar->member);
    mem_free(ar->name);
    mem_free(ar);
}

void ar_reader_cleanup(struct ar_reader **ar)
{
    ar_reader_free(*ar);
    *ar = NULL;
}

static int truncated(struct err *err)
{
    return err_set(err, ERR_INVALID, "the archive is truncated");
}

/* SIZE bytes, or fewer where the archive ends. */
static int take(struct ar_reader *ar, void *data, size_t size, size_t *ret_got, struct err *err)
{
    size_t got = 0;
    while (got < size) {
        size_t more = 0;
        int rc = reader_read(ar->source, (char *)data + got, size - got, &more, err);
        if (rc)
            return rc;
        if (more == 0)
            break;
        got += more;
    }
    ar->offset_bytes += got;
    *ret_got = got;
    return 0;
}

static int take_exact(struct ar_reader *ar, void *data, size_t size, struct err *err)
{
    size_t got;
    int rc = take(ar, data, size, &got, err);
    if (!rc && got < size)
        rc = truncated(err);
    return rc;
}

/* Passes over what is left of the member, and its padding. */
static int finish_member(struct ar_reader *ar, struct err *err)
{
    char scratch[4096];
    while (ar->left_bytes > 0) {
        size_t part = ar->left_bytes < sizeof(scratch) ? (size_t)ar->left_bytes : sizeof(scratch);
        int rc = take_exact(ar, scratch, part, err);
        if (rc)
            return rc;
        ar->left_bytes -= part;
    }
    if (!ar->padded)
        return 0;
    ar->padded = false;
    size_t got;
    int rc = take(ar, scratch, 1, &got, err);
    if (!rc && got && scratch[0] != '\n')
        return err_set(err, ERR_INVALID, "the padding behind the member is no newline");
    return rc;
}

static int read_magic(struct ar_reader *ar, struct err *err)
{
    char magic[8];
    size_t got;
    int rc = take(ar, magic, sizeof(magic), &got, err);
    if (rc)
        return rc;
    if (str_eq(str_of(magic, got), MAGIC_THIN))
        return err_set(err, ERR_UNSUPPORTED, "thin archives are not supported");
    if (!str_eq(str_of(magic, got), MAGIC))
        return err_set(err, ERR_INVALID, "this is no ar archive");
    return 0;
}

/* A number padded with spaces; an empty field is 0 unless it is REQUIRED. */
static int parse_field(const char *field, size_t size, const char *what, bool octal, bool required, uint64_t *ret_value,
                       struct err *err)
{
    struct str text = str_of(field, size);
    while (text.len && text.ptr[text.len - 1] == ' ')
        text.len--;
    uint64_t value = 0;
    bool valid = octal ? num_parse_octal(text, &value) : num_parse_u64(text, &value);
    if (text.len == 0 && !required)
        valid = true;
    if (!valid)
        return err_set(err, ERR_INVALID, "the %s of the member's header is no number", what);
    *ret_value = value;
    return 0;
}
#define PARSE_FIELD(block, field, octal, required, ret_value, err)                                                     \
    parse_field((block)->field, sizeof((block)->field), #field, (octal), (required), (ret_value), (err))

static int parse_block(const struct ar_block *block, struct ar_entry *entry, struct err *err)
{
    if (memcmp(block->end, "`\n", sizeof(block->end)) != 0)
        return err_set(err, ERR_INVALID, "there is no member's header");
    uint64_t uid = 0, gid = 0, mode = 0; /* six digits and eight octal ones: they fit */
    int rc = PARSE_FIELD(block, mtime, false, false, &entry->mtime, err);
    if (!rc)
        rc = PARSE_FIELD(block, uid, false, false, &uid, err);
    if (!rc)
        rc = PARSE_FIELD(block, gid, false, false, &gid, err);
    if (!rc)
        rc = PARSE_FIELD(block, mode, true, false, &mode, err);
    if (!rc)
        rc = PARSE_FIELD(block, size, false, true, &entry->size_bytes, err);
    entry->uid = (uint32_t)uid;
    entry->gid = (uint32_t)gid;
    entry->mode = (uint32_t)mode;
    return rc;
}

/* The member at hand is GNU's table of long names. */
static int read_names(struct ar_reader *ar, uint64_t size, struct err *err)
{
    if (size > LIMIT_AR_NAMES_BYTES)
        return err_set(err, ERR_LIMIT, "the table of names is larger than %llu bytes", LIMIT_AR_NAMES_BYTES);
    buf_reset(&ar->names);
    char *data = buf_extend(&ar->names, (size_t)size);
    if (!data)
        return err_nomem(err);
    ar->left_bytes = 0;
    return take_exact(ar, data, (size_t)size, err);
}

/* Sets ar->member from the name field STORED. */
static int set_name(struct ar_reader *ar, struct str stored, struct err *err)
{
    struct str name = stored;
    if (str_starts(name, STR("#1/")))
        return err_set(err, ERR_UNSUPPORTED, "BSD's long names are not supported");
    if (name.len > 1 && name.ptr[0] == '/') {
        uint64_t at;
        if (!num_parse_u64(str_skip(name, 1), &at) || at >= ar->names.len)
            return err_set(err, ERR_INVALID, "the long name '%.*s' is not in the table", STR_ARG(name));
        name = str_skip(buf_str(&ar->names), (size_t)at);
        size_t end = str_find_char(name, '\n');
        if (end == name.len)
            return err_set(err, ERR_INVALID, "the table of names is broken");
        name = str_head(name, end);
    }
    if (name.len && name.ptr[name.len - 1] == '/')
        name.len--;
    if (name.len == 0 || str_has_char(name, '/') || str_has_char(name, '\0'))
        return err_set(err, ERR_INVALID, "the member's name '%.*s' is not valid", STR_ARG(name));
    buf_reset(&ar->member);
    buf_add_str(&ar->member, name);
    return buf_check(&ar->member, err);
}

/* Headers up to and with the one of a real member; false in *ret_more at the end. */
static int next_member(struct ar_reader *ar, struct ar_entry *ret_entry, bool *ret_more, struct err *err)
{
    for (;;) {
        int rc = finish_member(ar, err);
        if (rc)
            return rc;
        struct ar_block block;
        size_t got;
        ar->header_offset = ar->offset_bytes;
        rc = take(ar, &block, sizeof(block), &got, err);
        if (!rc && got == 0) {
            *ret_more = false;
            return 0;
        }
        if (!rc && got < sizeof(block))
            rc = truncated(err);
        struct ar_entry entry = {.offset_bytes = ar->offset_bytes};
        if (!rc)
            rc = parse_block(&block, &entry, err);
        if (rc)
            return rc;
        ar->left_bytes = entry.size_bytes;
        ar->padded = entry.size_bytes & 1;
        struct str name = str_trim_right(str_of(block.name, sizeof(block.name)));
        if (str_eq(name, STR("/")) || str_eq(name, STR("/SYM64/")))
            continue;
        bool is_table = str_eq(name, STR("//"));
        rc = is_table ? read_names(ar, entry.size_bytes, err) : set_name(ar, name, err);
        if (rc)
            return rc;
        if (is_table)
            continue;
        entry.name = buf_str(&ar->member);
        *ret_entry = entry;
        *ret_more = true;
        return 0;
    }
}

static int fail(struct ar_reader *ar, struct err *failed, struct err *err)
{
    (void)err_wrap(failed, "'%s' at byte %" PRIu64, ar->name, ar->header_offset);
    ar->failure = *failed;
    if (err)
        *err = *failed;
    return -(int)failed->code;
}

static int failed_before(const struct ar_reader *ar, struct err *err)
{
    if (err)
        *err = ar->failure;
    return -(int)ar->failure.code;
}

int ar_reader_next(struct ar_reader *ar, struct ar_entry *ret_entry, bool *ret_more, struct err *err)
{
    if (ar->failure.code)
        return failed_before(ar, err);
    struct err failed = ERR_INIT;
    int rc = ar->offset_bytes ? 0 : read_magic(ar, &failed);
    if (!rc)
        rc = next_member(ar, ret_entry, ret_more, &failed);
    return rc ? fail(ar, &failed, err) : 0;
}

int ar_reader_content(struct ar_reader *ar, void *data, size_t size, size_t *ret_got, struct err *err)
{
    if (ar->failure.code)
        return failed_before(ar, err);
    size_t want = size < ar->left_bytes ? size : (size_t)ar->left_bytes;
    size_t got = 0;
    if (want > 0) {
        struct err failed = ERR_INIT;
        int rc = reader_read(ar->source, data, want, &got, &failed);
        if (!rc && got == 0)
            rc = truncated(&failed);
        if (rc)
            return fail(ar, &failed, err);
    }
    ar->left_bytes -= got;
    ar->offset_bytes += got;
    *ret_got = got;
    return 0;
}

/* ---- a member as a stream ---- */

struct member_reader {
    struct reader base;
    struct ar_reader *ar;
};

static int member_read(struct reader *reader, void *data, size_t size, size_t *ret_got, struct err *err)
{
    return ar_reader_content(((struct member_reader *)reader)->ar, data, size, ret_got, err);
}

static void member_free(struct reader *reader)
{
    mem_free(reader);
}

int ar_reader_open(struct ar_reader *ar, struct reader **ret_reader, struct err *err)
{
    static const struct reader_ops ops = {.read = member_read, .free = member_free};
    struct member_reader *reader = mem_calloc(1, sizeof(*reader));
    if (!reader)
        return err_nomem(err);
    reader->base.ops = &ops;
    reader->ar = ar;
    *ret_reader = &reader->base;
    return 0;
}

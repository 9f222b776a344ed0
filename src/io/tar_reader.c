/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/limits.h"
#include "base/path.h"
#include "io/tar.h"
#include "io/tar_block.h"
#include "io/tar_pax.h"

#include <inttypes.h>
#include <string.h>

struct tar_reader {
    struct reader *source;
    char *name;
    uint64_t offset_bytes;  /* taken from the source */
    uint64_t header_offset; /* of the entry at hand */
    uint64_t left_bytes;    /* of its content */
    uint64_t padding_bytes; /* behind it */
    uint64_t headers;
    bool ended;
    struct pax_values global, local;
    struct buf gnu_name, gnu_link; /* of the next entry, when their ptr is set */
    struct buf path, target;       /* of the entry at hand */
    struct err failure;            /* sticky */
    char scratch[16 << 10];        /* for what is passed over */
};

int tar_reader_new(struct reader *source, const char *name, struct tar_reader **ret_tar, struct err *err)
{
    struct tar_reader *tar = mem_calloc(1, sizeof(*tar));
    char *copy = mem_dup(name, strlen(name));
    if (!tar || !copy) {
        mem_free(tar);
        mem_free(copy);
        return err_nomem(err);
    }
    tar->source = source;
    tar->name = copy;
    *ret_tar = tar;
    return 0;
}

void tar_reader_free(struct tar_reader *tar)
{
    if (!tar)
        return;
    pax_done(&tar->global);
    pax_done(&tar->local);
    buf_done(&tar->gnu_name);
    buf_done(&tar->gnu_link);
    buf_done(&tar->path);
    buf_done(&tar->target);
    mem_free(tar->name);
    mem_free(tar);
}

void tar_reader_cleanup(struct tar_reader **tar)
{
    tar_reader_free(*tar);
    *tar = NULL;
}

uint64_t tar_reader_xattrs(const struct tar_reader *tar)
{
    return tar->local.xattrs + tar->global.xattrs;
}

/* ---- bytes ---- */

static int truncated(struct err *err)
{
    return err_set(err, ERR_INVALID, "the archive is truncated");
}

/* SIZE bytes, or fewer where the archive ends. */
static int take(struct tar_reader *tar, void *data, size_t size, size_t *ret_got, struct err *err)
{
    size_t got = 0;
    while (got < size) {
        size_t more = 0;
        int rc = reader_read(tar->source, (char *)data + got, size - got, &more, err);
        if (rc)
            return rc;
        if (more == 0)
            break;
        got += more;
    }
    tar->offset_bytes += got;
    *ret_got = got;
    return 0;
}

static int skip(struct tar_reader *tar, uint64_t size, struct err *err)
{
    while (size > 0) {
        size_t part = size < sizeof(tar->scratch) ? (size_t)size : sizeof(tar->scratch);
        size_t got;
        int rc = take(tar, tar->scratch, part, &got, err);
        if (rc)
            return rc;
        if (got < part)
            return truncated(err);
        size -= part;
    }
    return 0;
}

static bool is_zero(const struct tar_block *block)
{
    const char *bytes = (const char *)block;
    return bytes[0] == '\0' && memcmp(bytes, bytes + 1, sizeof(*block) - 1) == 0;
}

/* ---- headers ---- */

/* True when names or attributes wait for an entry. */
static bool is_pending(const struct tar_reader *tar)
{
    for (size_t i = 0; i < PAX_KEYS; i++)
        if (tar->local.state[i] != PAX_ABSENT)
            return true;
    return tar->gnu_name.ptr || tar->gnu_link.ptr;
}

static int check_end(struct tar_reader *tar, struct err *err)
{
    if (is_pending(tar))
        return err_set(err, ERR_INVALID, "the archive ends behind an extended header");
    tar->ended = true;
    return 0;
}

/* The next block; false in *ret_more at the archive's end. */
static int next_block(struct tar_reader *tar, struct tar_block *block, bool *ret_more, struct err *err)
{
    size_t got;
    tar->header_offset = tar->offset_bytes;
    int rc = take(tar, block, sizeof(*block), &got, err);
    if (rc)
        return rc;
    *ret_more = false;
    if (got == 0 && tar->offset_bytes == 0)
        return err_set(err, ERR_INVALID, "the archive is empty");
    if (got == 0)
        return check_end(tar, err);
    if (got < sizeof(*block))
        return truncated(err);
    if (!is_zero(block)) {
        *ret_more = true;
        return 0;
    }
    rc = take(tar, block, sizeof(*block), &got, err);
    if (rc)
        return rc;
    if (got && (got < sizeof(*block) || !is_zero(block)))
        return err_set(err, ERR_INVALID, "a lone zero block is followed by more");
    return check_end(tar, err);
}

static int parse_field(const char *field, size_t size, const char *what, int64_t max, int64_t *ret_value,
                       struct err *err)
{
    int64_t value;
    if (!tar_parse_number(field, size, &value))
        return err_set(err, ERR_INVALID, "the %s of the header is no number", what);
    if (value < 0 || value > max)
        return err_set(err, ERR_INVALID, "the %s of the header is out of range", what);
    *ret_value = value;
    return 0;
}
#define PARSE_FIELD(block, field, max, ret_value, err)                                                                 \
    parse_field((block)->field, sizeof((block)->field), #field, (max), (ret_value), (err))

static int check_block(struct tar_reader *tar, const struct tar_block *block, struct err *err)
{
    int64_t stored;
    int32_t with_signs;
    uint32_t sum = tar_checksum(block, &with_signs);
    if (!tar_parse_number(block->checksum, sizeof(block->checksum), &stored) || (stored != sum && stored != with_signs))
        return err_set(err, ERR_INVALID,
                       tar->headers ? "the checksum of the header is wrong" : "this is no tar archive");
    if (tar->headers++ >= LIMIT_TAR_ENTRIES)
        return err_set(err, ERR_LIMIT, "the archive has more than %u entries", LIMIT_TAR_ENTRIES);
    return 0;
}

/* The content of a header that describes the next entry, without its padding. */
static int read_meta(struct tar_reader *tar, const struct tar_block *block, struct buf *out, struct err *err)
{
    int64_t size;
    int rc = PARSE_FIELD(block, size, INT64_MAX, &size, err);
    if (rc)
        return rc;
    if (size > LIMIT_TAR_PAX_BYTES)
        return err_set(err, ERR_LIMIT, "an extended header is larger than %u bytes", LIMIT_TAR_PAX_BYTES);
    size_t got = 0;
    char *data = buf_extend(out, (size_t)size);
    if (!data)
        return err_nomem(err);
    if (size > 0)
        rc = take(tar, data, (size_t)size, &got, err);
    if (!rc && got < (size_t)size)
        rc = truncated(err);
    return rc ? rc : skip(tar, tar_padding((uint64_t)size), err);
}

static int read_pax(struct tar_reader *tar, const struct tar_block *block, struct pax_values *values, struct err *err)
{
    struct buf records CLEANUP_BUF = BUF_INIT;
    int rc = read_meta(tar, block, &records, err);
    return rc ? rc : pax_parse(values, buf_str(&records), err);
}

static int read_gnu_name(struct tar_reader *tar, const struct tar_block *block, struct buf *out, struct err *err)
{
    buf_reset(out);
    int rc = read_meta(tar, block, out, err);
    if (rc)
        return rc;
    struct str text = buf_str(out);
    size_t len = str_find_char(text, '\0');
    if (len == 0)
        return err_set(err, ERR_INVALID, "a long name is empty");
    if (len > LIMIT_TAR_NAME_BYTES)
        return err_set(err, ERR_LIMIT, "the name '%.*s...' is longer than %d bytes", STR_ARG(str_head(text, 64)),
                       LIMIT_TAR_NAME_BYTES);
    buf_truncate(out, len);
    return 0;
}

/* ---- entries ---- */

static bool pax_number(const struct tar_reader *tar, enum pax_key key, int64_t *ret_value)
{
    const struct pax_values *from = tar->local.state[key] == PAX_ABSENT ? &tar->global : &tar->local;
    if (from->state[key] != PAX_SET)
        return false;
    *ret_value = from->number[key];
    return true;
}

static bool pax_text(const struct tar_reader *tar, enum pax_key key, struct str *ret_text)
{
    const struct pax_values *from = tar->local.state[key] == PAX_ABSENT ? &tar->global : &tar->local;
    if (from->state[key] != PAX_SET)
        return false;
    *ret_text = buf_str(&from->text[key]);
    return true;
}

/* "/" between prefix and name where the format has a prefix. */
static void add_ustar_name(struct buf *out, const struct tar_block *block)
{
    bool ustar = memcmp(block->magic, "ustar", 6) == 0;
    bool star = memcmp(block->pad + sizeof(block->pad) - 4, "tar", 4) == 0;
    struct str prefix = ustar ? tar_field(block->prefix, star ? 131 : sizeof(block->prefix)) : STR_NONE;
    buf_add_str(out, prefix);
    if (prefix.len)
        buf_add_char(out, '/');
    buf_add_str(out, tar_field(block->name, sizeof(block->name)));
}

/* NAME in normal form into OUT. */
static int normalize(struct str name, const char *what, struct buf *out, struct err *err)
{
    struct str relative = name;
    while (relative.len && relative.ptr[0] == '/')
        relative = str_skip(relative, 1);
    buf_reset(out);
    if (name.len == 0)
        return err_set(err, ERR_INVALID, "an entry's %s is empty", what);
    if (!path_normalize(out, STR_NONE, relative))
        return err_set(err, ERR_INVALID, "the %s '%.*s' leads out of the archive", what, STR_ARG(name));
    return buf_check(out, err);
}

static int entry_name(struct tar_reader *tar, const struct tar_block *block, bool *ret_slash, struct err *err)
{
    struct buf stored CLEANUP_BUF = BUF_INIT;
    struct str name;
    if (!pax_text(tar, PAX_PATH, &name)) {
        name = buf_str(&tar->gnu_name);
        if (!name.ptr) {
            add_ustar_name(&stored, block);
            if (buf_check(&stored, err))
                return -ERR_NOMEM;
            name = buf_str(&stored);
        }
    }
    *ret_slash = name.len && name.ptr[name.len - 1] == '/';
    return normalize(name, "name", &tar->path, err);
}

static int entry_target(struct tar_reader *tar, const struct tar_block *block, enum tree_type type, struct err *err)
{
    buf_reset(&tar->target);
    if (type != TREE_SYMLINK && type != TREE_HARDLINK)
        return 0;
    struct str target;
    if (!pax_text(tar, PAX_LINKPATH, &target))
        target = tar->gnu_link.ptr ? buf_str(&tar->gnu_link) : tar_field(block->linkname, sizeof(block->linkname));
    if (target.len == 0)
        return err_set(err, ERR_INVALID, "the link '%s' has no target", buf_z(&tar->path));
    if (type == TREE_HARDLINK) {
        int rc = normalize(target, "hard link's target", &tar->target, err);
        if (!rc && tar->target.len == 0)
            return err_set(err, ERR_INVALID, "the hard link '%s' leads to the root", buf_z(&tar->path));
        return rc;
    }
    buf_add_str(&tar->target, target);
    return buf_check(&tar->target, err);
}

/* Owner, mode and time. */
static int entry_attributes(struct tar_reader *tar, const struct tar_block *block, struct tree_node *node,
                            struct err *err)
{
    int64_t mode, uid, gid, mtime;
    int rc = PARSE_FIELD(block, mode, INT64_MAX, &mode, err);
    if (!rc && !pax_number(tar, PAX_UID, &uid))
        rc = PARSE_FIELD(block, uid, UINT32_MAX, &uid, err);
    if (!rc && !pax_number(tar, PAX_GID, &gid))
        rc = PARSE_FIELD(block, gid, UINT32_MAX, &gid, err);
    if (rc)
        return rc;
    if (!pax_number(tar, PAX_MTIME, &mtime) && !tar_parse_number(block->mtime, sizeof(block->mtime), &mtime))
        return err_set(err, ERR_INVALID, "the mtime of the header is no number");
    if (uid > UINT32_MAX || gid > UINT32_MAX)
        return err_set(err, ERR_INVALID, "the owner of '%s' is out of range", buf_z(&tar->path));
    node->mode = (uint32_t)mode & 07777;
    node->uid = (uint32_t)uid;
    node->gid = (uint32_t)gid;
    node->mtime = mtime;
    return 0;
}

static int entry_size(struct tar_reader *tar, const struct tar_block *block, enum tree_type type, uint64_t *ret_size,
                      struct err *err)
{
    int64_t size;
    if (type == TREE_HARDLINK) { /* some writers store the file's size, with nothing behind it */
        *ret_size = 0;
        return 0;
    }
    int rc = pax_number(tar, PAX_SIZE, &size) ? 0 : PARSE_FIELD(block, size, INT64_MAX, &size, err);
    if (rc)
        return rc;
    if (size > 0 && type != TREE_FILE)
        return err_set(err, ERR_INVALID, "'%s' is no file but claims content", buf_z(&tar->path));
    *ret_size = (uint64_t)size;
    return 0;
}

static int entry_type(char flag, enum tree_type *ret_type, struct err *err)
{
    switch (flag) {
    case '0':
    case '\0':
    case '7': /* contiguous: a file to everybody */
        *ret_type = TREE_FILE;
        return 0;
    case '1':
        *ret_type = TREE_HARDLINK;
        return 0;
    case '2':
        *ret_type = TREE_SYMLINK;
        return 0;
    case '5':
        *ret_type = TREE_DIR;
        return 0;
    case '3':
    case '4':
    case '6':
        *ret_type = TREE_OTHER;
        return 0;
    case 'S':
        return err_set(err, ERR_UNSUPPORTED, "sparse files are not supported");
    default:
        return err_set(err, ERR_UNSUPPORTED, "entries of type '%c' (0x%02x) are not supported",
                       flag > ' ' && flag < 0x7f ? flag : '?', (unsigned char)flag);
    }
}

static int make_entry(struct tar_reader *tar, const struct tar_block *block, struct tar_entry *ret_entry,
                      struct err *err)
{
    struct tar_entry entry = {.type_flag = block->type, .offset_bytes = tar->offset_bytes};
    struct tree_node *node = &entry.node;
    bool slash = false;
    int rc = entry_type(block->type, &node->type, err);
    if (!rc)
        rc = entry_name(tar, block, &slash, err);
    if (rc)
        return rc;
    if (node->type == TREE_FILE && slash) /* v7's way to say directory; others still read it so */
        node->type = TREE_DIR;
    if (tar->path.len == 0 && node->type != TREE_DIR)
        return err_set(err, ERR_INVALID, "the root of the archive is no directory");
    rc = entry_target(tar, block, node->type, err);
    if (!rc)
        rc = entry_attributes(tar, block, node, err);
    if (!rc)
        rc = entry_size(tar, block, node->type, &node->size_bytes, err);
    if (rc)
        return rc;
    node->path = tar->path.len ? buf_str(&tar->path) : STR("");
    node->target = buf_str(&tar->target);
    tar->left_bytes = node->size_bytes;
    tar->padding_bytes = tar_padding(node->size_bytes);
    *ret_entry = entry;
    return 0;
}

static void forget_entry(struct tar_reader *tar)
{
    pax_forget(&tar->local);
    buf_done(&tar->gnu_name);
    buf_done(&tar->gnu_link);
}

/* Headers up to and with the one of an entry; false in *ret_more at the end. */
static int next_entry(struct tar_reader *tar, struct tar_entry *ret_entry, bool *ret_more, struct err *err)
{
    for (;;) {
        struct tar_block block;
        bool more;
        int rc = next_block(tar, &block, &more, err);
        if (!rc && more)
            rc = check_block(tar, &block, err);
        if (rc || !more) {
            *ret_more = rc ? *ret_more : false;
            return rc;
        }
        switch (block.type) {
        case 'x':
        case 'X': /* Solaris */
            rc = read_pax(tar, &block, &tar->local, err);
            break;
        case 'g':
            rc = read_pax(tar, &block, &tar->global, err);
            break;
        case 'L':
            rc = read_gnu_name(tar, &block, &tar->gnu_name, err);
            break;
        case 'K':
            rc = read_gnu_name(tar, &block, &tar->gnu_link, err);
            break;
        default:
            rc = make_entry(tar, &block, ret_entry, err);
            if (!rc)
                *ret_more = true;
            forget_entry(tar);
            return rc;
        }
        if (rc)
            return rc;
    }
}

/* Keeps FAILED, which has no place yet, as the reader's failure. */
static int fail(struct tar_reader *tar, struct err *failed, uint64_t offset_bytes, struct err *err)
{
    (void)err_wrap(failed, "'%s' at byte %" PRIu64, tar->name, offset_bytes);
    tar->failure = *failed;
    if (err)
        *err = *failed;
    return -(int)failed->code;
}

static int failed_before(const struct tar_reader *tar, struct err *err)
{
    if (err)
        *err = tar->failure;
    return -(int)tar->failure.code;
}

int tar_reader_next(struct tar_reader *tar, struct tar_entry *ret_entry, bool *ret_more, struct err *err)
{
    if (tar->failure.code)
        return failed_before(tar, err);
    if (tar->ended) {
        *ret_more = false;
        return 0;
    }
    struct err failed = ERR_INIT;
    int rc = skip(tar, tar->left_bytes, &failed);
    if (!rc) { /* umoci's layers end right behind the last content: nothing is missing but zeros */
        size_t got;
        rc = take(tar, tar->scratch, (size_t)tar->padding_bytes, &got, &failed);
    }
    tar->left_bytes = tar->padding_bytes = 0;
    if (!rc)
        rc = next_entry(tar, ret_entry, ret_more, &failed);
    return rc ? fail(tar, &failed, tar->header_offset, err) : 0;
}

int tar_reader_content(struct tar_reader *tar, void *data, size_t size, size_t *ret_got, struct err *err)
{
    if (tar->failure.code)
        return failed_before(tar, err);
    size_t want = size < tar->left_bytes ? size : (size_t)tar->left_bytes;
    size_t got = 0;
    if (want > 0) {
        struct err failed = ERR_INIT;
        int rc = reader_read(tar->source, data, want, &got, &failed);
        if (!rc && got == 0)
            rc = truncated(&failed);
        if (rc)
            return fail(tar, &failed, tar->header_offset, err);
    }
    tar->left_bytes -= got;
    tar->offset_bytes += got;
    *ret_got = got;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/deb_cache.h"

#include "archive/deb_cache_format.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/path.h"
#include "base/vec.h"

#include <libdeflate.h>
#include <string.h>

/* Where everything is, checked to lie within the file in this order, without overlap. */
struct layout {
    const unsigned char *base;
    struct str control, md5sums, conffiles;
    uint64_t contents, contents_end; /* offsets */
    struct str strings;
    const unsigned char *records;
    size_t record_count;
    unsigned scripts;
};

static int damaged(struct err *err, const char *what)
{
    return err_set(err, ERR_INVALID, "the cached package is damaged: %s", what);
}

static int check_magic(struct str bytes, struct err *err)
{
    if (bytes.len < HEAD_BYTES + FOOT_BYTES ||
        memcmp(bytes.ptr + HEAD_MAGIC64, DEB_CACHE_HEAD_MAGIC, DEB_CACHE_MAGIC_BYTES) != 0)
        return err_set(err, ERR_INVALID, "this is no cached package");
    uint32_t version = num_le32(bytes.ptr + HEAD_VERSION);
    if (version != DEB_CACHE_VERSION)
        return err_set(err, ERR_INVALID, "the cached package has version %u, not %d", version, DEB_CACHE_VERSION);
    const char *foot = bytes.ptr + bytes.len - FOOT_BYTES;
    if (memcmp(foot + FOOT_MAGIC64, DEB_CACHE_FOOT_MAGIC, DEB_CACHE_MAGIC_BYTES) != 0 ||
        num_le64(foot + FOOT_FILE_BYTES64) != bytes.len)
        return damaged(err, "it is cut off");
    uint32_t crc = libdeflate_crc32(libdeflate_crc32(0, bytes.ptr, HEAD_BYTES), foot, FOOT_CRC);
    return crc == num_le32(foot + FOOT_CRC) ? 0 : damaged(err, "the checksum of its foot is wrong");
}

/* Cuts LEN bytes at *OFFSET off, which must not lie behind END. */
static bool cut(const char *base, uint64_t *offset, uint64_t len, uint64_t end, struct str *ret_part)
{
    if (*offset > end || len > end - *offset)
        return false;
    *ret_part = str_of(base + *offset, (size_t)len);
    *offset += len;
    return true;
}

static int find_parts(struct str bytes, struct layout *layout, struct err *err)
{
    const char *base = bytes.ptr, *foot = base + bytes.len - FOOT_BYTES;
    uint64_t end = bytes.len - FOOT_BYTES;
    uint64_t at = HEAD_BYTES, strings = num_le64(foot + FOOT_STRINGS64), records = num_le64(foot + FOOT_RECORDS64);
    uint64_t count = num_le64(foot + FOOT_RECORD_COUNT64);
    struct str all_records = STR_NONE;
    bool valid = cut(base, &at, num_le64(foot + FOOT_CONTROL_LEN64), end, &layout->control) &&
                 cut(base, &at, num_le64(foot + FOOT_MD5SUMS_LEN64), end, &layout->md5sums) &&
                 cut(base, &at, num_le64(foot + FOOT_CONFFILES_LEN64), end, &layout->conffiles) && strings >= at;
    layout->contents = at;
    layout->contents_end = at = strings;
    valid = valid && cut(base, &at, num_le64(foot + FOOT_STRINGS_LEN64), end, &layout->strings) && records == at &&
            count <= LIMIT_TAR_ENTRIES && cut(base, &at, count * RECORD_BYTES, end, &all_records) && at == end;
    if (!valid)
        return damaged(err, "its parts don't fit");
    layout->base = (const unsigned char *)base;
    layout->records = (const unsigned char *)all_records.ptr;
    layout->record_count = (size_t)count;
    layout->scripts = num_le32(foot + FOOT_SCRIPTS);
    const unsigned char *texts = (const unsigned char *)base + HEAD_BYTES;
    uint32_t crc = libdeflate_crc32(0, texts, (size_t)layout->contents - HEAD_BYTES);
    crc = libdeflate_crc32(crc, layout->strings.ptr, layout->strings.len + all_records.len);
    return crc == num_le32(foot + FOOT_INDEX_CRC) ? 0 : damaged(err, "the checksum of its index is wrong");
}

/* ---- entries ---- */

/* The NUL-terminated string that FIELD of a record names. */
static bool get_string(const struct layout *layout, const unsigned char *field, struct str *ret_string)
{
    uint64_t at = num_le32(field), len = num_le32(field + 4);
    if (at + len >= layout->strings.len || layout->strings.ptr[at + len] != '\0')
        return false;
    *ret_string = str_of(layout->strings.ptr + at, (size_t)len);
    return len <= LIMIT_TAR_NAME_BYTES;
}

static bool check_names(const struct tree_node *node)
{
    if (node->path.len == 0 ? node->type != TREE_DIR : !path_is_clean_relative(node->path))
        return false;
    if (node->type == TREE_HARDLINK)
        return path_is_clean_relative(node->target);
    if (node->type == TREE_SYMLINK)
        return node->target.len > 0 && !str_has_char(node->target, '\0');
    return node->target.len == 0;
}

static bool get_content(const struct layout *layout, const unsigned char *record, struct tree_node *node)
{
    uint64_t at = num_le64(record + RECORD_CONTENT64), size = num_le64(record + RECORD_SIZE64);
    if (size == 0)
        return true;
    if (node->type != TREE_FILE || at < layout->contents || at > layout->contents_end ||
        size > layout->contents_end - at)
        return false;
    node->content = str_of((const char *)layout->base + at, (size_t)size);
    node->size_bytes = size;
    return true;
}

static bool get_entry(const struct layout *layout, const unsigned char *record, struct tree_node *node)
{
    uint32_t mode = num_le32(record + RECORD_MODE), type = mode >> 16;
    if (type > TREE_OTHER || type == TREE_WHITEOUT || (mode & 0xffff) > 07777)
        return false;
    node->type = (enum tree_type)type;
    node->mode = mode & 07777;
    node->uid = num_le32(record + RECORD_UID);
    node->gid = num_le32(record + RECORD_GID);
    node->mtime = (int64_t)num_le64(record + RECORD_MTIME64);
    return get_string(layout, record + RECORD_PATH, &node->path) &&
           get_string(layout, record + RECORD_TARGET, &node->target) && check_names(node) &&
           get_content(layout, record, node);
}

static int get_entries(const struct layout *layout, struct arena *arena, struct deb_package *package, struct err *err)
{
    package->entry_count = layout->record_count;
    package->entries = ARENA_ARRAY(arena, layout->record_count, struct tree_node);
    if (!package->entries)
        return err_nomem(err);
    for (size_t i = 0; i < layout->record_count; i++)
        if (!get_entry(layout, layout->records + i * RECORD_BYTES, &package->entries[i]))
            return damaged(err, "an entry makes no sense");
    return 0;
}

/* "/etc/foo"; what begins with a flag says what to remove. */
static int get_conffiles(struct str text, struct arena *arena, struct deb_package *package, struct err *err)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    package->conffiles = ARENA_ARRAY(arena, lines, struct str);
    if (!package->conffiles)
        return err_nomem(err);
    struct str line;
    while (str_next_line(&text, &line)) {
        line = str_trim_right(line);
        if (line.len && line.ptr[0] == '/' && path_is_clean_relative(str_skip(line, 1)))
            package->conffiles[package->conffile_count++] = str_skip(line, 1);
    }
    return 0;
}

int deb_package_open(struct str bytes, struct arena *arena, struct deb_package *ret_package, struct err *err)
{
    struct layout layout = {0};
    int rc = check_magic(bytes, err);
    if (!rc)
        rc = find_parts(bytes, &layout, err);
    if (rc)
        return rc;
    struct deb_package package = {
        .control = layout.control, .md5sums = layout.md5sums, .scripts = layout.scripts, .records = layout.records};
    rc = get_entries(&layout, arena, &package, err);
    if (!rc)
        rc = get_conffiles(layout.conffiles, arena, &package, err);
    if (!rc)
        *ret_package = package;
    return rc;
}

int deb_package_check(const struct deb_package *package, size_t i, struct err *err)
{
    const struct tree_node *node = &package->entries[i];
    const unsigned char *record = (const unsigned char *)package->records + i * RECORD_BYTES;
    if (node->content.len == 0 ||
        libdeflate_crc32(0, node->content.ptr, node->content.len) == num_le32(record + RECORD_CRC))
        return 0;
    int rc = err_set(err, ERR_INVALID, "the cached package is damaged: the checksum of '%.*s' is wrong",
                     STR_ARG(node->path));
    (void)err_hint(err, "clear the cache and run it again");
    return rc;
}

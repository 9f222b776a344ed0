/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/sonames.h"

#include "pkg/sonames_format.h"

#include <string.h>

/* Where each table of the block starts. */
struct layout {
    uint64_t directories;
    uint64_t packages;
    uint64_t text;
    uint64_t text_size;
    uint64_t end;
};

static struct layout layout_of(const struct sonames_header *header)
{
    struct layout layout = {.text_size = header->text_size};
    layout.directories = sizeof(*header) + (uint64_t)header->entry_count * sizeof(struct sonames_entry);
    layout.packages = layout.directories + (uint64_t)header->directory_count * sizeof(struct sonames_word);
    layout.text = layout.packages + (uint64_t)header->package_count * sizeof(struct sonames_word);
    layout.end = layout.text + header->text_size;
    return layout;
}

static struct layout read_layout(const struct sonames *index)
{
    struct sonames_header header;
    memcpy(&header, index->bytes.ptr, sizeof(header));
    return layout_of(&header);
}

int sonames_open(struct str bytes, struct sonames *ret_index, struct err *err)
{
    struct sonames_header header;
    if (bytes.len < sizeof(header))
        return err_set(err, ERR_INVALID, "the index of libraries is truncated");
    memcpy(&header, bytes.ptr, sizeof(header));
    if (memcmp(header.magic, SONAMES_MAGIC, sizeof(header.magic)) != 0)
        return err_set(err, ERR_INVALID, "these bytes are no index of libraries");
    if (header.byte_order != SONAMES_BYTE_ORDER || header.version != SONAMES_VERSION)
        return err_set(err, ERR_INVALID, "the index of libraries is of another version");
    if (header.text_size > UINT32_MAX || layout_of(&header).end != bytes.len)
        return err_set(err, ERR_INVALID, "the index of libraries is truncated");
    *ret_index = (struct sonames){
        .bytes = bytes,
        .entry_count = header.entry_count,
        .directory_count = header.directory_count,
        .package_count = header.package_count,
    };
    return 0;
}

int sonames_check(const struct sonames *index, struct err *err)
{
    return index->damaged ? err_set(err, ERR_INVALID, "the index of libraries is damaged") : 0;
}

static struct str text_at(struct sonames *index, uint32_t offset, uint32_t len)
{
    struct layout layout = read_layout(index);
    if (offset > layout.text_size || len > layout.text_size - offset) {
        index->damaged = true;
        return STR_NONE;
    }
    return str_of(index->bytes.ptr + layout.text + offset, len);
}

static struct sonames_entry entry_at(const struct sonames *index, uint32_t number)
{
    struct sonames_entry entry;
    memcpy(&entry, index->bytes.ptr + sizeof(struct sonames_header) + (uint64_t)number * sizeof(entry), sizeof(entry));
    return entry;
}

static struct sonames_word word_at(const struct sonames *index, uint64_t table, uint32_t number)
{
    struct sonames_word word;
    memcpy(&word, index->bytes.ptr + table + (uint64_t)number * sizeof(word), sizeof(word));
    return word;
}

/* The first entry whose name is not below NAME; with AFTER, that is above it. */
static uint32_t bound(struct sonames *index, struct str name, bool after)
{
    uint32_t low = 0;
    uint32_t high = index->entry_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct sonames_entry entry = entry_at(index, middle);
        int order = str_cmp(text_at(index, entry.text, entry.text_len), name);
        if (order < 0 || (after && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t sonames_find(struct sonames *index, struct str name, uint32_t *ret_first)
{
    uint32_t first = bound(index, name, false);
    uint32_t end = bound(index, name, true);
    *ret_first = first;
    return end > first ? end - first : 0;
}

bool sonames_get(struct sonames *index, uint32_t number, struct soname_hit *ret_hit)
{
    if (number >= index->entry_count)
        return false;
    struct sonames_entry entry = entry_at(index, number);
    if (entry.directory >= index->directory_count || entry.package >= index->package_count) {
        index->damaged = true;
        return false;
    }
    struct layout layout = read_layout(index);
    struct sonames_word directory = word_at(index, layout.directories, entry.directory);
    struct sonames_word package = word_at(index, layout.packages, entry.package);
    struct soname_hit hit = {
        .directory = text_at(index, directory.text, directory.text_len),
        .name = text_at(index, entry.text, entry.text_len),
        .package = text_at(index, package.text, package.text_len),
        .in_default_directory = directory.is_default != 0,
    };
    if (index->damaged)
        return false;
    *ret_hit = hit;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/packages.h"

#include "pkg/internal.h"

#include <string.h>

/* Where each table of the block starts; records come first, so that they stay aligned. */
struct layout {
    uint64_t records;
    uint64_t names;
    uint64_t provides;
    uint64_t words;
    uint64_t text;
    uint64_t end;
};

static struct packages_header read_header(struct str bytes)
{
    struct packages_header header;
    memcpy(&header, bytes.ptr, sizeof(header));
    return header;
}

static struct layout layout_of(const struct packages_header *header)
{
    struct layout layout;
    layout.records = sizeof(*header);
    layout.names = layout.records + (uint64_t)header->record_count * sizeof(struct packages_record);
    layout.provides = layout.names + (uint64_t)header->name_count * sizeof(struct packages_name);
    layout.words = layout.provides + (uint64_t)header->provide_count * sizeof(struct packages_provided);
    layout.text = layout.words + (uint64_t)header->word_count * sizeof(struct packages_word);
    layout.end = layout.text + header->text_size;
    return layout;
}

int packages_open(struct str bytes, struct packages *ret_index, struct err *err)
{
    struct packages_header header;
    if (bytes.len < sizeof(header))
        return err_set(err, ERR_INVALID, "the package index is truncated");
    header = read_header(bytes);
    if (memcmp(header.magic, PACKAGES_MAGIC, sizeof(header.magic)) != 0)
        return err_set(err, ERR_INVALID, "these bytes are no package index");
    if (header.byte_order != PACKAGES_BYTE_ORDER || header.version != PACKAGES_VERSION)
        return err_set(err, ERR_INVALID, "the package index is of another version");
    if (header.text_size > UINT32_MAX || layout_of(&header).end != bytes.len)
        return err_set(err, ERR_INVALID, "the package index is truncated");
    *ret_index = (struct packages){
        .bytes = bytes,
        .name_count = header.name_count,
        .record_count = header.record_count,
        .provide_count = header.provide_count,
    };
    return 0;
}

int packages_check(const struct packages *index, struct err *err)
{
    return index->damaged ? err_set(err, ERR_INVALID, "the package index is damaged") : 0;
}

static bool damaged(struct packages *index)
{
    index->damaged = true;
    return false;
}

/* The text at OFFSET, LEN bytes long; damage gives the empty view. */
static struct str text_at(struct packages *index, uint64_t offset, uint64_t len)
{
    struct packages_header header = read_header(index->bytes);
    if (offset > header.text_size || len > header.text_size - offset) {
        index->damaged = true;
        return STR_NONE;
    }
    return str_of(index->bytes.ptr + layout_of(&header).text + offset, (size_t)len);
}

static struct packages_name name_at(const struct packages *index, uint32_t number)
{
    struct packages_header header = read_header(index->bytes);
    struct packages_name name;
    memcpy(&name, index->bytes.ptr + layout_of(&header).names + (uint64_t)number * sizeof(name), sizeof(name));
    return name;
}

static struct packages_provided provided_at(const struct packages *index, uint32_t number)
{
    struct packages_header header = read_header(index->bytes);
    struct packages_provided provided;
    memcpy(&provided, index->bytes.ptr + layout_of(&header).provides + (uint64_t)number * sizeof(provided),
           sizeof(provided));
    return provided;
}

static struct str word_at(struct packages *index, uint32_t number)
{
    struct packages_header header = read_header(index->bytes);
    struct packages_word word;
    if (number >= header.word_count) {
        index->damaged = true;
        return STR_NONE;
    }
    memcpy(&word, index->bytes.ptr + layout_of(&header).words + (uint64_t)number * sizeof(word), sizeof(word));
    return text_at(index, word.text, word.text_len);
}

struct packages_range packages_versions(struct packages *index, struct str name)
{
    uint32_t low = 0;
    uint32_t high = index->name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct packages_name entry = name_at(index, middle);
        int order = str_cmp(text_at(index, entry.text, entry.text_len), name);
        if (order == 0) {
            bool fits = entry.first <= index->record_count && entry.count <= index->record_count - entry.first;
            if (fits)
                return (struct packages_range){entry.first, entry.count};
            index->damaged = true;
            break;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct packages_range){0, 0};
}

/* Cuts the record's text into its parts. */
static bool get_parts(struct packages *index, const struct packages_record *record, struct str parts[PART_COUNT])
{
    uint64_t offset = record->text;
    for (size_t i = 0; i < PART_COUNT; i++) {
        parts[i] = text_at(index, offset, record->part_len[i]);
        offset += record->part_len[i];
    }
    return !index->damaged;
}

static bool get_digest(const struct packages_record *record, struct str raw, struct digest *digest)
{
    if (record->digest_algorithm != DIGEST_SHA256 && record->digest_algorithm != DIGEST_SHA512)
        return false;
    digest->algorithm = record->digest_algorithm == DIGEST_SHA512 ? DIGEST_SHA512 : DIGEST_SHA256;
    if (raw.len != (digest->algorithm == DIGEST_SHA512 ? 64U : 32U))
        return false;
    memcpy(digest->bytes, raw.ptr, raw.len);
    return true;
}

static bool numbers_fit(const struct packages *index, const struct packages_record *record)
{
    return record->name < index->name_count && record->multi_arch <= PACKAGE_MULTI_ARCH_ALLOWED &&
           record->priority <= PACKAGE_EXTRA;
}

bool packages_get(struct packages *index, uint32_t number, struct package *ret_package)
{
    if (number >= index->record_count)
        return false;
    struct packages_header header = read_header(index->bytes);
    struct packages_record record;
    memcpy(&record, index->bytes.ptr + layout_of(&header).records + (uint64_t)number * sizeof(record), sizeof(record));
    struct str parts[PART_COUNT];
    struct package package = {.record = number, .input = record.input};
    if (!numbers_fit(index, &record) || !get_parts(index, &record, parts) ||
        !get_digest(&record, parts[PART_DIGEST], &package.digest))
        return damaged(index);
    struct packages_name name = name_at(index, record.name);
    package.rank = name.rank;
    package.name = text_at(index, name.text, name.text_len);
    package.version = parts[PART_VERSION];
    package.architecture = word_at(index, record.architecture);
    package.section = word_at(index, record.section);
    package.source = parts[PART_SOURCE].len > 0 ? parts[PART_SOURCE] : package.name;
    package.source_version = parts[PART_SOURCE_VERSION].len > 0 ? parts[PART_SOURCE_VERSION] : package.version;
    package.pre_depends = parts[PART_PRE_DEPENDS];
    package.depends = parts[PART_DEPENDS];
    package.conflicts = parts[PART_CONFLICTS];
    package.breaks = parts[PART_BREAKS];
    package.provides = parts[PART_PROVIDES];
    package.filename = parts[PART_FILENAME];
    package.size_bytes = record.size_bytes;
    package.installed_size_kib = record.installed_size_kib;
    package.multi_arch = (enum package_multi_arch)record.multi_arch;
    package.priority = (enum package_priority)record.priority;
    package.essential = record.flags & RECORD_ESSENTIAL;
    package.important = record.flags & RECORD_IMPORTANT;
    package.not_automatic = record.flags & RECORD_NOT_AUTOMATIC;
    if (index->damaged)
        return false;
    *ret_package = package;
    return true;
}

bool packages_find(struct packages *index, struct str name, struct package *ret_package)
{
    struct packages_range range = packages_versions(index, name);
    return range.count > 0 && packages_get(index, range.first, ret_package);
}

bool packages_find_version(struct packages *index, struct str name, struct str version, struct package *ret_package)
{
    struct packages_range range = packages_versions(index, name);
    for (uint32_t i = 0; i < range.count; i++) {
        struct package package;
        if (packages_get(index, range.first + i, &package) && str_eq(package.version, version)) {
            *ret_package = package;
            return true;
        }
    }
    return false;
}

/* The first Provides whose virtual name is not below NAME; with AFTER, that is above it. */
static uint32_t provide_bound(struct packages *index, struct str name, bool after)
{
    uint32_t low = 0;
    uint32_t high = index->provide_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct packages_provided provided = provided_at(index, middle);
        int order = str_cmp(text_at(index, provided.text, provided.text_len), name);
        if (order < 0 || (after && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct packages_range packages_providers(struct packages *index, struct str virtual_name)
{
    uint32_t first = provide_bound(index, virtual_name, false);
    uint32_t end = provide_bound(index, virtual_name, true);
    return (struct packages_range){first, end > first ? end - first : 0};
}

bool packages_provide_get(struct packages *index, uint32_t number, struct packages_provide *ret_provide)
{
    if (number >= index->provide_count)
        return false;
    struct packages_provided provided = provided_at(index, number);
    struct str version = text_at(index, provided.version, provided.version_len);
    if (index->damaged || provided.record >= index->record_count)
        return damaged(index);
    *ret_provide = (struct packages_provide){provided.record, version};
    return true;
}

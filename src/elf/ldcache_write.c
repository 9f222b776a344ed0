/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of elf/ldcache.h: order, string table and extension block of glibc's ldconfig. */
#include "base/map.h"
#include "base/num.h"
#include "base/vec.h"
#include "elf/ldcache.h"

#include <stdlib.h>

#define HEADER_BYTES    48U
#define ENTRY_BYTES     24U
#define FLAG_LITTLE     2U
#define FLAG_BIG        3U
#define EXTENSION_MAGIC 0xeaa42174U
#define SECTION_BYTES   16U
#define HWCAP_EXTENSION (1ULL << 62)
#define HWCAP_ISA_SHIFT 32U

struct text {
    struct str bytes;
    uint32_t offset; /* in the string table */
};

struct sorted {
    const struct elf_ldcache_entry *entry;
    size_t added; /* place in the caller's order */
};

struct writing {
    const struct elf_ldcache *cache;
    struct buf *out;
    bool big;
    bool chars_are_signed; /* of the machine whose loader will read it */
    struct sorted *entries;
    struct map texts;      /* all strings -> struct text; what ordered owns */
    struct text **ordered; /* in the table's order */
    size_t strings_size;
    struct map hwcaps; /* subdirectories in use; their place is their number */
};

static void put32(const struct writing *w, uint32_t value)
{
    char bytes[4];
    num_put_le32(bytes, w->big ? __builtin_bswap32(value) : value);
    buf_add(w->out, bytes, sizeof(bytes));
}

static void put64(const struct writing *w, uint64_t value)
{
    char bytes[8];
    num_put_le64(bytes, w->big ? __builtin_bswap64(value) : value);
    buf_add(w->out, bytes, sizeof(bytes));
}

/* Descending by name and flags; better processors before all; what was added first before what came later. */
static int compare_entries(const void *left, const void *right, void *context)
{
    const struct writing *w = context;
    const struct sorted *l = left, *r = right;
    const struct elf_ldcache_entry *a = l->entry, *b = r->entry;
    int order = elf_ldcache_name_cmp(b->name, a->name, w->chars_are_signed);
    if (order)
        return order;
    if (a->flags != b->flags) /* ldconfig compares them as int; none is negative */
        return a->flags < b->flags ? 1 : -1;
    if ((a->hwcaps.len == 0) != (b->hwcaps.len == 0))
        return a->hwcaps.len ? -1 : 1;
    order = str_cmp(a->hwcaps, b->hwcaps);
    if (order)
        return order;
    int bits_a = __builtin_popcountll(a->legacy_caps), bits_b = __builtin_popcountll(b->legacy_caps);
    if (bits_a != bits_b)
        return bits_a < bits_b ? 1 : -1;
    if (a->legacy_caps != b->legacy_caps)
        return a->legacy_caps < b->legacy_caps ? 1 : -1;
    return l->added < r->added ? -1 : 1;
}

/* From the last byte on, descending; a string comes behind those that end in it, so that it can share their bytes. */
static int compare_tails(const void *left, const void *right)
{
    struct str a = (*(struct text *const *)left)->bytes;
    struct str b = (*(struct text *const *)right)->bytes;
    size_t common = a.len < b.len ? a.len : b.len;
    for (size_t i = 1; i <= common; i++) {
        unsigned char x = (unsigned char)a.ptr[a.len - i], y = (unsigned char)b.ptr[b.len - i];
        if (x != y)
            return x < y ? 1 : -1;
    }
    return a.len == b.len ? 0 : (a.len < b.len ? 1 : -1);
}

static int compare_names(const void *left, const void *right)
{
    return str_cmp(((const struct map_entry *)left)->key, ((const struct map_entry *)right)->key);
}

static int sort_entries(struct writing *w, struct err *err)
{
    w->entries = mem_calloc(w->cache->count, sizeof(*w->entries));
    if (!w->entries)
        return err_nomem(err);
    for (size_t i = 0; i < w->cache->count; i++)
        w->entries[i] = (struct sorted){&w->cache->entries[i], i};
    qsort_r(w->entries, w->cache->count, sizeof(*w->entries), compare_entries, w);
    return 0;
}

static int intern(struct writing *w, struct str bytes, struct err *err)
{
    if (str_has_char(bytes, '\0'))
        return err_set(err, ERR_INVALID, "a library's path with a NUL in it");
    void **slot = map_slot(&w->texts, bytes);
    if (!slot)
        return err_nomem(err);
    struct text *text = *slot ? *slot : mem_calloc(1, sizeof(*text));
    if (!text)
        return err_nomem(err);
    text->bytes = bytes;
    *slot = text;
    return 0;
}

static int collect(struct writing *w, struct err *err)
{
    for (size_t i = 0; i < w->cache->count; i++) {
        const struct elf_ldcache_entry *entry = &w->cache->entries[i];
        int r = intern(w, entry->name, err);
        if (!r)
            r = intern(w, entry->path, err);
        if (!r && entry->hwcaps.len) {
            r = intern(w, entry->hwcaps, err);
            if (!r && !map_set(&w->hwcaps, entry->hwcaps, NULL))
                r = err_nomem(err);
        }
        if (r)
            return r;
    }
    /* The map's own order has served: from here on it is a list, numbered by name. */
    if (w->hwcaps.len)
        qsort(w->hwcaps.entries, w->hwcaps.len, sizeof(*w->hwcaps.entries), compare_names);
    return 0;
}

static bool shares_tail(const struct text *longer, const struct text *text)
{
    return str_ends(longer->bytes, text->bytes);
}

/* Gives each string its place; the same bytes serve a string and its tails. */
static int lay_out(struct writing *w, struct err *err)
{
    size_t count = w->texts.len;
    w->ordered = mem_calloc(count, sizeof(*w->ordered));
    if (!w->ordered)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++)
        w->ordered[i] = w->texts.entries[i].value;
    qsort(w->ordered, count, sizeof(struct text *), compare_tails);
    uint64_t end = 0;
    for (size_t i = 0; i < count; i++) {
        struct text *text = w->ordered[i];
        if (i > 0 && shares_tail(w->ordered[i - 1], text)) {
            text->offset = (uint32_t)(end - 1 - text->bytes.len);
            continue;
        }
        text->offset = (uint32_t)end;
        end += text->bytes.len + 1;
        if (end + HEADER_BYTES + (uint64_t)w->cache->count * ENTRY_BYTES + w->cache->generator.len > UINT32_MAX / 2)
            return err_set(err, ERR_LIMIT, "loader's cache of more than 2 GB");
    }
    w->strings_size = (size_t)end;
    return 0;
}

static uint32_t offset_of(const struct writing *w, struct str bytes)
{
    const struct text *text = map_get(&w->texts, bytes);
    return (uint32_t)(HEADER_BYTES + w->cache->count * ENTRY_BYTES) + text->offset;
}

static uint64_t capabilities(const struct writing *w, const struct elf_ldcache_entry *entry)
{
    if (entry->hwcaps.len == 0)
        return entry->legacy_caps;
    uint64_t number = 0;
    while (!str_eq(w->hwcaps.entries[number].key, entry->hwcaps))
        number++;
    return HWCAP_EXTENSION | (uint64_t)entry->isa_level << HWCAP_ISA_SHIFT | number;
}

static void put_header(const struct writing *w, uint32_t extension_offset)
{
    buf_add_z(w->out, "glibc-ld.so.cache1.1");
    put32(w, (uint32_t)w->cache->count);
    put32(w, (uint32_t)w->strings_size);
    const char flags[4] = {w->big ? FLAG_BIG : FLAG_LITTLE, 0, 0, 0};
    buf_add(w->out, flags, sizeof(flags));
    put32(w, extension_offset);
    for (unsigned i = 0; i < 3; i++)
        put32(w, 0);
}

static void put_entries(const struct writing *w)
{
    for (size_t i = 0; i < w->cache->count; i++) {
        const struct elf_ldcache_entry *entry = w->entries[i].entry;
        put32(w, entry->flags);
        put32(w, offset_of(w, entry->name));
        put32(w, offset_of(w, entry->path));
        put32(w, entry->os_version);
        put64(w, capabilities(w, entry));
    }
}

static void put_strings(const struct writing *w)
{
    for (size_t i = 0; i < w->texts.len; i++) {
        if (i > 0 && shares_tail(w->ordered[i - 1], w->ordered[i]))
            continue;
        buf_add_str(w->out, w->ordered[i]->bytes);
        buf_add_char(w->out, '\0');
    }
}

static void put_section(const struct writing *w, uint32_t tag, uint32_t offset, size_t size)
{
    put32(w, tag);
    put32(w, 0);
    put32(w, offset);
    put32(w, (uint32_t)size);
}

static void put_extension(const struct writing *w, uint32_t offset)
{
    uint32_t sections = w->hwcaps.len ? 2 : 1;
    uint32_t numbers = offset + 8 + sections * SECTION_BYTES;
    uint32_t numbers_size = (uint32_t)(w->hwcaps.len * 4);
    put32(w, EXTENSION_MAGIC);
    put32(w, sections);
    put_section(w, 0, numbers + numbers_size, w->cache->generator.len);
    if (w->hwcaps.len)
        put_section(w, 1, numbers, numbers_size);
    for (size_t i = 0; i < w->hwcaps.len; i++)
        put32(w, offset_of(w, w->hwcaps.entries[i].key));
    buf_add_str(w->out, w->cache->generator);
}

static int write_all(struct writing *w, struct err *err)
{
    int r = sort_entries(w, err);
    if (!r)
        r = collect(w, err);
    if (!r)
        r = lay_out(w, err);
    if (r)
        return r;
    size_t start = w->out->len;
    uint64_t end = HEADER_BYTES + (uint64_t)w->cache->count * ENTRY_BYTES + w->strings_size;
    uint32_t extension = (uint32_t)((end + 3) & ~3ULL);
    put_header(w, extension);
    put_entries(w);
    put_strings(w);
    while (!w->out->failed && w->out->len - start < extension)
        buf_add_char(w->out, '\0');
    put_extension(w, extension);
    r = buf_check(w->out, err);
    if (r)
        buf_truncate(w->out, start);
    return r;
}

static bool chars_are_signed(enum elf_machine machine)
{
    return machine == ELF_MACHINE_AMD64 || machine == ELF_MACHINE_I386 || machine == ELF_MACHINE_MIPS64EL;
}

int elf_ldcache_write(const struct elf_ldcache *cache, enum elf_machine machine, struct buf *out, struct err *err)
{
    struct writing w = {.cache = cache,
                        .out = out,
                        .big = elf_machine_info(machine)->is_big_endian,
                        .chars_are_signed = chars_are_signed(machine),
                        .texts = MAP_INIT,
                        .hwcaps = MAP_INIT};
    int r = write_all(&w, err);
    for (size_t i = 0; i < w.texts.len; i++)
        mem_free(w.texts.entries[i].value);
    mem_free(w.entries);
    mem_free(w.ordered);
    map_done(&w.texts);
    map_done(&w.hwcaps);
    return r;
}

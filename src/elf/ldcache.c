/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/ldcache.h"

#include "base/num.h"
#include "base/vec.h"

/* Layout of the file; see dl-cache.h. */
#define OLD_MAGIC         STR("ld.so-1.7.0")
#define OLD_HEADER_BYTES  16U
#define OLD_ENTRY_BYTES   12U
#define MAGIC             STR("glibc-ld.so.cache1.1")
#define HEADER_BYTES      48U
#define ENTRY_BYTES       24U
#define FLAG_LITTLE       2U
#define FLAG_BIG          3U
#define EXTENSION_MAGIC   0xeaa42174U
#define SECTION_BYTES     16U
#define SECTION_GENERATOR 0U
#define SECTION_HWCAPS    1U
#define FLAG_ELF          1U
#define FLAG_ELF_LIBC6    3U
#define HWCAP_EXTENSION   (1ULL << 62)
#define HWCAP_ISA_SHIFT   32U
#define HWCAP_ISA_MASK    0x3ffU

/* The bytes of one cache, in its byte order; out of bounds reads as 0. */
struct view {
    struct str bytes;
    bool big;
};

static uint32_t get32(const struct view *view, uint64_t at)
{
    if (at > view->bytes.len || view->bytes.len - at < 4)
        return 0;
    return view->big ? num_be32(view->bytes.ptr + at) : num_le32(view->bytes.ptr + at);
}

static uint64_t get64(const struct view *view, uint64_t at)
{
    uint64_t first = get32(view, at), second = get32(view, at + 4);
    return view->big ? first << 32 | second : second << 32 | first;
}

static bool get_string(const struct view *view, uint64_t at, struct str *ret)
{
    struct str rest = str_skip(view->bytes, at);
    size_t len = str_find_char(rest, '\0');
    if (at >= view->bytes.len || len == rest.len)
        return false;
    *ret = str_head(rest, len);
    return true;
}

/* The new format behind the old one's entries, where a cache has both. */
static struct str skip_old(struct str bytes)
{
    if (!str_starts(bytes, OLD_MAGIC))
        return bytes;
    for (unsigned big = 0; big < 2; big++) {
        struct view view = {bytes, big != 0};
        uint64_t end = OLD_HEADER_BYTES - 4 + (uint64_t)get32(&view, 12) * OLD_ENTRY_BYTES + 4;
        struct str rest = str_skip(bytes, (end + 7) & ~7ULL);
        if (str_starts(rest, MAGIC))
            return rest;
    }
    return bytes;
}

static int read_header(struct str bytes, struct view *ret, struct err *err)
{
    struct view view = {skip_old(bytes), false};
    if (!str_starts(view.bytes, MAGIC))
        return err_set(err, ERR_INVALID, "not a loader's cache of the format 'glibc-ld.so.cache1.1'");
    if (view.bytes.len < HEADER_BYTES)
        return err_set(err, ERR_INVALID, "truncated loader's cache: %zu bytes", view.bytes.len);
    uint8_t flag = (uint8_t)view.bytes.ptr[28];
    uint64_t room = (view.bytes.len - HEADER_BYTES) / ENTRY_BYTES;
    view.big = flag == FLAG_BIG;
    if (flag != FLAG_LITTLE && flag != FLAG_BIG) /* before glibc 2.33 it was 0: the order in which the count fits */
        view.big = get32(&view, 20) > room;
    if (get32(&view, 20) > room)
        return err_set(err, ERR_INVALID, "truncated loader's cache: %u entries in %zu bytes", get32(&view, 20),
                       view.bytes.len);
    *ret = view;
    return 0;
}

/* Offsets of the extension's two sections; damage reads as their absence. */
struct extension {
    uint32_t generator, generator_size, hwcaps, hwcap_count;
};

static struct extension read_extension(const struct view *view)
{
    struct extension extension = {0};
    uint64_t at = get32(view, 32);
    if (at == 0 || get32(view, at) != EXTENSION_MAGIC)
        return extension;
    uint32_t count = get32(view, at + 4);
    for (uint32_t i = 0; i < count && i < 64; i++) {
        uint64_t section = at + 8 + (uint64_t)i * SECTION_BYTES;
        uint32_t offset = get32(view, section + 8), size = get32(view, section + 12);
        if (offset > view->bytes.len || size > view->bytes.len - offset)
            continue;
        if (get32(view, section) == SECTION_GENERATOR) {
            extension.generator = offset;
            extension.generator_size = size;
        } else if (get32(view, section) == SECTION_HWCAPS) {
            extension.hwcaps = offset;
            extension.hwcap_count = size / 4;
        }
    }
    return extension;
}

static int read_entry(const struct view *view, const struct extension *extension, uint32_t index,
                      struct elf_ldcache_entry *entry, struct err *err)
{
    uint64_t at = HEADER_BYTES + (uint64_t)index * ENTRY_BYTES;
    entry->flags = get32(view, at);
    entry->os_version = get32(view, at + 12);
    uint64_t caps = get64(view, at + 16);
    bool complete =
        get_string(view, get32(view, at + 4), &entry->name) && get_string(view, get32(view, at + 8), &entry->path);
    if (caps & HWCAP_EXTENSION) {
        entry->isa_level = (uint32_t)(caps >> HWCAP_ISA_SHIFT) & HWCAP_ISA_MASK;
        uint32_t which = (uint32_t)caps;
        complete = complete && which < extension->hwcap_count &&
                   get_string(view, get32(view, extension->hwcaps + 4ULL * which), &entry->hwcaps) &&
                   entry->hwcaps.len > 0;
    } else {
        entry->legacy_caps = caps;
    }
    if (!complete)
        return err_set(err, ERR_INVALID, "damaged loader's cache: a string of entry %u lies outside", index);
    return 0;
}

int elf_ldcache_read(struct str bytes, struct arena *arena, struct elf_ldcache *ret, struct err *err)
{
    struct view view;
    int r = read_header(bytes, &view, err);
    if (r)
        return r;
    uint32_t count = get32(&view, 20);
    struct elf_ldcache_entry *entries = ARENA_ARRAY(arena, count, struct elf_ldcache_entry);
    if (!entries)
        return err_nomem(err);
    struct extension extension = read_extension(&view);
    for (uint32_t i = 0; i < count && !r; i++)
        r = read_entry(&view, &extension, i, &entries[i], err);
    if (r)
        return r;
    *ret =
        (struct elf_ldcache){.entries = entries,
                             .count = count,
                             .generator = str_head(str_skip(view.bytes, extension.generator), extension.generator_size),
                             .is_big_endian = view.big};
    return 0;
}

/* i386, which has no flags of its own, takes libraries that name no C library too. */
static bool takes_flags(uint32_t machine, uint32_t library)
{
    return machine == library || (machine == FLAG_ELF_LIBC6 && library == FLAG_ELF);
}

const struct elf_ldcache_entry *elf_ldcache_find(const struct elf_ldcache *cache, struct str name, uint32_t flags,
                                                 size_t *cursor)
{
    while (*cursor < cache->count) {
        const struct elf_ldcache_entry *entry = &cache->entries[(*cursor)++];
        if (takes_flags(flags, entry->flags) && entry->hwcaps.len == 0 && entry->legacy_caps == 0 &&
            str_eq(entry->name, name))
            return entry;
    }
    return NULL;
}

uint32_t elf_ldcache_flags(const struct elf_file *file)
{
    uint32_t flags = elf_machine_info(file->machine)->cache_flags;
    bool is_libc = str_eq(file->soname, STR("libc.so.6")) || str_starts(file->soname, STR("ld-linux"));
    if (flags == FLAG_ELF_LIBC6 && file->libc != ELF_LIBC_GLIBC && !is_libc)
        return FLAG_ELF;
    return flags;
}

bool elf_ldcache_takes(struct str name)
{
    bool library = str_starts(name, STR("lib")) && str_find(name, STR(".so")) < name.len;
    bool loader = str_starts(name, STR("ld-")) && str_find(name, STR(".so")) < name.len;
    if (!library && !loader && !str_starts(name, STR("ld.so.")) && !str_eq(name, STR("ld64.so.1")) &&
        !str_eq(name, STR("ld64.so.2")))
        return false;
    size_t dot = str_find(name, STR(".#prelink#"));
    return !str_ends(name, STR(".dpkg-new")) && !str_ends(name, STR(".dpkg-tmp")) && dot == name.len;
}

static int char_value(struct str s, bool chars_are_signed)
{
    if (s.len == 0)
        return 0;
    return chars_are_signed ? (signed char)s.ptr[0] : (unsigned char)s.ptr[0];
}

/* Takes the digits at the start of *S; wraps as the loader's int does. */
static int32_t take_number(struct str *s)
{
    uint32_t value = 0;
    while (s->len && char_is_digit(s->ptr[0])) {
        value = value * 10 + (uint32_t)(s->ptr[0] - '0');
        *s = str_skip(*s, 1);
    }
    return (int32_t)value;
}

int elf_ldcache_name_cmp(struct str a, struct str b, bool chars_are_signed)
{
    while (a.len) {
        bool digit_a = char_is_digit(a.ptr[0]);
        bool digit_b = b.len && char_is_digit(b.ptr[0]);
        if (digit_a && digit_b) {
            int32_t x = take_number(&a), y = take_number(&b);
            if (x != y)
                return x < y ? -1 : 1;
        } else if (digit_a != digit_b) {
            return digit_a ? 1 : -1;
        } else {
            int x = char_value(a, chars_are_signed), y = char_value(b, chars_are_signed);
            if (x != y)
                return x < y ? -1 : 1;
            a = str_skip(a, 1);
            b = str_skip(b, 1);
        }
    }
    return 0 - (b.len ? (char_value(b, chars_are_signed) > 0) - (char_value(b, chars_are_signed) < 0) : 0);
}

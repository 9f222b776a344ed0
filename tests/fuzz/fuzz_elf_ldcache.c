/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a loader's cache; what was read is written, and that must read the same and be written the same. */
#include "elf/ldcache.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct elf_ldcache_entry *a, const struct elf_ldcache_entry *b)
{
    return str_eq(a->name, b->name) && str_eq(a->path, b->path) && str_eq(a->hwcaps, b->hwcaps) &&
           a->flags == b->flags && a->isa_level == b->isa_level;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf first CLEANUP_BUF = BUF_INIT, second CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct elf_ldcache cache, again;
    if (elf_ldcache_read(str_of((const char *)data, size), &arena, &cache, &err))
        return 0;
    enum elf_machine machine = cache.is_big_endian ? ELF_MACHINE_S390X : ELF_MACHINE_AMD64;
    if (elf_ldcache_write(&cache, machine, &first, &err) || elf_ldcache_read(buf_str(&first), &arena, &again, &err) ||
        again.count != cache.count || elf_ldcache_write(&again, machine, &second, &err) ||
        !str_eq(buf_str(&first), buf_str(&second)))
        abort();
    for (size_t i = 0; i < again.count && i < 64; i++) {
        const struct elf_ldcache_entry *entry = &again.entries[i];
        size_t cursor = 0;
        const struct elf_ldcache_entry *found = elf_ldcache_find(&again, entry->name, entry->flags, &cursor);
        if (found && found > entry && entry->hwcaps.len == 0 && entry->legacy_caps == 0)
            abort();
        bool is_there = false;
        for (size_t k = 0; k < cache.count && !is_there; k++)
            is_there = same(entry, &cache.entries[k]);
        if (!is_there)
            abort();
    }
    return 0;
}

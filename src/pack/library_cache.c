/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/library_cache.h"

#include "base/path.h"
#include "elf/ldcache.h"
#include "pack/rootfs.h"

#define LIBRARY_CACHE_PATH "etc/ld.so.cache"

static bool has_name(const struct elf_ldcache_entry *entries, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(entries[i].name, name))
            return true;
    return false;
}

/* Entries from BEFORE first, then what of LIBRARIES has a name that ldconfig looks at. */
static int put(struct tree *tree, struct arena *arena, enum elf_machine machine, const struct elf_ldcache *before,
               int64_t mtime, const struct base_library *libraries, size_t count, struct err *err)
{
    struct elf_ldcache_entry *entries = ARENA_ARRAY(arena, before->count + count + 1, struct elf_ldcache_entry);
    if (!entries)
        return err_nomem(err);
    const struct elf_file any = {.machine = machine, .libc = ELF_LIBC_GLIBC};
    size_t kept = 0;
    for (size_t i = 0; i < before->count; i++)
        entries[kept++] = before->entries[i];
    for (size_t i = 0; i < count; i++)
        if (elf_ldcache_takes(libraries[i].soname) && !has_name(entries, kept, libraries[i].soname))
            entries[kept++] = (struct elf_ldcache_entry){
                .name = libraries[i].soname, .path = libraries[i].path, .flags = elf_ldcache_flags(&any)};
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    const struct elf_ldcache cache = {.entries = entries, .count = kept, .generator = STR("barehull")};
    int r = elf_ldcache_write(&cache, machine, &bytes, err);
    struct str content = r == 0 ? arena_buf(arena, &bytes) : STR_NONE;
    if (r == 0 && !content.ptr)
        return err_nomem(err);
    const struct tree_node node = {.path = STR(LIBRARY_CACHE_PATH),
                                   .type = TREE_FILE,
                                   .mode = 0644,
                                   .mtime = mtime,
                                   .content = content,
                                   .size_bytes = content.len};
    return r == 0 ? rootfs_put(tree, &node, err) : r;
}

int library_cache_put(struct tree *tree, struct arena *arena, enum elf_machine machine,
                      const struct base_library *libraries, size_t count, struct err *err)
{
    const struct elf_ldcache none = {0};
    return put(tree, arena, machine, &none, 0, libraries, count, err);
}

int library_cache_join(struct tree *tree, struct arena *arena, enum elf_machine machine,
                       const struct base_library *libraries, size_t count, struct err *err)
{
    const struct tree_node *node = tree_get(tree, STR(LIBRARY_CACHE_PATH));
    if (!node || node->type != TREE_FILE || !node->content.ptr)
        return 0;
    struct elf_ldcache before;
    int r = elf_ldcache_read(node->content, arena, &before, err);
    return r == 0 ? put(tree, arena, machine, &before, node->mtime, libraries, count, err) : r;
}

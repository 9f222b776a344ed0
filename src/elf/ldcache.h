/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf/ldcache.h - /etc/ld.so.cache, format "glibc-ld.so.cache1.1" (glibc's sysdeps/generic/dl-cache.h).
 *
 * Reads it in either byte order, behind the old format too (ld.so-1.7.0), and writes it byte for byte as glibc's
 * ldconfig (2.33 and later) does for the same entries: its order, its string table with shared tails, its extension
 * block. Without a cache the loader finds nothing in /usr/local/lib.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "elf/file.h"

struct elf_ldcache_entry {
    struct str name;      /* SONAME, the key */
    struct str path;      /* absolute */
    struct str hwcaps;    /* "x86-64-v3" for a library below glibc-hwcaps/; mostly empty */
    uint32_t flags;       /* elf_ldcache_flags */
    uint32_t os_version;  /* unused by glibc since 2.36: 0 */
    uint32_t isa_level;   /* with hwcaps only: what the library needs; 0 x86-64-v1, 1 v2, 2 v3, 3 v4 */
    uint64_t legacy_caps; /* hardware capabilities of old, without hwcaps; 0 */
};

struct elf_ldcache {
    const struct elf_ldcache_entry *entries;
    size_t count;
    struct str generator; /* "ldconfig (Debian GLIBC 2.36-9+deb12u10) stable release version 2.36" */
    bool is_big_endian;
};

/*
 * Views point into BYTES, the array belongs to the arena.
 * Errors: ERR_INVALID (not a cache of this format, truncated, a string out of bounds), ERR_NOMEM.
 */
int elf_ldcache_read(struct str bytes, struct arena *arena, struct elf_ldcache *ret, struct err *err);

/* The next entry for NAME with FLAGS from *CURSOR (starts at 0) on, or NULL; entries below glibc-hwcaps are left out.
 */
const struct elf_ldcache_entry *elf_ldcache_find(const struct elf_ldcache *cache, struct str name, uint32_t flags,
                                                 size_t *cursor);

/*
 * Appends the cache that ldconfig would write for CACHE's entries, added in their order (which decides between equal
 * keys: the first directory wins). MACHINE gives byte order. CACHE.generator is written as it is.
 * Errors: ERR_NOMEM, ERR_LIMIT (2 GB), ERR_INVALID (a NUL in a string).
 */
int elf_ldcache_write(const struct elf_ldcache *cache, enum elf_machine machine, struct buf *out, struct err *err);

/* The flags that ldconfig gives a library: its machine's, and on i386 whether it was linked with glibc. */
uint32_t elf_ldcache_flags(const struct elf_file *file);

/* True for the file names that ldconfig looks at: lib*.so*, ld-*.so*, without dpkg's and prelink's leftovers. */
bool elf_ldcache_takes(struct str file_name);

/* ldconfig's order of library names: numbers by value. For tests and for choosing the newer of two files. */
int elf_ldcache_name_cmp(struct str a, struct str b, bool chars_are_signed);

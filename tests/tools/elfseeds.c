/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elfseeds.c - writes the hand-made seeds of the fuzzers of src/elf: elfseeds CORPUS-DIRECTORY, which holds
 * elf_file/, elf_closure/ and elf_ldcache/. Same seeds every time. Run by hand after a change here.
 */
#include "../unit/elf_fixture.h"
#include "base/limits.h"
#include "elf/ldcache.h"
#include "io/file.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    struct elf_fixture fixture;
} objects[] = {
    {"program",
     {.interpreter = "/lib64/ld-linux-x86-64.so.2",
      .needed = {"libssl.so.3", "libc.so.6"},
      .runpath = "$ORIGIN/../lib:${LIB}",
      .needs = {{"libc.so.6", "GLIBC_2.34", false}, {"libssl.so.3", "OPENSSL_3.0.0", true}},
      .imports = {"malloc", "SSL_new", "iconv_open"},
      .dynamic_flags_1 = DF_1_PIE,
      .build_id = "0123456789"}},
    {"library",
     {.soname = "libx.so.1",
      .needed = {"libx.so.1", "liby.so.1"},
      .rpath = "/a:/b:",
      .definitions = {"libx.so.1", "X_1.0", "X_2.0"},
      .needs = {{"liby.so.1", "X_2.0", false}},
      .imports = {"y"},
      .exports = {"x", "x2"},
      .sysv_hash = true,
      .x86_isa = 7}},
    {"library-32", {.is_32 = true, .soname = "libx.so", .needed = {"libc.so.6"}, .exports = {"x"}}},
    {"big-endian",
     {.is_big = true, .machine = EM_S390, .needed = {"a"}, .imports = {"b"}, .exports = {"c"}, .sysv_hash = true}},
    {"big-endian-32", {.is_32 = true, .is_big = true, .machine = EM_MIPS, .needed = {"a"}, .no_hash = true}},
    {"arm", {.is_32 = true, .machine = EM_ARM, .flags = EF_ARM_ABI_FLOAT_HARD, .needed = {"libc.so.6"}}},
    {"static", {.type = ET_EXEC, .no_dynamic = true, .go_note = true, .no_stack_header = true}},
    {"musl", {.interpreter = "/lib/ld-musl-x86_64.so.1", .needed = {"libc.musl-x86_64.so.1", "libz.so"}}},
    {"auxiliary", {.soname = "a", .auxiliary = "b", .needed = {"$ORIGIN/c", "../d"}, .dynamic_flags_1 = DF_1_NODEFLIB}},
    {"object", {.type = ET_REL}},
};

static const struct elf_ldcache_entry entries[] = {
    {.name = STR_INIT("libfoo.so.1"), .path = STR_INIT("/usr/local/lib/libfoo.so.1"), .flags = 0x303},
    {.name = STR_INIT("libfoo.so.10"), .path = STR_INIT("/lib/libfoo.so.10"), .flags = 0x303},
    {.name = STR_INIT("libfoo.so.1"),
     .path = STR_INIT("/lib/glibc-hwcaps/x86-64-v2/libfoo.so.1"),
     .hwcaps = STR_INIT("x86-64-v2"),
     .isa_level = 1,
     .flags = 0x303},
    {.name = STR_INIT("libc.so.6"), .path = STR_INIT("/lib32/libc.so.6"), .flags = 0x3, .legacy_caps = 5},
};

static int save(const char *directory, const char *part, const char *name, struct str bytes)
{
    struct err err = ERR_INIT;
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, part);
    int r = file_make_dirs(AT_FDCWD, path, 0755, &err);
    (void)snprintf(path, sizeof(path), "%s/%s/%s", directory, part, name);
    if (!r)
        r = file_write_all(AT_FDCWD, path, 0644, bytes, &err);
    if (r)
        fprintf(stderr, "elfseeds: %s\n", err.message);
    return r;
}

static int save_caches(const char *directory)
{
    struct elf_ldcache cache = {entries, ARRAY_LEN(entries), STR_INIT("ldconfig"), false};
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    int r = elf_ldcache_write(&cache, ELF_MACHINE_AMD64, &bytes, &err);
    if (!r)
        r = save(directory, "elf_ldcache", "little", buf_str(&bytes));
    buf_reset(&bytes);
    if (!r)
        r = elf_ldcache_write(&cache, ELF_MACHINE_S390X, &bytes, &err);
    if (!r)
        r = save(directory, "elf_ldcache", "big", buf_str(&bytes));
    buf_reset(&bytes);
    buf_add(&bytes, "ld.so-1.7.0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
    cache.count = 1;
    if (!r)
        r = elf_ldcache_write(&cache, ELF_MACHINE_AMD64, &bytes, &err);
    if (!r)
        r = save(directory, "elf_ldcache", "behind-old", buf_str(&bytes));
    return r;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: elfseeds CORPUS-DIRECTORY\n", stderr);
        return 2;
    }
    struct buf bytes CLEANUP_BUF = BUF_INIT, chosen CLEANUP_BUF = BUF_INIT;
    int r = save_caches(argv[1]);
    for (size_t i = 0; !r && i < ARRAY_LEN(objects); i++) {
        elf_fixture_build(&objects[i].fixture, &bytes);
        buf_reset(&chosen);
        buf_add_char(&chosen, (char)('0' + i));
        buf_add_str(&chosen, buf_str(&bytes));
        r = save(argv[1], "elf_file", objects[i].name, buf_str(&bytes));
        if (!r)
            r = save(argv[1], "elf_closure", objects[i].name, buf_str(&chosen));
    }
    return r ? 1 : 0;
}

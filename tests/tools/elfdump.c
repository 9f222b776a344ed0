/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elfdump.c - shows what src/elf reads, in lines that scripts compare with readelf, ldd and ldconfig.
 *
 *   elfdump show FILE...         kind, interpreter, needed libraries, versions
 *   elfdump closure FILE...      the libraries that the loader of this machine would map
 *   elfdump cache FILE           reads a loader's cache, writes it anew to standard output
 *   elfdump cache-of ROOT DIR... the cache that ldconfig would write for these directories below ROOT
 *   elfdump bench FILE           time of elf_read, its hints and a search for an import
 *
 * Names of files come back as lines "file PATH". Exit status 1 when a file can't be read.
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "elf/closure.h"
#include "elf/ldcache.h"
#include "elf/symbols.h"
#include "elf/versions.h"
#include "io/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(const char *path, const struct err *err)
{
    fprintf(stderr, "elfdump: %s: %s\n", path, err->message);
    return 1;
}

static void show(const struct elf_file *file)
{
    printf("type %s\nmachine %s\nlibc %d\n", elf_type_name(file->type), elf_machine_info(file->machine)->debian.ptr,
           (int)file->libc);
    printf("static %d stripped %d relro %d now %d execstack %d go %d rust %d\n", file->is_static, file->is_stripped,
           file->relro, file->bind_now, file->needs_executable_stack, elf_is_go(file), elf_is_rust(file));
    if (file->interpreter.len)
        printf("interpreter %.*s\n", STR_ARG(file->interpreter));
    for (size_t i = 0; i < file->needed_count; i++)
        printf("needed %.*s\n", STR_ARG(file->needed[i]));
    if (file->soname.len)
        printf("soname %.*s\n", STR_ARG(file->soname));
    if (file->has_rpath)
        printf("rpath %.*s\n", STR_ARG(file->rpath));
    if (file->has_runpath)
        printf("runpath %.*s\n", STR_ARG(file->runpath));
    for (size_t i = 0; i < file->need_count; i++)
        printf("need %.*s %.*s%s\n", STR_ARG(file->needs[i].library), STR_ARG(file->needs[i].version),
               file->needs[i].weak ? " weak" : "");
    for (size_t i = 0; i < file->definition_count; i++)
        printf("define %.*s%s\n", STR_ARG(file->definitions[i].version), file->definitions[i].base ? " base" : "");
    struct buf hex CLEANUP_BUF = BUF_INIT;
    buf_add_hex(&hex, file->build_id.ptr, file->build_id.len);
    if (hex.len)
        printf("build-id %s\n", buf_z(&hex));
    struct elf_symbols symbols = elf_symbols_of(file);
    printf("symbols %llu\n", (unsigned long long)symbols.count);
    symbols = elf_symbols_imported(file);
    for (uint64_t i = 1; i < symbols.count; i++) {
        struct elf_symbol symbol;
        if (elf_symbol_at(&symbols, i, &symbol) && !symbol.defined && symbol.name.len)
            printf("import %.*s\n", STR_ARG(symbol.name));
    }
}

static int show_files(char **paths, int count)
{
    int status = 0;
    for (int i = 0; i < count; i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct err err = ERR_INIT;
        struct str bytes = STR_NONE;
        struct elf_file file;
        printf("file %s\n", paths[i]);
        if (file_map(AT_FDCWD, paths[i], LIMIT_ELF_BYTES, &bytes, &err) || elf_read(bytes, &arena, &file, &err))
            status = fail(paths[i], &err);
        else
            show(&file);
        file_unmap(bytes);
    }
    return status;
}

/* The host as a provider: maps each file once, for the whole run. */
struct host {
    struct arena arena;
    struct map files; /* real path -> struct str */
};

static int host_open(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    struct host *host = self;
    struct stat status;
    char *name = arena_z(&host->arena, path);
    if (!name)
        return err_nomem(err);
    *ret_found = false;
    char *real = realpath(name, NULL);
    if (real && stat(real, &status) == 0 && S_ISREG(status.st_mode) && access(real, R_OK) == 0) {
        ret->real_path = arena_str(&host->arena, str_z(real));
        struct str *bytes = map_get(&host->files, ret->real_path);
        if (!bytes) {
            bytes = ARENA_NEW(&host->arena, struct str);
            if (!bytes || !map_set(&host->files, ret->real_path, bytes) ||
                file_map(AT_FDCWD, real, LIMIT_ELF_BYTES, bytes, err)) {
                free(real);
                return err_nomem(err);
            }
        }
        ret->bytes = *bytes;
        *ret_found = true;
    }
    free(real);
    return 0;
}

static int close_over(struct host *host, const struct elf_ldcache *cache, const char *path)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    char here[4096] = "/";
    struct elf_search search = {.style = ELF_SEARCH_DEBIAN, .cache = cache};
    search.working_dir = str_z(getcwd(here, sizeof(here)));
    struct elf_provider provider = {.open = host_open, .self = host, .resolves_parents = true};
    struct elf_closure *closure CLEANUP_CLOSURE = NULL;
    char *real = realpath(path, NULL);
    struct elf_candidate root = {.path = str_z(real ? real : path)};
    int r = elf_closure_new(&search, &provider, &arena, &closure, &err);
    if (!r)
        r = elf_closure_add(closure, &root, ELF_OBJECT_PROGRAM, NULL, &err);
    for (size_t i = 1; !r && i < elf_closure_count(closure); i++) {
        const struct elf_object *object = elf_closure_at(closure, i);
        printf("lib %.*s\n", STR_ARG(object->real_path));
    }
    for (size_t i = 0; !r && i < elf_closure_unresolved_count(closure); i++)
        printf("missing %.*s\n", STR_ARG(elf_closure_unresolved_at(closure, i)->name));
    const struct elf_mismatch *mismatches;
    size_t count = 0;
    if (!r)
        r = elf_closure_mismatches(closure, &mismatches, &count, &err);
    for (size_t i = 0; !r && i < count; i++)
        printf("version %.*s %.*s\n", STR_ARG(mismatches[i].need->library), STR_ARG(mismatches[i].need->version));
    free(real);
    return r ? fail(path, &err) : 0;
}

static int close_over_files(char **paths, int count)
{
    struct host host = {.arena = ARENA_INIT, .files = MAP_INIT};
    struct err err = ERR_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct elf_ldcache cache = {0};
    int status = 0;
    if (file_read_all(AT_FDCWD, "/etc/ld.so.cache", LIMIT_CONTROL_BYTES, &bytes, &err) ||
        elf_ldcache_read(buf_str(&bytes), &host.arena, &cache, &err))
        status = fail("/etc/ld.so.cache", &err);
    for (int i = 0; i < count; i++) {
        printf("file %s\n", paths[i]);
        status |= close_over(&host, &cache, paths[i]);
    }
    for (size_t i = 0; i < host.files.len; i++)
        file_unmap(*(struct str *)host.files.entries[i].value);
    map_done(&host.files);
    arena_done(&host.arena);
    return status;
}

static int rewrite_cache(const char *path)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT, out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    struct elf_ldcache cache;
    if (file_read_all(AT_FDCWD, path, LIMIT_CONTROL_BYTES, &bytes, &err) ||
        elf_ldcache_read(buf_str(&bytes), &arena, &cache, &err) ||
        elf_ldcache_write(&cache, ELF_MACHINE_AMD64, &out, &err))
        return fail(path, &err);
    return fwrite(out.ptr, 1, out.len, stdout) == out.len ? 0 : 1;
}

struct making {
    struct arena arena;
    VEC(struct elf_ldcache_entry) entries;
};

/* One file of a directory, as ldconfig takes it: by its SONAME, else by its name. */
static bool add_library(struct making *making, const char *root, const char *dir, const char *name, const char *hwcaps)
{
    struct err err = ERR_INIT;
    struct elf_file file;
    struct str bytes;
    const char *path = arena_printf(&making->arena, "%s%s/%s", root, dir, name);
    struct stat status;
    if (!elf_ldcache_takes(str_z(name)) || lstat(path, &status) || !S_ISREG(status.st_mode))
        return true;
    if (file_map(AT_FDCWD, path, LIMIT_ELF_BYTES, &bytes, &err))
        return false;
    if (elf_read(bytes, &making->arena, &file, &err)) {
        file_unmap(bytes);
        return true;
    }
    struct str soname = file.soname.len ? file.soname : str_z(name);
    struct elf_ldcache_entry entry = {.name = arena_str(&making->arena, soname), .flags = elf_ldcache_flags(&file)};
    struct str shown = *hwcaps ? str_z(name) : soname;
    entry.path = str_z(arena_printf(&making->arena, "%s/%.*s", dir, STR_ARG(shown)));
    entry.hwcaps = str_z(hwcaps);
    if (*hwcaps && file.x86_isa)
        entry.isa_level = 31U - (uint32_t)__builtin_clz(file.x86_isa);
    bool known = false;
    for (size_t i = 0; i < making->entries.len; i++)
        known |= str_eq(making->entries.ptr[i].path, entry.path);
    file_unmap(bytes);
    return known || VEC_PUSH(&making->entries, entry);
}

static bool add_directory(struct making *making, const char *root, const char *dir, const char *hwcaps)
{
    DIR *stream = opendir(arena_printf(&making->arena, "%s%s", root, dir));
    if (!stream)
        return true;
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(stream));)
        ok = add_library(making, root, dir, entry->d_name, hwcaps);
    closedir(stream);
    return ok;
}

static int make_cache(char **args, int count)
{
    static const char *const levels[] = {"x86-64-v2", "x86-64-v3", "x86-64-v4"};
    struct making making = {.arena = ARENA_INIT};
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    bool ok = true;
    for (int i = 1; ok && i < count; i++) {
        ok = add_directory(&making, args[0], args[i], "");
        for (size_t k = 0; ok && k < ARRAY_LEN(levels); k++)
            ok = add_directory(&making, args[0], arena_printf(&making.arena, "%s/glibc-hwcaps/%s", args[i], levels[k]),
                               levels[k]);
    }
    FILE *version = popen("ldconfig -r / -p | sed -n 's/^Cache generated by: //p'", "r");
    char generator[256] = "";
    if (version && fgets(generator, sizeof(generator), version))
        generator[strcspn(generator, "\n")] = '\0';
    if (version)
        (void)pclose(version);
    struct elf_ldcache cache = {making.entries.ptr, making.entries.len, str_z(generator), false};
    int r = ok ? elf_ldcache_write(&cache, ELF_MACHINE_AMD64, &out, &err) : 1;
    if (!r && fwrite(out.ptr, 1, out.len, stdout) != out.len)
        r = 1;
    VEC_DONE(&making.entries);
    arena_done(&making.arena);
    return r ? fail(args[0], &err) : 0;
}

static double time_of(struct str bytes, unsigned rounds, unsigned what)
{
    uint64_t best = UINT64_MAX;
    for (unsigned i = 0; i < rounds; i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct err err;
        struct elf_file file;
        uint64_t start = clock_monotonic_ns();
        if (elf_read(bytes, &arena, &file, &err))
            return -1;
        volatile bool found = what == 1   ? elf_imports(&file, STR("barehull_is_not_there"))
                              : what == 2 ? elf_is_rust(&file)
                                          : false;
        (void)found;
        uint64_t took = clock_monotonic_ns() - start;
        best = took < best ? took : best;
    }
    return (double)best / 1000;
}

static int bench(const char *path)
{
    struct err err = ERR_INIT;
    struct str bytes;
    if (file_map(AT_FDCWD, path, LIMIT_ELF_BYTES, &bytes, &err))
        return fail(path, &err);
    printf("%s: %zu bytes, elf_read %.1f us, with elf_imports %.1f us, with elf_is_rust %.1f us\n", path, bytes.len,
           time_of(bytes, 2000, 0), time_of(bytes, 200, 1), time_of(bytes, 20, 2));
    file_unmap(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 2 ? argv[1] : "";
    if (strcmp(mode, "show") == 0)
        return show_files(argv + 2, argc - 2);
    if (strcmp(mode, "closure") == 0)
        return close_over_files(argv + 2, argc - 2);
    if (strcmp(mode, "cache") == 0)
        return rewrite_cache(argv[2]);
    if (strcmp(mode, "cache-of") == 0)
        return make_cache(argv + 2, argc - 2);
    if (strcmp(mode, "bench") == 0)
        return bench(argv[2]);
    fputs("usage: elfdump show|closure|cache|cache-of|bench FILE...\n", stderr);
    return 2;
}

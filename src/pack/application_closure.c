/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/application_closure.h"

#include "base/limits.h"
#include "base/path.h"
#include "elf/ldcache.h"
#include "io/file.h"
#include "pack/host_files.h"
#include "pack/rootfs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

void application_reading_done(struct application_reading *reading)
{
    VEC_DONE(&reading->found);
    VEC_DONE(&reading->library_dirs);
    VEC_DONE(&reading->programs);
    VEC_DONE(&reading->externals);
}

const struct tree_node *application_lookup(const struct application *app, struct str path)
{
    const struct tree_node *node = tree_lookup(app->tree, path);
    return node || !app->dependencies ? node : tree_lookup(app->dependencies, path);
}

int application_put_elf(struct application_reading *reading, struct str path, struct str bytes, struct err *err)
{
    struct tree_node node = {.path = str_skip(path, 1),
                             .type = TREE_FILE,
                             .mode = 0755,
                             .mtime = reading->options->source_date_epoch,
                             .content = bytes,
                             .size_bytes = bytes.len};
    return rootfs_put(reading->app->tree, &node, err);
}

bool application_is_system_path(struct str path)
{
    static const struct str dirs[] = {STR_INIT("/lib"),       STR_INIT("/lib64"),     STR_INIT("/lib32"),
                                      STR_INIT("/libx32"),    STR_INIT("/usr/lib"),   STR_INIT("/usr/lib64"),
                                      STR_INIT("/usr/lib32"), STR_INIT("/usr/libx32")};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        if (path_is_below(path, dirs[i]))
            return true;
    return false;
}

/* The directory of PATH, unless it is one that the loader searches by itself. */
static int note_library_dir(struct application_reading *reading, struct str path, struct err *err)
{
    char *absolute = arena_printf(reading->ctx->arena, "/%.*s", STR_ARG(path_dir(path)));
    if (!absolute)
        return err_nomem(err);
    struct str dir = str_z(absolute);
    bool known = application_is_system_path(dir) && !str_has_char(str_skip(dir, 9), '/');
    for (size_t i = 0; i < reading->library_dirs.len; i++)
        known |= str_eq(reading->library_dirs.ptr[i], dir);
    return known || VEC_PUSH(&reading->library_dirs, dir) ? 0 : err_nomem(err);
}

static int note_elf(void *self, struct str path, struct str bytes, struct err *err)
{
    struct application_reading *reading = self;
    struct application_elf found = {path, bytes, true};
    return VEC_PUSH(&reading->found, found) ? note_library_dir(reading, path, err) : err_nomem(err);
}

int application_take_includes(struct application_reading *reading, struct err *err)
{
    struct host_files files = {.tree = reading->app->tree,
                               .arena = reading->ctx->arena,
                               .mtime = reading->options->source_date_epoch,
                               .elf_found = note_elf,
                               .self = reading};
    for (size_t i = 0; i < reading->options->includes.len; i++) {
        struct str source, destination;
        int r = host_files_split(reading->options->includes.ptr[i], &source, &destination, err);
        if (r == 0)
            r = host_files_add(reading->ctx, &files, source, destination, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Where PATH of the image lies on this machine, when it may be the application's own; empty otherwise. */
static int host_path_of(struct application_reading *reading, struct str path, struct str *ret_host, struct err *err)
{
    *ret_host = STR_NONE;
    if (path_is_below(path, STR("/app"))) {
        if (reading->host_root.len == 0)
            return 0;
        char *host =
            arena_printf(reading->ctx->arena, "%.*s%.*s", STR_ARG(reading->host_root), STR_ARG(str_skip(path, 4)));
        *ret_host = str_z(host);
        return host ? 0 : err_nomem(err);
    }
    if (application_is_system_path(path) || path_is_below(path, STR("/usr/local")))
        return 0;
    *ret_host = arena_str(reading->ctx->arena, path);
    return ret_host->ptr ? 0 : err_nomem(err);
}

/* The provider of the closure: the trees first, then the application's surroundings on this machine. */
static int open_own(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    struct application_reading *reading = self;
    *ret_found = false;
    const struct tree_node *node = application_lookup(reading->app, path);
    if (node) {
        *ret_found = node->type == TREE_FILE && node->content.ptr;
        if (*ret_found) {
            char *real = arena_printf(reading->ctx->arena, "/%.*s", STR_ARG(node->path));
            if (!real)
                return err_nomem(err);
            *ret = (struct elf_candidate){.path = path, .real_path = str_z(real), .bytes = node->content};
        }
        return 0;
    }
    struct str host;
    int r = host_path_of(reading, path, &host, err);
    if (r < 0 || host.len == 0)
        return r;
    struct stat st;
    if (stat(host.ptr, &st) != 0 || !S_ISREG(st.st_mode))
        return 0;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    r = file_read_all(AT_FDCWD, host.ptr, LIMIT_ELF_BYTES, &bytes, err);
    if (r < 0)
        return r;
    struct str kept = arena_take_buf(reading->ctx->arena, &bytes);
    if (!kept.ptr)
        return err_nomem(err);
    struct elf_file file;
    struct err ignored = ERR_INIT;
    if (elf_read(kept, reading->ctx->arena, &file, &ignored) == 0 && file.machine == reading->app->machine)
        r = application_put_elf(reading, path, kept, err);
    *ret = (struct elf_candidate){.path = path, .bytes = kept};
    *ret_found = true;
    return r;
}

void application_provider(struct application_reading *reading, struct elf_provider *ret_provider)
{
    *ret_provider = (struct elf_provider){.open = open_own, .self = reading};
}

void application_search(const struct application_reading *reading, bool with_cache, struct elf_search *ret_search)
{
    *ret_search = (struct elf_search){.machine = reading->app->machine, .style = ELF_SEARCH_DEBIAN};
    if (with_cache) {
        ret_search->cached_dirs = reading->library_dirs.ptr;
        ret_search->cached_dir_count = reading->library_dirs.len;
    }
}

static bool is_known_external(const struct application_reading *reading, struct str name)
{
    for (size_t i = 0; i < reading->externals.len; i++)
        if (str_eq(reading->externals.ptr[i].name, name))
            return true;
    return false;
}

static int refuse_unloadable(const struct elf_unresolved *unresolved, struct err *err)
{
    struct buf chain CLEANUP_BUF = BUF_INIT;
    elf_closure_chain(&chain, unresolved->name, unresolved->needed_by);
    err_set(err, ERR_LIBRARY_MISSING, "'%.*s' is there but can't be loaded (%s): %.*s", STR_ARG(unresolved->path),
            unresolved->reason == ELF_UNRESOLVED_FOREIGN ? "for another machine" : "no ELF file",
            STR_ARG(buf_str(&chain)));
    return err_hint(err, "build that library for the program's architecture, or remove it");
}

int application_add_externals(struct application_reading *reading, const struct elf_closure *closure, struct err *err)
{
    struct elf_search search;
    application_search(reading, false, &search);
    for (size_t i = 0; i < elf_closure_unresolved_count(closure); i++) {
        const struct elf_unresolved *unresolved = elf_closure_unresolved_at(closure, i);
        if (unresolved->optional)
            continue;
        if (unresolved->reason != ELF_UNRESOLVED_ABSENT && !application_is_system_path(unresolved->path))
            return refuse_unloadable(unresolved, err);
        if (is_known_external(reading, unresolved->name))
            continue;
        struct application_external external = {.name = unresolved->name, .needed_by = unresolved->needed_by};
        int r = elf_search_candidates(&search, &unresolved->needed_by->as_requester, unresolved->name,
                                      reading->ctx->arena, &external.candidates, err);
        if (r < 0)
            return r;
        if (!VEC_PUSH(&reading->externals, external))
            return err_nomem(err);
    }
    return 0;
}

/* The interpreters of further programs, unless they are there or wanted already. */
static int add_interpreters(struct application_reading *reading, struct err *err)
{
    for (size_t i = 0; i < reading->programs.len; i++) {
        const struct elf_object *object = reading->programs.ptr[i];
        struct str name = object->file->interpreter;
        if (elf_closure_find(reading->app->closure, name) || application_lookup(reading->app, name) ||
            is_known_external(reading, name))
            continue;
        struct str *path = ARENA_ARRAY(reading->ctx->arena, 1, struct str);
        if (!path)
            return err_nomem(err);
        *path = name;
        struct application_external external = {
            .name = name, .needed_by = object, .candidates = {.ptr = path, .len = 1}};
        if (!VEC_PUSH(&reading->externals, external))
            return err_nomem(err);
    }
    return 0;
}

static int compare_externals(const void *a, const void *b)
{
    return str_cmp(((const struct application_external *)a)->name, ((const struct application_external *)b)->name);
}

static int keep_externals(struct application_reading *reading, struct err *err)
{
    size_t count = reading->externals.len;
    struct application_external *items = ARENA_ARRAY(reading->ctx->arena, count + 1, struct application_external);
    if (!items)
        return err_nomem(err);
    if (count)
        memcpy(items, reading->externals.ptr, count * sizeof(*items));
    qsort(items, count, sizeof(*items), compare_externals);
    reading->app->externals = items;
    reading->app->external_count = count;
    return 0;
}

/* True when the loader finds OBJECT without a cache, or when it is none of the loader's business. */
static int found_plainly(struct application_reading *reading, const struct elf_object *object, bool *ret_plain,
                         struct err *err)
{
    *ret_plain = true;
    if (object->kind != ELF_OBJECT_LIBRARY || !object->needed_by || object->supplied)
        return 0;
    struct elf_search search;
    struct elf_paths paths;
    application_search(reading, false, &search);
    int r = elf_search_candidates(&search, &object->needed_by->as_requester, object->name, reading->ctx->arena, &paths,
                                  err);
    *ret_plain = false;
    for (size_t i = 0; r == 0 && i < paths.len; i++) {
        struct buf normal CLEANUP_BUF = BUF_INIT; /* "$ORIGIN/../lib" */
        *ret_plain |=
            path_normalize(&normal, STR("/"), paths.ptr[i]) && str_eq(buf_str(&normal), object->as_requester.path);
        r = buf_check(&normal, err);
    }
    return r;
}

/* Writes /etc/ld.so.cache for libraries that the loader would not find by itself. */
static int put_loader_cache(struct application_reading *reading, struct err *err)
{
    struct application *app = reading->app;
    size_t count = elf_closure_count(app->closure);
    struct elf_ldcache_entry *entries = ARENA_ARRAY(reading->ctx->arena, count + 1, struct elf_ldcache_entry);
    if (!entries)
        return err_nomem(err);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct elf_object *object = elf_closure_at(app->closure, i);
        bool plain;
        int r = found_plainly(reading, object, &plain, err);
        if (r < 0)
            return r;
        if (!plain)
            entries[kept++] = (struct elf_ldcache_entry){
                .name = object->name, .path = object->as_requester.path, .flags = elf_ldcache_flags(object->file)};
    }
    if (kept == 0)
        return 0;
    struct elf_ldcache cache = {.entries = entries, .count = kept, .generator = STR("barehull")};
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    int r = elf_ldcache_write(&cache, app->machine, &bytes, err);
    struct str kept_bytes = r == 0 ? arena_buf(reading->ctx->arena, &bytes) : STR_NONE;
    if (r == 0 && !kept_bytes.ptr)
        r = err_nomem(err);
    struct tree_node node = {.path = STR("etc/ld.so.cache"),
                             .type = TREE_FILE,
                             .mode = 0644,
                             .mtime = reading->options->source_date_epoch,
                             .content = kept_bytes,
                             .size_bytes = kept_bytes.len};
    return r == 0 ? rootfs_put(app->tree, &node, err) : r;
}

int application_finish(struct application_reading *reading, struct err *err)
{
    int r = add_interpreters(reading, err);
    if (r == 0)
        r = keep_externals(reading, err);
    if (r == 0)
        r = put_loader_cache(reading, err);
    if (r < 0)
        return r;
    reading->app->is_dynamic = reading->app->external_count > 0;
    reading->app->needs_conversion = elf_closure_imports(reading->app->closure, STR("iconv_open"));
    return 0;
}

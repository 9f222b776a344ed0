/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/application.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "elf/ldcache.h"
#include "io/file.h"
#include "pack/app_kind.h"
#include "pack/host_files.h"
#include "pack/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

struct found_elf {
    struct str path; /* relative, in the merged root */
    struct str bytes;
};

/* What is needed while an application is read. */
struct reading {
    const struct op_ctx *ctx;
    const struct build_options *options;
    struct application *app;
    struct elf_file program;
    struct host_files files;
    struct str host_root; /* what /app stands for on this machine */
    VEC(struct found_elf) found;
    VEC(struct str) library_dirs;            /* of included libraries, absolute */
    VEC(const struct elf_object *) programs; /* included ones: their interpreters are wanted too */
};

void application_done(struct application *app)
{
    elf_closure_free(app->closure);
    tree_free(app->tree);
    app->closure = NULL;
    app->tree = NULL;
}

static int read_program(struct reading *reading, struct str *ret_bytes, struct err *err)
{
    struct arena *arena = reading->ctx->arena;
    struct str app = reading->options->app;
    if (app.len == 0)
        return err_set(err, ERR_USAGE, "no program is named");
    char *given = arena_z(arena, app);
    if (!given)
        return err_nomem(err);
    char *real = realpath(given, NULL);
    if (!real) {
        err_errno(err, errno, "cannot find the program '%s'", given);
        return err_hint(err, "give the path of an ELF executable, for instance ./build/server");
    }
    reading->app->host_path = arena_str(arena, str_z(real));
    free(real);
    if (!reading->app->host_path.ptr)
        return err_nomem(err);
    struct app_program program;
    int r = app_kind_read(reading->ctx, reading->options, reading->app->host_path, &program, err);
    if (r < 0)
        return r;
    reading->program = program.elf;
    reading->app->machine = program.elf.machine;
    reading->app->description = program.description;
    *ret_bytes = program.bytes;
    return 0;
}

/* How many directories above the program's own its $ORIGIN paths climb. */
static size_t climb_of(struct str search_path)
{
    size_t most = 0;
    struct str entry;
    while (str_next(&search_path, ':', &entry)) {
        struct str rest = STR_NONE;
        if (str_starts(entry, STR("$ORIGIN")))
            rest = str_skip(entry, 7);
        else if (str_starts(entry, STR("${ORIGIN}")))
            rest = str_skip(entry, 9);
        size_t climb = 0;
        while (str_starts(rest, STR("/.."))) {
            climb++;
            rest = str_skip(rest, 3);
        }
        most = climb > most ? climb : most;
    }
    return most;
}

/*
 * Chooses the program's place: /app/NAME, with as many of its own directories between as $ORIGIN climbs, so that
 * "$ORIGIN/../lib" stays below /app. NAME is as it was given, even where that is a link: programs that are several in
 * one (busybox, redis-server) choose by it. The directories are the real ones, as for the loader.
 */
static int place_program(struct reading *reading, struct err *err)
{
    struct application *app = reading->app;
    size_t climb = climb_of(reading->program.rpath);
    size_t other = climb_of(reading->program.runpath);
    climb = other > climb ? other : climb;
    struct str root = path_dir(app->host_path);
    for (size_t i = 0; i < climb && root.len > 1; i++)
        root = path_dir(root);
    reading->host_root = root;
    struct str between = path_dir(app->host_path);
    between = str_skip(between, str_eq(between, root) || root.len > 1 ? root.len : 0);
    struct str name = path_base(reading->options->app);
    char *path = arena_printf(reading->ctx->arena, "/app%.*s/%.*s", STR_ARG(between), STR_ARG(name));
    if (!path)
        return err_nomem(err);
    app->image_path = str_z(path);
    if (str_utf8_valid(app->image_path) == app->image_path.len)
        return 0;
    err_set(err, ERR_USAGE, "the name of the program, '%.*s', is not valid UTF-8", STR_ARG(app->image_path));
    return err_hint(err, "the image's configuration can't hold it: rename the program, or name a link to it");
}

static int put_own_file(struct reading *reading, struct str path, struct str bytes, struct err *err)
{
    struct tree_node node = {.path = str_skip(path, 1),
                             .type = TREE_FILE,
                             .mode = 0755,
                             .mtime = reading->options->source_date_epoch,
                             .content = bytes,
                             .size_bytes = bytes.len};
    return rootfs_put(reading->app->tree, &node, err);
}

/* The program may be among what is included; anything else in its place would be lost. */
static int put_program(struct reading *reading, struct str bytes, struct err *err)
{
    struct str path = reading->app->image_path;
    const struct tree_node *node = tree_lookup(reading->app->tree, path);
    if (node && (node->type != TREE_FILE || !str_eq(node->content, bytes))) {
        err_set(err, ERR_USAGE, "'%.*s' is the program's own place, and --include puts something else there",
                STR_ARG(path));
        return err_hint(err, "include it in another place");
    }
    return put_own_file(reading, path, bytes, err);
}

static int note_elf(void *self, struct str path, struct str bytes, struct err *err)
{
    struct reading *reading = self;
    struct found_elf found = {path, bytes};
    return VEC_PUSH(&reading->found, found) ? 0 : err_nomem(err);
}

static int take_includes(struct reading *reading, struct err *err)
{
    reading->files = (struct host_files){.tree = reading->app->tree,
                                         .arena = reading->ctx->arena,
                                         .mtime = reading->options->source_date_epoch,
                                         .elf_found = note_elf,
                                         .self = reading};
    for (size_t i = 0; i < reading->options->includes.len; i++) {
        struct str source, destination;
        int r = host_files_split(reading->options->includes.ptr[i], &source, &destination, err);
        if (r == 0)
            r = host_files_add(reading->ctx, &reading->files, source, destination, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The system's own directories: what lies there comes from the archive, never from this machine. */
static bool is_system_path(struct str path)
{
    static const struct str dirs[] = {STR_INIT("/lib"),       STR_INIT("/lib64"),     STR_INIT("/lib32"),
                                      STR_INIT("/libx32"),    STR_INIT("/usr/lib"),   STR_INIT("/usr/lib64"),
                                      STR_INIT("/usr/lib32"), STR_INIT("/usr/libx32")};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        if (path_is_below(path, dirs[i]))
            return true;
    return false;
}

/* Where PATH of the image lies on this machine, when it may be the application's own; empty otherwise. */
static int host_path_of(struct reading *reading, struct str path, struct str *ret_host, struct err *err)
{
    *ret_host = STR_NONE;
    if (path_is_below(path, STR("/app"))) {
        char *host =
            arena_printf(reading->ctx->arena, "%.*s%.*s", STR_ARG(reading->host_root), STR_ARG(str_skip(path, 4)));
        *ret_host = str_z(host);
        return host ? 0 : err_nomem(err);
    }
    if (is_system_path(path) || path_is_below(path, STR("/usr/local")))
        return 0;
    *ret_host = arena_str(reading->ctx->arena, path);
    return ret_host->ptr ? 0 : err_nomem(err);
}

/* The provider of the closure: the tree first, then the application's surroundings on this machine. */
static int open_own(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    struct reading *reading = self;
    *ret_found = false;
    const struct tree_node *node = tree_lookup(reading->app->tree, path);
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
    if (elf_read(kept, reading->ctx->arena, &file, &ignored) == 0 && elf_same_machine(&file, &reading->program))
        r = put_own_file(reading, path, kept, err);
    *ret = (struct elf_candidate){.path = path, .bytes = kept};
    *ret_found = true;
    return r;
}

/* Directories of included libraries that nothing but a cache would lead the loader to. */
static int note_library_dirs(struct reading *reading, struct err *err)
{
    for (size_t i = 0; i < reading->found.len; i++) {
        struct str dir = path_dir(reading->found.ptr[i].path);
        char *absolute = arena_printf(reading->ctx->arena, "/%.*s", STR_ARG(dir));
        if (!absolute)
            return err_nomem(err);
        bool known = is_system_path(str_z(absolute)) && !str_has_char(str_skip(str_z(absolute), 9), '/');
        for (size_t j = 0; j < reading->library_dirs.len; j++)
            known |= str_eq(reading->library_dirs.ptr[j], str_z(absolute));
        if (!known && !VEC_PUSH(&reading->library_dirs, str_z(absolute)))
            return err_nomem(err);
    }
    return 0;
}

static int add_included(struct reading *reading, struct err *err)
{
    struct application *app = reading->app;
    for (size_t i = 0; i < reading->found.len; i++) {
        struct found_elf *found = &reading->found.ptr[i];
        struct elf_file file;
        int r = op_check(reading->ctx, err);
        if (r < 0)
            return r;
        r = elf_read(found->bytes, reading->ctx->arena, &file, err);
        if (r < 0)
            return err_wrap(err, "the included '/%.*s'", STR_ARG(found->path));
        if (file.type == ELF_TYPE_RELOCATABLE || file.type == ELF_TYPE_CORE || file.type == ELF_TYPE_DEBUG ||
            file.type == ELF_TYPE_OTHER)
            continue;
        if (!elf_same_machine(&file, &reading->program)) {
            char scratch[ELF_MACHINE_NAME_MAX];
            op_warn(reading->ctx, "the included '/%.*s' is for %s, the program for %.*s: it can't be loaded",
                    STR_ARG(found->path),
                    elf_machine_name(file.machine_code, file.is_64, file.is_big_endian, file.flags, scratch),
                    STR_ARG(elf_machine_info(app->machine)->debian));
            continue;
        }
        char *path = arena_printf(reading->ctx->arena, "/%.*s", STR_ARG(found->path));
        if (!path)
            return err_nomem(err);
        struct elf_candidate root = {.path = str_z(path), .bytes = found->bytes};
        const struct elf_object *object;
        r = elf_closure_add(app->closure, &root, ELF_OBJECT_PLUGIN, &object, err);
        if (r < 0)
            return r;
        if (file.interpreter.len > 0 && !VEC_PUSH(&reading->programs, object))
            return err_nomem(err);
    }
    return 0;
}

static void fill_search(const struct reading *reading, bool with_cache, struct elf_search *search)
{
    *search = (struct elf_search){.machine = reading->app->machine, .style = ELF_SEARCH_DEBIAN};
    if (with_cache) {
        search->cached_dirs = reading->library_dirs.ptr;
        search->cached_dir_count = reading->library_dirs.len;
    }
}

static int close_over(struct reading *reading, struct str bytes, struct err *err)
{
    struct application *app = reading->app;
    struct elf_search search;
    fill_search(reading, true, &search);
    struct elf_provider provider = {.open = open_own, .self = reading};
    int r = elf_closure_new(&search, &provider, reading->ctx->arena, &app->closure, err);
    struct elf_candidate root = {.path = app->image_path, .bytes = bytes};
    if (r == 0)
        r = elf_closure_add(app->closure, &root, ELF_OBJECT_PROGRAM, NULL, err);
    if (r == 0)
        r = add_included(reading, err);
    return r;
}

static int compare_externals(const void *a, const void *b)
{
    return str_cmp(((const struct application_external *)a)->name, ((const struct application_external *)b)->name);
}

/* The interpreters of included programs, unless they are there or wanted already. */
static int add_interpreters(struct reading *reading, struct application_external *items, size_t *count, struct err *err)
{
    for (size_t i = 0; i < reading->programs.len; i++) {
        const struct elf_object *object = reading->programs.ptr[i];
        struct str name = object->file->interpreter;
        bool known = elf_closure_find(reading->app->closure, name) || tree_lookup(reading->app->tree, name);
        for (size_t j = 0; j < *count; j++)
            known |= str_eq(items[j].name, name);
        if (known)
            continue;
        struct str *path = ARENA_ARRAY(reading->ctx->arena, 1, struct str);
        if (!path)
            return err_nomem(err);
        *path = name;
        items[(*count)++] =
            (struct application_external){.name = name, .needed_by = object, .candidates = {.ptr = path, .len = 1}};
    }
    return 0;
}

static int collect_externals(struct reading *reading, struct err *err)
{
    struct application *app = reading->app;
    size_t count = elf_closure_unresolved_count(app->closure);
    struct application_external *items =
        ARENA_ARRAY(reading->ctx->arena, count + reading->programs.len + 1, struct application_external);
    if (!items)
        return err_nomem(err);
    struct elf_search search;
    fill_search(reading, false, &search);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct elf_unresolved *unresolved = elf_closure_unresolved_at(app->closure, i);
        if (unresolved->optional)
            continue;
        if (unresolved->reason != ELF_UNRESOLVED_ABSENT && !is_system_path(unresolved->path)) {
            struct buf chain CLEANUP_BUF = BUF_INIT;
            elf_closure_chain(&chain, unresolved->name, unresolved->needed_by);
            err_set(err, ERR_LIBRARY_MISSING, "'%.*s' is there but can't be loaded (%s): %.*s",
                    STR_ARG(unresolved->path),
                    unresolved->reason == ELF_UNRESOLVED_FOREIGN ? "for another machine" : "no ELF file",
                    STR_ARG(buf_str(&chain)));
            return err_hint(err, "build that library for the program's architecture, or remove it");
        }
        items[kept] = (struct application_external){.name = unresolved->name, .needed_by = unresolved->needed_by};
        int r = elf_search_candidates(&search, &unresolved->needed_by->as_requester, unresolved->name,
                                      reading->ctx->arena, &items[kept].candidates, err);
        if (r < 0)
            return r;
        kept++;
    }
    int r = add_interpreters(reading, items, &kept, err);
    if (r < 0)
        return r;
    qsort(items, kept, sizeof(*items), compare_externals);
    app->externals = items;
    app->external_count = kept;
    return 0;
}

/* True when the loader finds OBJECT without a cache. */
static int found_plainly(struct reading *reading, const struct elf_object *object, bool *ret_plain, struct err *err)
{
    *ret_plain = true;
    if (object->kind != ELF_OBJECT_LIBRARY || !object->needed_by)
        return 0;
    struct elf_search search;
    struct elf_paths paths;
    fill_search(reading, false, &search);
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
static int put_loader_cache(struct reading *reading, struct err *err)
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

static int read_all(struct reading *reading, struct err *err)
{
    struct application *app = reading->app;
    struct str bytes;
    int r = read_program(reading, &bytes, err);
    if (r == 0)
        r = place_program(reading, err);
    if (r == 0)
        r = tree_new(reading->ctx->arena, &app->tree, err);
    if (r == 0)
        r = take_includes(reading, err);
    if (r == 0)
        r = put_program(reading, bytes, err);
    if (r == 0)
        r = note_library_dirs(reading, err);
    if (r == 0)
        r = close_over(reading, bytes, err);
    if (r == 0)
        r = collect_externals(reading, err);
    if (r == 0)
        r = put_loader_cache(reading, err);
    app->is_dynamic = r == 0 && app->external_count > 0;
    if (r == 0)
        app->needs_conversion = elf_closure_imports(app->closure, STR("iconv_open"));
    return r;
}

int application_read(const struct op_ctx *ctx, const struct build_options *options, struct application *ret_app,
                     struct err *err)
{
    struct application app = {0};
    struct reading reading = {.ctx = ctx, .options = options, .app = &app};
    int r = read_all(&reading, err);
    VEC_DONE(&reading.found);
    VEC_DONE(&reading.library_dirs);
    VEC_DONE(&reading.programs);
    if (r < 0) {
        application_done(&app);
        return r;
    }
    *ret_app = app;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_closure.h"

#include "base/path.h"
#include "elf/closure.h"
#include "elf/symbols.h"
#include "pkg/status.h"

/* What a library opens by name at run time, by the pattern of its path in a merged root. */
static const struct {
    const char *soname;
    const char *pattern;
} companions[] = {
    {"libcrypto.so.3", "usr/lib/*/ossl-modules/*.so"},
};

#define GCONV_PATTERN "usr/lib/*/gconv/**"

int base_closure_locate(const struct op_ctx *ctx, struct supply *supply, const struct base_external *external,
                        struct str *ret_package, struct str *ret_path, struct err *err)
{
    (void)ctx;
    struct str package, path, elsewhere;
    struct str name = path_base(external->name);
    int r = supply_find_library(supply, name, external->candidates, &package, &path, &elsewhere, err);
    if (r < 0)
        return r;
    if (package.len == 0) {
        err_set(err, ERR_LIBRARY_MISSING, "the library '%.*s' is not in Debian %.*s%s%.*s; it is needed by '%.*s'",
                STR_ARG(name), STR_ARG(supply_suite(supply)), elsewhere.len ? " where the loader looks, only as " : "",
                STR_ARG(elsewhere), STR_ARG(external->needed_by));
        return err_hint(err,
                        elsewhere.len ? "name its package with --package, and let the program's RUNPATH lead there"
                                      : "if it is yours, give it with --include %.*s:/usr/local/lib/%.*s; else try "
                                        "another --suite",
                        STR_ARG(name), STR_ARG(name));
    }
    *ret_package = package;
    if (ret_path)
        *ret_path = path;
    return 0;
}

struct run {
    struct base_tree *base;
    struct elf_search search;
};

/*
 * Libraries that only Debian's alternatives give their place, by the directories that may hold them, best first. What
 * update-alternatives(1) would link when a package is installed is linked here.
 */
static const struct {
    const char *soname;
    const char *directories[6];
} alternatives[] = {
    {"libblas.so.3", {"openblas-pthread", "openblas-openmp", "openblas-serial", "atlas", "blas"}},
    {"liblapack.so.3", {"openblas-pthread", "openblas-openmp", "openblas-serial", "atlas", "lapack"}},
    {"libopenblas.so.0", {"openblas-pthread", "openblas-openmp", "openblas-serial"}},
};

/* The library EXTERNAL of a package that is in the tree already, linked to where the loader looks. */
static int link_alternative(struct run *run, const struct base_external *external, struct elf_candidate *ret,
                            bool *ret_found, struct err *err)
{
    struct base_tree *base = run->base;
    struct str triplet = elf_machine_info(base->request->machine)->triplet;
    *ret_found = false;
    for (size_t i = 0; i < ARRAY_LEN(alternatives); i++)
        for (size_t j = 0; j < ARRAY_LEN(alternatives[i].directories) && alternatives[i].directories[j]; j++) {
            const char *soname = alternatives[i].soname, *dir = alternatives[i].directories[j];
            if (!str_eq_z(external->name, soname))
                continue;
            char *path = arena_printf(base->ctx->arena, "/usr/lib/%.*s/%s", STR_ARG(triplet), soname);
            char *file = arena_printf(base->ctx->arena, "usr/lib/%.*s/%s/%s", STR_ARG(triplet), dir, soname);
            char *target = arena_printf(base->ctx->arena, "%s/%s", dir, soname);
            if (!path || !file || !target)
                return err_nomem(err);
            const struct tree_node *found = tree_lookup(base->tree, str_z(file));
            if (!found || found->type != TREE_FILE)
                continue;
            struct tree_node link = {.path = str_z(path + 1),
                                     .type = TREE_SYMLINK,
                                     .mode = 0777,
                                     .target = str_z(target),
                                     .owner = found->owner};
            *ret = (struct elf_candidate){.path = str_z(path), .bytes = found->content};
            *ret_found = true;
            return tree_put(base->tree, &link, err);
        }
    return 0;
}

static int open_in_tree(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    const struct run *run = self;
    const struct tree_node *node = tree_lookup(run->base->tree, path);
    *ret_found = node && node->type == TREE_FILE && node->content.ptr;
    if (!*ret_found)
        return 0;
    char *real = arena_printf(run->base->ctx->arena, "/%.*s", STR_ARG(node->path));
    *ret = (struct elf_candidate){.path = path, .real_path = str_z(real), .bytes = node->content};
    return real ? 0 : err_nomem(err);
}

static int fetch_package(const struct base_tree *base, struct str package, struct err *err)
{
    if (supply_get(base->supply, package))
        return 0;
    struct package record;
    int r = supply_find(base->supply, package, &record, err);
    return r == 0 ? supply_fetch(base->supply, &record, 1, err) : r;
}

const struct base_library *base_closure_below(const struct base_record *below, struct str name)
{
    const struct base_library *library = below ? base_record_library(below, path_base(name)) : NULL;
    return library && str_eq(path_base(library->path), path_base(name)) ? library : NULL;
}

/*
 * Describes LIBRARY of the layer below: its bytes come from its package, so that versions are checked against it and
 * what it needs in turn is followed, without anything of it being put.
 */
static int lean_on(struct run *run, const struct base_library *library, struct elf_candidate *ret, struct err *err)
{
    struct base_tree *base = run->base;
    int r = fetch_package(base, library->package, err);
    if (r < 0)
        return r;
    const struct tree_node *file =
        base_tree_find(base, supply_get(base->supply, library->package), str_skip(library->path, 1));
    if (!file || file->type != TREE_FILE)
        return err_set(err, ERR_INTERNAL, "the package '%.*s' has no '%.*s'", STR_ARG(library->package),
                       STR_ARG(library->path));
    *ret = (struct elf_candidate){.path = library->path, .bytes = file->content};
    return 0;
}

/* Puts the library EXTERNAL into the tree and describes it. */
static int bring(struct run *run, const struct base_external *external, struct elf_candidate *ret, struct err *err)
{
    struct base_tree *base = run->base;
    struct str package, path;
    int r = op_check(base->ctx, err);
    if (r < 0)
        return r;
    const struct base_library *below = base_closure_below(base->below, external->name);
    if (below)
        return lean_on(run, below, ret, err);
    bool linked;
    r = link_alternative(run, external, ret, &linked, err);
    if (r < 0 || linked)
        return r;
    r = base_closure_locate(base->ctx, base->supply, external, &package, &path, err);
    if (r == 0)
        r = fetch_package(base, package, err);
    if (r < 0)
        return r;
    const struct tree_node *file;
    struct str real_path;
    r = base_tree_put_file(base, package, path, &file, &real_path, err);
    if (r < 0)
        return r;
    struct buf merged CLEANUP_BUF = BUF_INIT;
    buf_add_char(&merged, '/');
    status_merged_path(&merged, path);
    struct str kept = arena_buf(base->ctx->arena, &merged);
    if (merged.failed || !kept.ptr)
        return err_nomem(err);
    *ret = (struct elf_candidate){.path = kept, .real_path = real_path, .bytes = file->content};
    return 0;
}

static int bring_missing(void *self, struct str name, const struct elf_object *needed_by, struct elf_candidate *ret,
                         bool *ret_found, struct err *err)
{
    struct run *run = self;
    struct base_external external = {.name = name, .needed_by = needed_by ? needed_by->as_requester.path : STR_NONE};
    int r = 0;
    if (needed_by)
        r = elf_search_candidates(&run->search, &needed_by->as_requester, name, run->base->ctx->arena,
                                  &external.candidates, err);
    if (r == 0)
        r = bring(run, &external, ret, err);
    *ret_found = r == 0;
    return r;
}

static int add_external(struct run *run, struct elf_closure *closure, const struct base_external *external,
                        struct err *err)
{
    struct elf_candidate candidate;
    int r = bring(run, external, &candidate, err);
    return r == 0 ? elf_closure_add(closure, &candidate, ELF_OBJECT_PLUGIN, NULL, err) : r;
}

/* A library's search would find the loader elsewhere; the kernel takes just the path that the program names. */
static int add_interpreter(struct run *run, struct elf_closure *closure, const struct elf_file *program,
                           struct str path, struct err *err)
{
    struct buf merged CLEANUP_BUF = BUF_INIT;
    status_merged_path(&merged, str_skip(program->interpreter, 1));
    int r = buf_check(&merged, err);
    if (r < 0 || tree_lookup(run->base->tree, buf_str(&merged)))
        return r;
    struct str *candidate = ARENA_ARRAY(run->base->ctx->arena, 1, struct str);
    if (!candidate)
        return err_nomem(err);
    *candidate = program->interpreter;
    const struct base_external external = {
        .name = program->interpreter, .candidates = {candidate, 1}, .needed_by = path};
    return add_external(run, closure, &external, err);
}

/* The ELF files of whole packages bring their needs too. */
static int add_whole(struct run *run, struct elf_closure *closure, struct err *err)
{
    struct base_tree *base = run->base;
    size_t count = tree_count(base->tree);
    struct str *paths = ARENA_ARRAY(base->ctx->arena, count + 1, struct str);
    if (!paths)
        return err_nomem(err);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) { /* the tree grows meanwhile */
        const struct tree_node *node = tree_at(base->tree, i);
        if (node->type == TREE_FILE && elf_is_elf(node->content))
            paths[kept++] = node->path;
    }
    for (size_t i = 0; i < kept; i++) {
        struct elf_file file;
        struct err ignored = ERR_INIT;
        const struct tree_node *node = tree_get(base->tree, paths[i]);
        if (!node || elf_read(node->content, base->ctx->arena, &file, &ignored) < 0 ||
            file.machine != base->request->machine || (file.type != ELF_TYPE_LIBRARY && !elf_is_program(&file)))
            continue;
        char *path = arena_printf(base->ctx->arena, "/%.*s", STR_ARG(paths[i]));
        if (!path)
            return err_nomem(err);
        struct elf_candidate root = {.path = str_z(path), .bytes = node->content};
        int r = elf_closure_add(closure, &root, ELF_OBJECT_PLUGIN, NULL, err);
        if (r == 0 && elf_is_program(&file) && file.interpreter.len) {
            r = add_interpreter(run, closure, &file, str_z(path), err);
        }
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_closure(struct run *run, struct elf_closure *closure, struct err *err)
{
    const struct elf_mismatch *mismatches;
    size_t count;
    int r = elf_closure_mismatches(closure, &mismatches, &count, err);
    if (r < 0 || count == 0)
        return r;
    const struct elf_mismatch *first = &mismatches[0];
    err_set(err, ERR_SYMBOL_VERSION, "'%.*s' needs %.*s of '%.*s', which goes only up to %.*s",
            STR_ARG(first->user->as_requester.path), STR_ARG(first->need->version), STR_ARG(first->need->library),
            STR_ARG(first->best));
    return err_hint(err, "the archive's packages don't fit together: all suites of '%.*s' have to come from one mirror",
                    STR_ARG(supply_suite(run->base->supply)));
}

/*
 * Libraries that import iconv_open and convert only from the locale's character set: that is ASCII or UTF-8 in an
 * image, and glibc has both built in. Without this every C++ program would carry 8 MB of modules that nothing loads.
 */
static const char *const builtin_conversions[] = {"libstdc++.so.6", "libunistring.so.2", "libunistring.so.5",
                                                  "libidn2.so.0", "libpsl.so.5"};

static bool converts(const struct elf_closure *closure)
{
    for (size_t i = 0; i < elf_closure_count(closure); i++) {
        const struct elf_file *file = elf_closure_at(closure, i)->file;
        bool builtin = false;
        for (size_t j = 0; j < ARRAY_LEN(builtin_conversions); j++)
            builtin |= str_eq_z(file->soname, builtin_conversions[j]);
        if (!builtin && elf_imports(file, STR("iconv_open")))
            return true;
    }
    return false;
}

static int add_companions(struct run *run, struct elf_closure *closure, struct err *err)
{
    struct base_tree *base = run->base;
    for (size_t i = 0; i < ARRAY_LEN(companions); i++) {
        const struct elf_object *object = elf_closure_find(closure, str_z(companions[i].soname));
        const struct tree_node *node = object ? tree_lookup(base->tree, object->as_requester.path) : NULL;
        if (!node)
            continue;
        int r = base_tree_put_matching(base, node->owner, str_z(companions[i].pattern), err);
        if (r < 0)
            return r;
    }
    const struct tree_node *libc = tree_lookup(base->tree, STR("/usr/lib/libc.so.6"));
    const struct elf_object *object = elf_closure_find(closure, STR("libc.so.6"));
    if (object)
        libc = tree_lookup(base->tree, object->as_requester.path);
    const struct base_library *below = base_closure_below(base->below, STR("libc.so.6"));
    struct str owner = libc ? libc->owner : below ? below->package : STR_NONE;
    if (owner.len == 0 || (!base->gconv && !converts(closure)))
        return 0;
    base->gconv = true;
    base->conversion_bytes = 0;
    int r = fetch_package(base, owner, err);
    return r == 0 ? base_tree_put_matching(base, owner, STR(GCONV_PATTERN), err) : r;
}

static int collect(struct run *run, struct elf_closure *closure, const struct base_library **ret_libraries,
                   size_t *ret_count, struct err *err)
{
    struct arena *arena = run->base->ctx->arena;
    size_t count = elf_closure_count(closure);
    struct base_library *libraries = ARENA_ARRAY(arena, count + 1, struct base_library);
    if (!libraries)
        return err_nomem(err);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct elf_object *object = elf_closure_at(closure, i);
        const struct elf_file *file = object->file;
        const struct tree_node *node = tree_lookup(run->base->tree, object->as_requester.path);
        bool module = object->kind == ELF_OBJECT_PLUGIN && file->soname.len == 0; /* opened by its path */
        if (file->type != ELF_TYPE_LIBRARY || !node || module)
            continue;
        struct base_library *library = &libraries[kept++];
        struct str *versions = ARENA_ARRAY(arena, file->definition_count + 1, struct str);
        library->soname = arena_str(arena, file->soname.len ? file->soname : path_base(object->as_requester.path));
        library->path = arena_str(arena, object->as_requester.path);
        library->package = arena_str(arena, node->owner);
        if (!versions || !library->soname.ptr || !library->path.ptr || !library->package.ptr)
            return err_nomem(err);
        library->versions = (struct data_strs){versions, 0};
        for (size_t j = 0; j < file->definition_count; j++)
            if (!file->definitions[j].base) {
                struct str *version = &versions[library->versions.count++];
                *version = arena_str(arena, file->definitions[j].version);
                if (!version->ptr)
                    return err_nomem(err);
            }
    }
    *ret_libraries = libraries;
    *ret_count = kept;
    return 0;
}

static int close_over(struct run *run, struct elf_closure *closure, struct err *err)
{
    struct base_tree *base = run->base;
    const struct base_request *request = base->request;
    int r = 0;
    for (size_t i = 0; r == 0 && i < request->external_count; i++) {
        r = op_check(base->ctx, err);
        if (r == 0)
            r = add_external(run, closure, &request->externals[i], err);
    }
    if (r == 0)
        r = add_whole(run, closure, err);
    static const struct base_external unwinder = {.name = STR_INIT("libgcc_s.so.1"),
                                                  .needed_by = STR_INIT("libc.so.6")};
    if (r == 0 && request->dynamic && !elf_closure_find(closure, unwinder.name))
        r = add_external(run, closure, &unwinder, err);
    if (r == 0)
        r = check_closure(run, closure, err);
    return r == 0 ? add_companions(run, closure, err) : r;
}

int base_closure_run(struct base_tree *base, const struct base_library **ret_libraries, size_t *ret_count,
                     struct err *err)
{
    struct run run = {.base = base, .search = {.machine = base->request->machine, .style = ELF_SEARCH_DEBIAN}};
    struct elf_provider provider = {
        .open = open_in_tree, .resolves_parents = true, .missing = bring_missing, .self = &run};
    struct elf_closure *closure CLEANUP_CLOSURE = NULL;
    int r = elf_closure_new(&run.search, &provider, base->ctx->arena, &closure, err);
    if (r == 0)
        r = close_over(&run, closure, err);
    return r == 0 ? collect(&run, closure, ret_libraries, ret_count, err) : r;
}

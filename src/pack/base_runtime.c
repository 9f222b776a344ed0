/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_runtime.h"

#include "base/limits.h"
#include "base/path.h"
#include "pack/base_closure.h"
#include "pack/base_whole.h"
#include "pack/library_cache.h"
#include "pack/rootfs.h"

#define C_UTF8_PATTERN "usr/lib/locale/C.utf8/**"

static void add_list(struct buf *key, const char *what, struct str_list list)
{
    for (size_t i = 0; i < list.len; i++)
        buf_addf(key, "%s %.*s\n", what, STR_ARG(list.ptr[i]));
}

int base_runtime_init(const struct base_making *making, struct base_part *ret_part, struct err *err)
{
    const struct base_runtime *runtime = making->request->runtime;
    struct buf key CLEANUP_BUF = BUF_INIT;
    buf_addf(&key, "%.*s\n%s\n%d %d\n%.*s\n", STR_ARG(runtime->name), making->request->flavour->name,
             runtime->utf8_locale, runtime->library_cache, STR_ARG(runtime->identity));
    add_list(&key, "package", runtime->packages);
    add_list(&key, "extra", runtime->extras);
    for (size_t i = 0; i < runtime->exclusion_count; i++) /* what is said of it is in the record */
        buf_addf(&key, "without %.*s: %.*s, %.*s\n", STR_ARG(runtime->exclusions[i].pattern),
                 STR_ARG(runtime->exclusions[i].what), STR_ARG(runtime->exclusions[i].reason));
    for (size_t i = 0; i < runtime->link_count; i++)
        buf_addf(&key, "link %.*s %.*s\n", STR_ARG(runtime->links[i].path), STR_ARG(runtime->links[i].target));
    int r = buf_check(&key, err);
    return r == 0 ? base_part_init(making, "runtime", buf_str(&key), ret_part, err) : r;
}

/* The default version's names; the version's own is the runtime's. */
static const char *const default_names[] = {"python3", "python3-minimal", "libpython3-stdlib", "python3-venv"};

bool base_runtime_stands_for(const struct base_runtime *runtime, struct str package)
{
    for (size_t i = 0; i < runtime->packages.len; i++)
        if (str_eq(runtime->packages.ptr[i], package))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(default_names); i++)
        if (str_eq_z(package, default_names[i]))
            return true;
    return str_eq(package, runtime->name);
}

int base_runtime_names(const struct base_runtime *runtime, struct arena *arena, struct str_list *ret_names,
                       struct err *err)
{
    struct str *names = ARENA_ARRAY(arena, runtime->packages.len + ARRAY_LEN(default_names) + 1, struct str);
    if (!names)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < runtime->packages.len; i++)
        names[count++] = runtime->packages.ptr[i];
    for (size_t i = 0; i < ARRAY_LEN(default_names); i++)
        names[count++] = str_z(default_names[i]);
    names[count++] = runtime->name;
    *ret_names = (struct str_list){names, count};
    return 0;
}

static const struct base_exclusion *find_exclusion(const struct base_runtime *runtime, struct str path)
{
    for (size_t i = 0; i < runtime->exclusion_count; i++)
        if (path_glob(runtime->exclusions[i].pattern, path))
            return &runtime->exclusions[i];
    return NULL;
}

bool base_runtime_excludes(const struct base_runtime *runtime, struct str path)
{
    return find_exclusion(runtime, path) != NULL;
}

struct keeping {
    const struct base_runtime *runtime;
    struct err *err;
    int result;
};

static bool keep_of_runtime(void *self, struct base_tree *base, struct str path, const struct tree_node *entry)
{
    struct keeping *keeping = self;
    const struct base_exclusion *exclusion = find_exclusion(keeping->runtime, path);
    if (!exclusion)
        return true;
    uint64_t bytes = entry->type == TREE_FILE ? entry->size_bytes : 0;
    if (keeping->result == 0)
        keeping->result = base_tree_drop(base, exclusion->what, exclusion->reason, bytes, keeping->err);
    return false;
}

/* The package and the path of "PACKAGE:PATH". */
static void split_extra(struct str extra, struct str *ret_package, struct str *ret_path)
{
    size_t colon = str_find_char(extra, ':');
    *ret_package = (struct str){extra.ptr, colon};
    *ret_path = str_skip(extra, colon < extra.len ? colon + 1 : colon);
}

/* Everything that is known to be needed before a file is seen; the common part's packages too when COMMON. */
static int fetch_named(const struct base_making *making, const struct resolution *whole, struct err *err)
{
    const struct base_runtime *runtime = making->request->runtime;
    size_t max = whole->count + runtime->packages.len + runtime->extras.len + 2;
    struct package *packages = ARENA_ARRAY(making->ctx->arena, max, struct package);
    if (!packages)
        return err_nomem(err);
    size_t count = 0;
    int r = 0;
    for (size_t i = 0; i < whole->count; i++)
        packages[count++] = whole->packages[i].package;
    for (size_t i = 0; r == 0 && i < runtime->packages.len; i++)
        r = supply_find(making->supply, runtime->packages.ptr[i], &packages[count++], err);
    for (size_t i = 0; r == 0 && i < runtime->extras.len; i++) {
        struct str package, path;
        split_extra(runtime->extras.ptr[i], &package, &path);
        r = supply_find(making->supply, package, &packages[count++], err);
    }
    if (r == 0 && runtime->utf8_locale)
        r = supply_find(making->supply, STR("libc-bin"), &packages[count++], err);
    if (r == 0)
        r = supply_find(making->supply, STR("libgcc-s1"), &packages[count++], err);
    return r == 0 ? supply_fetch(making->supply, packages, count, err) : r;
}

static int put_files(const struct base_making *making, const struct resolution *whole, struct base_tree *tree,
                     struct err *err)
{
    const struct base_runtime *runtime = making->request->runtime;
    struct keeping keeping = {.runtime = runtime, .err = err};
    int r = 0;
    for (size_t i = 0; r == 0 && i < whole->count; i++)
        if (!base_runtime_stands_for(runtime, whole->packages[i].package.name))
            r = base_tree_put_whole(tree, whole->packages[i].package.name, err);
    for (size_t i = 0; r == 0 && i < runtime->packages.len; i++) {
        r = base_tree_put_kept(tree, runtime->packages.ptr[i], keep_of_runtime, &keeping, err);
        if (r == 0)
            r = keeping.result;
    }
    for (size_t i = 0; r == 0 && i < runtime->extras.len; i++) {
        struct str package, path, place;
        const struct tree_node *file;
        split_extra(runtime->extras.ptr[i], &package, &path);
        r = base_tree_put_file(tree, package, path, &file, &place, err);
    }
    for (size_t i = 0; r == 0 && i < runtime->link_count; i++) {
        struct tree_node link = {
            .path = runtime->links[i].path, .type = TREE_SYMLINK, .mode = 0777, .target = runtime->links[i].target};
        r = rootfs_put(tree->tree, &link, err);
    }
    if (r == 0 && runtime->utf8_locale)
        r = base_tree_put_matching(tree, STR("libc-bin"), STR(C_UTF8_PATTERN), err);
    return r;
}

/* --- what comes with what is left out -------------------------------------------------------------------------- */

struct absent {
    const struct base_making *making;
    struct base_tree *tree;
    struct str *present; /* packages that ship for another reason, or were told already */
    size_t present_count, present_cap;
};

static bool is_present(const struct absent *absent, struct str package)
{
    for (size_t i = 0; i < absent->present_count; i++)
        if (str_eq(absent->present[i], package))
            return true;
    return false;
}

static void note_present(struct absent *absent, struct str package)
{
    if (absent->present_count < absent->present_cap && !is_present(absent, package))
        absent->present[absent->present_count++] = package;
}

/* Packages of the tree, the runtime's aside, with what they depend on; those of the common part. */
static int find_present(struct absent *absent, struct err *err)
{
    const struct base_runtime *runtime = absent->making->request->runtime;
    struct arena *arena = absent->making->ctx->arena;
    struct str *names = ARENA_ARRAY(arena, absent->tree->package_count + 1, struct str);
    absent->present_cap = LIMIT_CLOSURE_OBJECTS;
    absent->present = ARENA_ARRAY(arena, absent->present_cap, struct str);
    if (!names || !absent->present)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < absent->tree->package_count; i++) {
        struct str name = absent->tree->packages[i].supplied->record.name;
        note_present(absent, name);
        if (!base_runtime_stands_for(runtime, name))
            names[count++] = name;
    }
    for (const char *const *name = flavour_common_packages(); *name; name++)
        note_present(absent, str_z(*name));
    struct resolution resolved = {0};
    int r = count ? supply_resolve(absent->making->supply, names, count, &resolved, err) : 0;
    for (size_t i = 0; r == 0 && i < resolved.count; i++)
        note_present(absent, resolved.packages[i].package.name);
    return r;
}

/* "nothing imports it; libnsl2, libtirpc3 and 7 more packages stay out with it" */
static int tell_absent(struct absent *absent, struct build_dropped *dropped, const struct resolution *resolved,
                       struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    size_t count = 0, shown = 0;
    for (size_t i = 0; i < resolved->count; i++)
        count += !is_present(absent, resolved->packages[i].package.name);
    for (int wanted = 1; wanted >= 0; wanted--) /* those that the module itself needs come first */
        for (size_t i = 0; i < resolved->count; i++) {
            const struct package *package = &resolved->packages[i].package;
            if (resolved->packages[i].wanted != (wanted == 1) || is_present(absent, package->name))
                continue;
            dropped->unpacked_bytes += package->installed_size_kib * 1024;
            if (shown < 3)
                buf_addf(&text, "%s%.*s", shown ? ", " : "", STR_ARG(package->name));
            shown++;
            note_present(absent, package->name);
        }
    if (shown == 0)
        return 0;
    if (shown > 3)
        buf_addf(&text, " and %zu more packages", shown - 3);
    dropped->reason = str_z(arena_printf(absent->making->ctx->arena, "%.*s; without it %.*s %s not needed",
                                         STR_ARG(dropped->reason), STR_ARG(buf_str(&text)), shown == 1 ? "is" : "are"));
    (void)count;
    return dropped->reason.ptr && !text.failed ? 0 : err_nomem(err);
}

static int account_libraries(struct absent *absent, struct str libraries, struct build_dropped *dropped,
                             struct err *err)
{
    struct str names[8];
    size_t count = 0;
    while (libraries.len > 0 && count < ARRAY_LEN(names)) {
        size_t end = str_find_char(libraries, ' ');
        struct str name = {libraries.ptr, end}, package, path, elsewhere;
        libraries = str_skip(libraries, end < libraries.len ? end + 1 : end);
        int r =
            supply_find_library(absent->making->supply, name, (struct elf_paths){0}, &package, &path, &elsewhere, err);
        if (r < 0)
            return r;
        if (package.len)
            names[count++] = package;
    }
    struct resolution resolved = {0};
    int r = count ? supply_resolve(absent->making->supply, names, count, &resolved, err) : 0;
    return r == 0 ? tell_absent(absent, dropped, &resolved, err) : r;
}

/*
 * Adds to what was dropped the packages that only it needs: their installed size, as the archive tells it, since they
 * are not fetched. An archive that can't tell (a part of a mirror) leaves the figure as it is.
 */
static int account_absent(const struct base_making *making, struct base_tree *tree, struct err *err)
{
    const struct base_runtime *runtime = making->request->runtime;
    struct absent absent = {.making = making, .tree = tree};
    struct err ignored = ERR_INIT;
    if (runtime->exclusion_count == 0 || find_present(&absent, &ignored) < 0)
        return op_check(making->ctx, err);
    for (size_t i = 0; i < tree->dropped_count; i++)
        for (size_t j = 0; j < runtime->exclusion_count; j++) {
            const struct base_exclusion *exclusion = &runtime->exclusions[j];
            if (!exclusion->libraries.len || !str_eq(exclusion->what, tree->dropped[i].what))
                continue;
            (void)account_libraries(&absent, exclusion->libraries, &tree->dropped[i], &ignored);
            break;
        }
    return op_check(making->ctx, err);
}

/* --- the part --------------------------------------------------------------------------------------------------- */

static int make_tree(const struct base_making *making, struct base_tree *tree, struct base_part *part, struct err *err)
{
    const struct base_runtime *runtime = making->request->runtime;
    struct resolution whole = {0};
    int r = base_whole_flavour(making, &whole, err);
    if (r == 0)
        r = fetch_named(making, &whole, err);
    if (r == 0)
        r = put_files(making, &whole, tree, err);
    if (r == 0)
        r = base_closure_prefetch(tree, err);
    if (r == 0)
        r = base_closure_run(tree, &part->record.libraries, &part->record.library_count, err);
    if (r == 0)
        r = account_absent(making, tree, err);
    if (r == 0 && runtime->library_cache)
        r = library_cache_put(tree->tree, making->ctx->arena, making->request->machine, part->record.libraries,
                              part->record.library_count, err);
    if (r == 0 && runtime->complete) {
        bool complete = true;
        r = runtime->complete(runtime->self, tree->tree, &complete, err);
        tree->passing |= !complete;
        base_tree_recount(tree);
    }
    return r;
}

int base_runtime_make(const struct base_making *making, struct base_part *part, struct err *err)
{
    struct base_request request = *making->request; /* nothing of the application's own */
    request.externals = NULL;
    request.external_count = 0;
    request.gconv = false;
    request.dynamic = true; /* threads are cancelled through libgcc_s */
    struct base_tree tree = {.ctx = making->ctx, .supply = making->supply, .request = &request, .keeps_sums = true};
    int r = tree_new(making->ctx->arena, &tree.tree, err);
    if (r == 0)
        r = make_tree(making, &tree, part, err);
    if (r == 0)
        r = base_part_finish(making, &tree, part, err);
    base_tree_done(&tree);
    return r;
}

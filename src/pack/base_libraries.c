/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_libraries.h"

#include "base/limits.h"
#include "pack/base_closure.h"
#include "pack/base_python.h"
#include "pack/base_runtime.h"
#include "pack/base_whole.h"
#include "pack/library_cache.h"

#include <string.h>

static const char *const no_packages[] = {NULL};
static const struct flavour no_flavour = {.id = FLAVOUR_AUTO, .name = "auto", .summary = "", .packages = no_packages};

int base_libraries_request(const struct base_making *making, const struct base_part *runtime,
                           struct base_request *ret_request, struct err *err)
{
    struct base_request request = *making->request;
    if (!runtime) {
        *ret_request = request;
        return 0;
    }
    struct base_external *externals = ARENA_ARRAY(making->ctx->arena, request.external_count + 1, struct base_external);
    if (!externals)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < request.external_count; i++)
        if (!base_closure_below(&runtime->record, request.externals[i].name))
            externals[count++] = request.externals[i];
    request.externals = externals;
    request.external_count = count;
    request.flavour = &no_flavour; /* the runtime's layer has it */
    request.dynamic = false;
    request.utf8_locale &= !request.runtime->utf8_locale;
    *ret_request = request;
    return 0;
}

bool base_libraries_wanted(const struct base_request *request)
{
    return !request->runtime || request->external_count || request->packages.len || request->gconv ||
           request->utf8_locale;
}

int base_libraries_init(const struct base_making *making, const struct base_part *runtime, struct base_part *ret_part,
                        struct err *err)
{
    const struct base_request *request = making->request;
    struct buf text CLEANUP_BUF = BUF_INIT;
    buf_addf(&text, "%s\n%d %d %d\n%s\n", request->flavour->name, request->gconv, request->utf8_locale,
             request->dynamic, runtime ? runtime->key : "");
    if (request->library_cache)
        buf_add_z(&text, "library cache\n");
    for (size_t i = 0; i < request->external_count; i++) {
        const struct base_external *external = &request->externals[i];
        buf_addf(&text, "library %.*s", STR_ARG(external->name));
        for (size_t j = 0; j < external->candidates.len; j++)
            buf_addf(&text, " %.*s", STR_ARG(external->candidates.ptr[j]));
        buf_add_char(&text, '\n');
    }
    for (size_t i = 0; i < request->packages.len; i++)
        buf_addf(&text, "package %.*s\n", STR_ARG(request->packages.ptr[i]));
    int r = buf_check(&text, err);
    return r == 0 ? base_part_init(making, "libraries", buf_str(&text), ret_part, err) : r;
}

/* Adds the packages that the externals come from, with their dependencies, so that one round fetches nearly all. */
static int external_packages(const struct base_making *making, const struct base_part *runtime,
                             struct package *packages, size_t *count, struct err *err)
{
    const struct base_request *request = making->request;
    struct str *names = ARENA_ARRAY(making->ctx->arena, request->external_count + 2, struct str);
    if (!names)
        return err_nomem(err);
    size_t named = 0;
    for (size_t i = 0; i < request->external_count; i++) {
        struct str package;
        int r = base_closure_locate(making->ctx, making->supply, &request->externals[i], &package, NULL, err);
        if (r < 0)
            return r;
        bool known = false;
        for (size_t j = 0; j < named; j++)
            known |= str_eq(names[j], package);
        if (!known)
            names[named++] = package;
    }
    if (request->dynamic || (runtime && request->gconv))
        names[named++] = request->dynamic ? STR("libgcc-s1") : STR("libc6");
    if (named == 0)
        return 0;
    struct resolution resolved;
    int r = supply_resolve(making->supply, names, named, &resolved, err);
    for (size_t i = 0; r == 0 && i < resolved.count && *count < LIMIT_CLOSURE_OBJECTS; i++)
        packages[(*count)++] = resolved.packages[i].package;
    return r;
}

/* Everything that the part takes, in one round; the common part's packages too when COMMON. */
static int fetch_all(const struct base_making *making, const struct base_part *runtime, const struct resolution *whole,
                     bool common, struct err *err)
{
    struct package *packages =
        ARENA_ARRAY(making->ctx->arena, whole->count + LIMIT_CLOSURE_OBJECTS + 16, struct package);
    if (!packages)
        return err_nomem(err);
    size_t count = 0;
    int r = external_packages(making, runtime, packages, &count, err);
    for (size_t i = 0; r == 0 && i < whole->count; i++)
        packages[count++] = whole->packages[i].package;
    for (const char *const *name = flavour_common_packages(); common && r == 0 && *name; name++)
        r = supply_find(making->supply, str_z(*name), &packages[count++], err);
    if (r == 0 && (making->request->utf8_locale || making->request->library_cache))
        r = supply_find(making->supply, STR("libc-bin"), &packages[count++], err);
    return r == 0 ? supply_fetch(making->supply, packages, count, err) : r;
}

static int whole_packages(const struct base_making *making, const struct base_part *runtime,
                          struct resolution *ret_whole, struct err *err)
{
    struct resolution flavour = {0}, named = {0};
    int r = base_whole_flavour(making, &flavour, err);
    if (r == 0)
        r = base_whole_named(making, runtime ? &runtime->record : NULL, &named, err);
    if (r < 0)
        return r;
    struct resolved_package *all =
        ARENA_ARRAY(making->ctx->arena, flavour.count + named.count + 1, struct resolved_package);
    if (!all)
        return err_nomem(err);
    if (flavour.count)
        memcpy(all, flavour.packages, flavour.count * sizeof(*all));
    if (named.count)
        memcpy(all + flavour.count, named.packages, named.count * sizeof(*all));
    *ret_whole = (struct resolution){all, flavour.count + named.count};
    return 0;
}

static int put_packages(const struct base_making *making, const struct resolution *whole, struct base_tree *tree,
                        struct err *err)
{
    const struct base_runtime *runtime = making->request->runtime;
    struct base_python_keep keep = {.runtime = runtime, .slim = making->request->trim == TRIM_SLIM, .err = err};
    int r = 0;
    for (size_t i = 0; r == 0 && i < whole->count; i++) {
        struct str name = whole->packages[i].package.name;
        keep.rest_only = runtime && base_runtime_stands_for(runtime, name);
        r = base_tree_put_kept(tree, name, base_python_keep, &keep, err);
        if (r == 0)
            r = keep.result;
    }
    return r;
}

/* ctypes.util.find_library asks ldconfig, and ldconfig the cache. */
static int put_cache(const struct base_making *making, struct base_tree *tree, const struct base_part *part,
                     struct err *err)
{
    const struct tree_node *file;
    struct str place;
    int r = base_tree_put_file(tree, STR("libc-bin"), STR("sbin/ldconfig"), &file, &place, err);
    return r == 0 ? library_cache_put(tree->tree, making->ctx->arena, making->request->machine, part->record.libraries,
                                      part->record.library_count, err)
                  : r;
}

/* The one file that lists all libraries: a layer that has more of them says so for those below too. */
static int renew_cache(const struct base_making *making, const struct base_part *runtime, struct base_tree *tree,
                       const struct base_part *part, struct err *err)
{
    size_t below = runtime->record.library_count, own = part->record.library_count;
    struct base_library *all = ARENA_ARRAY(making->ctx->arena, below + own + 1, struct base_library);
    if (!all)
        return err_nomem(err);
    if (below)
        memcpy(all, runtime->record.libraries, below * sizeof(*all));
    if (own)
        memcpy(all + below, part->record.libraries, own * sizeof(*all));
    return library_cache_put(tree->tree, making->ctx->arena, making->request->machine, all, below + own, err);
}

static int make_tree(const struct base_making *making, const struct base_part *runtime, bool common,
                     struct base_tree *tree, struct base_part *part, struct err *err)
{
    const struct base_request *request = making->request;
    struct resolution whole = {0};
    int r = whole_packages(making, runtime, &whole, err);
    if (r == 0)
        r = fetch_all(making, runtime, &whole, common, err);
    if (r == 0)
        r = put_packages(making, &whole, tree, err);
    if (r == 0 && whole.count)
        r = base_closure_prefetch(tree, err);
    if (r == 0)
        r = base_closure_run(tree, &part->record.libraries, &part->record.library_count, err);
    if (r == 0 && request->utf8_locale)
        r = base_tree_put_matching(tree, STR("libc-bin"), STR("usr/lib/locale/C.utf8/**"), err);
    if (r == 0 && request->library_cache)
        r = put_cache(making, tree, part, err);
    if (r == 0 && runtime && request->runtime->library_cache && part->record.library_count)
        r = renew_cache(making, runtime, tree, part, err);
    if (r == 0 && runtime && request->runtime->complete_packages && whole.count) {
        bool complete = true;
        r = request->runtime->complete_packages(request->runtime->self, tree->tree, &complete, err);
        tree->passing |= !complete;
        base_tree_recount(tree);
    }
    return r;
}

int base_libraries_make(const struct base_making *making, const struct base_part *runtime, struct str sums, bool common,
                        struct base_part *part, struct err *err)
{
    struct base_tree tree = {.ctx = making->ctx,
                             .supply = making->supply,
                             .request = making->request,
                             .gconv = making->request->gconv,
                             .below = runtime ? &runtime->record : NULL,
                             .below_sums = sums,
                             .passing = runtime && runtime->passing};
    int r = tree_new(making->ctx->arena, &tree.tree, err);
    if (r == 0)
        r = make_tree(making, runtime, common, &tree, part, err);
    if (r == 0)
        r = base_part_finish(making, &tree, part, err);
    base_tree_done(&tree);
    return r;
}

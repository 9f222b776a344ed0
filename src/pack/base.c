/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base.h"

#include "io/store.h"
#include "pack/base_debug.h"
#include "pack/base_libraries.h"
#include "pack/base_part.h"
#include "pack/base_runtime.h"
#include "pack/rootfs.h"

/* The parts of one base, bottom up; those that are not wanted have no role. */
struct parts {
    struct base_part common, certificates, runtime, libraries, debug;
};

void base_done(struct base *base)
{
    for (size_t i = 0; i < base->layer_count; i++)
        layer_done(&base->layers[i]);
    base->layer_count = 0;
}

static int make_common(const struct base_making *making, struct base_part *part, struct err *err)
{
    size_t count = 0;
    struct package packages[16];
    int r = 0;
    for (const char *const *name = flavour_common_packages(); r == 0 && *name && count < ARRAY_LEN(packages); name++)
        r = supply_find(making->supply, str_z(*name), &packages[count++], err);
    if (r == 0)
        r = supply_fetch(making->supply, packages, count, err);
    struct base_tree tree = {.ctx = making->ctx, .supply = making->supply, .request = making->request};
    if (r == 0)
        r = tree_new(making->ctx->arena, &tree.tree, err);
    if (r == 0)
        r = rootfs_put_skeleton(tree.tree, making->ctx->arena, making->request->machine, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = base_tree_put_whole(&tree, packages[i].name, err);
    if (r == 0)
        r = base_part_finish(making, &tree, part, err);
    base_tree_done(&tree);
    return r;
}

static int make_certificates(const struct base_making *making, struct base_part *part, struct err *err)
{
    struct str name = STR("ca-certificates");
    struct package package;
    struct base_tree tree = {.ctx = making->ctx,
                             .supply = making->supply,
                             .request = making->request,
                             .authorities = making->request->authorities};
    int r = supply_find(making->supply, name, &package, err);
    if (r == 0)
        r = supply_fetch(making->supply, &package, 1, err);
    if (r == 0)
        r = tree_new(making->ctx->arena, &tree.tree, err);
    if (r == 0)
        r = base_tree_put_whole(&tree, name, err);
    if (r == 0)
        r = base_part_finish(making, &tree, part, err);
    base_tree_done(&tree);
    return r;
}

static int make_debug(const struct base_making *making, struct base_part *part, struct err *err)
{
    struct base_tree tree = {.ctx = making->ctx, .supply = making->supply, .request = making->request};
    int r = tree_new(making->ctx->arena, &tree.tree, err);
    if (r == 0)
        r = base_debug_put(&tree, err);
    if (r == 0)
        r = base_part_finish(making, &tree, part, err);
    base_tree_done(&tree);
    return r;
}

static int find_or_make(const struct base_making *making, struct base_part *part,
                        int (*make)(const struct base_making *making, struct base_part *part, struct err *err),
                        struct err *err)
{
    return base_part_find(making, part) ? 0 : make(making, part, err);
}

static int runtime_part(const struct base_making *making, struct parts *parts, struct err *err)
{
    if (!making->request->runtime)
        return 0;
    int r = base_runtime_init(making, &parts->runtime, err);
    return r == 0 ? find_or_make(making, &parts->runtime, base_runtime_make, err) : r;
}

/* The lists of what RUNTIME has of each package; made again with it when the cache lost them alone. */
static int runtime_sums(const struct base_making *making, struct base_part *runtime, struct str *ret_sums,
                        struct err *err)
{
    if (base_part_sums(making, runtime, ret_sums))
        return 0;
    base_part_done(runtime);
    int r = base_runtime_make(making, runtime, err);
    if (r == 0 && !base_part_sums(making, runtime, ret_sums))
        *ret_sums = STR_NONE; /* nothing can be kept */
    return r;
}

static int libraries_part(const struct base_making *making, bool has_common, struct parts *parts, struct err *err)
{
    struct base_part *runtime = making->request->runtime ? &parts->runtime : NULL;
    struct base_request request;
    struct base_making own = *making;
    struct str sums = STR_NONE;
    int r = base_libraries_request(making, runtime, &request, err);
    if (r < 0 || !base_libraries_wanted(&request))
        return r;
    own.request = &request;
    r = base_libraries_init(&own, runtime, &parts->libraries, err);
    if (r < 0 || base_part_find(&own, &parts->libraries))
        return r;
    if (runtime)
        r = runtime_sums(making, runtime, &sums, err);
    return r == 0 ? base_libraries_make(&own, runtime, sums, !has_common, &parts->libraries, err) : r;
}

static int certificates_part(const struct base_making *making, struct parts *parts, struct err *err)
{
    if (!making->request->authorities.len)
        return 0;
    int r = base_part_init(making, "certificates", making->request->authorities, &parts->certificates, err);
    return r == 0 ? find_or_make(making, &parts->certificates, make_certificates, err) : r;
}

static int debug_part(const struct base_making *making, struct parts *parts, struct err *err)
{
    if (!making->request->debug)
        return 0;
    int r = base_part_init(making, "debug", STR_NONE, &parts->debug, err);
    return r == 0 ? find_or_make(making, &parts->debug, make_debug, err) : r;
}

int base_make(const struct op_ctx *ctx, struct store *store, struct pool *pool, struct supply *supply,
              const struct base_request *request, struct base *ret_base, struct err *err)
{
    struct base_making making = {.ctx = ctx, .store = store, .pool = pool, .supply = supply, .request = request};
    struct base base = {0};
    struct parts parts = {0};
    int r = base_part_init(&making, "common", STR_NONE, &parts.common, err);
    bool has_common = r == 0 && base_part_find(&making, &parts.common);
    if (r == 0)
        r = runtime_part(&making, &parts, err);
    if (r == 0)
        r = libraries_part(&making, has_common, &parts, err);
    if (r == 0 && !has_common)
        r = make_common(&making, &parts.common, err);
    if (r == 0)
        r = certificates_part(&making, &parts, err);
    if (r == 0)
        r = debug_part(&making, &parts, err);
    struct base_part *const all[] = {&parts.common, &parts.certificates, &parts.runtime, &parts.libraries,
                                     &parts.debug};
    if (r == 0)
        r = base_parts_assemble(ctx->arena, all, ARRAY_LEN(all), &base, err);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        base_part_done(all[i]);
    if (r == 0)
        *ret_base = base;
    return r;
}

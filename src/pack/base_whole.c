/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_whole.h"

#include "pack/base_runtime.h"

int base_whole_flavour(const struct base_making *making, struct resolution *ret_resolution, struct err *err)
{
    const char *const *names = making->request->flavour->packages;
    size_t max = 0, count = 0;
    while (names[max])
        max++;
    struct resolved_package *all = ARENA_ARRAY(making->ctx->arena, max + 1, struct resolved_package);
    if (!all)
        return err_nomem(err);
    for (size_t i = 0; i < max; i++) {
        const char *name = flavour_package_in_suite(names[i], supply_suite(making->supply));
        int r = name ? supply_find(making->supply, str_z(name), &all[count++].package, err) : 0;
        if (r < 0)
            return r;
    }
    *ret_resolution = (struct resolution){all, count};
    return 0;
}

/* True when the common part has PACKAGE in that very version already. */
static int is_common(const struct base_making *making, const struct package *package, bool *ret_common, struct err *err)
{
    *ret_common = false;
    for (const char *const *name = flavour_common_packages(); *name; name++) {
        struct package common;
        if (!str_eq_z(package->name, *name))
            continue;
        int r = supply_find(making->supply, package->name, &common, err);
        *ret_common = r == 0 && str_eq(common.version, package->version);
        return r;
    }
    return 0;
}

static bool is_own_package(const struct base_runtime *runtime, struct str name)
{
    for (size_t i = 0; i < runtime->packages.len; i++)
        if (str_eq(runtime->packages.ptr[i], name))
            return true;
    return false;
}

static bool is_named(struct str_list names, struct str name)
{
    for (size_t i = 0; i < names.len; i++)
        if (str_eq(names.ptr[i], name))
            return true;
    return false;
}

/* What nothing has to be drawn in for: the interpreter's packages, and those of which BELOW has what is needed. */
static int list_met(const struct base_making *making, const struct base_record *below, struct str_list *ret_met,
                    struct err *err)
{
    const struct base_runtime *runtime = making->request->runtime;
    struct str_list standing = {0};
    *ret_met = standing;
    if (!runtime)
        return 0;
    int r = base_runtime_names(runtime, making->ctx->arena, &standing, err);
    size_t max = standing.len + (below ? below->package_count : 0);
    struct str *met = r == 0 ? ARENA_ARRAY(making->ctx->arena, max + 1, struct str) : NULL;
    if (!met)
        return r < 0 ? r : err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < standing.len; i++)
        met[count++] = standing.ptr[i];
    for (size_t i = 0; below && i < below->package_count; i++)
        if (!is_named(making->request->packages, below->packages[i].name))
            met[count++] = below->packages[i].name;
    *ret_met = (struct str_list){met, count};
    return 0;
}

int base_whole_named(const struct base_making *making, const struct base_record *below,
                     struct resolution *ret_resolution, struct err *err)
{
    const struct base_runtime *runtime = making->request->runtime;
    struct str_list names = making->request->packages, met;
    struct str *wanted = ARENA_ARRAY(making->ctx->arena, names.len + 1, struct str);
    int r = list_met(making, below, &met, err);
    if (r < 0 || !wanted)
        return r < 0 ? r : err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < names.len; i++)
        if (!runtime || !base_runtime_stands_for(runtime, names.ptr[i]))
            wanted[count++] = names.ptr[i];
    struct resolution resolved = {0};
    if (count)
        r = supply_resolve_beyond(making->supply, wanted, count, met, &resolved, err);
    struct resolved_package *all =
        r == 0 ? ARENA_ARRAY(making->ctx->arena, resolved.count + names.len + 1, struct resolved_package) : NULL;
    if (!all)
        return r < 0 ? r : err_nomem(err);
    size_t kept = 0;
    for (size_t i = 0; r == 0 && i < resolved.count; i++) {
        bool common;
        r = is_common(making, &resolved.packages[i].package, &common, err);
        if (r == 0 && !common)
            all[kept++] = resolved.packages[i];
    }
    for (size_t i = 0; r == 0 && runtime && i < names.len; i++) { /* named: what the runtime left out of it ships */
        if (!is_own_package(runtime, names.ptr[i]))
            continue;
        all[kept].wanted = true;
        r = supply_find(making->supply, names.ptr[i], &all[kept++].package, err);
    }
    *ret_resolution = (struct resolution){all, kept};
    return r;
}

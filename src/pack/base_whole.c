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

static bool has_package(const struct base_record *record, struct str name)
{
    for (size_t i = 0; record && i < record->package_count; i++)
        if (str_eq(record->packages[i].name, name))
            return true;
    return false;
}

static bool is_own_package(const struct base_runtime *runtime, struct str name)
{
    for (size_t i = 0; i < runtime->packages.len; i++)
        if (str_eq(runtime->packages.ptr[i], name))
            return true;
    return false;
}

static bool is_below(const struct base_making *making, const struct base_record *below,
                     const struct resolved_package *resolved)
{
    const struct base_runtime *runtime = making->request->runtime;
    struct str name = resolved->package.name;
    if (runtime && base_runtime_stands_for(runtime, name))
        return !resolved->wanted || !is_own_package(runtime, name);
    return !resolved->wanted && has_package(below, name);
}

int base_whole_named(const struct base_making *making, const struct base_record *below,
                     struct resolution *ret_resolution, struct err *err)
{
    struct str_list names = making->request->packages;
    struct resolution resolved = {0};
    int r = names.len ? supply_resolve(making->supply, names.ptr, names.len, &resolved, err) : 0;
    size_t kept = 0;
    for (size_t i = 0; r == 0 && i < resolved.count; i++) {
        bool common;
        r = is_common(making, &resolved.packages[i].package, &common, err);
        if (r == 0 && !common && !is_below(making, below, &resolved.packages[i]))
            resolved.packages[kept++] = resolved.packages[i];
    }
    resolved.count = kept;
    if (r == 0)
        *ret_resolution = resolved;
    return r;
}

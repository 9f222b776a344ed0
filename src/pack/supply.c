/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/supply.h"

#include "archive/archive.h"
#include "archive/host.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/path.h"
#include "pack/flavour.h"

struct supply {
    const struct op_ctx *ctx;
    struct archive *archive;
    struct host_sources host;
    struct transport *transport;
    struct str architecture;
    struct str suite;
    struct map fetched; /* name -> struct supplied */
    struct str excluded[64];
    size_t excluded_count;
};

static int fill_keyrings(const struct op_ctx *ctx, const struct build_options *options, struct archive_options *archive,
                         struct err *err)
{
    size_t count = options->keyrings.len;
    const char **paths = ARENA_ARRAY(ctx->arena, count + 1, const char *);
    if (!paths)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        paths[i] = arena_z(ctx->arena, options->keyrings.ptr[i]);
        if (!paths[i])
            return err_nomem(err);
    }
    archive->keyrings = paths;
    archive->keyring_count = count;
    return 0;
}

static int open_archive(struct supply *supply, const struct build_services *services,
                        const struct build_options *options, bool libraries, struct err *err)
{
    struct arena *arena = supply->ctx->arena;
    int r = 0;
    if (options->mirrors.len == 0)
        r = host_sources_read(services->host_root[0] ? services->host_root : "/", supply->architecture, arena,
                              &supply->host, err);
    if (r == 0 && services->open_transport && !options->offline)
        r = services->open_transport(services->self, &supply->transport, err);
    char *installed_keyring = NULL;
    if (r == 0 && services->keyring_dir[0]) {
        installed_keyring = arena_printf(arena, "%s/debian-archive-keyring.gpg", services->keyring_dir);
        r = installed_keyring ? 0 : err_nomem(err);
    }
    struct archive_options archive = {
        .mirrors = options->mirrors.ptr,
        .mirror_count = options->mirrors.len,
        .sources = supply->host.sources.ptr,
        .source_count = supply->host.sources.len,
        .suite = options->suite,
        .architecture = supply->architecture,
        .debian_keyring_2 = installed_keyring,
        .ignore_valid_until = supply->host.ignore_valid_until,
        .offline = options->offline || !supply->transport,
        .max_age_s = options->refresh ? 0 : ARCHIVE_MAX_AGE_DEFAULT,
        .now_s = clock_unix_seconds(),
        .want_sonames = libraries,
        .store = services->store,
        .transport = supply->transport,
        .pool = services->pool,
    };
    if (r == 0)
        r = fill_keyrings(supply->ctx, options, &archive, err);
    return r == 0 ? archive_open(&archive, supply->ctx, &supply->archive, err) : r;
}

int supply_open(const struct op_ctx *ctx, const struct build_services *services, const struct build_options *options,
                enum elf_machine machine, bool libraries, struct supply **ret_supply, struct err *err)
{
    struct supply *supply = mem_calloc(1, sizeof(*supply));
    if (!supply)
        return err_nomem(err);
    supply->ctx = ctx;
    supply->architecture = elf_machine_info(machine)->debian;
    for (const char *const *name = flavour_script_only_packages(); *name; name++)
        if (supply->excluded_count < ARRAY_LEN(supply->excluded))
            supply->excluded[supply->excluded_count++] = str_z(*name);
    int r = open_archive(supply, services, options, libraries, err);
    if (r == 0) {
        supply->suite = arena_str(ctx->arena, archive_release_at(supply->archive, 0)->codename);
        r = supply->suite.ptr ? 0 : err_nomem(err);
    }
    if (r < 0) {
        supply_free(supply);
        return r;
    }
    *ret_supply = supply;
    return 0;
}

void supply_free(struct supply *supply)
{
    if (!supply)
        return;
    archive_free(supply->archive);
    transport_free(supply->transport);
    source_list_done(&supply->host.sources);
    map_done(&supply->fetched);
    mem_free(supply);
}

struct str supply_suite(const struct supply *supply)
{
    return supply->suite;
}

struct str supply_identity(const struct supply *supply)
{
    return str_z(archive_identity(supply->archive));
}

int supply_find(struct supply *supply, struct str name, struct package *ret_package, struct err *err)
{
    struct packages *index = archive_packages(supply->archive);
    if (packages_find(index, name, ret_package))
        return 0;
    int r = packages_check(index, err);
    if (r < 0)
        return r;
    err_set(err, ERR_PACKAGE_MISSING, "there is no package '%.*s' in Debian %.*s for %.*s", STR_ARG(name),
            STR_ARG(supply->suite), STR_ARG(supply->architecture));
    return err_hint(err, "look for its name in that release, or choose another --suite");
}

int supply_resolve(struct supply *supply, const struct str *names, size_t count, struct resolution *ret_resolution,
                   struct err *err)
{
    return supply_resolve_beyond(supply, names, count, (struct str_list){0}, ret_resolution, err);
}

int supply_resolve_beyond(struct supply *supply, const struct str *names, size_t count, struct str_list met,
                          struct resolution *ret_resolution, struct err *err)
{
    struct arena *arena = supply->ctx->arena;
    struct str *excluded = ARENA_ARRAY(arena, supply->excluded_count + met.len + 1, struct str);
    if (!excluded)
        return err_nomem(err);
    size_t excluded_count = 0;
    for (size_t i = 0; i < supply->excluded_count; i++)
        excluded[excluded_count++] = supply->excluded[i];
    for (size_t i = 0; i < met.len; i++)
        excluded[excluded_count++] = met.ptr[i];
    struct resolve_request request = {.index = archive_packages(supply->archive),
                                      .architecture = supply->architecture,
                                      .wanted = names,
                                      .wanted_count = count,
                                      .excluded = excluded,
                                      .excluded_count = excluded_count};
    return resolve_packages(&request, arena, ret_resolution, err);
}

int supply_fetch(struct supply *supply, const struct package *packages, size_t count, struct err *err)
{
    struct arena *arena = supply->ctx->arena;
    struct package *wanted = ARENA_ARRAY(arena, count + 1, struct package);
    struct archive_fetched *fetched = ARENA_ARRAY(arena, count + 1, struct archive_fetched);
    struct supplied *supplied = ARENA_ARRAY(arena, count + 1, struct supplied);
    if (!wanted || !fetched || !supplied)
        return err_nomem(err);
    struct map seen CLEANUP_MAP = MAP_INIT;
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        if (map_has(&supply->fetched, packages[i].name) || map_has(&seen, packages[i].name))
            continue;
        if (!map_set(&seen, packages[i].name, supply))
            return err_nomem(err);
        wanted[missing++] = packages[i];
    }
    if (missing == 0)
        return 0;
    int r = archive_fetch(supply->archive, wanted, missing, supply->ctx, fetched, err);
    for (size_t i = 0; r == 0 && i < missing; i++) {
        supplied[i] = (struct supplied){.record = wanted[i], .deb = fetched[i].deb};
        if (!map_set(&supply->fetched, wanted[i].name, &supplied[i]))
            r = err_nomem(err);
    }
    return r;
}

const struct supplied *supply_get(struct supply *supply, struct str name)
{
    return map_get(&supply->fetched, name);
}

/* Releases before and after the merge of /usr spell the same directory in two ways. */
static bool is_same_directory(struct str a, struct str b)
{
    a = str_starts(a, STR("usr/")) ? str_skip(a, 4) : a;
    b = str_starts(b, STR("usr/")) ? str_skip(b, 4) : b;
    return str_eq(a, b);
}

/* The place of HIT in the loader's order; CANDIDATES.len when the loader does not look there. */
static size_t place_of(struct elf_paths candidates, const struct soname_hit *hit)
{
    size_t i = 0;
    for (; i < candidates.len; i++) {
        struct str dir = path_dir(candidates.ptr[i]);
        if (str_eq(path_base(candidates.ptr[i]), hit->name) && is_same_directory(str_skip(dir, 1), hit->directory))
            break;
    }
    return i;
}

/*
 * Several packages may have the name: the first place in the loader's order wins, then a package that is fetched
 * already, then the order of the index. Debugging and cross-building variants live elsewhere and never count.
 */
static const struct soname_hit *choose(struct supply *supply, const struct soname_hit *hits, size_t count,
                                       struct elf_paths candidates)
{
    const struct soname_hit *best = NULL;
    size_t best_place = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t place = place_of(candidates, &hits[i]);
        struct package ignored;
        if ((place == candidates.len && !hits[i].in_default_directory) ||
            !packages_find(archive_packages(supply->archive), hits[i].package, &ignored))
            continue;
        bool nearer = supply_get(supply, hits[i].package) && best && !supply_get(supply, best->package);
        if (place < best_place || (place == best_place && nearer)) {
            best = &hits[i];
            best_place = place;
        }
    }
    return best;
}

int supply_find_library(struct supply *supply, struct str name, struct elf_paths candidates, struct str *ret_package,
                        struct str *ret_path, struct str *ret_elsewhere, struct err *err)
{
    const struct soname_hit *hits;
    size_t count;
    int r = archive_find_soname(supply->archive, name, supply->ctx, &hits, &count, err);
    if (r < 0)
        return r;
    const struct soname_hit *hit = choose(supply, hits, count, candidates);
    *ret_package = *ret_path = *ret_elsewhere = STR_NONE;
    struct arena *arena = supply->ctx->arena;
    if (!hit && count > 0) {
        *ret_elsewhere = str_z(arena_printf(arena, "/%.*s/%.*s in the package '%.*s'", STR_ARG(hits[0].directory),
                                            STR_ARG(hits[0].name), STR_ARG(hits[0].package)));
        return ret_elsewhere->ptr ? 0 : err_nomem(err);
    }
    if (!hit)
        return 0;
    *ret_package = hit->package;
    *ret_path = str_z(arena_printf(arena, "%.*s/%.*s", STR_ARG(hit->directory), STR_ARG(hit->name)));
    return ret_path->ptr ? 0 : err_nomem(err);
}

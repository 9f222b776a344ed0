/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/supply.h - packages for one image, out of the verified archive: looked up, resolved, fetched, and kept at hand.
 *
 * A thin, image-sized face of archive/archive.h: packages by name, each fetched once and mapped as long as the supply
 * lives. One thread.
 */
#include "archive/deb_cache.h"
#include "archive/resolve.h"
#include "base/op.h"
#include "elf/machine.h"
#include "elf/search.h"
#include "pack/build.h"

struct supply;

/* A package that was fetched. */
struct supplied {
    struct package record;
    struct deb_package deb;
};

/*
 * Opens the archive that OPTIONS and this machine name for MACHINE. LIBRARIES: some will be looked up, so that their
 * index is fetched along with the others. Owner frees with supply_free.
 */
int supply_open(const struct op_ctx *ctx, const struct build_services *services, const struct build_options *options,
                enum elf_machine machine, bool libraries, struct supply **ret_supply, struct err *err);
void supply_free(struct supply *supply);

/* The codename ("bookworm"), and a text that changes with the archive's content (for cache keys). */
struct str supply_suite(const struct supply *supply);
struct str supply_identity(const struct supply *supply);

/* The archive's candidate for NAME; ERR_PACKAGE_MISSING. */
int supply_find(struct supply *supply, struct str name, struct package *ret_package, struct err *err);

/* NAMES and what they depend on, without what serves maintainer scripts. The result is the context's arena's. */
int supply_resolve(struct supply *supply, const struct str *names, size_t count, struct resolution *ret_resolution,
                   struct err *err);

/* The same, when the packages MET are there already: neither they nor what only they depend on is in the result. */
int supply_resolve_beyond(struct supply *supply, const struct str *names, size_t count, struct str_list met,
                          struct resolution *ret_resolution, struct err *err);

/* Fetches all of PACKAGES that are not there yet, side by side. */
int supply_fetch(struct supply *supply, const struct package *packages, size_t count, struct err *err);

/* The fetched package NAME, or NULL. Lives as long as the supply. */
const struct supplied *supply_get(struct supply *supply, struct str name);

/*
 * Where the archive has the library NAME: in a default directory, or at one of CANDIDATES. *ret_path is relative, as
 * the package names it. *ret_package is empty when it is nowhere; then *ret_elsewhere says where else it is, for
 * messages ("usr/lib/x86_64-linux-gnu/blas in libblas3"; may be empty).
 */
int supply_find_library(struct supply *supply, struct str name, struct elf_paths candidates, struct str *ret_package,
                        struct str *ret_path, struct str *ret_elsewhere, struct err *err);

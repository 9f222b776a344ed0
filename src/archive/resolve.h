/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/resolve.h - the packages that an image needs, as apt would choose them.
 *
 * Answers as `apt-get install --no-install-recommends` does on a machine where nothing is installed (apt 2.6's
 * internal solver): Pre-Depends and Depends are followed, for a group the first alternative that something chosen
 * already meets, else the candidates in order; among the providers of a virtual name the real package first, then
 * essential, important, higher priority, later mention in the indexes (package.rank). Conflicts and Breaks keep a
 * candidate out. Essential packages come in only when something depends on them. The candidate of a name is its
 * highest version over all suites, as pkg/packages.h orders them. The order of the requests counts, as with apt.
 *
 * Errors: ERR_PACKAGE_MISSING for a request that the index doesn't have; ERR_DEPENDENCY when a dependency can't be
 * met or packages exclude one another, with the chain that led there and what the archive has; ERR_INVALID for a
 * damaged index. Threads: one at a time per index.
 */
#include "base/arena.h"
#include "pkg/packages.h"

struct resolve_request {
    struct packages *index;
    struct str architecture;
    const struct str *wanted; /* "name", "name=version", or a virtual name with one provider */
    size_t wanted_count;
    const struct str *excluded; /* names that count as there and are not followed; need not be in the index */
    size_t excluded_count;
};

struct resolved_package {
    struct package package;
    bool wanted;                    /* asked for; else drawn in */
    const struct package *drawn_by; /* the package that first drew it in; NULL when wanted */
};

struct resolution {
    struct resolved_package *packages; /* what a package depends on stands before it, as far as circles allow */
    size_t count;
};

/* The result is ARENA's; its views point into the index. */
int resolve_packages(const struct resolve_request *request, struct arena *arena, struct resolution *ret_resolution,
                     struct err *err);

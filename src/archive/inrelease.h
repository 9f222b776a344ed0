/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/inrelease.h - the InRelease of each place: fetched or from the cache, verified, judged, kept.
 *
 * A cached copy that was checked less than max_age_s ago is not asked for again; otherwise the mirror is asked
 * whether it changed (ETag). When the mirror can't be asked, a cached copy is used with a warning as long as it is
 * valid. A copy that can't be verified or is refused is never replaced by the cached one: that would hide an attack.
 * All are asked for at once and verified side by side.
 */
#include "archive/release_cache.h"
#include "archive/trust.h"
#include "base/pool.h"
#include "pkg/release.h"

struct inrelease {
    const struct archive_place *place;
    struct trust trust;
    struct release release; /* views of record.text */
    struct release_record record;
    struct digest text_digest;
    bool used;  /* false: a companion that is not there */
    bool asked; /* the mirror said that this is the current one, just now */
    bool stale; /* the mirror could not be asked */
};

struct inreleases {
    struct inrelease *ptr; /* the arena's, in the order of the places */
    size_t len;
    double bytes_per_second; /* as measured; 0 when nothing was fetched */
};

/* FRESH: asks even for what was checked a moment ago. Owner frees with inreleases_done. */
int inreleases_get(const struct archive_options *options, const struct archive_places *places, bool fresh,
                   struct arena *arena, const struct op_ctx *ctx, struct inreleases *ret_releases, struct err *err);
void inreleases_done(struct inreleases *releases);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/internal.h - the archive behind the façade.
 */
#include "archive/archive.h"
#include "archive/indexes.h"
#include "base/vec.h"

#define DEB_CACHE_KIND "packages"

struct archive {
    struct archive_options options;
    struct arena arena; /* of all that lives as long as the archive */
    struct archive_places places;
    struct inreleases releases;
    struct archive_release *infos; /* the arena's; those in use */
    size_t info_count;
    uint32_t *info_of_release; /* the arena's; place in releases -> place in infos */
    struct indexes indexes;
    struct packages packages;
    struct sonames sonames;
    bool has_sonames;
    VEC(struct index_block) debs; /* opened packages */
    char identity[DIGEST_TEXT_MAX];
};

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/indexes.h - the Packages and Contents of the releases in use, as one compact index each.
 *
 * A compact index is kept in the store under a key made of the digests of all files that it was built from, so that
 * it is found again without any of them; those that it replaces are removed. Where Release lists a file in several
 * compressions, the one is fetched that is expected to be there and expanded first at the speed that was measured.
 * By-hash addresses are used where the archive offers them. Expanding overlaps with the downloads, and the index of
 * Contents is built beside that of Packages.
 */
#include "archive/inrelease.h"
#include "base/buf.h"
#include "pkg/packages.h"
#include "pkg/sonames.h"

#define INDEX_CACHE_KIND  "indexes"
#define SONAME_CACHE_KIND "sonames"

/* Bytes of an index: mapped from the store or in memory. */
struct index_block {
    struct str bytes; /* empty while it is not there */
    bool mapped;
    struct buf memory;
};

void index_block_done(struct index_block *block);

struct indexes {
    struct index_block packages;
    struct index_block sonames; /* only when asked for */
    uint32_t *input_release;    /* the arena's: which release an input of the packages index came from */
    size_t input_count;
};

/*
 * Gets what PACKAGES and SONAMES ask for into RET_INDEXES (whose blocks must be empty then; on failure they stay so).
 * *ret_outdated tells, when the failure is that a file was not there or not what the Release says, that newer Releases
 * may mend it. Errors: those of archive/download.h, ERR_OFFLINE, ERR_NOT_FOUND, ERR_INVALID, ERR_LIMIT.
 */
int indexes_get(const struct archive_options *options, const struct inreleases *releases, bool packages, bool sonames,
                struct arena *arena, const struct op_ctx *ctx, struct indexes *ret_indexes, bool *ret_outdated,
                struct err *err);

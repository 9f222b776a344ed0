/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/release_cache.h - the InRelease of a place as it was last accepted, with what is known of it.
 *
 * One file of the store (kind "releases"), so that the ETag, the date that must not be passed under and the bytes
 * always belong together. The text that was signed stands beside the bytes, with a digest over the trust, the day and
 * both: while that fits, gpgv need not run again (it does once a day, because keys lapse). A file that can't be
 * understood counts as absent.
 */
#include "base/arena.h"
#include "io/digest.h"
#include "io/store.h"

#define RELEASE_CACHE_KIND "releases"

struct release_record {
    int64_t checked_s; /* when the mirror last said that this is the current one */
    int64_t date_s;    /* of the Release; INT64_MIN when it has none */
    char etag[128];
    char signer[65];
    struct digest seal;    /* release_seal() of what follows */
    struct str in_release; /* as fetched */
    struct str text;       /* what was signed */
};

/* The key of the place whose InRelease is below DIST_URI; unsigned ones have their own. */
void release_record_key(struct str dist_uri, bool is_unsigned, char out[static DIGEST_TEXT_MAX]);

/* False when there is none. The views are ARENA's. */
bool release_record_load(struct store *store, const char *key, struct arena *arena, struct release_record *ret_record);

int release_record_save(struct store *store, const char *key, const struct release_record *record, struct err *err);

/*
 * A companion that a mirror did not have: noted, so that it is not asked for at every run. The age in seconds of the
 * note, or -1.
 */
int64_t release_absence_age(struct store *store, const char *key, int64_t now_s);
void release_absence_note(struct store *store, const char *key, int64_t now_s);

/* Over the trust, the day of NOW_S, and both texts. */
struct digest release_seal(const struct digest *trust, int64_t now_s, struct str in_release, struct str text);

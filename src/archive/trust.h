/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/trust.h - which keys may sign for a place.
 *
 * Keyrings that the caller names take the place of all others. Else the keyrings of the source's Signed-By, or, when
 * it names none, Debian's archive keyring; fingerprints in Signed-By narrow that down.
 */
#include "archive/signature.h"
#include "archive/suites.h"
#include "io/digest.h"

struct trust {
    struct buf keyring;
    struct signature_trust keys; /* over keyring; fingerprints are the arena's */
    struct digest digest;        /* of keys and fingerprints: equal for equal trust */
};

void trust_done(struct trust *trust);

/* Errors: ERR_NOT_FOUND (a keyring, with the remedy), ERR_INVALID, ERR_UNSUPPORTED, ERR_IO... *RET_TRUST is filled
 * afresh; trust_done frees it. */
int trust_load(const struct archive_options *options, const struct archive_place *place, struct arena *arena,
               struct trust *ret_trust, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/suites.h - which releases of which mirrors an archive is made of.
 *
 * A mirror that the caller names is "URL [SUITE...]". With suites, exactly these are taken from it, and each must be
 * there. Without, it serves SUITE, and as companions SUITE-updates at the same URL and SUITE-security at the URL with
 * "-security" behind it (.../debian and .../debian-security, as Debian's mirrors are laid out), unless another mirror
 * names a suite ending in "-security". A companion that the mirror does not have is left out with a warning. Suites
 * with a dash of their own and "sid", "unstable", "experimental" have no companions.
 *
 * Without mirrors, the machine's sources count as far as they claim to be Debian's: Signed-By names a keyring
 * "debian-archive-*", only fingerprints, or is absent. Of those, the suites SUITE, SUITE-updates and SUITE-security
 * are taken; an empty SUITE is the first one without a dash. When none has SUITE, the mirrors of the first suite
 * without a dash are asked for SUITE instead (trixie on a machine that runs bookworm), with its companions.
 *
 * Errors: ERR_NO_SOURCES with what to give, ERR_INVALID for an address that is not http:, https: or file:.
 */
#include "archive/archive.h"

struct archive_place {
    struct str base_uri; /* of the packages; ends in "/" */
    struct str dist_uri; /* of the InRelease; ends in "/" */
    struct str name;     /* dist_uri for messages, without a password */
    struct str suite;    /* as it was asked for */
    struct source_words components;
    const struct source *source; /* whose Signed-By counts; NULL for a mirror that was named */
    bool named;                  /* by the caller: its origin may be any */
    bool companion;              /* may be left out */
    bool ignore_valid_until;     /* the source's own option */
    bool ignore_date;
};

struct archive_places {
    struct archive_place *ptr; /* the arena's */
    size_t len;
    struct str suite; /* SUITE as it was decided; empty when mirrors name all suites themselves */
};

int archive_places_choose(const struct archive_options *options, struct arena *arena, struct archive_places *ret_places,
                          struct err *err);

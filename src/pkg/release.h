/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/release.h - what a Release file says of an archive: its names, its age, and the digests of its indexes.
 *
 * Implements the Debian repository format ("Release" files). The text was verified before: this neither checks
 * signatures nor judges age. Of the lists of digests SHA-512 and SHA-256 are read, MD5 and SHA-1 never; a file that
 * stands in both has the SHA-512 digest. Views point into the text, which must outlive the result.
 *
 * Errors: ERR_INVALID for a text that is not one paragraph, a bad date or list, or two different entries for one file;
 * ERR_DIGEST when it has no list of a strong algorithm; ERR_LIMIT above LIMIT_RELEASE_BYTES. Threads: no state.
 */
#include "base/arena.h"
#include "io/digest.h"

struct release_file {
    struct str path; /* relative to the Release file */
    uint64_t size_bytes;
    struct digest digest;
};

struct release {
    struct str origin;
    struct str label;
    struct str suite;
    struct str codename;
    struct str version;
    struct str architectures; /* words */
    struct str components;    /* words; "updates/main" where the path says "main" */
    struct str date;          /* as written; date_s is its value */
    int64_t date_s;           /* seconds since 1970-01-01 UTC; INT64_MIN when the field is absent */
    int64_t valid_until_s;    /* the same */
    bool acquire_by_hash;
    bool no_support_for_all; /* No-Support-for-Architecture-all: Packages: Arch: all is in each architecture's index */
    bool not_automatic;      /* its packages are taken only when nothing else has them (backports) */
    struct release_file *files; /* sorted by path */
    size_t file_count;
};

int release_parse(struct str text, struct arena *arena, struct release *ret_release, struct err *err);

/* The file at PATH, or NULL. */
const struct release_file *release_find(const struct release *release, struct str path);

bool release_has_architecture(const struct release *release, struct str architecture);

/* True for a component by its whole name or by what follows the last slash ("main" of "updates/main"). */
bool release_has_component(const struct release *release, struct str component);

/* Seconds since 1970 of "Sat, 10 Jun 2023 08:53:33 UTC" (RFC 1123; UTC, GMT, Z or +0000). False when it is not so. */
bool release_parse_date(struct str text, int64_t *ret_seconds);

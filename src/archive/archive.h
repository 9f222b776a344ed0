/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/archive.h - a Debian archive that was verified: its indexes, which package has a library, and its packages.
 *
 * What a mirror says is used only through the chain InRelease (signed, not expired, not older than one that was
 * accepted before, of the suite that was asked for) -> indexes (size and strongest digest) -> packages (likewise).
 * Indexes and unpacked packages are kept in the store under keys made of their digests.
 *
 * Which archives (archive/suites.h): mirrors that the caller names; else those of the machine's apt sources that are
 * Debian's own - suites SUITE, SUITE-updates, SUITE-security, signed by the Debian archive keyring, Origin Debian.
 * A third party's package can't win by its version, because its archive is not looked at unless it is named.
 *
 *     archive_open(&options, ctx, &archive, err);
 *     archive_find_soname(archive, ...); resolve_packages(... archive_packages(archive) ...);
 *     archive_fetch(archive, packages, count, ctx, fetched, err);
 *     archive_free(archive);
 *
 * Errors: ERR_NO_SOURCES, ERR_SIGNATURE, ERR_EXPIRED, ERR_DOWNGRADE, ERR_DIGEST, ERR_NETWORK, ERR_OFFLINE,
 * ERR_NOT_FOUND, ERR_ARCHITECTURE, ERR_INVALID and what the store and the transport say; each with the remedy.
 * Threads: one at a time per archive; the pool's threads work inside the calls. Several processes may share a store.
 */
#include "archive/deb_cache.h"
#include "base/op.h"
#include "io/store.h"
#include "io/transport.h"
#include "pkg/packages.h"
#include "pkg/sonames.h"
#include "pkg/sources.h"

#define ARCHIVE_DEBIAN_KEYRING  "/usr/share/keyrings/debian-archive-keyring.gpg"
#define ARCHIVE_MAX_AGE_DEFAULT 3600 /* seconds */

struct archive_options {
    /* Where from. Texts are the caller's and outlive the archive. */
    const struct str *mirrors; /* "URL [SUITE...]", see archive/suites.h; none: the machine's sources count */
    size_t mirror_count;
    const struct source *sources; /* the machine's (archive/host.h) */
    size_t source_count;
    struct str suite;      /* "bookworm"; empty: the one that the machine's sources name */
    struct str components; /* words, for mirrors; empty: "main" */
    struct str architecture;

    /* Whom to believe. */
    const char *const *keyrings; /* files that take the place of every other keyring; none: the source's, Debian's */
    size_t keyring_count;
    const char *debian_keyring;   /* first choice; NULL: ARCHIVE_DEBIAN_KEYRING */
    const char *debian_keyring_2; /* the copy that was installed with barehull, or NULL */
    const char *gpgv_path;        /* search path for gpgv; NULL: PROC_PATH_DEFAULT */
    bool allow_unsigned;          /* of mirrors that were named; never of the machine's sources */
    bool ignore_valid_until;      /* as apt's own setting; warned about where it matters */

    /* How. */
    bool offline;
    uint64_t max_age_s; /* an InRelease that was checked less than so long ago is not asked for again */
    int64_t now_s;      /* seconds since 1970 */
    bool want_sonames;  /* fetch the Contents indexes along with the others */
    struct store *store;
    struct transport *transport; /* may be NULL when offline */
    struct pool *pool;           /* may be NULL */
};

/* One release that is in use. */
struct archive_release {
    struct str uri; /* of the InRelease, ends in "/"; for people: without a password */
    struct str suite;
    struct str codename;
    struct str origin;
    struct str components; /* words */
    int64_t date_s;
    int64_t valid_until_s; /* INT64_MIN when it has none */
    struct str signer;     /* fingerprint of the primary key; empty when unsigned or verified on an earlier run */
    bool stale;            /* the mirror could not be asked, the cached copy is used */
    struct digest digest;  /* of the text that was signed */
};

struct archive;

/* Verifies the releases and opens the packages index. The caller owns *ret_archive. */
int archive_open(const struct archive_options *options, const struct op_ctx *ctx, struct archive **ret_archive,
                 struct err *err);
void archive_free(struct archive *archive); /* NULL is fine */
void archive_cleanup(struct archive **archive);
#define CLEANUP_ARCHIVE CLEANUP(archive_cleanup)

/* "sha256:..." over the verified texts, the components and the architecture; equal on every mirror. */
const char *archive_identity(const struct archive *archive);

size_t archive_release_count(const struct archive *archive);
const struct archive_release *archive_release_at(const struct archive *archive, size_t i);

/* All suites in one index, for resolve_packages; the archive's. package.input says which release has a record. */
struct packages *archive_packages(struct archive *archive);
const struct archive_release *archive_release_of(const struct archive *archive, const struct package *package);

/*
 * Where the archive has NAME ("libssl.so.3"): default directories first, then by directory and package. *ret_hits is
 * the context's arena's; *ret_count is 0 when nothing has it. Loads the index of Contents on the first call, over the
 * network unless it is cached.
 */
int archive_find_soname(struct archive *archive, struct str name, const struct op_ctx *ctx,
                        const struct soname_hit **ret_hits, size_t *ret_count, struct err *err);

/* A package as it stands in the cache. */
struct archive_fetched {
    struct deb_package deb; /* views are valid until archive_free, lists are the context's arena's */
    bool from_cache;
    uint64_t downloaded_bytes;
};

/*
 * Fetches COUNT packages of this archive's index that are not in the cache, several at once, verifies them, unpacks
 * them on the pool while others still come, and opens all. ret_fetched has room for COUNT. On failure it is untouched.
 */
int archive_fetch(struct archive *archive, const struct package *packages, size_t count, const struct op_ctx *ctx,
                  struct archive_fetched *ret_fetched, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/packages.h - a compact index of binary packages, built once from Packages texts and then mapped.
 *
 * packages_build reads one or several texts (suites, components, architectures of one image) and writes one block of
 * bytes; packages_open takes such a block, usually a mapped cache file, checks its header and no more, so that open
 * and look-up cost microseconds whatever the size of the archive. The block holds, for each name in order of bytes,
 * its versions: those of automatic releases before the others, then highest first, then in the order of the inputs;
 * and for each virtual name who provides it. Bytes of one build equal those of another with the same inputs.
 *
 * `rank` is the place of a name's first mention in the inputs (as a package, in a relation or a Provides): it is what
 * apt breaks ties between providers with, the higher one wins (archive/resolve.h).
 *
 * A block may be damaged: every access checks its range, a bad record counts as absent and sets `damaged` for good;
 * whoever used the index asks packages_check before believing that something was not there.
 *
 * Format: host byte order and PACKAGES_VERSION stand in the header; another build's block is refused, never converted.
 * Views from an index point into its bytes. Threads: one at a time per struct packages; open the same bytes again for
 * another thread. Limits: LIMIT_PACKAGES, LIMIT_INDEX_BYTES per text, LIMIT_FIELD_BYTES per field.
 */
#include "base/buf.h"
#include "io/digest.h"

struct packages_input {
    struct str text;    /* a Packages file, unpacked */
    const char *name;   /* for messages */
    bool not_automatic; /* its release says NotAutomatic: yes */
};

enum package_multi_arch {
    PACKAGE_MULTI_ARCH_NO,
    PACKAGE_MULTI_ARCH_SAME,
    PACKAGE_MULTI_ARCH_FOREIGN,
    PACKAGE_MULTI_ARCH_ALLOWED
};

/* apt's scale: a package without a priority comes before all. */
enum package_priority {
    PACKAGE_PRIORITY_NONE,
    PACKAGE_REQUIRED,
    PACKAGE_IMPORTANT,
    PACKAGE_STANDARD,
    PACKAGE_OPTIONAL,
    PACKAGE_EXTRA
};

struct package {
    uint32_t record; /* its number in the index, 0.. */
    uint32_t rank;   /* of its name */
    uint32_t input;  /* which of the inputs it comes from */
    struct str name;
    struct str version;
    struct str architecture;
    struct str section;
    struct str source;         /* the name itself when the field is absent */
    struct str source_version; /* the version itself when none is given */
    struct str pre_depends;    /* as written, maybe folded (pkg/relation.h) */
    struct str depends;
    struct str conflicts;
    struct str breaks;
    struct str provides;
    struct str filename; /* relative to the archive's root */
    uint64_t size_bytes;
    uint64_t installed_size_kib;
    struct digest digest; /* SHA-512 where the text has it, else SHA-256 */
    enum package_multi_arch multi_arch;
    enum package_priority priority;
    bool essential;
    bool important;     /* Important: yes or Protected: yes */
    bool not_automatic; /* of its input */
};

struct packages {
    struct str bytes;
    uint32_t name_count;
    uint32_t record_count;
    uint32_t provide_count;
    bool damaged;
};

struct packages_range {
    uint32_t first;
    uint32_t count;
};

/*
 * Appends the block to OUT. Errors: ERR_INVALID "'NAME' line N: ..." for a paragraph without Package, Version,
 * Architecture, Filename, Size or a strong digest, or with a bad one; ERR_LIMIT; on failure OUT is as it was.
 */
int packages_build(const struct packages_input *inputs, size_t count, struct buf *out, struct err *err);

/* BYTES stay the caller's and outlive the index. ERR_INVALID when they are no block of this version. */
int packages_open(struct str bytes, struct packages *ret_index, struct err *err);

/* 0, or ERR_INVALID when a damaged record was met since open. */
int packages_check(const struct packages *index, struct err *err);

/* The records of NAME (count 0 when there are none); the first is apt's candidate. */
struct packages_range packages_versions(struct packages *index, struct str name);

/* Record number RECORD; false when there is none or it is damaged. */
bool packages_get(struct packages *index, uint32_t record, struct package *ret_package);

/* apt's candidate for NAME: the highest version of the automatic releases, or else of the others. */
bool packages_find(struct packages *index, struct str name, struct package *ret_package);

/* The first record of NAME with exactly this VERSION. */
bool packages_find_version(struct packages *index, struct str name, struct str version, struct package *ret_package);

/* Who provides VIRTUAL: numbers for packages_provide_get, in order of records. */
struct packages_range packages_providers(struct packages *index, struct str virtual_name);

struct packages_provide {
    uint32_t record;
    struct str version; /* of the virtual package; empty for an unversioned Provides */
};
bool packages_provide_get(struct packages *index, uint32_t number, struct packages_provide *ret_provide);

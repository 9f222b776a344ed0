/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf/versions.h - symbol versions: what one object needs of another, what is missing, and which Debian has it.
 *
 * The rules are the loader's (glibc's elf/dl-version.c): a library without any definitions satisfies every need (the
 * loader only warns), a weak need may stay open. Nothing allocates.
 */
#include "elf/file.h"

/* True when LIBRARY defines VERSION. */
bool elf_defines(const struct elf_file *library, struct str version);

/*
 * The next need of USER for the library it calls NAME that LIBRARY does not define, or NULL. *CURSOR starts at 0.
 * Weak needs are passed over.
 */
const struct elf_need *elf_versions_missing(const struct elf_file *user, struct str name,
                                            const struct elf_file *library, size_t *cursor);

/*
 * The first symbol of USER that wants NEED, empty when none says so; *ret_count (may be NULL) gets how many do.
 * For "'pthread_create' needs GLIBC_2.34 of libc.so.6".
 */
struct str elf_symbol_of_version(const struct elf_file *user, const struct elf_need *need, size_t *ret_count);

/* The part before the number: "GLIBC" of "GLIBC_2.34", "OPENSSL" of "OPENSSL_3.0.0"; all of it when there is none. */
struct str elf_version_family(struct str version);

/* Order of two versions of one family: <0, 0, >0, number by number ("GLIBC_2.4" < "GLIBC_2.34"). */
int elf_version_cmp(struct str a, struct str b);

/* The highest version of FAMILY that LIBRARY defines, empty when there is none; "..._PRIVATE" doesn't count. */
struct str elf_version_best(const struct elf_file *library, struct str family);

/* The highest version of FAMILY that FILE needs of any library, empty when there is none. */
struct str elf_version_highest_need(const struct elf_file *file, struct str family);

/* A Debian release, and the versions its C and C++ libraries go up to. */
struct elf_suite {
    const char *codename; /* "bookworm" */
    const char *debian;   /* "Debian 12" */
    const char *glibc;    /* "2.36" */
    const char *glibcxx;  /* "3.4.30" */
    const char *cxxabi;   /* "1.3.13" */
};

/* The release of that codename, or NULL. */
const struct elf_suite *elf_suite_find(struct str codename);

/*
 * The oldest release whose libc6 and libstdc++6 define VERSION ("GLIBC_2.38" gives trixie); NULL when none does or
 * the family is not one of GLIBC, GLIBCXX and CXXABI.
 */
const struct elf_suite *elf_suite_of_version(struct str version);

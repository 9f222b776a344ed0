/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/flavour.h - the bases that an image may stand on, as sets of Debian packages.
 *
 * `static` is what every image has: accounts, os-release, name service, CA certificates, time zones, media types.
 * `auto` is static and the closure of the libraries that the program needs, trimmed to those files. `base` and `cc`
 * are the package sets of distroless on Debian 12 (gcr.io/distroless/base-debian12 and cc-debian12, as published
 * until 2026), complete but for manuals; names follow the suite (libssl3t64 on trixie). `python3` is python3-debian12,
 * and beyond it the two small packages (python3-lib2to3, python3-gdbm) without which modules of the standard library
 * that need no display and install nothing would not import.
 */
#include "base/err.h"
#include "base/str.h"

enum flavour_id { FLAVOUR_AUTO, FLAVOUR_STATIC, FLAVOUR_BASE, FLAVOUR_CC, FLAVOUR_PYTHON3 };

struct flavour {
    enum flavour_id id;
    const char *name;
    const char *summary;
    const char *const *packages; /* beyond those of static; NULL-terminated, names of bookworm */
    bool python;                 /* it has the archive's interpreter */
};

/* The table, in order of growth; *ret_count entries. */
const struct flavour *flavour_table(size_t *ret_count);

/* NULL: there is none of ID. */
const struct flavour *flavour_of(enum flavour_id id);

/* The packages of `static`, NULL-terminated. `ca-certificates` ships as one bundle, not as files. */
const char *const *flavour_common_packages(void);

/*
 * The name that PACKAGE of bookworm bears in SUITE ("libssl3" is "libssl3t64" from trixie on); NULL when what it has is
 * of no use there any more (libnsl2: Python 3.13 has no nis).
 */
const char *flavour_package_in_suite(const char *package, struct str suite);

/*
 * Packages that serve only maintainer scripts, which never run: dependencies on them are taken as met. NULL-terminated.
 */
const char *const *flavour_script_only_packages(void);

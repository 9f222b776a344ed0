/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/trim.h - which files of a package an image carries, and where.
 *
 * Trimmed: manuals, info pages, lintian overrides, translations, documentation but the copyright file, gconv modules
 * (unless something converts character sets), header files, static libraries, shell start-up files, init scripts,
 * cron jobs and what else only a full system reads. `full` keeps all but what would make a shell or a package
 * manager look installed.
 */
#include "base/str.h"

enum trim_level {
    TRIM_SLIM, /* the default */
    TRIM_FULL, /* --full */
};

/* True when the file at PATH (relative, as the package names it) stays. GCONV: keep the modules of iconv. */
bool trim_keeps(struct str path, enum trim_level level, bool gconv);

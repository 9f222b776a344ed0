/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/ignore.h - .dockerignore and --exclude: which files of a project its owner keeps out of images.
 *
 * The rules are Docker's (moby/patternmatcher): patterns are relative to the project and matched against whole paths
 * and all their parents, "*", "?", "[...]" within one name, "**" over names, "!" takes back, the last match wins,
 * lines that begin with "#" are comments, white space around and a leading "/" are dropped. Limits:
 * LIMIT_IGNORE_BYTES, LIMIT_IGNORE_PATTERNS.
 */
#include "base/arena.h"
#include "base/err.h"

struct project_ignore;

/* TEXT is a .dockerignore (may be empty); EXTRA further patterns, which come last. Lives in ARENA. ERR_INVALID names
 * the line and the pattern. */
int project_ignore_new(struct str text, struct str_list extra, struct arena *arena, struct project_ignore **ret_ignore,
                       struct err *err);

bool project_ignore_matches(const struct project_ignore *ignore, struct str path);
/* True when something below the matched directory PATH may be taken back by "!": it has to be looked into. */
bool project_ignore_may_return(const struct project_ignore *ignore, struct str path);

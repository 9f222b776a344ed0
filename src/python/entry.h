/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/entry.h - entry_points.txt of an installed distribution (the entry points specification).
 *
 * An INI text: "[group]", then "name = module:attr [extra, ...]". Lines that begin with "#" and empty ones are skipped,
 * white space around everything is dropped, what stands before the first group counts for nothing: as
 * importlib.metadata reads it. `console_scripts` are what installers write wrappers for (python/shebang.h).
 *
 * Views point into the text. Limits: LIMIT_PYTHON_TEXT_BYTES, LIMIT_PYTHON_LINES.
 */
#include "base/arena.h"
#include "base/err.h"

struct python_entry {
    struct str group, name;
    struct str value;  /* as written: "uvicorn.main:main [standard]" */
    struct str module; /* "uvicorn.main" */
    struct str attr;   /* "main", "App.run"; empty when the module itself is meant */
    struct str extras; /* between the brackets, "standard" */
    unsigned line;     /* from 1 */
    bool valid;        /* the value is an object reference; module, attr and extras are empty otherwise */
};

/* In the order of the text. The array lives in ARENA. Errors: ERR_LIMIT, ERR_NOMEM. */
int python_entries_read(struct str text, struct arena *arena, struct python_entry **ret_entries, size_t *ret_count,
                        struct err *err);

/* The last valid one of this group and name, or NULL. */
const struct python_entry *python_entry_find(const struct python_entry *entries, size_t count, struct str group,
                                             struct str name);

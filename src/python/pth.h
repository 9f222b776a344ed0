/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/pth.h - what site-packages adds to the search path: .pth files, egg links, finders of editable installs.
 *
 * site reads every "*.pth" in site-packages: a line that begins with "import" and a blank is executed, one that begins
 * with "#" or is blank is skipped, every other is a directory, taken from site-packages when it is relative, and passed
 * over silently when it is not there. An editable install puts the source tree there, or a finder that maps packages
 * to it; so nothing of it is in the environment.
 *
 * Views point into the text; arrays live in the arena. Limits: LIMIT_PYTHON_TEXT_BYTES, LIMIT_PYTHON_LINES.
 */
#include "base/arena.h"
#include "base/err.h"

enum python_pth_kind {
    PYTHON_PTH_PATH,
    PYTHON_PTH_IMPORT,
    PYTHON_PTH_FINDER, /* an import of setuptools' "__editable___NAME_finder" */
};

struct python_pth_line {
    enum python_pth_kind kind;
    struct str text;   /* the path, or the code, without white space behind it */
    struct str finder; /* PYTHON_PTH_FINDER: the module, "__editable___demo_0_1_finder" */
    unsigned line;     /* from 1 */
};

/* Errors: ERR_LIMIT, ERR_NOMEM. */
int python_pth_read(struct str text, struct arena *arena, struct python_pth_line **ret_lines, size_t *ret_count,
                    struct err *err);

/* What a file of site-packages is by its name. */
enum python_path_file {
    PYTHON_FILE_OTHER,
    PYTHON_FILE_PTH,
    PYTHON_FILE_PTH_EDITABLE,     /* "__editable__.demo-0.1.pth" (setuptools, PEP 660) */
    PYTHON_FILE_PTH_EASY_INSTALL, /* "easy-install.pth", of `setup.py develop` and eggs */
    PYTHON_FILE_PTH_IGNORED,      /* ".x.pth": hidden, which site skips since 3.11.9 and 3.12.3 */
    PYTHON_FILE_EGG_LINK,         /* "demo.egg-link" */
    PYTHON_FILE_FINDER,           /* "__editable___demo_0_1_finder.py" */
};
enum python_path_file python_path_file(struct str name);

/* The directory that an egg link points to: its first line. Empty when there is none. */
struct str python_egg_link(struct str text);

struct python_finder_entry {
    struct str package, path; /* as in the source, without escapes being resolved */
};

/* What the MAPPING of a finder's source maps. Errors: ERR_LIMIT, ERR_NOMEM; what is no dictionary of strings ends it.
 */
int python_finder_read(struct str text, struct arena *arena, struct python_finder_entry **ret_entries,
                       size_t *ret_count, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/python_entry.h - what the sources of the entry finder and of the scan share.
 *
 * A module is looked for in the project below a root ("" or "src" or another directory) and in site-packages. A name is
 * a module's when it has no dot: "my-app.py" can't be written in an import statement, but servers and -m take it.
 */
#include "project/python_internal.h"

/* A module as it lies in the project or in the environment. */
struct python_located {
    const struct project_file *file; /* NULL: a package without __init__.py, or no source */
    struct str path;                 /* in the project, or below site-packages */
    struct str root, module;
    bool package;   /* it is an __init__.py */
    bool installed; /* in site-packages */
};

/* "pkg.main:create_app()", "dir/file.py:app". */
struct python_spec {
    struct str module; /* "pkg.main"; empty for a file */
    struct str path;   /* "dir/file.py"; empty for a module */
    struct str object;
    bool called;
};

/* A line of a Procfile that is a command without a shell. */
struct python_procfile {
    struct str words[32]; /* without the quotes around them */
    size_t count;
};

/* 0x030b for 3.11; 0: not known. */
unsigned python_app_version(const struct python_app *app);

/* False for what is no such text. */
bool python_spec_read(struct str text, struct python_spec *ret_spec);
/* False when there is no `web:` line, or it needs a shell or variables other than PORT. */
bool python_procfile_read(struct str text, struct python_procfile *ret_line);

/* True for directories that hold what only developers run: tests, documentation, examples. */
bool python_is_aside(struct str path);

/* Modules below ROOT of the project, then below "" and "src", then of site-packages. False: no such module. */
int python_locate(const struct python_app *app, struct str root, struct str module, struct arena *arena,
                  bool *ret_found, struct python_located *ret, struct err *err);
/* The module that the project's file at PATH is, with the root that its imports ask for. */
int python_place(const struct python_app *app, const struct project_file *file, struct arena *arena,
                 struct python_located *ret, struct err *err);

/* What LOCATED's source makes as OBJECT (empty: any), also when other modules of the application make it for it. */
int python_look(const struct python_app *app, const struct python_located *located, struct str object,
                struct arena *arena, struct python_framework *ret_framework, struct err *err);

/* True when one of the distributions, or of MORE, has this normalized name. */
bool python_has_distribution(const struct python_app *app, struct str_list more, struct str name);

/* ERR_INVALID with place and line when the source is no Python. */
int python_check_syntax(const struct python_app *app, const struct project_file *file, struct arena *arena,
                        struct err *err);
/* "'a.py', line 3, column 5: MESSAGE: LINE" */
void python_tell_problem(const struct project_file *file, const struct python_problem *problem, struct buf *out);

/* The start of a file's content below DIR ("" is all), by the path: index of the first that is not before it. */
size_t python_files_from(const struct project_files *files, struct str prefix);

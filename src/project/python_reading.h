/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/python_reading.h - what the steps of python_app_read share, in their order.
 *
 *   environment   which one, its pyvenv.cfg and its site-packages
 *   files         the project's own, the environment's; links resolved or refused
 *   distributions what is installed, and how; editable installs are refused
 *   program       which interpreter
 *   drop          what of all this does not ship
 *   agreement     extension modules and wheels against the interpreter
 *   entry, scan   what is started, and what is imported (project/python_internal.h)
 */
#include "base/map.h"
#include "project/ignore.h"
#include "project/python.h"

/* By .dockerignore or --exclude. */
#define PYTHON_DROPPED_IGNORED "what was excluded"

struct python_reading {
    const struct op_ctx *ctx;
    const struct python_request *request;
    struct python_app *app;
    struct str script;               /* the application is this file of app->root alone; empty: the directory */
    struct project_ignore *ignore;   /* .dockerignore and --exclude */
    struct project_ignore *excludes; /* --exclude */
    struct str_list others;          /* other environments in the project */
    struct python_distribution *distributions; /* app->distributions */
    struct map owners; /* path in app->environment.files to its struct python_distribution, by RECORD */
};

/* python_paths.c: small questions to this machine's file system. */
struct str python_join(struct arena *arena, struct str dir, struct str name); /* ptr NULL: memory is short */
bool python_is_directory(struct str dir, struct str name);
bool python_is_file(struct str dir, struct str name);
/* PATH with all links resolved, a NUL behind it; ptr NULL with errno when it is not there (ENOMEM: memory is short). */
struct str python_real(struct arena *arena, struct str path);
/* Sorted, without "." and "..". */
int python_names(const struct op_ctx *ctx, struct str dir, struct str_list *ret_names, struct err *err);
int python_read_text(const struct op_ctx *ctx, struct str dir, struct str name, uint64_t limit, struct str *ret_text,
                     struct err *err);

int python_environment_find(struct python_reading *reading, struct err *err);
/* Without an environment, what is installed into the interpreter that ships is one, if it is more than installers. */
int python_environment_of_program(struct python_reading *reading, struct err *err);
/* app->files. */
int python_own_walk(struct python_reading *reading, struct err *err);
/* app->environment.files. */
int python_environment_walk(struct python_reading *reading, struct err *err);
/* Of a TARGET in the project's own directory: moves what distributions brought to the environment's list. */
int python_environment_split(struct python_reading *reading, struct err *err);
/* The directory of modules, below the environment: site_packages, "" for TARGET. */
struct str python_site(const struct python_app *app);

int python_distributions_read(struct python_reading *reading, struct err *err);
const struct python_distribution *python_distribution_of(const struct python_reading *reading, struct str path);

int python_program_find(struct python_reading *reading, struct err *err);
/* Makes the program at PATH (real) the application's own; TOLD is what it should be, as far as something says so. */
int python_program_bring(struct python_reading *reading, struct str path, struct python_interpreter told,
                         struct str told_by, struct err *err);

/* Extension modules, wheels and `Requires-Python` against the interpreter. Sets app->machine. */
int python_agreement_check(struct python_reading *reading, struct err *err);

/* Why a directory or file of a project, of an environment, of an interpreter does not ship, by its name; or NULL. */
const char *python_drop_own(struct str path, bool directory);
const char *python_drop_environment(struct str path, bool directory);
const char *python_drop_library(struct str path, bool directory); /* path below lib/python3.X */
/* Names of the project that keep secrets, by their content too. */
void python_drop_secrets(struct python_reading *reading);
/* Installers and tests, before anything is scanned; then what is wanted comes back, and *RET_AGAIN asks for a second
 * scan; at last the interpreter's modules that nothing wants go. */
int python_drop_before_scan(struct python_reading *reading, struct err *err);
int python_drop_after_scan(struct python_reading *reading, bool *ret_again, struct err *err);
/* pip, and what else an application doesn't need but for installing. */
bool python_is_installer(struct str name);
void python_drop_interpreter(struct python_app *app);
/* Marks FILE, unless it is marked. */
void python_drop(struct project_files *files, struct project_file *file, const char *why);
/* The same, with all that is below it. */
void python_drop_below(struct project_files *files, size_t at, const char *why);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/application_closure.h - the ELF files of an application while it is read: which there are, what they load of
 * the application's own, and what is left for the archive. Shared by compiled programs and Python applications.
 *
 * The loader's view is the image: the application's layer over that of its dependencies, then what an absolute RPATH
 * outside the system's directories leads to on this machine (which then ships, at the same path). For a program alone
 * HOST_ROOT stands behind /app as well.
 */
#include "base/vec.h"
#include "pack/application.h"

struct application_elf {
    struct str path; /* relative, in the merged root */
    struct str bytes;
    bool included; /* by --include */
};

struct application_reading {
    const struct op_ctx *ctx;
    const struct build_options *options;
    struct application *app; /* trees are there, and machine before anything is closed over */
    struct str host_root;    /* what /app stands for on this machine; empty: the trees have all of it */
    VEC(struct application_elf) found;
    VEC(struct str) library_dirs;            /* of libraries that a cache has to lead to, absolute */
    VEC(const struct elf_object *) programs; /* beside the first: their interpreters are wanted too */
    VEC(struct application_external) externals;
};

void application_reading_done(struct application_reading *reading);

/* The node at PATH in the application's layer, else in that of its dependencies; links are followed within a layer. */
const struct tree_node *application_lookup(const struct application *app, struct str path);

/* An executable ELF file that lives in memory, at the absolute PATH of the application's layer. */
int application_put_elf(struct application_reading *reading, struct str path, struct str bytes, struct err *err);

/* Puts OPTIONS->includes into the application's layer and notes their ELF files and the directories of these. */
int application_take_includes(struct application_reading *reading, struct err *err);

/* True below the system's own directories: what lies there comes from the archive, never from this machine. */
bool application_is_system_path(struct str path);

/* How the image's loader searches; WITH_CACHE: as it will with the cache that is yet to be written. */
void application_search(const struct application_reading *reading, bool with_cache, struct elf_search *ret_search);

/* The provider of the closures; its `self` is READING. */
void application_provider(struct application_reading *reading, struct elf_provider *ret_provider);

/* Adds what CLOSURE lacks to the externals, each name once. ERR_LIBRARY_MISSING: a private library can't be loaded. */
int application_add_externals(struct application_reading *reading, const struct elf_closure *closure, struct err *err);

/*
 * The end: interpreters of further programs, /etc/ld.so.cache for libraries that the loader would not find by itself,
 * and the application's fields about all that.
 */
int application_finish(struct application_reading *reading, struct err *err);

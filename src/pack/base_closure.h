/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_closure.h - the libraries of the archive that a set of names needs, all the way down.
 *
 * Starts from the request's externals, asks the archive which package has each library, puts the file with the links
 * that lead to it into the tree, and follows what it needs in turn, as the loader would. Some libraries open others
 * by name at run time: the common ones are known and come along (libgcc_s for thread cancellation, OpenSSL's legacy
 * provider, gconv modules for iconv).
 */
#include "pack/base_tree.h"

/*
 * Where the archive has EXTERNAL: package, and path as the package names it (may be NULL). ERR_LIBRARY_MISSING says
 * who needs it, where it is instead, and what to do.
 */
int base_closure_locate(const struct op_ctx *ctx, struct supply *supply, const struct base_external *external,
                        struct str *ret_package, struct str *ret_path, struct err *err);

/* Puts all libraries into BASE's tree. *ret_libraries, in load order, lives in the context's arena. */
int base_closure_run(struct base_tree *base, const struct base_library **ret_libraries, size_t *ret_count,
                     struct err *err);

/* The library of BELOW (a layer's record; may be NULL) that the loader finds for NAME (SONAME or path), or NULL. */
const struct base_library *base_closure_below(const struct base_record *below, struct str name);

/*
 * Fetches, in one round, the packages of the libraries that ELF files in BASE's tree need and that are neither there
 * nor below, with what those depend on: the closure then finds nearly all at hand. What can't be told is passed over.
 */
int base_closure_prefetch(struct base_tree *base, struct err *err);

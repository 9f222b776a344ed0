/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base.h - the layers below the application, made of the archive's packages.
 *
 * A base is a function of the archive's content and of a base_request. Each part is made once and then found in the
 * cache by its key; base_make does whichever applies.
 *
 *   common        skeleton, accounts, CA bundle, time zones, media types: whole packages, trimmed; for all images alike
 *   certificates  the CA bundle again, with further authorities (only when there are some)
 *   runtime       an interpreter of the archive with the closure of its libraries (only when there is one); for all
 *                 applications alike that leave out the same
 *   libraries     whole packages (of the flavour, of --package), and the closure of the externals: single libraries
 *                 with their links; with records and copyright files of all of them; nothing that the runtime has
 *   debug         busybox (only in debug variants)
 */
#include "base/op.h"
#include "pack/base_record.h"
#include "pack/flavour.h"
#include "pack/layer.h"
#include "pack/supply.h"
#include "pack/trim.h"

#define BASE_LAYERS_MAX 5

/* What of a runtime's packages stays out. */
struct base_exclusion {
    struct str pattern; /* path_glob, merged root: "usr/lib/python3.11/lib-dynload/nis.*" */
    struct str what;    /* entries with the same words are one line of the result: "module nis" */
    struct str reason;
    struct str libraries; /* SONAMEs, a space between: what would come with them and does not is told too */
};

struct base_link {
    struct str path;   /* "usr/bin/python3" */
    struct str target; /* "python3.11" */
};

/* An interpreter of the archive. */
struct base_runtime {
    struct str name;          /* "python3.11" */
    struct str_list packages; /* ship without what they depend on; libraries come by closure */
    const struct base_exclusion *exclusions;
    size_t exclusion_count;
    struct str_list extras; /* "PACKAGE:PATH": single files besides, "libc-bin:sbin/ldconfig" */
    const struct base_link *links;
    size_t link_count;
    bool utf8_locale;   /* C.UTF-8 ships with it */
    bool library_cache; /* /etc/ld.so.cache lists its libraries (pack/library_cache.h) */
    /*
     * Called when all files are in TREE and before records are written: may add files with the owner of their sources.
     * IDENTITY is part of the cache's key. *ret_whole is true before; false when this machine kept it from adding what
     * another would: the layer is not kept then. NULL: nothing is added.
     */
    int (*complete)(void *self, struct tree *tree, bool *ret_whole, struct err *err);
    /* The same for whole packages of --package, whose tree has no interpreter. May be NULL. */
    int (*complete_packages)(void *self, struct tree *tree, bool *ret_whole, struct err *err);
    void *self;
    struct str identity;
};

struct base_external {
    struct str name; /* SONAME or interpreter path */
    struct elf_paths candidates;
    struct str needed_by; /* for messages: "needed by /app/server" */
};

struct base_request {
    enum elf_machine machine;
    const struct flavour *flavour;
    struct str_list packages;
    const struct base_runtime *runtime;    /* NULL: none */
    struct str authorities;                /* PEM, joins the CA bundle; empty: none */
    bool debug;                            /* busybox */
    const struct base_external *externals; /* sorted by name */
    size_t external_count;
    enum trim_level trim;
    bool gconv;         /* the application converts character sets */
    bool utf8_locale;   /* C.UTF-8 is asked for */
    bool library_cache; /* /etc/ld.so.cache and the ldconfig that reads it, where no runtime brings them */
    bool dynamic;       /* the program is: libgcc_s.so.1 belongs to it */
    enum compression compression;
    int level;
};

struct base {
    struct base_record record; /* of all layers together */
    struct layer layers[BASE_LAYERS_MAX];
    struct str roles[BASE_LAYERS_MAX];
    size_t layer_count;
};

/* Errors: ERR_LIBRARY_MISSING, ERR_PACKAGE_MISSING, ERR_DEPENDENCY, ERR_INVALID (a shell would ship), the archive's. */
int base_make(const struct op_ctx *ctx, struct store *store, struct pool *pool, struct supply *supply,
              const struct base_request *request, struct base *ret_base, struct err *err);
void base_done(struct base *base);

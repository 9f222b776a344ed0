/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/build.h - a program becomes an image: the whole way, from the file to the outputs.
 *
 *   program ─ application (its own files, private libraries) ─┬─ base plan (packages, closure; cached) ─┬─ image ─
 * outputs └─ application layer ────────────────────┘
 *
 * Layers, bottom up: `common` (static flavour, shared by all images of a suite and architecture), `libraries` (what
 * the program needs from the archive; shared by all programs with the same needs), `app`. Same inputs, same digests.
 * Nothing is run, nothing needs root; outputs appear whole or not at all.
 */
#include "base/err.h"
#include "base/op.h"
#include "io/digest.h"
#include "pack/options.h"

struct store;
struct transport;

/* What the build stands on; all of it outlives the call. */
struct build_services {
    struct store *store;
    struct pool *pool;
    /* Opens a client; called at most once, and only when something must be fetched. NULL: offline. */
    int (*open_transport)(void *self, struct transport **ret_transport, struct err *err);
    void *self;
    int stdout_fd;           /* for outputs named "-"; -1: none */
    const char *host_root;   /* where this machine's apt configuration is read ("" for "/") */
    const char *keyring_dir; /* keys that were installed with barehull, or "" */
};

struct build_layer {
    struct str role; /* "common", "libraries", "app" */
    struct str digest;
    struct str diff_id;
    uint64_t size_bytes;     /* compressed */
    uint64_t unpacked_bytes; /* sum of its files */
    uint64_t files;
    bool cached;
};

struct build_package {
    struct str name;
    struct str version;
    struct str architecture;
    bool whole; /* else only the files that the program needs */
    uint64_t files;
    uint64_t unpacked_bytes;
};

struct build_library {
    struct str soname;
    struct str path;    /* in the image */
    struct str package; /* empty: the application's own */
};

struct build_dropped {
    struct str what; /* "usr/share/doc" or a package */
    struct str reason;
    uint64_t unpacked_bytes;
};

struct build_output {
    struct str kind; /* "oci", "oci-archive", "docker-archive" */
    struct str path;
    struct str reference;
};

struct build_phase {
    struct str name;
    uint64_t duration_us;
};

struct build_result {
    struct str reference; /* NAME:TAG */
    struct str digest;    /* of the manifest */
    struct str config_digest;
    struct str flavour;
    struct str suite;
    struct str architecture;
    struct str program; /* what the program is, in words */
    struct str_list entrypoint;
    struct str user;
    uint64_t size_bytes;     /* compressed layers */
    uint64_t unpacked_bytes; /* all files */
    struct {
        const struct build_layer *ptr;
        size_t len;
    } layers;
    struct {
        const struct build_package *ptr;
        size_t len;
    } packages;
    struct {
        const struct build_library *ptr;
        size_t len;
    } libraries;
    struct {
        const struct build_dropped *ptr;
        size_t len;
    } dropped;
    struct {
        const struct build_output *ptr;
        size_t len;
    } outputs;
    struct {
        const struct build_phase *ptr;
        size_t len;
    } phases;
};

/*
 * Builds. Everything in *ret_result lives in ctx->arena.
 *
 * Errors, each naming the thing and the remedy: ERR_USAGE (options), ERR_ELF, ERR_ARCHITECTURE, ERR_LIBC,
 * ERR_LIBRARY_MISSING, ERR_SYMBOL_VERSION (the program), ERR_NO_SOURCES, ERR_PACKAGE_MISSING, ERR_DEPENDENCY,
 * ERR_SIGNATURE, ERR_DIGEST, ERR_EXPIRED, ERR_DOWNGRADE, ERR_NETWORK, ERR_OFFLINE (the archive), ERR_IO,
 * ERR_NO_SPACE, ERR_PERMISSION (outputs), ERR_CANCELLED.
 */
int build_image(const struct op_ctx *ctx, const struct build_services *services, const struct build_options *options,
                struct build_result *ret_result, struct err *err);

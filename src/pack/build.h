/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/build.h - a program becomes an image: the whole way, from the file to the outputs.
 *
 *   compiled: read ─┬─ base (packages, closure; cached) ─┬─ write
 *                   └─ app layer ───────────────────────┘
 *   Python:   read ── interpreter ── base (cached) ── bytecode ─┬─ dependencies (cached) ─┬─ write
 *                                                               └─ app layer ─────────────┘
 *
 * Layers, bottom up: `common` (shared by all images of a suite and architecture), `certificates` (the bundle with
 * authorities of --ca), `runtime` (an interpreter of the archive), `libraries` (what else comes from the archive),
 * `debug` (busybox), `dependencies` (packages of the application's language), `app`. Only those that hold something are
 * there. Same inputs, same digests.
 * Nothing of the application is run, nothing needs root; outputs appear whole or not at all.
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
    struct str role; /* "common", "libraries", "app"... */
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

struct build_distribution {
    struct str name;
    struct str version; /* not known of Debian's packages: theirs is in the list of packages */
    struct str origin;  /* "environment", "project", "debian" */
};

/* What was found out of a Python application. Views with ptr NULL: not known, or there is none. */
struct build_python {
    struct str framework; /* "FastAPI" */
    struct str server;    /* "uvicorn" */
    struct str module;    /* "shop.main" */
    struct str entry;     /* its file, in the project */
    struct str chosen;    /* why this one */
    uint64_t port;        /* that the image is set to; UINT64_MAX: the application chooses */
    struct str port_note; /* how it is given */

    struct str interpreter; /* its program in the image */
    struct str version;     /* "3.11.2" */
    struct str origin;      /* "debian", "application" */
    struct str told_by;     /* what asked for the version */

    struct str environment;       /* "venv", "target", "none" */
    struct str environment_place; /* in the image */
    struct str environment_maker; /* "venv", "virtualenv", "uv" */

    struct str bytecode;        /* "all", "none" */
    struct str bytecode_reason; /* of "none" */
    struct {
        const struct build_distribution *ptr;
        size_t len;
    } distributions;
};

struct build_result {
    struct str reference; /* NAME:TAG */
    struct str digest;    /* of the manifest */
    struct str index;     /* digest of the index that it is in; ptr NULL: it stands alone */
    struct str config_digest;
    struct str flavour;
    struct str suite;
    struct str architecture;
    struct str program;                /* what the program is, in words */
    const struct build_python *python; /* NULL: no Python application */
    bool debug;                        /* the debug variant */
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

/* One of the images of an index. */
struct build_machine {
    struct str platform; /* "linux/arm64/v8" */
    struct str digest;   /* of its manifest */
};

/* One image for several machines. */
struct build_index {
    struct str reference; /* NAME:TAG */
    struct str digest;
    struct {
        const struct build_machine *ptr;
        size_t len;
    } machines; /* in the order of the programs */
    struct {
        const struct build_output *ptr;
        size_t len;
    } outputs;
};

/*
 * Builds one image of each of OPTIONS, which differ by their programs alone, and writes them together: one as it is,
 * several, each for a machine of its own, below an index. RET_RESULTS has room for COUNT; *RET_INDEX is filled when
 * there are several, and outputs are its own then. Everything in them lives in ctx->arena.
 *
 * Errors, each naming the thing and the remedy: ERR_USAGE (options; two programs of one machine, a Python application
 * among several, an output that holds one machine), ERR_ELF, ERR_ARCHITECTURE, ERR_LIBC, ERR_LIBRARY_MISSING,
 * ERR_SYMBOL_VERSION (the program), ERR_NO_SOURCES, ERR_PACKAGE_MISSING, ERR_DEPENDENCY, ERR_SIGNATURE, ERR_DIGEST,
 * ERR_EXPIRED, ERR_DOWNGRADE, ERR_NETWORK, ERR_OFFLINE (the archive), ERR_IO, ERR_NO_SPACE, ERR_PERMISSION (outputs),
 * ERR_CANCELLED.
 */
int build_images(const struct op_ctx *ctx, const struct build_services *services, const struct build_options *options,
                 size_t count, struct build_result *ret_results, struct build_index *ret_index, struct err *err);

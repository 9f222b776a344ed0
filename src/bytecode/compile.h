/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * bytecode/compile.h - Python sources become .pyc files: the same bytes on every machine, in every directory, in any
 * company.
 *
 * On a read-only root an interpreter compiles whatever it imports anew at each start; with these files it does not.
 * The image's own interpreter compiles (compile() and marshal.dumps(); nothing of the application is executed), as a
 * child without shell, environment, site, network and with bounded memory and time; what comes back is brought into
 * canonical form (python/marshal.h) and kept in the store, by interpreter, place and source. Several children work side
 * by side.
 */
#include "base/op.h"

struct store;
struct pool;

/* How the interpreter is called: ARGV followed by "-c", the driver. Views outlive the call. */
struct bytecode_interpreter {
    const char *const *argv; /* "/tmp/x/lib64/ld-linux-x86-64.so.2", "--library-path", ..., NULL */
    const char *const *env;  /* "PYTHONHOME=...", NULL */
    struct str identity;     /* changes whenever the code that it makes might: version, digest */
    unsigned version;        /* 0x030b */
    uint64_t patience_ms;    /* with one run; 0: LIMIT_BYTECODE_SECONDS */
};

struct bytecode_source {
    struct str place; /* absolute path in the image: what tracebacks show */
    struct str text;
    struct str pyc;     /* out, the arena's: the whole file; empty when it could not be compiled */
    struct str problem; /* out: "line 3: invalid syntax"; empty when there is none */
};

/*
 * Fills pyc or problem of all SOURCES, from the store where it has them. OPEN is asked for the interpreter at most
 * once, and only when something has to be compiled. Errors: OPEN's; ERR_UNSUPPORTED when this machine can't run it
 * (another architecture, no such system call); ERR_PROCESS (no answer in time, or it dies of one source after the
 * other), ERR_LIMIT, ERR_CANCELLED, ERR_NOMEM.
 */
int bytecode_compile(const struct op_ctx *ctx, struct store *store, struct pool *pool, struct str identity,
                     unsigned version,
                     int (*open)(void *self, struct bytecode_interpreter *ret_interpreter, struct err *err), void *self,
                     struct bytecode_source *sources, size_t count, struct err *err);

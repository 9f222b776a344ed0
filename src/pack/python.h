/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/python.h - a Python application on its way into an image.
 *
 *   read      project/python.h: what is there
 *   place     where it goes; scripts, links, pyvenv.cfg, .pth and RECORD rewritten; two trees
 *   runtime   which interpreter of the archive, and what of it (python_runtime_plan)
 *   base      pack/base.h
 *   bytecode  .pyc files into the trees
 *   settle    the start command and the environment, once it is known what Debian's packages bring
 *
 * Places: the project at /app; its environment where it lies in the project, else at /app/.venv; an interpreter of its
 * own below its prefix where that is /usr/local or in /opt, else below /usr/local; the archive's at /usr/bin/python3.X.
 */
#include "bytecode/compile.h"
#include "pack/application.h"
#include "pack/base.h"
#include "pack/settings.h"
#include "project/python.h"

#define PYTHON_PLACE "/app"

/* Changes whenever the same sources and interpreter would give other bytecode: part of cache keys. */
#define PYTHON_BYTECODE_FORMAT "pyc 3"

struct application_python {
    struct python_app app;
    struct str environment;    /* "/app/.venv"; empty: none */
    struct str interpreter;    /* what the entrypoint starts: "/usr/bin/python3.11", "/app/.venv/bin/python" */
    struct str program;        /* the program behind it: "/usr/bin/python3.11", "/usr/local/bin/python3.12" */
    unsigned version;          /* 0x030b, once the archive is known; at once for a brought interpreter */
    bool archive;              /* the interpreter is the archive's */
    struct python_start start; /* after python_settle */
    unsigned port;             /* the same; 0: nothing is known to listen at one that we choose */
};

/* Reads and places; part of application_read. */
int python_application_read(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                            struct err *err);

/* --- runtime ------------------------------------------------------------------------------------------------ */

struct python_runtime_request {
    struct str suite;         /* "bookworm" */
    struct str_list mentions; /* modules that anything imports; sorted */
    bool everything;          /* leave nothing out (base "python3") */
    bool finds_libraries;     /* ctypes.util.find_library: ldconfig ships */
    struct str identity;      /* of the bytecode; empty: none */
};

/* The interpreter that SUITE has: 0x030b; 0: none is known. */
unsigned python_runtime_version(struct str suite);

/* What of the archive's interpreter ships. Lives in ARENA. ERR_UNSUPPORTED for a suite without a known interpreter. */
int python_runtime_plan(struct arena *arena, const struct python_runtime_request *request,
                        struct base_runtime *ret_runtime, struct err *err);

/*
 * Settles on the interpreter, now that the suite is known: version, interpreter, program; links of the environment.
 * ERR_PYTHON_VERSION names what asks for another version, and the remedy (--suite, --python).
 */
int python_choose(const struct op_ctx *ctx, struct application *app, struct str suite, struct err *err);

/* --- bytecode ------------------------------------------------------------------------------------------------ */

/*
 * Gives every module below the trees' library directories its .pyc, beside the sources' owners. SUPPLY serves for the
 * archive's interpreter; *ret_reason (static) says why there is none, empty when there is.
 */
int python_bytecode_put(const struct op_ctx *ctx, struct store *store, struct pool *pool, struct supply *supply,
                        struct application *app, struct str *ret_reason, struct err *err);

/* For base_runtime.complete: the same for an interpreter's own library in TREE (it is run out of that very tree). */
int python_bytecode_put_runtime(const struct op_ctx *ctx, struct store *store, struct pool *pool, unsigned version,
                                struct tree *tree, struct str *ret_reason, struct err *err);

/* For base_runtime.complete_packages: the same for what TREE has of Debian's packages in usr/lib/python3*. */
int python_bytecode_put_packages(const struct op_ctx *ctx, struct store *store, struct pool *pool,
                                 struct supply *supply, enum elf_machine machine, unsigned version, struct tree *tree,
                                 struct str *ret_reason, struct err *err);

/* --- settings ------------------------------------------------------------------------------------------------ */

/*
 * Fills in what nobody said: entrypoint, working directory, LANG, PYTHONUNBUFFERED, PYTHONDONTWRITEBYTECODE,
 * PYTHONPATH, the server's host and port variables, the exposed port. RECORD tells what Debian's packages bring.
 */
int python_settle(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                  const struct base_record *record, struct image_settings *settings, struct err *err);

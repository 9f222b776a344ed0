/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * survey/survey.h - what an application is, from its sources: language, build, what is built, ports, health, what it
 * writes, and where each of that was read. Reads, runs nothing, writes nothing.
 *
 * Nothing here is certain: sources are read as a person skims them, literal by literal. So every answer has its place,
 * and where several are as likely the others are told too (`rivals`), for the caller to ask or to say.
 *
 * Known: C and C++ (Makefile, CMakeLists.txt, meson.build, configure.ac, or sources alone), Go (go.mod), Rust
 * (Cargo.toml, workspaces), Python (pyproject.toml, uv.lock, requirements*.txt, setup.cfg, sources; a virtual
 * environment is not needed). Others are recognised and named (`noun`): Node.js, Java, .NET, Ruby, PHP.
 *
 * Left out: what .gitignore names, vendor/, third_party/, node_modules/ and their like, build output; tests, examples
 * and documentation do not count. Links are not followed.
 *
 * Everything lives in ctx->arena. Limits: those of discover/walk.h, LIMIT_SURVEY_*.
 */
#include "base/op.h"
#include "init/options.h"

/* An answer, and how it was found. */
struct survey_answer {
    struct str value;       /* empty: not found */
    struct str path;        /* of the file that says so, below the project; empty: a default */
    uint32_t line;          /* from 1; 0: the file as a whole */
    const char *why;        /* in words behind "path:line": "the module's name", "listens on it" */
    struct str_list rivals; /* other values that are as likely, sorted */
};

struct survey_found {
    struct survey_answer *ptr;
    size_t len;
};

struct survey {
    enum init_language language; /* AUTO: none that is known; noun says what it is */
    struct str noun;             /* "a Go module", "a Node.js project", "a directory" */
    enum init_build build;
    struct survey_answer built_by;              /* the file that decides the build: path, why */
    bool links_statically;                      /* the build says so itself */
    bool uses_c;                                /* Go with cgo: it needs a C library */
    struct survey_answer name;                  /* a DNS label made of what the project calls itself */
    struct survey_answer version;               /* of the application */
    struct survey_answer language_version;      /* "1.22", "3.12" as the project demands it */
    struct survey_answer program;               /* as init_options.program */
    struct survey_answer module;                /* as init_options.module */
    struct survey_answer server;                /* as init_options.server: "uvicorn" */
    struct survey_answer framework;             /* "FastAPI", "net/http", "axum": for people */
    struct survey_answer port;                  /* decimal */
    struct survey_answer port_variable;         /* "PORT": the program reads it from the environment */
    struct survey_answer health, live, metrics; /* paths; health is what tells that it is ready */
    struct survey_answer metrics_port;          /* decimal, where it is not `port` */
    struct survey_answer loopback;              /* "127.0.0.1:8080": listens there only, out of reach (a warning) */
    struct survey_found writable;               /* directories it writes to: value is absolute; never below /tmp */
    struct survey_found volumes;                /* those of an existing Dockerfile's VOLUME: they have to last */
    struct survey_found packages; /* Debian -dev packages that the build asks for, and does not only look for */
    struct survey_found env;      /* names of variables that the sources read; value is the name */
    struct survey_found secrets;  /* those of `env` whose names say that they keep a secret */
};

/*
 * ROOT is a directory; LANGUAGE is what the caller knows already, or AUTO. Errors: ERR_NOT_FOUND, ERR_PERMISSION,
 * ERR_IO (naming the file), ERR_LIMIT, ERR_CANCELLED, ERR_NOMEM. A file that is no text, or broken, counts for nothing
 * and is warned of where it would have decided something.
 */
int survey_directory(const struct op_ctx *ctx, struct str root, enum init_language language, struct survey *ret_survey,
                     struct err *err);

/*
 * OPTIONS, where they say nothing, get what was found; `env`, `secrets` and `loopback` are for the caller to tell of.
 * An answer that has rivals is taken all the same: the caller has asked, or tells of them. Texts live in ctx->arena.
 * Errors: ERR_NOMEM.
 */
int survey_fill(const struct op_ctx *ctx, const struct survey *survey, struct init_options *options, struct err *err);

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
 * Everything lives in ctx->arena. Limits: those of project/files.h, LIMIT_SURVEY_*.
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
    struct survey_answer name;                  /* a DNS label made of what the project calls itself */
    struct survey_answer version;               /* of the application */
    struct survey_answer language_version;      /* "1.22", "3.12" as the project demands it */
    struct survey_answer program;               /* as init_options.program */
    struct survey_answer module;                /* as init_options.module */
    struct survey_answer server;                /* as init_options.server: "uvicorn" */
    struct survey_answer framework;             /* "FastAPI", "net/http", "axum": for people */
    struct survey_answer port;                  /* decimal */
    struct survey_answer port_variable;         /* "PORT": the program reads it from the environment */
    struct survey_answer health, live, metrics; /* paths */
    struct survey_found writable;               /* paths it writes to: value is absolute */
    struct survey_found
        packages; /* Debian -dev packages that the build asks for (pkg-config names, well-known libraries) */
    struct survey_found run_packages; /* the libraries of these */
    struct survey_found env;          /* names of variables that the sources read; value is the name */
};

/*
 * ROOT is a directory; LANGUAGE is what the caller knows already, or AUTO. Errors: ERR_NOT_FOUND, ERR_PERMISSION,
 * ERR_IO (naming the file), ERR_LIMIT, ERR_CANCELLED, ERR_NOMEM. A file that is no text, or broken, counts for nothing
 * and is warned of where it would have decided something.
 */
int survey_directory(const struct op_ctx *ctx, struct str root, enum init_language language, struct survey *ret_survey,
                     struct err *err);

/* OPTIONS, where they say nothing, get what was found. Texts live in ctx->arena. Errors: ERR_NOMEM. */
int survey_fill(const struct op_ctx *ctx, const struct survey *survey, struct init_options *options, struct err *err);

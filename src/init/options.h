/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init/options.h - everything that may be said about an application whose deployment files are to be written.
 *
 * A person says some of it, src/survey finds out some, the rest has defaults (init/plan.h). Views belong to the caller
 * and outlive the call. Empty views, empty lists and zeros mean "the default", which the comments name.
 *
 * The table of ops_pure/init_params.h fills it, for the command line, REST and MCP alike: an option is a field here
 * and a line there.
 */
#include "base/str.h"

enum init_language {
    INIT_LANGUAGE_AUTO, /* locally: found out. In a description: INIT_IMAGE */
    INIT_C,
    INIT_CXX,
    INIT_GO,
    INIT_RUST,
    INIT_PYTHON,
    INIT_PROGRAM, /* a program that is compiled already: the Dockerfile copies it */
    INIT_IMAGE,   /* an image that is there: no Dockerfile is written */
    INIT_LANGUAGES,
};

/* What turns the sources into a program. */
enum init_build {
    INIT_BUILD_AUTO, /* C, C++: CC alone; Go, Rust: their own; Python: UV */
    INIT_BUILD_CC,   /* the compiler over all sources */
    INIT_BUILD_MAKE,
    INIT_BUILD_CMAKE,
    INIT_BUILD_MESON,
    INIT_BUILD_AUTOTOOLS,
    INIT_BUILD_GO,
    INIT_BUILD_CARGO,
    INIT_BUILD_UV,           /* pyproject.toml with uv.lock */
    INIT_BUILD_REQUIREMENTS, /* requirements.txt, installed with uv */
    INIT_BUILDS,
};

enum init_link {
    INIT_LINK_AUTO,    /* Go: static; others: dynamic */
    INIT_LINK_STATIC,  /* on distroless static */
    INIT_LINK_DYNAMIC, /* on distroless base (C, Go with cgo) or cc (C++, Rust) */
};

/* Which files are written, as bits. */
enum init_target {
    INIT_DOCKERFILE = 1 << 0, /* Dockerfile, .dockerignore, the probe */
    INIT_COMPOSE = 1 << 1,    /* docker-compose.yml */
    INIT_KUBERNETES = 1 << 2, /* k8s/ with a kustomization */
};

struct init_options {
    struct str_list targets; /* "dockerfile", "compose", "kubernetes"; default: all that the language has */

    struct str name;    /* of the application: a DNS label (RFC 1123), at most 63 bytes */
    struct str version; /* tag of the image; default "0.1.0" */
    struct str image;   /* NAME[:TAG][@DIGEST] that is deployed; default NAME:VERSION */

    /* How it is built. */
    int language; /* enum init_language */
    int build;    /* enum init_build */
    int link;     /* enum init_link */
    /*
     * What is built, or where the build leaves it, below the project: Go a package ("./cmd/shop"), Rust a binary's
     * name, C and C++ the path of the program that the build makes ("src/shop"; CMake's and Meson's are
     * in "build/", with or without that in front), PROGRAM the program's path. Python has `module`. Default: Go ".",
     * else NAME.
     */
    struct str program;
    struct str module; /* Python: MODULE or MODULE:OBJECT that is served */
    struct str server; /* Python: uvicorn, gunicorn, hypercorn, flask, django...; default: MODULE is run by -m */
    struct str language_version;  /* "3.12", "1.24"; default: the plan's */
    struct str_list packages;     /* Debian packages that the build needs ("libpq-dev") */
    struct str_list run_packages; /* Debian packages whose shared libraries the program needs ("libpq5") */
    struct str builder;           /* image of the builder stage; default: the language's */
    struct str base;              /* image of the final stage; default: distroless for the language and link */
    struct str source;            /* URL for the label org.opencontainers.image.source */

    /* How it runs. */
    struct str_list entrypoint;     /* exec form; default: the program, the interpreter */
    struct str_list args;           /* default arguments, exec form */
    int64_t port;                   /* that it listens on; 0: none, it is no server */
    struct str port_variable;       /* the variable that tells it so, "PORT"; default: the server's own, if any */
    struct str health;              /* path that is asked for readiness, "/health"; empty: `health_command` or none */
    struct str live;                /* path that is asked for liveness; default: `health` with more patience */
    struct str metrics;             /* path of its metrics for Prometheus; empty: not scraped */
    int64_t metrics_port;           /* default: `port` */
    struct str_list health_command; /* exec form: the program's own probe in place of ours */
    struct str probe_image;   /* NAME[:TAG][@DIGEST] that has /app/healthcheck; default: files beside the Dockerfile */
    struct str_list writable; /* PATH[:SIZE] that it writes to, gone with the container; /tmp is always there */
    struct str_list volumes;  /* PATH[:SIZE] that has to last */
    struct str_list env;      /* NAME=VALUE */
    struct str_list secrets;  /* NAME=SECRET[:KEY]: a variable from a Kubernetes Secret; KEY is NAME by default */
    struct str user;          /* UID or UID:GID, never 0; default 65532:65532 */

    /* How much of it. */
    struct str memory;       /* limit, Kubernetes quantity; default "128Mi", Python "256Mi" */
    struct str cpu;          /* limit, Kubernetes quantity; default "1" */
    int64_t pids;            /* limit; default 128 */
    int64_t replicas;        /* default 2, with volumes 1 */
    struct str namespace_;   /* default: NAME */
    int64_t published_port;  /* Compose, on loopback; default: `port` */
    struct str stop_timeout; /* how long it may take to end, "30s"; default 30s */
};

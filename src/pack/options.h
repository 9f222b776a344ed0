/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/options.h - everything that a person may say about an image that is to be built.
 *
 * Views belong to the caller and outlive the build. Empty views and zero counts mean "the default", which the
 * comments name. What was asked is checked in build_image, where the message can say what to give instead.
 *
 * The table of ops_local/build_params.h fills it, for the command line, MCP and barehull.yaml alike: an option is a
 * field here and a line there.
 */
#include "base/str.h"
#include "io/compress.h"
#include "pack/flavour.h"

enum application_language { LANGUAGE_DETECT, LANGUAGE_PYTHON };
enum bytecode_kind { BYTECODE_ALL, BYTECODE_NONE };

struct build_options {
    struct str_list apps;    /* paths of programs, one for each machine, of a project's directory, of a script */
    struct str app;          /* which of them an image is made of; not said, but taken out of APPS by who builds */
    struct str name;         /* NAME[:TAG]; default: the program's name in lower case, "latest" */
    struct str_list outputs; /* oci:DIR, oci-archive:FILE, docker-archive:FILE; default oci:./APP-image */

    enum flavour_id base;
    bool full;                /* keep man, info, lintian and docs of whole packages */
    struct str_list packages; /* Debian packages that ship whole, with their dependencies */
    struct str_list includes; /* SRC:DST, files or directories of this machine */

    enum application_language language; /* DETECT: what APP is */
    struct str module;                  /* Python: "pkg.main", "pkg.main:app"; default: found */
    struct str python;           /* Python: a program, a prefix, "3.11" or "archive"; default: the environment's */
    struct str venv;             /* Python: the environment's directory; default: found in APP */
    int64_t port;                /* what a server is told to listen on, and exposed; 0: 8000 for known servers */
    enum bytecode_kind bytecode; /* Python */
    struct str_list excludes;    /* patterns of files of APP that stay out (project/ignore.h) */
    struct str_list authorities; /* PEM files that join the CA bundle */
    bool debug;                  /* the debug variant: busybox at /busybox, tag with "-debug" */

    struct str_list entrypoint; /* exec form; default: the program at /app/NAME */
    struct str_list cmd;
    struct str_list env;         /* NAME=VALUE; wins over the defaults */
    struct str user;             /* UID, UID:GID or NAME:UID[:GID]; default 65532:65532 */
    struct str workdir;          /* absolute; default "/" */
    struct str_list expose;      /* PORT or PORT/tcp|udp */
    struct str_list labels;      /* KEY=VALUE */
    struct str_list annotations; /* KEY=VALUE, of the manifest */
    struct str stop_signal;      /* SIGTERM, 15 */

    struct str health;              /* URL or path that the probe asks; empty: no health check and no probe */
    struct str health_interval;     /* "30s", "1m30s"; default 30s */
    struct str health_timeout;      /* of the probe; default its own, 2s */
    struct str health_start_period; /* default 10s */
    int64_t health_retries;         /* default 3 */

    struct str suite;         /* bookworm, trixie; default: this machine's sources */
    struct str architecture;  /* Debian's name; default: the program's */
    struct str_list mirrors;  /* "URL [SUITE...]"; default: this machine's sources */
    struct str_list keyrings; /* files with the keys to believe; default: the source's, else Debian's */
    bool offline;
    bool refresh; /* ask the archive even when the indexes are fresh */

    enum compression compression;
    int64_t level;             /* 0: the kind's default */
    int64_t source_date_epoch; /* seconds; times of the application's files and of the config; 0 by default */
};

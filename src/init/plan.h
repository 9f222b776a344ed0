/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init/plan.h - a description that was checked, with every default filled in: what the writers of this module read.
 *
 * The writers (init/dockerfile*.c, init/compose*.c, init/kubernetes*.c) decide nothing that two of them have to agree
 * on; it is decided here, once: ports, the probe's words, paths that are written to, limits.
 */
#include "base/buf.h"
#include "init/files.h"

struct init_path {
    struct str path; /* absolute, clean */
    struct str name; /* of the volume: a DNS label, unique in the plan ("tmp", "var-cache") */
    uint64_t bytes;
    bool lasts; /* a volume, else a tmpfs or emptyDir */
};

struct init_secret {
    struct str variable, secret, key;
};

/* One question to the application, in exec form; count 0: not asked. */
struct init_probe {
    const struct str *command;
    size_t count;
    struct str
        http_path; /* for platforms that ask themselves, when there is no probe in the image (INIT_IMAGE); or empty */
};

struct init_plan {
    const struct init_options *options;
    unsigned targets; /* enum init_target */
    enum init_language language;
    enum init_build build;
    bool is_static;

    struct str name, version, image; /* image: the whole reference; see below for its parts */
    struct str image_name, image_tag, image_digest;

    struct str language_version; /* "3.12", "1.24"; empty where the language has none */
    struct str builder, base;    /* references */
    bool base_known;             /* to be distroless or scratch: by its name */
    struct str program;          /* see init_options */
    struct str installed;        /* its absolute path in the image: "/app/shop", "/app/.venv/bin/python" */
    const struct str *entrypoint;
    size_t entrypoint_count;
    const struct str *args;
    size_t arg_count;

    bool serves; /* port is not 0 */
    unsigned port, metrics_port, published_port;
    struct str
        port_variable;  /* the variable that tells the server its port, "PORT", "UVICORN_PORT"; empty: none is known */
    struct str metrics; /* path, or empty */
    bool probe_files;   /* the probe ships as files beside the Dockerfile */
    struct init_probe startup, ready, live;

    const struct init_path *paths; /* /tmp first, then by path */
    size_t path_count;
    const struct str *env; /* NAME=VALUE, the language's own first, then the options' */
    size_t env_count;
    const struct init_secret *secrets;
    size_t secret_count;

    unsigned user, group;
    uint64_t memory_bytes;
    unsigned cpu_millis, pids, replicas, stop_seconds;
    struct str namespace_;
};

/* Errors as of init_write. Everything lives in ARENA or is the options'. */
int init_plan_make(const struct init_options *options, struct arena *arena, struct init_plan *ret_plan,
                   struct err *err);

/* Notes are collected here by all of the module. */
struct init_output {
    struct arena *arena;
    struct init_file *files;
    size_t file_count, file_room;
    struct str *notes;
    size_t note_count, note_room;
};

/* Takes CONTENT's bytes over into the arena. Errors: ERR_NOMEM. */
int init_add(struct init_output *output, const char *path, struct buf *content, const char *what, struct err *err);
int init_add_binary(struct init_output *output, const char *path, struct str content, const char *what,
                    struct err *err);
int init_note(struct init_output *output, struct err *err, const char *format, ...) PRINTF_LIKE(3, 4);

/* The writers. */
int init_write_dockerfile(const struct init_plan *plan, struct init_output *output, struct err *err);
int init_write_compose(const struct init_plan *plan, struct init_output *output, struct err *err);
int init_write_kubernetes(const struct init_plan *plan, struct init_output *output, struct err *err);

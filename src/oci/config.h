/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/config.h - an image's configuration: what it runs on, how it starts, the diff IDs of its layers
 * (image-spec 1.1 config.md; the fields that Docker adds are kept: Healthcheck, Shell, ArgsEscaped).
 *
 * Times are text (RFC 3339) and durations nanoseconds. An absent list and an empty one are told apart where engines
 * do (Entrypoint, Cmd: `items` is NULL when absent). Limit: LIMIT_CONFIG_BYTES.
 */
#include "base/arena.h"
#include "data/decode.h"
#include "io/digest.h"
#include "oci/platform.h"

struct oci_healthcheck {
    struct data_strs test; /* "CMD", program, arguments...; {"NONE"}; items NULL: no health check stated */
    int64_t interval_ns;   /* 0: the engine's default; likewise below */
    int64_t timeout_ns;
    int64_t start_period_ns;
    int64_t start_interval_ns;
    int64_t retries;
};

struct oci_history {
    struct str created;
    struct str author;
    struct str created_by;
    struct str comment;
    bool empty_layer;
};

struct oci_config {
    struct oci_platform platform;
    struct str created; /* may be empty */
    struct str author;  /* may be empty */

    struct str user;                /* "65532:65532"; empty: root */
    struct data_strs exposed_ports; /* "8080/tcp" */
    struct data_strs env;           /* "NAME=value" */
    struct data_strs entrypoint;
    struct data_strs cmd;
    struct data_strs volumes;
    struct str working_dir;
    struct data_pairs labels;
    struct str stop_signal;
    bool args_escaped;
    struct oci_healthcheck healthcheck;
    struct data_strs shell;

    struct digest *diff_ids; /* of the uncompressed layers, base first */
    size_t diff_id_count;
    struct oci_history *history;
    size_t history_count;
};

/* BYTES must outlive the result. Errors: ERR_INVALID with the path of the field, ERR_LIMIT. */
int oci_config_read(struct str bytes, struct arena *arena, struct oci_config *ret_config, struct err *err);

/*
 * Compact JSON in a fixed key order; ports, volumes and labels are sorted, since their order has no meaning.
 * Errors: ERR_INVALID when a text holds a NUL or is no UTF-8 (no engine could take it), ERR_NOMEM.
 */
int oci_config_write(const struct oci_config *config, struct buf *out, struct err *err);

/* The value of the variable NAME in config->env; NULL pointer when it is not set. */
struct str oci_config_env(const struct oci_config *config, const char *name);

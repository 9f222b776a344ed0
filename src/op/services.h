/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/services.h - what the composition root lends to operations, instead of globals.
 *
 * cli/ (later http/) fills one of these before it runs an operation and keeps it alive while that runs. Operations
 * read it and never change it. A function that a surface does not offer is NULL only for operations whose effects
 * do not ask for it.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/op.h"
#include "base/str.h"

struct operation;
struct transport;

/* Operations that belong together on a surface, in the order that help shows. */
struct op_table {
    const struct operation *const *items; /* NULL-terminated */
};

/* A question to a person, in one line. */
struct op_question {
    struct str text;         /* "port that the service listens on", without a question mark */
    struct str suggested;    /* what an empty answer means; may be empty */
    struct str why;          /* where the suggestion is from, "main.go:12 listens on it"; may be empty */
    struct str_list choices; /* the only answers, or empty */
    /* What is wrong with ANSWER, appended; the question is asked again then. May be NULL. */
    bool (*accepts)(void *self, struct str answer, struct buf *why_not);
    void *self;
};

struct op_services {
    const struct op_table *operations;
    struct str version; /* "0.1.0" */

    /* Absolute path of the cache (not made yet), or empty when the environment names none: see cache_dir_required. */
    struct str cache_dir;
    struct str data_dir;       /* where barehull's own files were installed (archive keys), or empty */
    bool offline;              /* use the cache alone; open_transport then fails with ERR_OFFLINE */
    int64_t source_date_epoch; /* seconds; 0 when the environment has none */
    unsigned threads;          /* for pool_new: 0 is as many as there are processors */

    /* A client for http(s) and file URLs (OP_NETWORK). The caller frees it with transport_free. */
    int (*open_transport)(const struct op_services *services, struct transport **ret_transport, struct err *err);

    /*
     * Gives standard output to the operation as a file descriptor that stays the services': the answer's text then
     * goes to standard error (JSON too), so that the stream holds nothing but the operation's bytes. ERR_USAGE when
     * it was claimed already, or is a terminal.
     */
    int (*claim_stdout)(const struct op_services *services, int *ret_fd, struct err *err);

    /* Shows an error of several; the operation fails with its own in the end. May be NULL. */
    void (*tell)(const struct op_services *services, const struct err *problem);

    /*
     * Asks a person. NULL when nobody is there (no terminal, a service): then the operation takes what it knows or
     * fails with the option to give. Errors: ERR_CANCELLED at the end of input.
     */
    int (*ask)(const struct op_services *services, const struct op_ctx *ctx, const struct op_question *question,
               struct str *ret_answer, struct err *err);

    void *self; /* the composition root's */
};

/* cache_dir, or ERR_NOT_FOUND with the remedy when it is empty. */
int op_services_cache_dir(const struct op_services *services, struct str *ret_path, struct err *err);

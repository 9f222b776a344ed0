/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/transport.h - how bytes come from elsewhere: the interface that net/ implements with libcurl and tests replace.
 *
 * Modules that fetch (archive, oci) take a `struct transport *` and know nothing of sockets.
 */
#include "base/err.h"
#include "base/op.h"
#include "base/str.h"

struct transport;

struct transport_fetch {
    /* asked */
    const char *url;            /* http:, https: or file: */
    const char *method;         /* NULL: GET */
    const char *const *headers; /* "Name: value" lines, NULL-terminated; NULL: none */
    struct reader *body;        /* request body or NULL; not owned */
    uint64_t limit_bytes;       /* of the answer's body */
    uint64_t expect_bytes;      /* for progress; 0 when unknown */
    struct writer *sink;        /* body of a 2xx answer; not owned, neither closed nor cancelled here; may be NULL */
    struct str label;           /* for progress and messages */
    /* Called once when this fetch is over, in the thread that called transport_run; may be NULL. */
    void (*finished)(struct transport_fetch *fetch);
    void *owner; /* the caller's */
    /* answered */
    int http_status;    /* 0 when there was none (file:) or nothing answered */
    char etag[128];     /* "" when there was none */
    char location[512]; /* of a 201/202 answer */
    struct err err;     /* ERR_NONE when a 2xx answer arrived whole (304 too) */
};

struct transport_ops {
    int (*run)(struct transport *transport, struct transport_fetch *fetches, size_t count, const struct op_ctx *ctx,
               struct err *err);
    void (*free)(struct transport *transport);
};

struct transport {
    const struct transport_ops *ops;
};

/*
 * Runs all fetches, several at once, with retries for what is worth it (refused, reset, timed out, 429, 5xx; the
 * sink has seen nothing then, or the fetch fails). Returns 0 when each was tried: look at fetch->err. An error
 * return means that none could be (no client library, cancelled).
 */
int transport_run(struct transport *transport, struct transport_fetch *fetches, size_t count, const struct op_ctx *ctx,
                  struct err *err);
void transport_free(struct transport *transport); /* NULL is fine */

/* URL without the name and the password that it may carry, for messages; cut to SIZE, NUL-terminated. Returns OUT. */
const char *transport_public_url(struct str url, char *out, size_t size);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/trace.h - the names that a request has in logs: its trace (W3C Trace Context, level 1) and its request id.
 *
 * A valid `traceparent` is taken over: its trace id stays, the span is a new one, and the caller's is the parent.
 * Without one, or with a malformed one, a new trace begins. The request id is the caller's X-Request-Id where it is
 * sane (1 to LIMIT_REQUEST_ID_BYTES visible characters of URIs), else the trace id. Ids are unique, not secret.
 */
#include "http/request.h"

#include <stdatomic.h>

enum { TRACE_ID_DIGITS = 32, TRACE_SPAN_DIGITS = 16 };

struct trace_source { /* one for a service; any thread */
    uint64_t seed[2];
    atomic_uint_fast64_t count;
};

struct trace {
    char trace_id[TRACE_ID_DIGITS + 1], span_id[TRACE_SPAN_DIGITS + 1];
    char parent_id[TRACE_SPAN_DIGITS + 1]; /* "" for a trace that began here */
    struct str request_id;                 /* the request's bytes, or trace_id of this structure */
};

/* Seeds SOURCE from the system; a fixed seed for tests is as good. */
void trace_source_init(struct trace_source *source);

/* REQUEST NULL: it could not be read. TRACE must not be moved. */
void trace_begin(struct trace *trace, struct trace_source *source, const struct http_request *request);

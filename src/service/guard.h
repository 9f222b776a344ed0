/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/guard.h - who may ask from a browser: Host against DNS rebinding, Origin against pages of others, and what
 * CORS (Fetch, section 3.2) tells the pages that may.
 *
 * Host: an IP address is fine (a page that was rebound calls by a name, docs/design/025), so are loopback names and
 * what ALLOWED_HOSTS holds. Origin: absent is fine (no browser), so are the same origin and what ALLOWED_ORIGINS holds.
 */
#include "config/service.h"
#include "http/request.h"

enum guard_verdict { GUARD_PASS, GUARD_HOST, GUARD_ORIGIN };

enum guard_origin {
    GUARD_ORIGIN_NONE,   /* no Origin: nothing of CORS in the answer */
    GUARD_ORIGIN_SAME,   /* the service's own */
    GUARD_ORIGIN_LISTED, /* told by its name */
    GUARD_ORIGIN_ANY,    /* told as "*" (development) */
};

struct guard_result {
    enum guard_verdict verdict;
    enum guard_origin origin;
    struct str value; /* of the Origin field; empty when it is absent */
};

struct guard_result guard_judge(const struct service_config *config, const struct http_request *request);

/* Appends the fields that a page may send in REQUEST's preflight: ours, and the Mcp-Param-* ones that it asks for. */
void guard_allowed_headers(const struct http_request *request, struct buf *out);

/* What scripts may read of our answers. */
#define GUARD_EXPOSED_HEADERS STR("ETag, MCP-Protocol-Version, Retry-After, X-Request-Id")
#define GUARD_MAX_AGE         STR("7200") /* seconds that a preflight is kept: the most that browsers take */

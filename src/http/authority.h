/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http/authority.h - host and port, as a Host field, a target or an Origin names them (RFC 3986, section 3.2).
 *
 * Stricter than the grammar: a host is an IPv6 address in brackets, or labels of letters, digits, '-' and '_' with
 * single dots between them (one more dot may end it), which holds every DNS name, service name and IPv4 address. Users,
 * percent-encoding, zones and IPvFuture are refused. Limits: LIMIT_HTTP_HOST_BYTES.
 */
#include "base/str.h"

struct http_authority {
    struct str host; /* within the text that was read; an IPv6 address without its brackets */
    uint16_t port;   /* 0: not given */
    bool ipv6;
};

/* False, and *ret_authority untouched, when TEXT is none. */
bool http_authority_parse(struct str text, struct http_authority *ret_authority);

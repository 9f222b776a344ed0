/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/negotiate.h - which form of an answer a client wants (RFC 9110, section 12), and what it sent.
 *
 * Preferences are read leniently, as every server does: an element that is no media range is passed over, parameters
 * other than the weight are not looked at, and without the field everything is fine.
 */
#include "http/request.h"

enum { NEGOTIATE_BEST = 1000 };

/* How much TYPE ("application/json") is wanted: 0 (not at all) to NEGOTIATE_BEST. The most specific range decides. */
unsigned negotiate_type(const struct http_request *request, struct str type);

/* Index of the most wanted of OFFERS, the first of equals; COUNT when none is. */
size_t negotiate_best(const struct http_request *request, const struct str *offers, size_t count);

/* True when the answer may be compressed with gzip, and the client does not like it better as it is. */
bool negotiate_gzip(const struct http_request *request);

/* The media type of a Content-Type value without its parameters and the space around it; empty when it is none. */
struct str negotiate_essence(struct str value);

/* True when FIELD (of entity tags) holds TAG, which stands in quotes, or is "*" (weak comparison). */
bool negotiate_etag(const struct http_request *request, struct str field, struct str tag);

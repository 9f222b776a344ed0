/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/query.h - the query of a request as names and values ("a=1&b=%20").
 */
#include "base/buf.h"
#include "http/request.h"

/* Without the '?'; empty when there is none. */
static inline struct str query_of(const struct http_request *request)
{
    return request->has_query ? http_request_text(request, request->query) : STR_NONE;
}

/* The next pair of *REST, still encoded; what is empty between two '&' is passed over. False at the end. */
bool query_next(struct str *rest, struct str *ret_name, struct str *ret_value);

/* Appends the value of the first NAME (which needs no encoding), decoded; false when there is none, or it can't be
 * decoded. */
bool query_get(const struct http_request *request, struct str name, struct buf *out);

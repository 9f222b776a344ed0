/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http/response.h - writes an HTTP/1.1 response (RFC 9112) so that it can't be written wrongly.
 *
 *     http_response_start(&response, &out, 200, HTTP_RESPONSE_BODY);
 *     http_response_field(&response, STR("Content-Type"), STR("application/json"));
 *     http_response_length(&response, body.len);
 *     http_response_data(&response, body);
 *     http_response_end(&response);
 *     return http_response_check(&response, err);
 *
 * The head ends with one of http_response_{length,chunked,until_close,bodiless}. The failure is sticky, as in struct
 * buf: a field name that is no token, a value with CR, LF, NUL or another control character (a value is often somebody
 * else's text), content that is not as long as announced, or calls in a wrong order make the response fail, and while
 * the head is not whole, OUT is cut back to what it was. So a caller can answer something else instead.
 *
 * HEAD has the fields that GET would have and no content (HTTP_RESPONSE_HEAD_ONLY: data is counted, not written); 1xx,
 * 204 and 304 end with http_response_bodiless. Date, Server and Connection are fields that the caller gives. OUT may be
 * sent and emptied between the calls behind the head.
 */
#include "base/buf.h"

enum http_response_kind { HTTP_RESPONSE_BODY, HTTP_RESPONSE_HEAD_ONLY };

struct http_response {
    struct buf *out;
    size_t start; /* where the head begins in OUT */
    enum http_response_kind kind;
    uint8_t stage, failure;
    unsigned status;
    uint64_t left; /* of the announced length */
};

/* "HTTP/1.1 STATUS REASON"; STATUS is 200 to 599, or 103. OUT is appended to, and outlives the response. */
void http_response_start(struct http_response *response, struct buf *out, unsigned status,
                         enum http_response_kind kind);

/* NAME must not be Content-Length or Transfer-Encoding, which the end of the head writes. */
void http_response_field(struct http_response *response, struct str name, struct str value);
void http_response_field_u64(struct http_response *response, struct str name, uint64_t value);

/* The end of the head, one of: */
void http_response_length(struct http_response *response, uint64_t bytes);
void http_response_chunked(struct http_response *response);
void http_response_until_close(struct http_response *response); /* for a client of HTTP/1.0; adds "Connection: close" */
void http_response_bodiless(struct http_response *response);

/* Content; what is empty writes nothing (an empty chunk would be the last). */
void http_response_data(struct http_response *response, struct str data);
void http_response_end(struct http_response *response);

/*
 * 0 as long as nothing failed. ERR_NOMEM; ERR_INVALID: a name or value that no field can have; ERR_INTERNAL: calls in
 * a wrong order, or another length than announced.
 */
int http_response_check(const struct http_response *response, struct err *err);

/* The interim answer to "Expect: 100-continue". */
#define HTTP_CONTINUE STR("HTTP/1.1 100 Continue\r\n\r\n")

/* For writev: chunk line (its length is returned), the bytes, HTTP_CHUNK_END; and HTTP_CHUNK_LAST behind them all. */
enum { HTTP_CHUNK_LINE_MAX = 18 };
size_t http_chunk_line(char line[HTTP_CHUNK_LINE_MAX], size_t bytes); /* BYTES > 0 */
#define HTTP_CHUNK_END  STR("\r\n")
#define HTTP_CHUNK_LAST STR("0\r\n\r\n")

/* "Not Found"; "" for a status without a registered phrase. Static. */
struct str http_reason_phrase(unsigned status);

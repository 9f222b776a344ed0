/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http/request.h - the head of an HTTP/1.1 request (RFC 9112, RFC 9110), read strictly, however its bytes come in.
 *
 *     struct http_field fields[LIMIT_HTTP_FIELDS];
 *     struct http_head_reader reader;
 *     http_head_reader_init(&reader, &http_limits_default, fields);
 *     while ((step = http_head_read(&reader, bytes)) == HTTP_MORE)
 *         bytes = all bytes since the first one of this request, which may have moved;
 *     HTTP_DONE:    reader.request; its head is the first request.head_len bytes, the body follows (http/body.h)
 *     HTTP_REFUSED: answer http_fault_status(reader.fault), then close
 *
 * Invariants: the outcome depends on the bytes alone, never on how they were cut; a byte is looked at a fixed number of
 * times; no memory but the caller's is used, nothing is kept but offsets, so that the bytes may move between the calls
 * and behind them (http_request_move). An idle connection needs no buffer: it has no reader at work.
 *
 * What a reader gives is framed beyond doubt, or refused. Refused although RFC 9112 lets it pass: bare LF as a line
 * end, a repeated Content-Length even of the same value, an empty Host, hosts that are no DNS name or address
 * (http/authority.h), characters that a URI must percent-encode, %00 in a path, CONNECT. One empty line before the
 * request is passed over. Not judged here: methods that nobody routes (405, 501), Host and Origin against what is
 * allowed.
 */
#include "base/str.h"
#include "http/fault.h"

enum http_step {
    HTTP_MORE,    /* needs more bytes */
    HTTP_DATA,    /* only of a body: some of its content */
    HTTP_DONE,    /* whole */
    HTTP_REFUSED, /* for good: see `fault` */
};

#define HTTP_METHOD_TABLE(X) X(GET) X(HEAD) X(POST) X(PUT) X(DELETE) X(OPTIONS) X(PATCH) X(TRACE)

enum http_method {
    HTTP_METHOD_OTHER, /* any other token: request->method_name */
#define X(name) HTTP_METHOD_##name,
    HTTP_METHOD_TABLE(X)
#undef X
};

enum http_target {
    HTTP_TARGET_ORIGIN,   /* "/path?query" */
    HTTP_TARGET_ABSOLUTE, /* "http://host/path?query": its authority counts, not the Host field's */
    HTTP_TARGET_ASTERISK, /* "*", of OPTIONS */
};

enum http_framing { HTTP_FRAMING_NONE, HTTP_FRAMING_LENGTH, HTTP_FRAMING_CHUNKED };

/* What a reader lets pass. Each line counts with its line end. */
struct http_limits {
    uint32_t line_bytes;  /* the request line: 414 */
    uint32_t field_bytes; /* one field line: 431 */
    uint32_t head_bytes;  /* all of them with the empty lines: 431 */
    uint32_t fields;      /* how many: 431 */
    uint64_t body_bytes;  /* content: 413 */
};

extern const struct http_limits http_limits_default; /* base/limits.h */

/* Bytes of the head, by their offset. */
struct http_span {
    uint32_t at, len;
};

struct http_field {
    struct http_span name, value; /* the value without white space around it */
};

struct http_request {
    const char *head; /* what the spans speak of */
    size_t head_len;  /* with what stood before the request line and the empty line at the end */
    enum http_method method;
    enum http_target form;
    enum http_framing framing;
    uint8_t minor_version; /* 0 or 1; a higher one is read as 1 (RFC 9110, section 2.5) */
    bool keep_alive;       /* what the client allows */
    bool expect_continue;  /* waits for "100 Continue" before it sends the body */
    bool has_query;        /* "/a?" has one, empty */
    bool host_is_ipv6;
    uint16_t port; /* of the authority; 0: not given */
    struct http_span method_name, target, path, query;
    struct http_span authority, host; /* the target's or the Host field's; empty only in HTTP/1.0 */
    uint64_t content_length;          /* of HTTP_FRAMING_LENGTH */
    const struct http_field *fields;  /* in their order */
    uint32_t field_count;
};

struct http_head_reader {
    struct http_request request;
    enum http_fault fault;
    const struct http_limits *limits;
    struct http_field *fields;
    uint32_t at;       /* where the line in work begins */
    uint32_t searched; /* no line end from there to here */
    uint8_t phase, empty_lines;
    bool host_seen, length_seen, coding_seen, close_seen, keep_alive_seen;
    bool expect_seen, expectation_unknown;
    bool coding_malformed, coding_unknown, chunked_last;
};

/* FIELDS has room for LIMITS->fields; both outlive the reader. Also makes a reader ready for the next request. */
void http_head_reader_init(struct http_head_reader *reader, const struct http_limits *limits,
                           struct http_field *fields);

/* BYTES: all that came since the first byte of this request. Once done or refused, it stays so. */
enum http_step http_head_read(struct http_head_reader *reader, struct str bytes);

/* True as long as nothing but an empty line came: a peer that closes now was idle and broke nothing off. */
bool http_head_is_idle(const struct http_head_reader *reader);

/* The head (and the fields, unless NULL) lie elsewhere now, with the same content. */
static inline void http_request_move(struct http_request *request, const char *head, const struct http_field *fields)
{
    request->head = head;
    request->fields = fields ? fields : request->fields;
}

static inline struct str http_request_text(const struct http_request *request, struct http_span span)
{
    return str_of(request->head + span.at, span.len);
}

/* The path as it was sent, percent-encoded; "/" for a target without one, "*" for the asterisk form. */
struct str http_request_path(const struct http_request *request);

/* The next field of NAME from field *INDEX on (start with 0; ASCII case is folded): false when there is none. */
bool http_request_next(const struct http_request *request, struct str name, uint32_t *index, struct str *ret_value);

/* The first field of NAME; false when there is none. */
bool http_request_field(const struct http_request *request, struct str name, struct str *ret_value);

/* How many fields of NAME there are: what may stand once only is refused by whoever reads it. */
uint32_t http_request_count(const struct http_request *request, struct str name);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/response.h - reads an HTTP/1 answer as it arrives (RFC 9112), without keeping it.
 *
 * Bytes are fed in any pieces; the result does not hang on where they are cut. Interim answers (1xx) are passed over.
 * The end of the body is found by its framing: chunked, length, or the end of the connection; or at PROBE_BODY_BYTES.
 * A bare LF ends a line as CRLF does (2.2). Whatever is behind the answer is not looked at.
 * It has no memory but its own, and takes constant time per byte.
 */
#include "probe/text.h"

enum response_state {
    RESPONSE_MORE, /* feed on */
    RESPONSE_DONE, /* complete: status holds */
    RESPONSE_BAD,  /* never completes: fault holds */
};

enum response_fault {
    RESPONSE_EMPTY,         /* closed before the first byte */
    RESPONSE_CUT,           /* closed before its end */
    RESPONSE_NOT_HTTP,      /* begins otherwise */
    RESPONSE_TLS,           /* begins as TLS does */
    RESPONSE_MALFORMED,     /* no valid status line, field or chunk */
    RESPONSE_HEAD_TOO_LONG, /* PROBE_HEAD_BYTES */
};

enum response_phase {
    RESPONSE_STATUS_LINE,
    RESPONSE_FIELDS,
    RESPONSE_CHUNK_SIZE,
    RESPONSE_CHUNK_DATA,
    RESPONSE_CHUNK_END,
    RESPONSE_TRAILERS,
    RESPONSE_LENGTH_DATA,
    RESPONSE_DATA_TO_CLOSE,
};

struct response {
    unsigned status;           /* 0 until a status line was read; of the last head */
    enum response_fault fault; /* of a bad one */
    enum response_state state; /* the reader's, from here on */
    enum response_phase phase;
    bool chunked, other_coding, has_length;
    bool excerpt_ends;
    uint32_t head_bytes, body_bytes;
    uint64_t left; /* of the body or of the chunk */
    uint32_t line_len;
    uint32_t excerpt_len;
    char line[PROBE_HEAD_LINE_BYTES];
    char excerpt[PROBE_EXCERPT_BYTES];
};

void response_init(struct response *response);
enum response_state response_feed(struct response *response, const char *bytes, size_t len);
/* The peer closed; RESET: not in good order, so that a body without a length is not known to be whole. */
enum response_state response_close(struct response *response, bool reset);
/* First line of the body, for people: empty if there is none, or if it is markup. */
struct text response_excerpt(const struct response *response);

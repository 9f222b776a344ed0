/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http/body.h - the content of an HTTP/1.1 request (RFC 9112, sections 6 and 7), piece by piece.
 *
 *     http_body_init(&body, &reader.request, limits);
 *     while ((step = http_body_read(&body, &bytes, &piece)) == HTTP_DATA)
 *         use PIECE, which lies within what BYTES was
 *     HTTP_MORE: read more from the peer, and go on with that alone; HTTP_DONE: BYTES is what follows the request
 *     HTTP_REFUSED: answer http_fault_status(body.fault), then close
 *
 * Nothing is copied, allocated or looked at twice; the content put together, the outcome and the place of the end are
 * the same however the bytes are cut. Chunk extensions and trailers are checked, bounded and dropped. Refused although
 * RFC 9112 lets it pass: chunk sizes of more than 16 digits, white space behind a chunk size without an extension.
 * Limits: those of the head's reader, LIMIT_HTTP_CHUNK_EXTENSION_BYTES, LIMIT_HTTP_TRAILER_BYTES, LIMIT_HTTP_FIELDS.
 */
#include "http/request.h"

struct http_body {
    enum http_fault fault;
    uint8_t state;
    uint8_t digits;           /* of the chunk size in work */
    uint32_t extension_bytes; /* so far, in all chunks */
    uint32_t trailer_bytes, trailers;
    uint64_t left;  /* bytes of the content, or of the chunk in work, that are still to come */
    uint64_t bytes; /* of content given out or announced so far */
    uint64_t limit;
};

void http_body_init(struct http_body *body, const struct http_request *request, const struct http_limits *limits);

/* Takes from the front of *BYTES. *ret_piece is set for HTTP_DATA only, and then not empty. */
enum http_step http_body_read(struct http_body *body, struct str *bytes, struct str *ret_piece);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http/internal.h - the parts of the head reader: each reads one line, at offsets of the head.
 */
#include "http/request.h"

/* The request line (RFC 9112, section 3): BYTES, of which LINE is the line without its end. */
enum http_fault http_request_line_read(struct http_request *request, struct str bytes, struct http_span line);

/* One field line (RFC 9112, section 5): stored, and what it says of framing and connection noted. */
enum http_fault http_field_read(struct http_head_reader *reader, struct str bytes, struct http_span line);

/* What all fields together say (RFC 9112, sections 3.2, 6.3 and 9.3). */
enum http_fault http_fields_judge(struct http_head_reader *reader);

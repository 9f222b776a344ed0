/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http/fault.h - why a request is refused: the status to answer with, a stable name, and the reason in words.
 *
 * A refused request leaves the connection without framing: whoever answers it closes the connection behind the answer
 * (RFC 9112, section 9.6). The names are for logs, metrics and tests.
 */
#include "base/str.h"

/*       fault, status, name, reason */
#define HTTP_FAULT_TABLE(X)                                                                                            \
    X(NOT_HTTP, 400, "not-http", "the first byte begins no method")                                                    \
    X(EMPTY_LINES, 400, "empty-lines", "too many empty lines before the request")                                      \
    X(BARE_LF, 400, "bare-lf", "a line ends with LF alone")                                                            \
    X(BARE_CR, 400, "bare-cr", "a CR without LF")                                                                      \
    X(NUL, 400, "nul", "a NUL byte")                                                                                   \
    X(CONTROL, 400, "control", "a control character")                                                                  \
    X(REQUEST_LINE, 400, "request-line", "the request line is not a method, a target and a version")                   \
    X(METHOD, 400, "method", "the method is not a token")                                                              \
    X(METHOD_LONG, 501, "method-long", "the method is longer than any that is known")                                  \
    X(TUNNEL, 501, "tunnel", "CONNECT is not offered")                                                                 \
    X(VERSION_SYNTAX, 400, "version-syntax", "the version is not 'HTTP/' and two digits with a point")                 \
    X(VERSION, 505, "version", "only HTTP/1.0 and HTTP/1.1 are spoken")                                                \
    X(HTTP2, 505, "http2", "HTTP/2 without negotiation is not spoken")                                                 \
    X(TARGET, 400, "target", "the target is not a path, an http URI or '*'")                                           \
    X(TARGET_CHAR, 400, "target-char", "the target has a character that must be percent-encoded")                      \
    X(TARGET_PERCENT, 400, "target-percent", "a percent sign without two hexadecimal digits, or a NUL, in the target") \
    X(TARGET_ASTERISK, 400, "target-asterisk", "the target '*' is for OPTIONS alone")                                  \
    X(TARGET_USER, 400, "target-user", "the target names a user")                                                      \
    X(TARGET_HOST, 400, "target-host", "the target's host is invalid")                                                 \
    X(TARGET_LONG, 414, "target-long", "the request line is too long")                                                 \
    X(FIELD_FOLDED, 400, "field-folded", "a field line begins with white space")                                       \
    X(FIELD_SPACE, 400, "field-space", "white space before the colon of a field")                                      \
    X(FIELD_NAME, 400, "field-name", "a field name is not a token")                                                    \
    X(FIELD_COLON, 400, "field-colon", "a field line without a colon")                                                 \
    X(FIELD_LONG, 431, "field-long", "a field line is too long")                                                       \
    X(FIELDS_MANY, 431, "fields-many", "too many fields")                                                              \
    X(HEAD_LONG, 431, "head-long", "the header section is too long")                                                   \
    X(HOST_MISSING, 400, "host-missing", "HTTP/1.1 needs a Host field")                                                \
    X(HOST_TWICE, 400, "host-twice", "more than one Host field")                                                       \
    X(HOST, 400, "host", "the Host field is invalid")                                                                  \
    X(LENGTH, 400, "length", "the Content-Length is not a decimal number")                                             \
    X(LENGTH_TWICE, 400, "length-twice", "more than one Content-Length field")                                         \
    X(LENGTH_AND_CODING, 400, "length-and-coding", "both Content-Length and Transfer-Encoding")                        \
    X(CODING_OLD, 400, "coding-old", "Transfer-Encoding in a request of HTTP/1.0")                                     \
    X(CODING_SYNTAX, 400, "coding-syntax", "the Transfer-Encoding does not end in one plain 'chunked'")                \
    X(CODING, 501, "coding", "a transfer coding other than chunked")                                                   \
    X(EXPECTATION, 417, "expectation", "an expectation other than 100-continue")                                       \
    X(BODY_LONG, 413, "body-long", "the content is too large")                                                         \
    X(CHUNK_SIZE, 400, "chunk-size", "a chunk size is not a hexadecimal number of at most 16 digits")                  \
    X(CHUNK_EXTENSION, 400, "chunk-extension", "something other than an extension behind a chunk size")                \
    X(CHUNK_EXTENSION_LONG, 413, "chunk-extension-long", "the chunk extensions are too long")                          \
    X(CHUNK_END, 400, "chunk-end", "no line end behind the bytes of a chunk")                                          \
    X(TRAILER_LONG, 431, "trailer-long", "the trailer section is too long")

enum http_fault {
    HTTP_FAULT_NONE = 0,
#define X(fault, status, name, reason) HTTP_FAULT_##fault,
    HTTP_FAULT_TABLE(X)
#undef X
};

unsigned http_fault_status(enum http_fault fault); /* 0 for HTTP_FAULT_NONE */
struct str http_fault_name(enum http_fault fault); /* "none" for HTTP_FAULT_NONE; static, NUL behind it */
struct str http_fault_reason(enum http_fault fault);

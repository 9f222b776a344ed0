/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http_fixture.h - what a connection makes of bytes that come in cut anywhere, as text: one line for each request.
 *
 * At every step the reader sees an exact copy of its own, so that a sanitizer sees a read past the end and a pointer
 * kept into the bytes of an earlier call.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "http/body.h"
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

static const struct http_limits http_small_limits = {
    .line_bytes = 128, .field_bytes = 96, .head_bytes = 256, .fields = 8, .body_bytes = 64};

/* How bytes come in: STEP at a time, or FIRST and then the rest. */
struct http_cuts {
    size_t step, first;
};

struct http_feed {
    struct str input;
    size_t came; /* bytes that the connection has by now */
    struct http_cuts cuts;
    const struct http_limits *limits;
    struct buf *out;
};

/* False at the end of the input. */
static inline bool http_feed_more(struct http_feed *feed)
{
    if (feed->came == feed->input.len)
        return false;
    size_t step = feed->cuts.step ? feed->cuts.step : feed->came < feed->cuts.first ? feed->cuts.first : SIZE_MAX;
    size_t left = feed->input.len - feed->came;
    feed->came += step < left ? step : left;
    return true;
}

static inline char *http_feed_copy(const struct http_feed *feed, size_t at)
{
    char *copy = malloc(feed->came > at ? feed->came - at : 1);
    if (!copy)
        abort();
    memcpy(copy, feed->input.ptr + at, feed->came - at);
    return copy;
}

/* TEXT with escapes; only its length when it is long. */
static inline void http_add_text(struct buf *out, struct str text)
{
    if (text.len >= 64) {
        buf_addf(out, "(%zu)", text.len);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\r' || c == '\n' || c == '\t' || c == '\0' || c == '\\')
            buf_addf(out, "\\%c", c == '\r' ? 'r' : c == '\n' ? 'n' : c == '\t' ? 't' : c == '\0' ? '0' : '\\');
        else if (c < 0x20 || c == 0x7f)
            buf_addf(out, "\\x%02x", (unsigned char)c);
        else
            buf_add_char(out, c);
    }
}

static inline void http_add_field(struct buf *out, const struct http_request *request, const struct http_field *field)
{
    static const char *const told[] = {"host", "content-length", "transfer-encoding", "connection", "expect"};
    struct str name = http_request_text(request, field->name);
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        if (str_eq_fold(name, str_z(told[i])))
            return;
    }
    buf_add_z(out, " {");
    buf_add_str(out, name);
    buf_add_z(out, ": ");
    http_add_text(out, http_request_text(request, field->value));
    buf_add_char(out, '}');
}

static inline void http_add_request(struct buf *out, const struct http_request *request)
{
    buf_add_str(out, http_request_text(request, request->method_name));
    buf_add_z(out, request->method == HTTP_METHOD_OTHER ? "(other) " : " ");
    http_add_text(out, http_request_path(request));
    if (request->has_query) {
        buf_add_char(out, '?');
        http_add_text(out, http_request_text(request, request->query));
    }
    static const char *const forms[] = {"", " absolute", " asterisk"};
    buf_add_z(out, forms[request->form]);
    if (request->host.len > 0) {
        buf_add_z(out, request->host_is_ipv6 ? " host=[" : " host=");
        http_add_text(out, http_request_text(request, request->host));
        buf_add_z(out, request->host_is_ipv6 ? "]" : "");
    }
    if (request->port)
        buf_addf(out, ":%u", request->port);
    buf_addf(out, " 1.%u", request->minor_version);
    buf_add_z(out, request->keep_alive ? "" : " close");
    buf_add_z(out, request->expect_continue ? " continue" : "");
    if (request->framing == HTTP_FRAMING_LENGTH)
        buf_addf(out, " length=%llu", (unsigned long long)request->content_length);
    buf_add_z(out, request->framing == HTTP_FRAMING_CHUNKED ? " chunked" : "");
    for (uint32_t i = 0; i < request->field_count; i++)
        http_add_field(out, request, &request->fields[i]);
}

static inline void http_add_refusal(struct buf *out, enum http_fault fault)
{
    buf_addf(out, "%u %s", http_fault_status(fault), http_fault_name(fault).ptr);
}

/* The head at AT; reader.request speaks of the input itself then. */
static inline enum http_step http_feed_head(struct http_feed *feed, size_t at, struct http_head_reader *reader)
{
    for (;;) {
        char *copy = http_feed_copy(feed, at);
        struct str bytes = str_of(copy, feed->came - at);
        enum http_step step = http_head_read(reader, bytes);
        if (step != HTTP_MORE && http_head_read(reader, bytes) != step)
            abort();
        free(copy);
        http_request_move(&reader->request, feed->input.ptr + at, NULL);
        if (step != HTTP_MORE || !http_feed_more(feed))
            return step;
    }
}

/* The body at *AT, which is moved behind it. */
static inline enum http_step http_feed_body(struct http_feed *feed, size_t *at, struct http_body *body,
                                            struct buf *content)
{
    for (;;) {
        char *copy = http_feed_copy(feed, *at);
        struct str bytes = str_of(copy, feed->came - *at), piece;
        enum http_step step;
        while ((step = http_body_read(body, &bytes, &piece)) == HTTP_DATA) {
            if (piece.len == 0)
                abort();
            buf_add_str(content, piece);
        }
        *at = feed->came - bytes.len;
        free(copy);
        if (step != HTTP_MORE || !http_feed_more(feed))
            return step;
    }
}

/* One request at *AT, which is moved behind it; false when nothing can follow. */
static inline bool http_feed_request(struct http_feed *feed, size_t *at)
{
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    struct http_body body;
    http_head_reader_init(&reader, feed->limits, fields);
    enum http_step step = http_feed_head(feed, *at, &reader);
    enum http_fault fault = reader.fault;
    CLEANUP_BUF struct buf content = BUF_INIT;
    if (step == HTTP_DONE) {
        *at += reader.request.head_len;
        http_body_init(&body, &reader.request, feed->limits);
        step = http_feed_body(feed, at, &body, &content);
        fault = body.fault;
    } else if (step == HTTP_MORE && http_head_is_idle(&reader)) {
        return false;
    }
    if (step == HTTP_DONE)
        http_add_request(feed->out, &reader.request);
    else if (step == HTTP_MORE)
        buf_add_z(feed->out, "more");
    else
        http_add_refusal(feed->out, fault);
    if (step == HTTP_DONE && content.len > 0) {
        buf_add_z(feed->out, " body=");
        http_add_text(feed->out, buf_str(&content));
    }
    buf_add_char(feed->out, '\n');
    return step == HTTP_DONE && reader.request.keep_alive;
}

/* Appends the outcome; returns how many bytes were consumed by whole requests. */
static inline size_t http_feed_all(struct str input, const struct http_limits *limits, struct http_cuts cuts,
                                   struct buf *out)
{
    struct http_feed feed = {.input = input, .cuts = cuts, .limits = limits, .out = out};
    size_t at = 0;
    http_feed_more(&feed);
    while (http_feed_request(&feed, &at))
        continue;
    if (out->len == 0)
        buf_add_z(out, "idle\n");
    return at;
}

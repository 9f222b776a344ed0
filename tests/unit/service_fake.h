/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service_fake.h - a connection to the service without sockets and threads: bytes in, answers out, for fuzzers and
 * sweeps. It reads requests as the server does (http/request.h, http/body.h), gives them to the application, and stands
 * in for everything of server/exchange.h, which is why one file of a program includes it.
 *
 * What the application promises is held here: exactly one answer to each request, by the worker at the latest; fields
 * that can be written; content where the status may have some; JSON that is JSON.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/limits.h"
#include "data/json.h"
#include "http/body.h"
#include "http/response.h"
#include "server/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct server_exchange {
    const struct http_request *request;
    struct arena arena;
    struct buf body, out;
    struct http_response response;
    struct buf fields; /* NAME NUL VALUE NUL ... */
    void *user;
    uint64_t body_max;
    unsigned status;
    atomic_bool cancelled;
    bool taken, answered, streaming, parked, close;
};

static inline void fake_require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "the application broke its word: %s\n", what);
        abort();
    }
}

const struct http_request *server_exchange_request(const struct server_exchange *exchange)
{
    return exchange->request;
}

struct str server_exchange_body(const struct server_exchange *exchange)
{
    return buf_str(&exchange->body);
}

struct arena *server_exchange_arena(struct server_exchange *exchange)
{
    return &exchange->arena;
}

unsigned server_exchange_door(const struct server_exchange *exchange UNUSED)
{
    return 0;
}

struct str server_exchange_peer(const struct server_exchange *exchange UNUSED)
{
    return STR("192.0.2.1");
}

const atomic_bool *server_exchange_cancelled(const struct server_exchange *exchange)
{
    return &exchange->cancelled;
}

uint64_t server_exchange_deadline_ns(const struct server_exchange *exchange UNUSED)
{
    return 0;
}

bool server_is_draining(const struct server_exchange *exchange UNUSED)
{
    return false;
}

void server_exchange_set_user(struct server_exchange *exchange, void *user)
{
    exchange->user = user;
}

void *server_exchange_user(const struct server_exchange *exchange)
{
    return exchange->user;
}

void server_accept(struct server_exchange *exchange, uint64_t body_bytes_max)
{
    fake_require(!exchange->answered, "takes a request that it answered");
    exchange->taken = true;
    exchange->body_max = body_bytes_max;
}

void server_cancel_on_close(struct server_exchange *exchange UNUSED, bool on UNUSED)
{
}

void server_field(struct server_exchange *exchange, struct str name, struct str value)
{
    buf_add_str(&exchange->fields, name);
    buf_add_char(&exchange->fields, '\0');
    buf_add_str(&exchange->fields, value);
    buf_add_char(&exchange->fields, '\0');
}

static inline void fake_head(struct server_exchange *exchange, unsigned status, struct str type)
{
    exchange->status = status;
    exchange->answered = true;
    bool head_only = exchange->request && exchange->request->method == HTTP_METHOD_HEAD;
    http_response_start(&exchange->response, &exchange->out, status,
                        head_only ? HTTP_RESPONSE_HEAD_ONLY : HTTP_RESPONSE_BODY);
    if (type.len > 0)
        http_response_field(&exchange->response, STR("Content-Type"), type);
    for (size_t at = 0; !exchange->fields.failed && at < exchange->fields.len;) {
        struct str name = str_z(exchange->fields.ptr + at), value = str_z(name.ptr + name.len + 1);
        http_response_field(&exchange->response, name, value);
        at += name.len + value.len + 2;
    }
}

void server_answer(struct server_exchange *exchange, unsigned status, struct str type, struct str body)
{
    if (exchange->answered)
        return;
    fake_require(status >= 200 && status < 600, "a status that is none");
    fake_head(exchange, status, type);
    if (status == 204 || status == 304) {
        http_response_bodiless(&exchange->response);
    } else {
        http_response_length(&exchange->response, body.len);
        http_response_data(&exchange->response, body);
    }
    http_response_end(&exchange->response);
    const struct buf *fields = &exchange->fields;
    bool packed = fields->len > 0 && memmem(fields->ptr, fields->len, "gzip", 4) != NULL;
    bool json = type.len > 0 && memmem(type.ptr, type.len, "json", 4) != NULL;
    if (json && !packed && !fields->failed) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *root;
        int failed = body.len > 0 ? json_parse(body, &arena, &root, NULL) : 0;
        fake_require(failed == 0 || failed == -ERR_NOMEM, "JSON that is none");
    }
}

void server_close(struct server_exchange *exchange)
{
    exchange->close = true;
}

int server_stream_open(struct server_exchange *exchange, unsigned status, struct str type, struct err *err UNUSED)
{
    fake_require(!exchange->answered, "opens a stream behind an answer");
    fake_head(exchange, status, type);
    http_response_chunked(&exchange->response);
    exchange->streaming = true;
    return 0;
}

int server_stream_write(struct server_exchange *exchange, struct str bytes, struct err *err UNUSED)
{
    fake_require(exchange->streaming, "writes to a stream that is none");
    http_response_data(&exchange->response, bytes);
    return 0;
}

void server_stream_keepalive(struct server_exchange *exchange, struct str comment UNUSED)
{
    fake_require(exchange->streaming, "keeps a stream alive that is none");
}

void server_stream_park(struct server_exchange *exchange, struct str last)
{
    fake_require(exchange->streaming, "parks a stream that is none");
    exchange->parked = true;
    http_response_data(&exchange->response, last);
}

struct server_counts server_counts(const struct server *server UNUSED)
{
    return (struct server_counts){0};
}

/* Ends EXCHANGE: one whole answer; its bytes go to OUT, the status is returned (0: memory lacked for any answer). */
static inline unsigned fake_done(const struct server_application *application, struct server_exchange *exchange,
                                 enum http_fault fault, struct buf *out)
{
    if (exchange->streaming)
        http_response_end(&exchange->response);
    bool whole = exchange->answered && !exchange->fields.failed;
    int failed = whole ? http_response_check(&exchange->response, NULL) : -ERR_NOMEM;
    fake_require(failed == 0 || failed == -ERR_NOMEM, "an answer that can't be written");
    struct server_record record = {.exchange = exchange,
                                   .status = failed ? 0 : exchange->status,
                                   .fault = fault,
                                   .answer_bytes = exchange->out.len};
    application->done(application->self, &record);
    if (!failed)
        buf_add_str(out, buf_str(&exchange->out));
    buf_done(&exchange->out);
    buf_done(&exchange->body);
    buf_done(&exchange->fields);
    arena_done(&exchange->arena);
    return failed ? 0 : exchange->status;
}

/* The content of EXCHANGE from *BYTES; what it is refused for. MORE: it is not whole. */
static inline enum http_step fake_body(struct server_exchange *exchange, const struct http_limits *limits,
                                       struct str *bytes, enum http_fault *ret_fault)
{
    struct http_limits bounds = *limits;
    if (exchange->taken)
        bounds.body_bytes = exchange->body_max < limits->body_bytes ? exchange->body_max : limits->body_bytes;
    struct http_body body;
    struct str piece;
    enum http_step step;
    http_body_init(&body, exchange->request, &bounds);
    while ((step = http_body_read(&body, bytes, &piece)) == HTTP_DATA)
        buf_add_str(&exchange->body, piece);
    *ret_fault = body.fault;
    return step;
}

/* One request from the front of *BYTES; its status, 0 at the end of what can be read. */
static inline unsigned fake_request(const struct server_application *application, const struct http_limits *limits,
                                    struct str *bytes, struct buf *out)
{
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    struct server_exchange exchange = {.arena = ARENA_INIT, .body = BUF_INIT, .out = BUF_INIT, .fields = BUF_INIT};
    http_head_reader_init(&reader, limits, fields);
    enum http_step step = http_head_read(&reader, *bytes);
    enum http_fault fault = reader.fault;
    if (step == HTTP_MORE)
        return 0;
    if (step == HTTP_DONE) {
        exchange.request = &reader.request;
        *bytes = str_skip(*bytes, reader.request.head_len);
        application->begin(application->self, &exchange);
        fake_require(exchange.taken != exchange.answered, "a request is either taken or answered");
        step = fake_body(&exchange, limits, bytes, &fault);
        if (buf_check(&exchange.body, NULL) < 0 && !exchange.answered)
            application->refuse(application->self, &exchange, 503, STR("no memory for the content"));
        if (step == HTTP_DONE && !exchange.answered && !application->handle(application->self, &exchange, false)) {
            fake_require(!exchange.answered, "answered on the loop and wants a worker");
            fake_require(application->handle(application->self, &exchange, true), "the worker gives no answer");
        }
    }
    if (step == HTTP_REFUSED && !exchange.answered)
        application->refuse(application->self, &exchange, http_fault_status(fault), http_fault_reason(fault));
    else if (step == HTTP_MORE && !exchange.answered)
        application->refuse(application->self, &exchange, 408, STR("the request did not come whole"));
    bool last = step != HTTP_DONE || exchange.close || !reader.request.keep_alive || exchange.parked;
    unsigned status = fake_done(application, &exchange, fault, out);
    if (last)
        *bytes = (struct str){0};
    return status;
}

/* A whole connection; the answers' bytes go to OUT. How many requests were answered. */
static inline size_t fake_connection(const struct server_application *application, const struct http_limits *limits,
                                     struct str bytes, struct buf *out)
{
    size_t count = 0;
    while (bytes.len > 0 && fake_request(application, limits, &bytes, out))
        count++;
    return count;
}

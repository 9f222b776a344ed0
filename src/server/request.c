/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to a request, and from there to the application: on this thread, or a worker's. */
#include "base/limits.h"
#include "server/internal.h"

#include <string.h>

static const struct server_application *application(const struct connection *connection)
{
    return connection->loop->server->application;
}

bool connection_begin(struct connection *connection)
{
    connection->exchange = exchange_new(connection->loop, connection);
    if (!connection->exchange)
        return false;
    connection->state = CONNECTION_HEAD;
    connection->fresh = false;
    connection->renew = true;
    return true;
}

void connection_refuse(struct connection *connection, unsigned status, struct str reason, bool close)
{
    struct server_exchange *exchange = connection->exchange;
    exchange_forget_head(exchange);
    exchange->close |= close;
    exchange->refusal = true;
    exchange->kind = ANSWER_NONE;
    exchange->fields = NULL;
    exchange->fields_end = &exchange->fields;
    if (application(connection)->refuse)
        application(connection)->refuse(application(connection)->self, exchange, status, reason);
    server_answer(exchange, status, STR_NONE, STR_NONE);
    connection_respond(connection);
}

static void refuse_fault(struct connection *connection, enum http_fault fault)
{
    connection->exchange->fault = fault;
    connection_refuse(connection, http_fault_status(fault), http_fault_reason(fault), true);
}

void connection_dispatch(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    connection->state = CONNECTION_HANDLING;
    connection->renew = true;
    exchange->submitted = true;
    if (!workers_submit(exchange))
        connection_refuse(connection, 503, STR("too many requests wait"), false);
}

/* A stream outlives the buffer that its request came in, be it parked or not all sent. */
static void stream_handled(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    exchange->body = STR_NONE;
    if (!exchange_keep(exchange)) {
        connection_close(connection, "no-memory");
        return;
    }
    if (!exchange->parked)
        stream_finish(exchange, STR_NONE);
    connection_handled(connection);
}

/* The request is whole. */
static void handle(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    struct server *server = exchange->server;
    exchange->deadline_ns = connection->loop->now_ns + server->options.request_timeout_ms * 1000000ULL;
    exchange->phase = CONNECTION_HANDLING;
    connection->state = CONNECTION_HANDLING;
    connection->renew = true;
    if (application(connection)->handle(application(connection)->self, exchange, false)) {
        if (exchange->kind == ANSWER_NONE)
            connection_refuse(connection, 500, STR("the request was not answered"), false);
        else if (exchange->kind == ANSWER_WHOLE)
            connection_respond(connection);
        else
            stream_handled(connection);
    } else if (!exchange_keep(exchange)) {
        connection_refuse(connection, 503, STR("out of memory"), false);
    }
}

/* The application answered without wanting the content. */
static void drop_body(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    const struct http_request *request = &exchange->reader.request;
    bool none =
        request->framing == HTTP_FRAMING_NONE || (request->framing == HTTP_FRAMING_LENGTH && !request->content_length);
    exchange->dropping = true;
    exchange->body_bytes_max = LIMIT_SERVER_DROP_BYTES;
    if (none)
        return;
    if (request->expect_continue ||
        (request->framing == HTTP_FRAMING_LENGTH && request->content_length > LIMIT_SERVER_DROP_BYTES)) {
        exchange->close = true;
        connection_respond(connection);
    }
}

/* Asks the application for what the head alone tells. False: it was answered. */
static bool begin_request(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    const struct http_request *request = &exchange->reader.request;
    exchange->complete = true;
    exchange->phase = CONNECTION_BODY;
    connection->state = CONNECTION_BODY;
    connection->renew = true;
    application(connection)->begin(application(connection)->self, exchange);
    uint64_t most = exchange->server->options.limits.body_bytes;
    if (exchange->kind != ANSWER_NONE)
        drop_body(connection);
    else if (request->framing == HTTP_FRAMING_LENGTH && request->content_length > exchange->body_bytes_max)
        refuse_fault(connection, HTTP_FAULT_BODY_LONG);
    if (connection->state != CONNECTION_BODY)
        return false;
    most = exchange->body_bytes_max < most ? exchange->body_bytes_max : most;
    http_body_init(&exchange->body_reader, request, &(struct http_limits){.body_bytes = most});
    return true;
}

/* False: stop reading for now. */
static bool read_head(struct connection *connection, struct str *in)
{
    struct server_exchange *exchange = connection->exchange;
    enum http_step step = http_head_read(&exchange->reader, *in);
    http_request_move(&exchange->reader.request, in->ptr, NULL);
    if (step == HTTP_MORE) {
        connection->more = true;
        return false;
    }
    if (step != HTTP_DONE) {
        refuse_fault(connection, exchange->reader.fault);
        return false;
    }
    *in = str_skip(*in, exchange->reader.request.head_len);
    return begin_request(connection);
}

/* A piece of the content; false when there is no room for it. */
static bool take_piece(struct server_exchange *exchange, struct str piece)
{
    const struct http_request *request = &exchange->reader.request;
    exchange->body_bytes += piece.len;
    if (exchange->dropping)
        return true;
    if (request->framing == HTTP_FRAMING_LENGTH && piece.len == request->content_length) {
        exchange->body = piece; /* whole, where it lies */
        return true;
    }
    struct buf *content = &exchange->content;
    uint64_t before = content->cap;
    buf_add_str(content, piece);
    uint64_t grown = content->cap - before;
    if (content->failed || !server_charge(exchange->server, grown))
        return false;
    exchange->charged_bytes += grown;
    exchange->body = buf_str(content);
    return true;
}

static void body_is_whole(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    exchange->whole = true;
    if (exchange->kind != ANSWER_NONE)
        connection_respond(connection);
    else
        handle(connection);
}

/* More of the content has to come. */
static void await_body(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    if (!exchange_keep(exchange))
        connection_close(connection, "no-memory");
    else if (exchange->reader.request.expect_continue && exchange->body_bytes == 0 && !exchange->interim_told)
        exchange->interim = exchange->interim_told = true;
}

static void read_body(struct connection *connection, struct str *in)
{
    struct server_exchange *exchange = connection->exchange;
    for (;;) {
        struct str piece;
        enum http_step step = http_body_read(&exchange->body_reader, in, &piece);
        if (step == HTTP_DATA) {
            if (take_piece(exchange, piece))
                continue;
            connection_refuse(connection, 503, STR("out of memory"), true);
        } else if (step == HTTP_DONE) {
            body_is_whole(connection);
        } else if (step == HTTP_MORE) {
            await_body(connection);
        } else if (exchange->dropping) {
            exchange->close = true;
            connection_respond(connection);
        } else {
            refuse_fault(connection, exchange->body_reader.fault);
        }
        return;
    }
}

void connection_consume(struct connection *connection, struct str *in)
{
    struct server_loop *loop = connection->loop;
    connection->more = false;
    for (unsigned count = 0; count < SERVER_BATCH_REQUESTS && loop->out.len < SERVER_BATCH_BYTES; count++) {
        if (connection->state > CONNECTION_BODY || (in->len == 0))
            return;
        if (!connection->exchange && !connection_begin(connection)) {
            connection_close(connection, "no-memory");
            return;
        }
        if (connection->state == CONNECTION_HEAD && !read_head(connection, in))
            return;
        if (connection->state == CONNECTION_BODY)
            read_body(connection, in);
    }
}

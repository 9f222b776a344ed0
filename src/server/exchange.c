/* SPDX-License-Identifier: Apache-2.0 */
#include "server/exchange.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "server/internal.h"

#include <string.h>

bool server_charge(struct server *server, uint64_t bytes)
{
    uint64_t before = atomic_fetch_add_explicit(&server->memory_bytes, bytes, memory_order_relaxed);
    if (before + bytes <= server->options.memory_bytes)
        return true;
    server_discharge(server, bytes);
    return false;
}

void server_discharge(struct server *server, uint64_t bytes)
{
    atomic_fetch_sub_explicit(&server->memory_bytes, bytes, memory_order_relaxed);
}

static struct server_exchange *exchange_make(struct server *server)
{
    struct server_exchange *exchange =
        mem_calloc(1, sizeof(*exchange) + server->options.limits.fields * sizeof(struct http_field));
    if (!exchange)
        return NULL;
    exchange->server = server;
    pthread_mutex_init(&exchange->lock, NULL);
    return exchange;
}

struct server_exchange *exchange_new(struct server_loop *loop, struct connection *connection)
{
    struct server_exchange *exchange = loop->cache;
    if (exchange) {
        loop->cache = exchange->next;
        loop->cached--;
        size_t from = offsetof(struct server_exchange, next);
        memset((char *)exchange + from, 0, offsetof(struct server_exchange, field_space) - from);
    } else {
        exchange = exchange_make(loop->server);
        if (!exchange)
            return NULL;
    }
    exchange->connection = connection;
    exchange->phase = CONNECTION_HEAD;
    exchange->fields_end = &exchange->fields;
    exchange->begun_ns = loop->now_ns; /* when its bytes were there: waiting for its turn counts */
    http_head_reader_init(&exchange->reader, &loop->server->options.limits, exchange->field_space);
    return exchange;
}

static void exchange_destroy(struct server_exchange *exchange)
{
    arena_done(&exchange->arena);
    buf_done(&exchange->out);
    buf_done(&exchange->comment);
    pthread_mutex_destroy(&exchange->lock);
    mem_free(exchange);
}

void exchange_free(struct server_exchange *exchange)
{
    struct server_loop *loop = exchange->connection ? exchange->connection->loop : NULL;
    buf_done(&exchange->content);
    if (exchange->charged_bytes > 0)
        server_discharge(exchange->server, exchange->charged_bytes);
    if (!loop || loop->cached >= SERVER_CACHED_EXCHANGES) {
        exchange_destroy(exchange);
        return;
    }
    if (exchange->arena.used_bytes > SERVER_CACHED_BYTES)
        arena_done(&exchange->arena);
    else if (exchange->arena.used_bytes > 0 || exchange->arena.taken)
        arena_reset(&exchange->arena);
    if (exchange->out.cap > SERVER_CACHED_BYTES)
        buf_done(&exchange->out);
    buf_reset(&exchange->out);
    buf_reset(&exchange->comment);
    exchange->connection = NULL;
    exchange->next = loop->cache;
    loop->cache = exchange;
    loop->cached++;
}

static bool keep_head(struct server_exchange *exchange)
{
    struct http_request *request = &exchange->reader.request;
    struct str head = arena_str(&exchange->arena, str_of(request->head, request->head_len));
    if (!head.ptr)
        return false;
    http_request_move(request, head.ptr, NULL);
    exchange->kept = true;
    return true;
}

/* A view of the buffer that it came in becomes the exchange's own. */
static bool keep_body(struct server_exchange *exchange)
{
    if (!server_charge(exchange->server, exchange->body.len))
        return false;
    exchange->charged_bytes += exchange->body.len;
    buf_add_str(&exchange->content, exchange->body);
    if (exchange->content.failed)
        return false;
    exchange->body = buf_str(&exchange->content);
    return true;
}

/* The head may have been kept before the body was there: each is asked for by itself. */
bool exchange_keep(struct server_exchange *exchange)
{
    if (!exchange->complete)
        return true;
    if (!exchange->kept && !keep_head(exchange))
        return false;
    return exchange->body.len == 0 || exchange->content.ptr || keep_body(exchange);
}

void exchange_forget_head(struct server_exchange *exchange)
{
    struct http_request *request = &exchange->reader.request;
    if (!exchange->complete)
        *request = (struct http_request){.method = request->method, .minor_version = 1, .head = ""};
}

void exchange_finish(struct server_exchange *exchange)
{
    struct server *server = exchange->server;
    bool began = exchange->kind != ANSWER_NONE || exchange->complete || !http_head_is_idle(&exchange->reader);
    exchange_forget_head(exchange);
    struct server_record record = {.exchange = exchange,
                                   .status = exchange->answer_bytes > 0 ? exchange->status : 0,
                                   .duration_ns = clock_monotonic_ns() - exchange->begun_ns,
                                   .body_bytes = exchange->body_bytes,
                                   .answer_bytes = exchange->answer_bytes,
                                   .fault = exchange->fault,
                                   .broken = exchange->broken};
    if (exchange->kind == ANSWER_STREAM)
        atomic_fetch_sub(&server->streams, 1);
    if (began && server->application->done)
        server->application->done(server->application->self, &record);
    exchange_free(exchange);
}

const struct http_request *server_exchange_request(const struct server_exchange *exchange)
{
    return &exchange->reader.request;
}

struct str server_exchange_body(const struct server_exchange *exchange)
{
    return exchange->body;
}

struct arena *server_exchange_arena(struct server_exchange *exchange)
{
    return &exchange->arena;
}

unsigned server_exchange_door(const struct server_exchange *exchange)
{
    return exchange->server->options.listeners[exchange->connection->door].tag;
}

struct str server_exchange_peer(const struct server_exchange *exchange)
{
    return str_of(exchange->connection->peer, exchange->connection->peer_len);
}

const atomic_bool *server_exchange_cancelled(const struct server_exchange *exchange)
{
    return &exchange->cancelled;
}

uint64_t server_exchange_deadline_ns(const struct server_exchange *exchange)
{
    return exchange->deadline_ns;
}

bool server_is_draining(const struct server_exchange *exchange)
{
    return atomic_load_explicit(&exchange->server->draining, memory_order_relaxed);
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
    exchange->accepted = true;
    exchange->body_bytes_max = body_bytes_max;
}

void server_cancel_on_close(struct server_exchange *exchange, bool on)
{
    atomic_store(&exchange->cancel_on_close, on);
    if (on && atomic_load(&exchange->peer_left))
        atomic_store(&exchange->cancelled, true);
}

void server_field(struct server_exchange *exchange, struct str name, struct str value)
{
    struct answer_field *field = ARENA_NEW(&exchange->arena, struct answer_field);
    struct str copy = arena_str(&exchange->arena, value);
    if (!field || !copy.ptr) {
        exchange->failed = true;
        return;
    }
    *field = (struct answer_field){.name = name, .value = copy};
    *exchange->fields_end = field;
    exchange->fields_end = &field->next;
}

void server_answer(struct server_exchange *exchange, unsigned status, struct str type, struct str body)
{
    if (exchange->kind != ANSWER_NONE)
        return;
    exchange->kind = ANSWER_WHOLE;
    exchange->status = status;
    exchange->type = type;
    exchange->answer = body;
}

void server_close(struct server_exchange *exchange)
{
    exchange->close = true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams. Whoever writes holds the exchange's lock: a worker, which waits for the peer itself, or the loop, which
 * never waits, not for the lock either. So output that the peer does not take is bounded by what one writer adds.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "server/internal.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define NS_A_MS 1000000ULL

bool stream_is_open(const struct server_exchange *exchange)
{
    return atomic_load(&exchange->streaming);
}

static size_t waiting_bytes(const struct server_exchange *exchange)
{
    return exchange->out.len - exchange->out_sent;
}

/* Sends what waits, as far as the peer takes it. The lock is held. */
static void push(struct server_exchange *exchange)
{
    struct str waiting = str_skip(buf_str(&exchange->out), exchange->out_sent);
    ssize_t sent = socket_send(exchange->connection->fd, waiting, STR_NONE);
    if (sent < 0) {
        atomic_store(&exchange->gone, true);
        return;
    }
    exchange->answer_bytes += (uint64_t)sent;
    exchange->out_sent += (size_t)sent;
    if (waiting_bytes(exchange) == 0) {
        buf_reset(&exchange->out);
        exchange->out_sent = 0;
    }
}

static bool is_over(struct server_exchange *exchange)
{
    return atomic_load(&exchange->gone) || atomic_load(&exchange->cancelled);
}

/* A worker's: returns when all was sent, or the stream is over. The lock is held. */
static void push_all(struct server_exchange *exchange)
{
    uint64_t deadline = clock_monotonic_ns() + exchange->server->options.write_timeout_ms * NS_A_MS;
    push(exchange);
    while (waiting_bytes(exchange) > 0 && !is_over(exchange)) {
        uint64_t now = clock_monotonic_ns();
        if (now >= deadline) {
            exchange->broken = "write-timeout";
            atomic_store(&exchange->gone, true);
            return;
        }
        short leaving = atomic_load(&exchange->cancel_on_close) ? POLLRDHUP : 0;
        struct pollfd wait = {.fd = exchange->connection->fd, .events = (short)(POLLOUT | leaving)};
        int ready = poll(&wait, 1, (int)((deadline - now + NS_A_MS - 1) / NS_A_MS));
        if (ready < 0 && errno != EINTR)
            atomic_store(&exchange->gone, true);
        if (ready > 0 && (wait.revents & leaving))
            atomic_store(&exchange->cancelled, true);
        push(exchange);
    }
}

/* Puts BYTES behind what waits, framed. The lock is held. */
static int add(struct server_exchange *exchange, struct str bytes, struct err *err)
{
    if (exchange->response.kind == HTTP_RESPONSE_HEAD_ONLY)
        return 0;
    http_response_data(&exchange->response, bytes);
    return http_response_check(&exchange->response, err);
}

static int gone(struct err *err)
{
    return err_set(err, ERR_CANCELLED, "the peer left the stream");
}

static int write_locked(struct server_exchange *exchange, struct str bytes, struct err *err)
{
    exchange->written_ns = clock_monotonic_ns();
    if (!exchange->on_worker) {
        if (waiting_bytes(exchange) + bytes.len > LIMIT_SERVER_STREAM_BYTES)
            return err_set(err, ERR_LIMIT, "the stream's buffer is full");
        if (add(exchange, bytes, err) != 0)
            return err ? -(int)err->code : -ERR_NOMEM;
        push(exchange);
        return is_over(exchange) ? gone(err) : 0;
    }
    while (bytes.len > 0) {
        int failed = add(exchange, str_head(bytes, LIMIT_SERVER_STREAM_BYTES), err);
        if (failed)
            return failed;
        bytes = str_skip(bytes, LIMIT_SERVER_STREAM_BYTES);
        push_all(exchange);
        if (is_over(exchange))
            return gone(err);
    }
    return 0;
}

int server_stream_write(struct server_exchange *exchange, struct str bytes, struct err *err)
{
    if (!stream_is_open(exchange) || is_over(exchange))
        return gone(err);
    pthread_mutex_lock(&exchange->lock);
    int failed = write_locked(exchange, bytes, err);
    pthread_mutex_unlock(&exchange->lock);
    return failed;
}

static int write_head(struct server_exchange *exchange, struct err *err)
{
    struct date_cache date = {0};
    answer_start(exchange, &date, &exchange->out);
    struct http_response *response = &exchange->response;
    if (exchange->reader.request.minor_version == 0) {
        exchange->close = true;
        http_response_until_close(response);
    } else {
        if (exchange->close)
            http_response_field(response, STR("Connection"), STR("close"));
        http_response_chunked(response);
    }
    int failed = http_response_check(response, err);
    return !failed && exchange->failed ? err_nomem(err) : failed;
}

int server_stream_open(struct server_exchange *exchange, unsigned status, struct str type, struct err *err)
{
    struct server *server = exchange->server;
    if (exchange->kind != ANSWER_NONE)
        return err_set(err, ERR_INTERNAL, "the request was answered already");
    if (!exchange->on_worker)
        connection_flush_earlier(exchange->connection);
    if (exchange->connection->owed || atomic_fetch_add(&server->streams, 1) >= server->options.streams) {
        if (!exchange->connection->owed)
            atomic_fetch_sub(&server->streams, 1);
        return err_set(err, ERR_LIMIT, "too many streams");
    }
    exchange->status = status;
    exchange->type = type;
    size_t start = exchange->out.len;
    int failed = write_head(exchange, err);
    if (failed) {
        atomic_fetch_sub(&server->streams, 1);
        exchange->out.failed = false;
        buf_truncate(&exchange->out, start);
        return failed;
    }
    exchange->kind = ANSWER_STREAM;
    pthread_mutex_lock(&exchange->lock);
    exchange->written_ns = clock_monotonic_ns();
    atomic_store(&exchange->streaming, true);
    push(exchange);
    pthread_mutex_unlock(&exchange->lock);
    return is_over(exchange) ? gone(err) : 0;
}

void server_stream_keepalive(struct server_exchange *exchange, struct str comment)
{
    pthread_mutex_lock(&exchange->lock);
    buf_reset(&exchange->comment);
    buf_add_str(&exchange->comment, comment);
    if (exchange->comment.failed)
        buf_done(&exchange->comment);
    pthread_mutex_unlock(&exchange->lock);
}

void server_stream_park(struct server_exchange *exchange, struct str last)
{
    exchange->last = arena_str(&exchange->arena, last);
    exchange->parked = true;
}

void stream_finish(struct server_exchange *exchange, struct str last)
{
    pthread_mutex_lock(&exchange->lock);
    if (is_over(exchange)) {
        atomic_store(&exchange->gone, true);
    } else {
        (void)add(exchange, last, NULL);
        http_response_end(&exchange->response);
        if (http_response_check(&exchange->response, NULL) != 0)
            atomic_store(&exchange->gone, true);
        else
            push(exchange);
    }
    atomic_store(&exchange->streaming, false);
    pthread_mutex_unlock(&exchange->lock);
}

bool stream_flush(struct server_exchange *exchange)
{
    if (pthread_mutex_trylock(&exchange->lock) != 0)
        return true; /* whoever has it sends what waits */
    if (stream_is_open(exchange) && waiting_bytes(exchange) > 0)
        push(exchange);
    pthread_mutex_unlock(&exchange->lock);
    return !atomic_load(&exchange->gone);
}

void stream_tick(struct server_exchange *exchange)
{
    const struct server_options *options = &exchange->server->options;
    if (!stream_is_open(exchange) || pthread_mutex_trylock(&exchange->lock) != 0)
        return;
    uint64_t now = clock_monotonic_ns(), silent_ns = now - exchange->written_ns;
    if (!stream_is_open(exchange)) {
        /* it ended while we came for the lock */
    } else if (waiting_bytes(exchange) > 0) {
        if (silent_ns >= options->write_timeout_ms * NS_A_MS)
            atomic_store(&exchange->gone, true);
    } else if (exchange->comment.len > 0 && silent_ns >= options->keepalive_ms * NS_A_MS / 2) {
        exchange->written_ns = now;
        if (add(exchange, buf_str(&exchange->comment), NULL) == 0)
            push(exchange);
        else
            atomic_store(&exchange->gone, true);
    }
    pthread_mutex_unlock(&exchange->lock);
}

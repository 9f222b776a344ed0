/* SPDX-License-Identifier: Apache-2.0 */
/* A connection: what state it is in, and what its socket says. */
#include "base/alloc.h"
#include "base/limits.h"
#include "server/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct connection *connection_open(struct server_loop *loop, int fd, unsigned door)
{
    struct connection *connection = mem_calloc(1, sizeof(*connection));
    if (!connection)
        return NULL;
    connection->loop = loop;
    connection->fd = fd;
    connection->door = (uint8_t)door;
    connection->list = CONNECTION_CLOSED;
    connection->fresh = true;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = connection};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        mem_free(connection);
        return NULL;
    }
    atomic_fetch_add_explicit(&loop->server->connections, 1, memory_order_relaxed);
    loop_list(connection, CONNECTION_IDLE);
    return connection;
}

/* Frees what was read ahead; an idle connection has none. */
static void drop_input(struct connection *connection)
{
    if (connection->input.cap > 0)
        server_discharge(connection->loop->server, connection->input.cap);
    buf_done(&connection->input);
}

static void finish_all(struct connection *connection, const char *broken)
{
    struct server_exchange *exchange = connection->owed;
    connection->owed = connection->owed_last = NULL;
    while (exchange) {
        struct server_exchange *next = exchange->next;
        exchange->broken = exchange->broken ? exchange->broken : broken;
        exchange_finish(exchange);
        exchange = next;
    }
    exchange = TAKE_PTR(connection->exchange);
    if (exchange) {
        exchange->broken = exchange->broken ? exchange->broken : broken;
        exchange_finish(exchange);
    }
}

void connection_close(struct connection *connection, const char *broken)
{
    struct server_loop *loop = connection->loop;
    if (connection->state == CONNECTION_CLOSED)
        return;
    finish_all(connection, broken);
    drop_input(connection);
    loop_unlist(connection);
    close(connection->fd); /* which takes it out of the epoll */
    connection->fd = -1;
    connection->state = CONNECTION_CLOSED;
    connection->next = loop->closed;
    loop->closed = connection;
    if (connection->refused)
        loop->refusing--;
    else
        atomic_fetch_sub_explicit(&loop->server->connections, 1, memory_order_relaxed);
}

/* The peer sends no more, or (RESET) takes no more either: what that means for who is at work. */
static void peer_left(struct connection *connection, bool reset)
{
    connection->ended = true;
    struct server_exchange *exchange = connection->exchange;
    if (connection->state == CONNECTION_PARKED) {
        connection_close(connection, "peer-closed");
    } else if (connection->state == CONNECTION_HANDLING && exchange) {
        atomic_store(&exchange->peer_left, true);
        if (reset || atomic_load(&exchange->cancel_on_close))
            atomic_store(&exchange->cancelled, true);
    }
}

void connection_event(struct connection *connection, uint32_t events)
{
    if (connection->state == CONNECTION_CLOSED)
        return;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        connection->readable = true;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        peer_left(connection, events & (EPOLLHUP | EPOLLERR));
    connection_run(connection);
}

/* recv gave nothing. True: go on. */
static bool read_ended(struct connection *connection, ssize_t got)
{
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        connection->readable = false;
        return false;
    }
    if (got < 0 && errno == EINTR)
        return true;
    connection_close(connection, got == 0 ? "peer-closed" : "reset");
    return false;
}

/* Puts BYTES behind what was read ahead. */
static bool add_input(struct connection *connection, struct str bytes)
{
    struct buf *input = &connection->input;
    size_t before = input->cap;
    buf_add_str(input, bytes);
    if (!input->failed && server_charge(connection->loop->server, input->cap - before))
        return true;
    /* Uncharged: what it held before is what drop_input gives back. */
    if (before > 0)
        server_discharge(connection->loop->server, before);
    buf_done(input);
    return false;
}

/* Keeps LEFT, which is the end of the input, or of the loop's buffer; it is none when the connection is to close. */
static void keep_rest(struct connection *connection, struct str left, bool from_input)
{
    struct buf *input = &connection->input;
    if (connection->state == CONNECTION_CLOSED || connection->state == CONNECTION_LINGERING || left.len == 0) {
        drop_input(connection);
    } else if (from_input) {
        if (left.ptr != input->ptr) {
            memmove(input->ptr, left.ptr, left.len);
            buf_truncate(input, left.len);
        }
    } else if (!add_input(connection, left)) {
        connection->lost = true; /* what is owed is answered first; a worker may be at it */
        if (connection->state <= CONNECTION_BODY)
            connection_close(connection, "no-memory");
    }
}

/* One read at most, and what follows from it. False: nothing more to read for now. */
static bool connection_read(struct connection *connection)
{
    struct server_loop *loop = connection->loop;
    struct str in = buf_str(&connection->input);
    bool from_input = in.len > 0;
    if (!from_input || connection->more) {
        if (!connection->readable)
            return false;
        ssize_t got = recv(connection->fd, loop->buffer, SERVER_READ_BYTES, 0);
        if (got <= 0)
            return read_ended(connection, got);
        connection->readable = got == SERVER_READ_BYTES || connection->ended;
        in = str_of(loop->buffer, (size_t)got);
        if (from_input) {
            if (!add_input(connection, in)) {
                connection_refuse(connection, 503, STR("out of memory"), true);
                connection_flush(connection);
                return true;
            }
            in = buf_str(&connection->input);
        }
    }
    connection_consume(connection, &in);
    connection_flush(connection);
    keep_rest(connection, in, from_input);
    return true;
}

/* False: nothing more comes for now. */
static bool drop_bytes(struct connection *connection)
{
    for (unsigned round = 0; connection->readable; round++) {
        if (round == SERVER_DROP_ROUNDS) {
            loop_again(connection);
            return false;
        }
        ssize_t got = recv(connection->fd, connection->loop->buffer, SERVER_READ_BYTES, 0);
        if (got > 0)
            connection->dropped += (uint64_t)got;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            connection->readable = false;
        else if (got <= 0 || connection->dropped > LIMIT_SERVER_LINGER_BYTES)
            connection_close(connection, NULL);
        if (connection->state == CONNECTION_CLOSED)
            return true;
    }
    return false;
}

static bool is_reading(const struct connection *connection)
{
    return connection->state <= CONNECTION_BODY;
}

/* Where it waits for what comes next. */
static void settle(struct connection *connection)
{
    if (connection->state == CONNECTION_CLOSED)
        return;
    bool idle = connection->state == CONNECTION_IDLE && !connection->again;
    if (idle && connection->loop->draining && !connection->fresh)
        connection_close(connection, NULL); /* its answer was written before it could say so */
    else if (!idle || connection->list != CONNECTION_FRESH)
        loop_list(connection, connection->state);
}

void connection_run(struct connection *connection)
{
    for (unsigned round = 0; connection->state != CONNECTION_CLOSED; round++) {
        bool goes_on = false;
        if (is_reading(connection)) {
            if (round == SERVER_ROUNDS) {
                loop_again(connection);
                break;
            }
            goes_on = connection_read(connection);
        } else if (connection->state == CONNECTION_WRITING) {
            goes_on = connection_write(connection);
        } else if (connection->state == CONNECTION_LINGERING) {
            goes_on = drop_bytes(connection);
        } else if (connection->exchange && stream_is_open(connection->exchange)) {
            if (!stream_flush(connection->exchange) && connection->state == CONNECTION_PARKED)
                connection_close(connection, "peer-closed");
        }
        if (!goes_on)
            break;
    }
    settle(connection);
}

/* Discards what the kernel still holds for a peer that does not take it. */
static void abort_connection(struct connection *connection, const char *broken)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    connection_close(connection, broken);
}

static void expire_reading(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    if (connection->state == CONNECTION_HEAD && http_head_is_idle(&exchange->reader)) {
        connection_close(connection, NULL);
        return;
    }
    bool head = connection->state == CONNECTION_HEAD;
    if (exchange->dropping && exchange->kind != ANSWER_NONE) {
        exchange->close = true;
        connection_respond(connection);
    } else {
        connection_refuse(connection, 408,
                          head ? STR("the head did not come in time") : STR("the content did not come in time"), true);
    }
    connection_flush(connection);
    connection_run(connection);
}

void connection_expire(struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_HEAD:
    case CONNECTION_BODY:
        expire_reading(connection);
        break;
    case CONNECTION_WRITING:
        abort_connection(connection, "write-timeout");
        break;
    case CONNECTION_HANDLING:
    case CONNECTION_PARKED:
        stream_tick(connection->exchange);
        if (connection->state == CONNECTION_PARKED && atomic_load(&connection->exchange->gone))
            abort_connection(connection, connection->exchange->broken ? connection->exchange->broken : "write-timeout");
        break;
    default:
        connection_close(connection, NULL);
        break;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection owes: batched, sent, and followed by the next request or the end. */
#include "server/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

ssize_t socket_send(int fd, struct str a, struct str b)
{
    struct iovec parts[2] = {{(void *)(uintptr_t)a.ptr, a.len}, {(void *)(uintptr_t)b.ptr, b.len}};
    struct msghdr message = {.msg_iov = a.len > 0 ? parts : parts + 1, .msg_iovlen = a.len > 0 && b.len > 0 ? 2 : 1};
    if (a.len == 0 && b.len == 0)
        return 0;
    for (;;) {
        ssize_t sent = b.len == 0 ? send(fd, a.ptr, a.len, MSG_NOSIGNAL | MSG_DONTWAIT)
                                  : sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0)
            return sent;
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

static void owe(struct connection *connection, struct server_exchange *exchange)
{
    exchange->next = NULL;
    if (connection->owed_last)
        connection->owed_last->next = exchange;
    else
        connection->owed = exchange;
    connection->owed_last = exchange;
    connection->exchange = NULL;
}

void connection_respond(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    struct server_loop *loop = connection->loop;
    bool room = answer_admit(exchange);
    if (!room && exchange->refusal) {
        exchange->answer = STR_NONE;
    } else if (!room) {
        connection_refuse(connection, 503, STR("out of memory"), false);
        return;
    }
    bool carries = exchange->out.len > exchange->out_sent; /* a "100 Continue" that waits */
    struct buf *out = carries ? &exchange->out : &loop->out;
    size_t start = out->len;
    exchange->body = STR_NONE;
    owe(connection, exchange);
    if (!answer_write(exchange, &loop->date, out)) {
        buf_done(&loop->out);
        connection_close(connection, "no-memory");
        return;
    }
    exchange->batch_bytes = out->len - start + exchange->answer.len;
    connection->state = exchange->close || exchange->answer.len > 0 || carries ? CONNECTION_WRITING : CONNECTION_IDLE;
    connection->renew = true;
}

/* Tells each of the owed what of SENT was its own. */
static void share_out(struct connection *connection, uint64_t sent)
{
    for (struct server_exchange *exchange = connection->owed; exchange && sent > 0; exchange = exchange->next) {
        uint64_t own = sent < exchange->batch_bytes ? sent : exchange->batch_bytes;
        exchange->answer_bytes += own;
        exchange->batch_bytes -= own;
        sent -= own;
    }
}

/* Closes behind an answer; what the peer may still be sending must not destroy it. */
static void end_connection(struct connection *connection, bool unread)
{
    char byte;
    if (!unread && recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
        unread = true;
    if (!unread || shutdown(connection->fd, SHUT_WR) < 0) {
        connection_close(connection, NULL);
        return;
    }
    connection->state = CONNECTION_LINGERING;
    connection->renew = true;
    connection->readable = true;
}

static void finish_owed(struct connection *connection)
{
    struct server_exchange *exchange = connection->owed;
    bool close = connection->owed_last->close || connection->lost;
    bool unread = !connection->owed_last->whole || connection->input.len > 0;
    connection->owed = connection->owed_last = NULL;
    while (exchange) {
        struct server_exchange *next = exchange->next;
        exchange_finish(exchange);
        exchange = next;
    }
    if (close) {
        end_connection(connection, unread);
        return;
    }
    connection->state = connection->exchange ? connection->exchange->phase : CONNECTION_IDLE;
    connection->renew = true;
}

/* What is left to send moves from the loop's buffer to the last exchange, and no exchange needs a buffer any more. */
static bool keep_owed(struct connection *connection, struct str rest)
{
    struct server_exchange *last = connection->owed_last;
    buf_add_str(&last->out, rest);
    if (last->out.failed)
        return false;
    for (struct server_exchange *exchange = connection->owed; exchange; exchange = exchange->next)
        if (!exchange_keep(exchange))
            return false;
    return true;
}

/* True: all was sent. */
static bool send_owed(struct connection *connection)
{
    struct server_loop *loop = connection->loop;
    struct server_exchange *last = connection->owed_last;
    struct str carry = str_skip(buf_str(&last->out), last->out_sent);
    struct str head = carry.len > 0 ? carry : buf_str(&loop->out);
    ssize_t sent = socket_send(connection->fd, head, last->answer);
    if (sent < 0) {
        buf_reset(&loop->out);
        connection_close(connection, "reset");
        return false;
    }
    share_out(connection, (uint64_t)sent);
    size_t of_head = (size_t)sent < head.len ? (size_t)sent : head.len;
    last->answer = str_skip(last->answer, (size_t)sent - of_head);
    bool whole = of_head == head.len && last->answer.len == 0;
    if (carry.len > 0) {
        last->out_sent += of_head;
    } else {
        bool kept = whole || keep_owed(connection, str_skip(head, of_head));
        buf_reset(&loop->out);
        if (!kept) {
            connection_close(connection, "no-memory");
            return false;
        }
    }
    if (!whole && connection->state != CONNECTION_WRITING) {
        connection->state = CONNECTION_WRITING;
        connection->renew = true;
    }
    return whole;
}

static void send_interim(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    exchange->interim = false;
    ssize_t sent = socket_send(connection->fd, HTTP_CONTINUE, STR_NONE);
    if (sent < 0) {
        connection_close(connection, "reset");
    } else if ((size_t)sent < HTTP_CONTINUE.len) {
        buf_add_str(&exchange->out, str_skip(HTTP_CONTINUE, (size_t)sent));
        exchange->batch_bytes = exchange->out.len;
    }
}

void connection_flush_earlier(struct connection *connection)
{
    struct buf *out = &connection->loop->out;
    if (!connection->owed)
        return;
    ssize_t sent = socket_send(connection->fd, buf_str(out), STR_NONE);
    if (sent <= 0) /* when the peer is gone the next attempt finds out, outside of the application */
        return;
    share_out(connection, (uint64_t)sent);
    memmove(out->ptr, out->ptr + sent, out->len - (size_t)sent);
    buf_truncate(out, out->len - (size_t)sent);
    if (out->len == 0)
        finish_owed(connection);
}

void connection_flush(struct connection *connection)
{
    for (;;) {
        if (connection->owed) {
            if (!send_owed(connection))
                return;
            finish_owed(connection);
        }
        struct server_exchange *exchange = connection->exchange;
        if (connection->state == CONNECTION_HANDLING && !exchange->submitted && exchange->kind == ANSWER_NONE)
            connection_dispatch(connection);
        else if (connection->state == CONNECTION_BODY && exchange->interim)
            send_interim(connection);
        if (!connection->owed)
            return;
    }
}

bool connection_write(struct connection *connection)
{
    connection_flush(connection);
    return connection->state != CONNECTION_WRITING;
}

void connection_handled(struct connection *connection)
{
    struct server_exchange *exchange = connection->exchange;
    if (exchange->parked && connection->loop->draining && stream_is_open(exchange)) {
        exchange->parked = false;
        stream_finish(exchange, exchange->last);
    }
    if (exchange->cut)
        exchange->broken = "drained";
    if (exchange->broken) {
        connection_close(connection, exchange->broken);
    } else if (exchange->kind == ANSWER_NONE) {
        if (atomic_load(&exchange->cancelled))
            connection_close(connection, "peer-closed");
        else if (exchange->overfull)
            connection_refuse(connection, 503, STR("out of memory"), false);
        else
            connection_refuse(connection, 500, STR("the request was not answered"), false);
    } else if (exchange->kind == ANSWER_STREAM && exchange->parked && !atomic_load(&exchange->gone)) {
        connection->state = CONNECTION_PARKED;
        connection->renew = true;
        if (connection->ended)
            connection_close(connection, "peer-closed");
    } else if (exchange->kind == ANSWER_STREAM && atomic_load(&exchange->gone)) {
        connection_close(connection, exchange->broken ? exchange->broken : "peer-closed");
    } else {
        owe(connection, exchange);
        exchange->batch_bytes = exchange->out.len - exchange->out_sent + exchange->answer.len;
        connection->state = CONNECTION_WRITING;
        connection->renew = true;
    }
}

void connection_returned(struct connection *connection, struct server_exchange *exchange)
{
    exchange->submitted = true;
    connection_handled(connection);
    connection_flush(connection);
    connection_run(connection);
}

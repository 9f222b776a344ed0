/* SPDX-License-Identifier: Apache-2.0 */
/* The end: what is at work is answered, the rest closed; at the deadline everything is cut. */
#include "server/internal.h"

#include <sys/socket.h>

/* Closes what is idle, unless a request lies in its socket; who never made one is given a moment for it. */
static void drain_idle(struct connection *connection)
{
    connection->readable = true;
    connection_run(connection);
    if (connection->state != CONNECTION_IDLE || connection->again)
        return;
    if (connection->fresh)
        loop_list(connection, CONNECTION_FRESH);
    else
        connection_close(connection, NULL);
}

static void end_parked(struct connection *connection)
{
    connection->exchange->close = true;
    connection_handled(connection);
    connection_flush(connection);
    connection_run(connection);
}

static void for_each(struct server_loop *loop, unsigned list, void (*act)(struct connection *connection))
{
    for (struct connection *connection = loop->lists[list].first, *next; connection; connection = next) {
        next = connection->next;
        act(connection);
    }
}

void drain_begin(struct server_loop *loop)
{
    for (size_t i = 0; i < loop->server->address_count; i++)
        if (loop->listeners[i].fd >= 0)
            loop_accept(loop, &loop->listeners[i]);
    listeners_close(loop->server, loop);
    loop->draining = true;
    for_each(loop, CONNECTION_IDLE, drain_idle);
    for_each(loop, CONNECTION_PARKED, end_parked);
}

/* A worker has it: it is told, and finds the socket shut; its return closes the connection. */
static void cut_handling(struct connection *connection)
{
    connection->exchange->cut = true;
    atomic_store(&connection->exchange->cancelled, true);
    (void)shutdown(connection->fd, SHUT_RDWR);
    atomic_store(&connection->loop->server->was_cut, true);
}

static void cut_at_work(struct connection *connection)
{
    atomic_store(&connection->loop->server->was_cut, true);
    connection_close(connection, "drained");
}

static void cut_quiet(struct connection *connection)
{
    connection_close(connection, NULL);
}

void drain_cut(struct server_loop *loop)
{
    static void (*const acts[CONNECTION_STATES])(struct connection * connection) = {
        [CONNECTION_IDLE] = cut_quiet,        [CONNECTION_HEAD] = cut_at_work,    [CONNECTION_BODY] = cut_at_work,
        [CONNECTION_HANDLING] = cut_handling, [CONNECTION_WRITING] = cut_at_work, [CONNECTION_PARKED] = cut_at_work,
        [CONNECTION_LINGERING] = cut_quiet,   [CONNECTION_FRESH] = cut_quiet,
    };
    loop->cut = true;
    for (unsigned i = 0; i < CONNECTION_STATES; i++)
        for_each(loop, i, acts[i]);
}

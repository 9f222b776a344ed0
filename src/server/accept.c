/* SPDX-License-Identifier: Apache-2.0 */
/* New connections, within the limits of the server and of the process. */
#include "base/limits.h"
#include "server/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static void name_peer(struct connection *connection, const struct sockaddr_storage *address)
{
    const char *text = NULL;
    if (address->ss_family == AF_INET)
        text = inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, connection->peer,
                         sizeof(connection->peer));
    else if (address->ss_family == AF_INET6)
        text = inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, connection->peer,
                         sizeof(connection->peer));
    else
        text = memcpy(connection->peer, "unix", sizeof("unix"));
    connection->peer_len = text ? (uint8_t)strlen(text) : 0;
    if (str_starts(str_of(connection->peer, connection->peer_len), STR("::ffff:")) && strchr(connection->peer, '.')) {
        connection->peer_len = (uint8_t)(connection->peer_len - 7);
        memmove(connection->peer, connection->peer + 7, connection->peer_len + 1U);
    }
}

/* Closes the connection that is idle for longest, or has lingered for longest; false when there is none. */
static bool close_longest_idle(struct server_loop *loop)
{
    struct connection *connection = loop->lists[CONNECTION_IDLE].first;
    if (!connection)
        connection = loop->lists[CONNECTION_LINGERING].first;
    if (!connection || connection->refused)
        return false;
    connection_close(connection, NULL);
    return true;
}

void loop_shed(struct server_loop *loop)
{
    for (unsigned count = atomic_exchange(&loop->shed, 0); count > 0; count--)
        if (!close_longest_idle(loop))
            return;
}

/* Asks another loop that has idle connections to close one. */
static bool ask_others(struct server_loop *loop)
{
    struct server *server = loop->server;
    for (unsigned i = 0; i < server->loop_count; i++) {
        struct server_loop *other = &server->loops[i];
        if (other == loop || atomic_load(&other->idle) <= atomic_load(&other->shed))
            continue;
        atomic_fetch_add(&other->shed, 1);
        loop_wake(other);
        return true;
    }
    return false;
}

/* True: there is room for one more, or will be at once. */
static bool make_room(struct server_loop *loop)
{
    struct server *server = loop->server;
    if (atomic_load_explicit(&server->connections, memory_order_relaxed) < server->options.connections)
        return true;
    return close_longest_idle(loop) || ask_others(loop);
}

/* Tells CONNECTION that there is no room for it. */
static void refuse_connection(struct connection *connection)
{
    struct server_loop *loop = connection->loop;
    atomic_fetch_add_explicit(&loop->refusals, 1, memory_order_relaxed);
    if (loop->refusing >= LIMIT_SERVER_REFUSING || !connection_begin(connection)) {
        connection_close(connection, NULL);
        return;
    }
    connection->refused = true;
    loop->refusing++;
    atomic_fetch_sub_explicit(&loop->server->connections, 1, memory_order_relaxed);
    connection_refuse(connection, 503, STR("too many connections"), true);
    connection_flush(connection);
    connection_run(connection);
}

static void welcome(struct server_loop *loop, const struct loop_listener *listener, int fd,
                    const struct sockaddr_storage *address)
{
    bool room = make_room(loop);
    struct connection *connection =
        connection_open(loop, fd, (unsigned)loop->server->addresses[listener->door].listener);
    atomic_fetch_add_explicit(&loop->accepted, 1, memory_order_relaxed);
    if (!connection) {
        close(fd);
        return;
    }
    name_peer(connection, address);
    if (!room)
        refuse_connection(connection);
}

static void watch(struct server_loop *loop, bool on)
{
    for (size_t i = 0; i < loop->server->address_count; i++) {
        struct loop_listener *listener = &loop->listeners[i];
        struct epoll_event event = {.events = EPOLLIN | (listener->shared ? EPOLLEXCLUSIVE : 0U),
                                    .data.u64 = (uint64_t)i << 1 | 1};
        if (listener->fd >= 0)
            (void)epoll_ctl(loop->epoll_fd, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listener->fd, &event);
    }
}

void loop_resume_accepting(struct server_loop *loop)
{
    loop->paused_until_ns = 0;
    watch(loop, true);
}

/*
 * No descriptor is left. An idle connection gives way; when there is none, the reserve is used to tell the first in the
 * queue, and the others wait in the kernel for a moment. True: try again.
 */
static bool out_of_descriptors(struct server_loop *loop, const struct loop_listener *listener)
{
    struct pollfd queue = {.fd = listener->fd, .events = POLLIN};
    if (poll(&queue, 1, 0) <= 0)
        return false; /* accept(2) fails like this with an empty queue, too */
    if (close_longest_idle(loop))
        return true;
    if (loop->reserve_fd >= 0) {
        close(loop->reserve_fd);
        loop->reserve_fd = -1;
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            (void)socket_send(fd,
                              STR("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n"
                                  "Retry-After: 1\r\n\r\n"),
                              STR_NONE);
            (void)shutdown(fd, SHUT_WR);
            close(fd);
            atomic_fetch_add_explicit(&loop->refusals, 1, memory_order_relaxed);
        }
        loop->reserve_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    if (!loop->draining && loop->paused_until_ns == 0) {
        loop->paused_until_ns = loop->now_ns + SERVER_PAUSE_MS * 1000000ULL;
        struct log_event event;
        log_begin(&event, loop->server->options.log, LOG_WARNING, "out-of-descriptors");
        log_u64(&event, "connections", atomic_load(&loop->server->connections));
        log_end(&event);
        watch(loop, false);
    }
    return false;
}

void loop_accept(struct server_loop *loop, struct loop_listener *listener)
{
    bool draining = atomic_load_explicit(&loop->server->draining, memory_order_relaxed);
    for (unsigned count = 0; draining || count < SERVER_ACCEPTS; count++) {
        struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
        socklen_t length = sizeof(address);
        int fd = listener->fd >= 0
                     ? accept4(listener->fd, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC)
                     : -1;
        if (fd >= 0) {
            welcome(loop, listener, fd, &address);
            continue;
        }
        if (listener->fd < 0 || errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            if (!out_of_descriptors(loop, listener))
                return;
        }
        /* Else that connection failed before we took it (accept(2)): the next one. */
    }
}

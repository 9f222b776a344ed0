/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one epoll: events, what workers hand back, deadlines. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "server/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 128 };
#define NS_A_MS 1000000ULL

void loop_unlist(struct connection *connection)
{
    struct server_loop *loop = connection->loop;
    struct deadline_list *list = &loop->lists[connection->list];
    if (connection->list == CONNECTION_CLOSED)
        return;
    if (connection->prev)
        connection->prev->next = connection->next;
    else
        list->first = connection->next;
    if (connection->next)
        connection->next->prev = connection->prev;
    else
        list->last = connection->prev;
    if (connection->list == CONNECTION_IDLE)
        atomic_fetch_sub_explicit(&loop->idle, 1, memory_order_relaxed);
    connection->prev = connection->next = NULL;
    connection->list = CONNECTION_CLOSED;
}

void loop_list(struct connection *connection, unsigned to)
{
    if (connection->list == to && !connection->renew)
        return;
    loop_unlist(connection);
    struct server_loop *loop = connection->loop;
    struct deadline_list *list = &loop->lists[to];
    connection->list = (uint8_t)to;
    connection->renew = false;
    connection->deadline_ns = loop->now_ns + list->timeout_ns;
    connection->prev = list->last;
    if (list->last)
        list->last->next = connection;
    else
        list->first = connection;
    list->last = connection;
    if (to == CONNECTION_IDLE)
        atomic_fetch_add_explicit(&loop->idle, 1, memory_order_relaxed);
}

void loop_again(struct connection *connection)
{
    if (connection->again)
        return;
    connection->again = true;
    connection->again_next = connection->loop->again;
    connection->loop->again = connection;
}

void loop_wake(struct server_loop *loop)
{
    uint64_t one = 1;
    if (write(loop->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
        return; /* nobody to tell: the descriptor is ours */
}

void loop_post(struct server_loop *loop, struct server_exchange *exchange)
{
    struct server_exchange *first = atomic_load_explicit(&loop->inbox, memory_order_relaxed);
    do
        exchange->next = first;
    while (!atomic_compare_exchange_weak(&loop->inbox, &first, exchange));
    if (atomic_exchange(&loop->sleeping, false))
        loop_wake(loop);
}

/* What workers are done with, in the order of their return. */
static void take_inbox(struct server_loop *loop)
{
    if (!atomic_load_explicit(&loop->inbox, memory_order_relaxed))
        return;
    struct server_exchange *exchange = atomic_exchange(&loop->inbox, NULL), *ordered = NULL;
    while (exchange) {
        struct server_exchange *next = exchange->next;
        exchange->next = ordered;
        ordered = exchange;
        exchange = next;
    }
    while (ordered) {
        struct server_exchange *next = ordered->next;
        ordered->next = NULL;
        connection_returned(ordered->connection, ordered);
        ordered = next;
    }
}

static void take_again(struct server_loop *loop)
{
    struct connection *connection = loop->again;
    loop->again = NULL;
    while (connection) {
        struct connection *next = connection->again_next;
        connection->again = false;
        connection_run(connection);
        connection = next;
    }
}

static void expire(struct server_loop *loop)
{
    for (unsigned i = 0; i < CONNECTION_STATES; i++) {
        struct deadline_list *list = &loop->lists[i];
        while (list->first && list->first->deadline_ns <= loop->now_ns) {
            struct connection *connection = list->first;
            connection->renew = true; /* whatever becomes of it, it does not stay where it is */
            connection_expire(connection);
            if (list->first == connection && connection->deadline_ns <= loop->now_ns) {
                connection->renew = true;
                loop_list(connection, i);
            }
        }
    }
    if (loop->paused_until_ns > 0 && loop->paused_until_ns <= loop->now_ns)
        loop_resume_accepting(loop);
}

/* The memory of what was closed; its events of this turn are past. */
static void bury(struct server_loop *loop)
{
    struct connection **at = &loop->closed;
    while (*at) {
        struct connection *connection = *at;
        if (connection->again) {
            at = &connection->next;
            continue;
        }
        *at = connection->next;
        mem_free(connection);
    }
}

static int wait_ms(const struct server_loop *loop)
{
    if (loop->again)
        return 0;
    uint64_t next = loop->paused_until_ns > 0 ? loop->paused_until_ns : UINT64_MAX;
    for (unsigned i = 0; i < CONNECTION_STATES; i++)
        if (loop->lists[i].first && loop->lists[i].first->deadline_ns < next)
            next = loop->lists[i].first->deadline_ns;
    if (loop->draining && !loop->cut) {
        uint64_t cut = atomic_load(&loop->server->drain_deadline_ns);
        next = cut < next ? cut : next;
    }
    if (next == UINT64_MAX)
        return -1;
    uint64_t ms = next > loop->now_ns ? (next - loop->now_ns + NS_A_MS - 1) / NS_A_MS : 0;
    return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

static void take_events(struct server_loop *loop, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++) {
        uint64_t tag = events[i].data.u64;
        if (tag == 0)
            continue; /* a wake: what for is seen elsewhere */
        if (tag & 1)
            loop_accept(loop, &loop->listeners[tag >> 1]);
        else
            connection_event((struct connection *)events[i].data.ptr, events[i].events);
    }
}

static int wait_for_events(struct server_loop *loop, struct epoll_event *events)
{
    int timeout = wait_ms(loop);
    atomic_store(&loop->sleeping, true);
    if (atomic_load(&loop->inbox))
        timeout = 0;
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, timeout);
    atomic_store_explicit(&loop->sleeping, false, memory_order_relaxed);
    return count;
}

static bool is_empty(const struct server_loop *loop)
{
    for (unsigned i = 0; i < CONNECTION_STATES; i++)
        if (loop->lists[i].first)
            return false;
    return true;
}

void *loop_run(void *argument)
{
    struct server_loop *loop = argument;
    struct server *server = loop->server;
    struct epoll_event events[EVENTS_MAX];
    while (!loop->draining || !is_empty(loop)) {
        int count = wait_for_events(loop, events);
        loop->now_ns = clock_monotonic_ns();
        take_events(loop, events, count);
        take_inbox(loop);
        take_again(loop);
        if (atomic_load_explicit(&loop->shed, memory_order_relaxed) > 0)
            loop_shed(loop);
        expire(loop);
        if (!loop->draining && atomic_load_explicit(&server->draining, memory_order_acquire))
            drain_begin(loop);
        if (loop->draining && !loop->cut && atomic_load(&server->drain_deadline_ns) <= loop->now_ns)
            drain_cut(loop);
        bury(loop);
    }
    pthread_mutex_lock(&server->lock);
    server->running--;
    pthread_cond_broadcast(&server->emptied);
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

static void set_timeouts(struct server_loop *loop, const struct server_options *options)
{
    const uint32_t timeouts_ms[CONNECTION_STATES] = {
        [CONNECTION_IDLE] = options->idle_timeout_ms,     [CONNECTION_HEAD] = options->header_timeout_ms,
        [CONNECTION_BODY] = options->body_timeout_ms,     [CONNECTION_HANDLING] = options->keepalive_ms,
        [CONNECTION_WRITING] = options->write_timeout_ms, [CONNECTION_PARKED] = options->keepalive_ms,
        [CONNECTION_LINGERING] = LIMIT_SERVER_LINGER_MS,  [CONNECTION_FRESH] = SERVER_DRAIN_GRACE_MS,
    };
    for (unsigned i = 0; i < CONNECTION_STATES; i++) /* at least one: what is due is put in anew */
        loop->lists[i].timeout_ns = (timeouts_ms[i] > 0 ? timeouts_ms[i] : 1) * NS_A_MS;
}

int loop_init(struct server_loop *loop, struct server *server, struct err *err)
{
    loop->server = server;
    set_timeouts(loop, &server->options);
    loop->now_ns = clock_monotonic_ns();
    loop->buffer = mem_alloc(SERVER_READ_BYTES);
    if (!loop->buffer)
        return err_nomem(err);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->reserve_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    /* Edge-triggered, so that it never has to be read. */
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = 0};
    if (loop->epoll_fd < 0 || loop->wake_fd < 0 || loop->reserve_fd < 0 ||
        epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->wake_fd, &event) < 0)
        return err_errno(err, errno, "can't make an event loop");
    return 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void loop_done(struct server_loop *loop)
{
    while (loop->cache) {
        struct server_exchange *exchange = loop->cache;
        loop->cache = exchange->next;
        exchange_free(exchange);
    }
    close_fd(&loop->epoll_fd);
    close_fd(&loop->wake_fd);
    close_fd(&loop->reserve_fd);
    buf_done(&loop->out);
    mem_free(loop->buffer);
    mem_free(loop->listeners);
}

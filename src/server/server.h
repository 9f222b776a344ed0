/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * server/server.h - an HTTP/1.1 server: sockets, connections, deadlines, workers. It knows no route.
 *
 * Each loop is a thread with an epoll of its own and, for each address, a listening socket of its own (SO_REUSEPORT):
 * a connection stays with the loop that accepted it. Loops do I/O and what is quick; a bounded pool of workers does the
 * rest. An idle connection costs a fixed small structure and no buffer.
 *
 * What a peer can cost is bounded: connections (beyond the limit the longest idle one is closed; when none is idle the
 * new one gets 503 with Retry-After), bytes of a head and a body, bytes of bodies and answers in all (503), requests
 * that wait for a worker (503), streams (503). Deadlines count from a beginning, never from the last byte: a head, a
 * body, an answer have to be whole in their time (408 for the first two, then close). Whoever pipelines is read no
 * further while an answer is owed. Refused framing is answered and the connection closed, lingering for a moment so
 * that the answer arrives.
 *
 * Threads: the application's functions are called from loops and workers, several at once.
 */
#include "base/arena.h"
#include "base/err.h"
#include "http/request.h"
#include "log/log.h"

#include <stdatomic.h>

struct server;
struct server_exchange; /* a request and its answer (server/exchange.h) */

struct server_listener {
    struct str host; /* an address, "localhost", or "unix:/path" */
    uint16_t port;   /* 0: any free one (server_port) */
    unsigned tag;    /* the application's: which of its doors this is (server_exchange_door) */
};

/* How a request went, once its last byte was given to the kernel or the connection broke. */
struct server_record {
    const struct server_exchange *exchange;
    unsigned status;                   /* 0: nothing was answered */
    uint64_t duration_ns;              /* from the first byte of the head */
    uint64_t body_bytes, answer_bytes; /* answer: with its head */
    enum http_fault fault;             /* framing that was refused */
    const char *broken;                /* NULL: whole. "peer-closed", "write-timeout", "reset", "drained" ... static */
};

struct server_application {
    /*
     * On a loop, when the head is read: sets the exchange's route and bounds (server/exchange.h: server_accept), or
     * answers at once (then the body is not wanted: it is dropped when small, else the connection closes).
     */
    void (*begin)(void *self, struct server_exchange *exchange);
    /*
     * On a loop, when the body is whole: answers, and returns true; or returns false to be called once more on a
     * worker (ON_WORKER), where it must answer.
     */
    bool (*handle)(void *self, struct server_exchange *exchange, bool on_worker);
    /* On a loop: answers a request that can't be read, timed out or is refused for want of room; STATUS is decided. */
    void (*refuse)(void *self, struct server_exchange *exchange, unsigned status, struct str reason);
    /* On the exchange's loop, behind it all: for logs and metrics. Also of requests that `begin` never saw. */
    void (*done)(void *self, const struct server_record *record);
    void *self;
};

struct server_options {
    const struct server_listener *listeners;
    size_t listener_count;
    unsigned loops, workers;   /* 0: one for each processor */
    struct http_limits limits; /* body_bytes: the most that any route takes */
    uint32_t header_timeout_ms, body_timeout_ms, idle_timeout_ms, write_timeout_ms, request_timeout_ms, keepalive_ms;
    uint32_t connections, queue, streams;
    uint64_t memory_bytes;
    uint32_t retry_after_s;
    struct log *log; /* may be NULL */
};

/* Numbers of this moment, for gauges. */
struct server_counts {
    uint64_t connections, idle, streams, queued, working, memory_bytes;
    uint64_t accepted, refused; /* since the start */
};

/*
 * Binds all listeners (all or none) and starts the threads. OPTIONS is copied, but for what it points to: that and
 * APPLICATION outlive the server. Errors: ERR_IO, ERR_PERMISSION, ERR_EXISTS naming the address and the remedy.
 */
int server_start(const struct server_options *options, const struct server_application *application,
                 struct server **ret_server, struct err *err);

/* The port that listener INDEX is bound to. */
uint16_t server_port(const struct server *server, size_t index);

/*
 * Stops listening (what the kernel had accepted already is served), closes idle connections, answers what is in work
 * with "Connection: close", ends parked streams; returns at once. Call again with a later DEADLINE to change it:
 * at DEADLINE_NS (clock_monotonic_ns) what is left is called off and cut.
 */
void server_drain(struct server *server, uint64_t deadline_ns);

/* Waits until a drained server is empty. True when nothing had to be cut. */
bool server_wait(struct server *server);

/* Behind server_wait; or cuts everything. NULL is fine. */
void server_free(struct server *server);

struct server_counts server_counts(const struct server *server);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * server/internal.h - what the parts of the server know of each other.
 *
 * Ownership: a connection belongs to its loop's thread, always. An exchange belongs to that thread too, but between
 * workers_submit and its return through loop_post, when it belongs to one worker, which may write to the connection's
 * socket (nobody else does then). What both touch at the same time is atomic, or under exchange->lock (streams).
 *
 * A connection is in exactly one list of deadlines of its loop; all in one list have the same time to run, so the first
 * one is the next to expire and everything is O(1). Sockets are registered once, edge-triggered, for both directions:
 * `readable` remembers that the kernel may hold bytes; writing is simply tried.
 */
#include "base/buf.h"
#include "http/body.h"
#include "http/response.h"
#include "server/exchange.h"

#include <netinet/in.h>
#include <pthread.h>

enum {
    SERVER_LOOPS_MAX = 256,
    SERVER_WORKERS_MAX = 1024,
    SERVER_READ_BYTES = 64 << 10,   /* of a loop's buffer, and so of one recv */
    SERVER_COPY_BYTES = 4 << 10,    /* content up to here is sent in one piece with its head */
    SERVER_LARGE_BYTES = 32 << 10,  /* content from here on counts in memory_bytes */
    SERVER_BATCH_REQUESTS = 64,     /* of one connection, answered with one send */
    SERVER_BATCH_BYTES = 64 << 10,  /* of their answers */
    SERVER_ROUNDS = 4,              /* reads of one connection before another one's turn */
    SERVER_DROP_ROUNDS = 16,        /* the same, of one that lingers */
    SERVER_CACHED_EXCHANGES = 64,   /* of a loop, kept with their memory */
    SERVER_CACHED_BYTES = 32 << 10, /* what a kept one may hold */
    SERVER_ACCEPTS = 64,            /* connections accepted at once */
    SERVER_PAUSE_MS = 100,          /* not accepting, when no descriptor is left */
    SERVER_DRAIN_GRACE_MS = 500,    /* for a connection without a request so far */
};

enum connection_state {
    CONNECTION_IDLE,      /* nothing came since the last answer */
    CONNECTION_HEAD,      /* a head comes in */
    CONNECTION_BODY,      /* its content comes in */
    CONNECTION_HANDLING,  /* with a worker, or about to */
    CONNECTION_WRITING,   /* answered, not all sent */
    CONNECTION_PARKED,    /* a stream that nobody writes */
    CONNECTION_LINGERING, /* shut down for writing; what still comes is dropped */
    CONNECTION_FRESH,     /* list only: idle since it was accepted, while the server drains */
    CONNECTION_STATES,
    CONNECTION_CLOSED = CONNECTION_STATES,
};

struct connection {
    struct connection *prev, *next; /* in the list of deadlines; `next` in the list of the closed */
    struct connection *again_next;
    uint64_t deadline_ns;
    struct server_loop *loop;
    struct server_exchange *exchange;         /* that is read or handled */
    struct server_exchange *owed, *owed_last; /* answered, in order; loop->out or owed_last has the bytes */
    struct buf input;                         /* read ahead */
    uint64_t dropped;                         /* while lingering */
    int fd;
    uint8_t state, list;
    uint8_t door; /* index of the listener */
    uint8_t peer_len;
    bool readable, ended; /* ended: the peer sends no more, or is gone */
    bool renew;           /* its deadline begins anew */
    bool more;            /* `input` is part of a head, and no use without more bytes */
    bool again;           /* waits for its next turn */
    bool fresh;           /* no request so far */
    bool lost;            /* bytes had no room: it ends behind the next answer */
    bool refused;         /* above the limit: here for its refusal only */
    char peer[INET6_ADDRSTRLEN];
};

struct date_cache {
    int64_t second;
    char text[30];
};

struct answer_field {
    struct answer_field *next;
    struct str name, value;
};

enum answer_kind { ANSWER_NONE, ANSWER_WHOLE, ANSWER_STREAM };

struct server_exchange {
    /* Kept from one request to the next. */
    struct server *server;
    struct arena arena;
    struct buf out;       /* of the answer, what was not sent yet begins at out_sent */
    struct buf comment;   /* keeps a stream alive */
    pthread_mutex_t lock; /* of a stream's output, and COMMENT */
    /* From here on cleared for each. */
    struct server_exchange *next; /* in a queue, the owed, an inbox, or the cache */
    struct connection *connection;
    struct http_head_reader reader;
    struct http_body body_reader;
    struct buf content;
    struct str body;
    uint64_t body_bytes_max, body_bytes;
    uint64_t begun_ns, deadline_ns;
    uint64_t charged_bytes; /* of the server's memory */
    void *user;
    uint8_t phase; /* CONNECTION_HEAD, _BODY or _HANDLING: where to go on once what is owed was sent */
    bool complete; /* the head was read */
    bool kept;     /* the head lies in no buffer of the loop or the connection any more */
    bool accepted, dropping, close, refusal, on_worker, cut;
    bool interim, interim_told; /* "100 Continue" */
    bool whole;                 /* nothing of it is still to come */
    bool submitted;             /* to the workers */
    bool failed;                /* a field of the answer is missing */
    bool overfull;              /* the answer has no room in the server's memory */
    uint8_t kind;               /* enum answer_kind */
    unsigned status;
    struct str type, answer; /* answer: what is left of it, when it is sent from where it lies */
    struct answer_field *fields, **fields_end;
    size_t out_sent;
    uint64_t answer_bytes, batch_bytes; /* batch_bytes: of loop->out */
    enum http_fault fault;
    const char *broken;
    atomic_bool cancelled, cancel_on_close, peer_left;
    /* Streams. */
    atomic_bool streaming, gone;
    bool parked;
    struct str last;
    uint64_t written_ns; /* the latest write; under the lock */
    struct http_response response;
    struct http_field field_space[]; /* limits.fields */
};

struct deadline_list {
    struct connection *first, *last;
    uint64_t timeout_ns;
};

struct loop_listener {
    int fd; /* -1: closed */
    uint8_t door;
    bool shared; /* the other loops accept from the same one */
};

struct server_loop {
    struct server *server;
    pthread_t thread;
    bool started;
    int epoll_fd, wake_fd, reserve_fd;
    uint64_t now_ns;
    struct deadline_list lists[CONNECTION_STATES];
    struct connection *closed, *again;
    struct server_exchange *cache;
    unsigned cached;
    struct buf out; /* answers of the connection at work */
    struct date_cache date;
    struct loop_listener *listeners; /* one for each address of the server */
    uint64_t paused_until_ns;        /* 0: accepting */
    bool draining, cut;
    unsigned refusing; /* connections that are here for their refusal only */
    char *buffer;      /* SERVER_READ_BYTES */
    /* From other threads. */
    char apart[64]; /* so that they do not slow the loop down */
    _Atomic(struct server_exchange *) inbox;
    atomic_bool sleeping;
    atomic_uint idle, shed; /* idle connections; how many of them another loop asked to close */
    atomic_uint_fast64_t accepted, refusals;
};

struct worker {
    struct server *server;
    pthread_t thread;
    struct date_cache date;
    bool started;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct server_exchange *first, *last;
    bool stopping;
    unsigned waiting; /* workers in pthread_cond_wait */
    atomic_uint queued, working;
    unsigned count;
    struct worker *threads;
};

/* An address to listen at; "localhost" makes two of one listener. */
struct server_address {
    size_t listener;
    struct sockaddr_storage address;
    socklen_t length;
    uint64_t unix_inode; /* of the socket file, to remove only our own */
    uint64_t unix_device;
    bool optional; /* one half of "localhost" */
};

struct server {
    struct server_options options;
    const struct server_application *application;
    struct server_address *addresses;
    size_t address_count;
    uint16_t *ports;
    struct server_loop *loops;
    unsigned loop_count;
    struct workers workers;
    pthread_mutex_t lock;
    pthread_cond_t emptied;
    unsigned running;        /* loops, under the lock */
    atomic_uint shared_open; /* loops that still listen at shared sockets */
    atomic_bool draining, was_cut;
    atomic_uint_fast64_t drain_deadline_ns;
    atomic_uint connections, streams;
    atomic_uint_fast64_t memory_bytes;
};

/* listen.c: fills addresses, ports and each loop's listeners. */
int listeners_open(struct server *server, struct err *err);
void listeners_close(struct server *server, struct server_loop *loop); /* of one loop */

/* accept.c */
void loop_accept(struct server_loop *loop, struct loop_listener *listener);
void loop_resume_accepting(struct server_loop *loop);
void loop_shed(struct server_loop *loop);

/* loop.c */
int loop_init(struct server_loop *loop, struct server *server, struct err *err);
void loop_done(struct server_loop *loop);
void *loop_run(void *loop);
void loop_post(struct server_loop *loop, struct server_exchange *exchange); /* any thread */
void loop_wake(struct server_loop *loop);                                   /* any thread */
void loop_again(struct connection *connection);
/* Puts CONNECTION into LIST (its state's, mostly) with a new deadline, where it is not there yet. */
void loop_list(struct connection *connection, unsigned list);
void loop_unlist(struct connection *connection);

/* connection.c */
struct connection *connection_open(struct server_loop *loop, int fd, unsigned door);
void connection_event(struct connection *connection, uint32_t events);
void connection_run(struct connection *connection);
void connection_expire(struct connection *connection);
/* BROKEN: for the record of what is not done yet; NULL only where nothing is. */
void connection_close(struct connection *connection, const char *broken);

/* request.c: from bytes to an exchange that is answered or with a worker. */
void connection_consume(struct connection *connection, struct str *in);
void connection_refuse(struct connection *connection, unsigned status, struct str reason, bool close);
bool connection_begin(struct connection *connection);
void connection_dispatch(struct connection *connection);

/* output.c */
void connection_respond(struct connection *connection);
/* Sends what is owed; then what waits behind it goes on: a worker, a "100 Continue". */
void connection_flush(struct connection *connection);
/* The first half alone, within the application's function; what can't be sent stays owed. */
void connection_flush_earlier(struct connection *connection);
bool connection_write(struct connection *connection); /* false: the peer takes no more for now */
/* The exchange was handled: by a worker, or on this thread when it is a stream. */
void connection_handled(struct connection *connection);
void connection_returned(struct connection *connection, struct server_exchange *exchange); /* by a worker */
/* Sends A, then B, as much as the peer takes. -1: it is gone. */
ssize_t socket_send(int fd, struct str a, struct str b);

/* exchange.c */
struct server_exchange *exchange_new(struct server_loop *loop, struct connection *connection);
void exchange_free(struct server_exchange *exchange);
void exchange_forget_head(struct server_exchange *exchange); /* unless it is complete: its bytes will move */
bool exchange_keep(struct server_exchange *exchange);        /* makes head and body its own; false: no memory */
void exchange_finish(struct server_exchange *exchange);      /* tells `done`, frees */
bool server_charge(struct server *server, uint64_t bytes);
void server_discharge(struct server *server, uint64_t bytes);

/* answer.c: appends the head, and short content; the rest stays in exchange->answer. False: no memory. */
bool answer_admit(struct server_exchange *exchange); /* false: no room for it in the server's memory */
bool answer_write(struct server_exchange *exchange, struct date_cache *date, struct buf *out);
void answer_start(struct server_exchange *exchange, struct date_cache *date, struct buf *out);

/* stream.c */
bool stream_flush(struct server_exchange *exchange); /* on the loop; false: the peer is gone */
void stream_tick(struct server_exchange *exchange);  /* on the loop, every keepalive_ms */
void stream_finish(struct server_exchange *exchange, struct str last);
bool stream_is_open(const struct server_exchange *exchange);

/* workers.c */
int workers_start(struct server *server, struct err *err);
void workers_stop(struct server *server);
bool workers_submit(struct server_exchange *exchange); /* false: the queue is full */

/* drain.c */
void drain_begin(struct server_loop *loop);
void drain_cut(struct server_loop *loop);

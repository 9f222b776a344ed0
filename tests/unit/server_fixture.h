/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * server_fixture.h - a server with a toy application in this process, and sockets that speak to it.
 *
 * The application: "/" answers inline; "/work" on a worker, with "?wait" only once toy.released is set or the work is
 * called off; "/echo" and "/echo-work" answer the content; "/small" takes 10 bytes of it; "/early" answers from the
 * head; "/big", "/big-work" a megabyte that is static, "/arena" one in the arena; "/field" tries to smuggle a field in;
 * "/none" does not answer; "/stream" sends three events from a worker, "/flood" events until the peer is gone, "/park"
 * stays open, "/many" is too much for a stream's buffer.
 */
#include "base/buf.h"
#include "server/exchange.h"

#include <pthread.h>
#include <setjmp.h>

#include <cmocka.h>

struct toy {
    struct server *server;
    struct server_options options;
    struct server_listener listeners[2];
    struct server_application application;
    bool cancel_on_close;
    atomic_bool released; /* "/work?wait" goes on */
    atomic_uint working;  /* how many are in "/work" */
    atomic_uint cancelled;
    pthread_mutex_t lock;
    struct buf done; /* "GET / 200 whole\n" for each record */
};

/* Small limits and long time-outs, on 127.0.0.1; change toy->options before toy_start. */
void toy_init(struct toy *toy);
void toy_start(struct toy *toy);
/* Drains for at most MS; what server_wait says. Frees nothing but the server. */
bool toy_stop(struct toy *toy, unsigned ms);
void toy_done(struct toy *toy);
/* Waits until COUNT records came, then compares all of them. */
void toy_expect_done(struct toy *toy, unsigned count, const char *text);
/* Waits up to two seconds for *VALUE to be at least LEAST. */
void toy_await(atomic_uint *value, unsigned least);
void sleep_ms(unsigned ms);

int peer_connect(const struct toy *toy);
void peer_send(int fd, struct str bytes);
#define PEER_SEND(fd, text) peer_send((fd), STR(text))
/* What comes until the end, or until MS of silence (then "<silence>" stands behind it); a reset is "<reset>". Dates are
 * masked: "Date: -". */
void peer_read(int fd, unsigned ms, struct buf *out);
/* Reads until BYTES have come. */
void peer_read_bytes(int fd, size_t bytes, struct buf *out);
/* What comes is EXPECTED and then the end. Closes FD. */
void peer_expect_end(int fd, const char *expected);
/* What comes is EXPECTED, and no more for a moment. */
void peer_expect(int fd, const char *expected);

#define DATE  "Date: -\r\n"
#define PLAIN "Content-Type: text/plain\r\n"
#define HELLO "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 6\r\n\r\nhello\n"
#define GET   "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

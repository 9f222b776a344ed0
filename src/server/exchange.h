/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * server/exchange.h - one request and its answer, as the application sees them.
 *
 * Life: begin (loop) -> the body comes -> handle (loop, perhaps then a worker) -> the answer goes -> done. Its memory
 * is an arena of its own, gone behind `done`. The functions here are for the application's functions while they have
 * the exchange; a worker and the loop never hold it at the same time, but for streams, which they synchronise.
 *
 * An answer is whole (server_answer), or a stream (server_stream_*): chunked, or until close for HTTP/1.0. Added by
 * the server: Date, Connection, Content-Length or Transfer-Encoding, Retry-After of its own refusals. HEAD is answered
 * as GET, without the content.
 */
#include "base/op.h"
#include "server/server.h"

/* In refuse, of a request that can't be read: its method as far as it is known, and nothing else (head_len 0). */
const struct http_request *server_exchange_request(const struct server_exchange *exchange);
/* Whole; in handle only. Another place when a worker asks for it than on the loop, as the head's bytes. */
struct str server_exchange_body(const struct server_exchange *exchange);
struct arena *server_exchange_arena(struct server_exchange *exchange);
unsigned server_exchange_door(const struct server_exchange *exchange);   /* the listener's tag */
struct str server_exchange_peer(const struct server_exchange *exchange); /* "192.0.2.1", "::1", "unix" */
const atomic_bool *server_exchange_cancelled(const struct server_exchange *exchange);
uint64_t server_exchange_deadline_ns(const struct server_exchange *exchange); /* of the operation */
bool server_is_draining(const struct server_exchange *exchange);

/* Whatever the application wants to find again (in its arena): set in begin. */
void server_exchange_set_user(struct server_exchange *exchange, void *user);
void *server_exchange_user(const struct server_exchange *exchange);

/* begin: takes the request. A body beyond BODY_BYTES_MAX is refused with 413 (0: any content at all; the default). */
void server_accept(struct server_exchange *exchange, uint64_t body_bytes_max);

/*
 * When the peer leaves while a worker is at work: true calls the work off (cancelled is set), false lets it end.
 * Default: false. A peer that closes its sending side while the work goes on counts as left, for nothing tells it from
 * one that is gone; with false it gets its answer. A connection that is broken both ways (a reset) calls the work off
 * whatever is set: no answer can arrive.
 */
void server_cancel_on_close(struct server_exchange *exchange, bool on);

/* A field of the answer's head, before server_answer or server_stream_open. NAME static; VALUE is copied. */
void server_field(struct server_exchange *exchange, struct str name, struct str value);

/*
 * The whole answer. BODY and TYPE live in the exchange's arena, or are static (neither is copied). TYPE empty: no
 * Content-Type. 204 and 304 have no body. Called once; the first call counts. A field that can't be written (CR or LF
 * in its value, memory) makes the answer a bare 500.
 */
void server_answer(struct server_exchange *exchange, unsigned status, struct str type, struct str body);

/* Close behind this answer. */
void server_close(struct server_exchange *exchange);

/* --- streams (in handle; writing needs a worker, or fits the stream's buffer) ------------------------------------ */

/* Sends the head; TYPE as above. Nothing but server_stream_* may follow. ERR_LIMIT: too many streams (nothing was
 * answered yet); ERR_CANCELLED: the peer is gone. */
int server_stream_open(struct server_exchange *exchange, unsigned status, struct str type, struct err *err);

/*
 * Sends BYTES, which need not outlive the call. Waits while the peer takes no more (a worker's time, at most
 * write_timeout_ms). ERR_CANCELLED when the peer is gone or too slow: the stream is over. Sent at once.
 */
int server_stream_write(struct server_exchange *exchange, struct str bytes, struct err *err);

/*
 * server_stream_park: behind the return of handle the stream stays open (else it ends), until the peer leaves or the
 * server drains; then LAST (empty: nothing) is sent and the stream ends. server_stream_keepalive: in streams that are
 * parked, and in those that a worker writes while it is silent, COMMENT (the bytes, as sse_add_comment writes them) is
 * sent every keepalive_ms. Both are copied; the latest call counts.
 */
void server_stream_keepalive(struct server_exchange *exchange, struct str comment);
void server_stream_park(struct server_exchange *exchange, struct str last);

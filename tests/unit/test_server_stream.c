/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: written by workers, parked, with readers that are slow or gone. */
#include "server_fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STREAM    "HTTP/1.1 200 OK\r\n" DATE "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
#define EVENT     "d\r\ndata: event\n\n\r\n"
#define COMMENT   "3\r\n:\n\n\r\n"
#define PARKED    "e\r\ndata: parked\n\n\r\n"
#define BYE       "b\r\ndata: bye\n\n\r\n"
#define THE_LAST  "0\r\n\r\n"
#define ASK(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static int setup(void **state)
{
    static struct toy toy;
    toy_init(&toy);
    *state = &toy;
    return 0;
}

static int teardown(void **state)
{
    toy_done(*state);
    return 0;
}

static void whole(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, ASK("/stream") GET ASK("/stream"));
    peer_expect(fd, STREAM EVENT EVENT EVENT THE_LAST HELLO STREAM EVENT EVENT EVENT THE_LAST);
    PEER_SEND(fd, "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" GET);
    peer_expect(fd, STREAM HELLO);
    PEER_SEND(fd, "GET /stream HTTP/1.0\r\n\r\n");
    peer_expect_end(fd, "HTTP/1.1 200 OK\r\n" DATE "Content-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                        "data: event\n\ndata: event\n\ndata: event\n\n");
    toy_expect_done(toy, 6,
                    "GET /stream 200 whole\nGET / 200 whole\nGET /stream 200 whole\nHEAD /stream 200 whole\n"
                    "GET / 200 whole\nGET /stream 200 whole\n");
    assert_int_equal(server_counts(toy->server).streams, 0);
}

static void silent_worker(void **state)
{
    struct toy *toy = *state;
    toy->options.keepalive_ms = 30;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, ASK("/stream?wait"));
    peer_expect(fd, STREAM EVENT EVENT COMMENT COMMENT);
    assert_int_equal(server_counts(toy->server).streams, 1);
    atomic_store(&toy->released, true);
    peer_expect(fd, EVENT THE_LAST);
    PEER_SEND(fd, GET);
    peer_expect(fd, HELLO);
    close(fd);
}

static void parked(void **state)
{
    struct toy *toy = *state;
    toy->options.keepalive_ms = 30;
    toy_start(toy);
    int fd = peer_connect(toy), other = peer_connect(toy);
    PEER_SEND(fd, GET ASK("/park"));
    peer_expect(fd, HELLO STREAM PARKED COMMENT COMMENT);
    PEER_SEND(other, ASK("/park"));
    peer_expect(other, STREAM PARKED COMMENT);
    close(other);
    toy_expect_done(toy, 2, "GET / 200 whole\nGET /park 200 peer-closed\n");
    assert_int_equal(server_counts(toy->server).streams, 1);
    assert_true(toy_stop(toy, 2000));
    CLEANUP_BUF struct buf rest = BUF_INIT;
    peer_read(fd, 2000, &rest);
    close(fd);
    struct str text = buf_str(&rest);
    while (str_starts(text, STR(COMMENT)))
        text = str_skip(text, strlen(COMMENT));
    assert_string_equal(text.ptr, BYE THE_LAST);
}

/* The loop's buffer, or the connection's own, is long filled anew when a stream ends: its record is of its own head. */
static void parked_with_its_head(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy), cut = peer_connect(toy), other = peer_connect(toy);
    PEER_SEND(fd, ASK("/park"));
    peer_expect(fd, STREAM PARKED);
    PEER_SEND(cut, "GET /pa");
    sleep_ms(20);
    PEER_SEND(cut, "rk HTTP/1.1\r\nHost: a\r\n\r\n");
    peer_expect(cut, STREAM PARKED);
    PEER_SEND(other, "DELETE /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n");
    peer_expect(other, HELLO);
    close(fd);
    toy_expect_done(toy, 2, "DELETE /elsewhere 200 whole\nGET /park 200 peer-closed\n");
    close(cut);
    toy_expect_done(toy, 3, "DELETE /elsewhere 200 whole\nGET /park 200 peer-closed\nGET /park 200 peer-closed\n");
    close(other);
}

static void too_many(void **state)
{
    struct toy *toy = *state;
    toy->options.streams = 1;
    toy_start(toy);
    int fd = peer_connect(toy), other = peer_connect(toy);
    PEER_SEND(fd, ASK("/park"));
    peer_expect(fd, STREAM PARKED);
    PEER_SEND(other, ASK("/park"));
    peer_expect(other, "HTTP/1.1 503 Service Unavailable\r\n" DATE PLAIN "Content-Length: 10\r\n\r\nno stream\n");
    close(fd);
    toy_expect_done(toy, 2, "GET /park 503 whole\nGET /park 200 peer-closed\n");
    PEER_SEND(other, ASK("/park"));
    peer_expect(other, STREAM PARKED);
    close(other);
}

static void too_much_for_a_loop(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, ASK("/many") GET);
    peer_expect(fd, STREAM "d\r\ndata: limit\n\n\r\n" THE_LAST HELLO);
    close(fd);
}

/* A peer that reads nothing costs a worker for write_timeout_ms. */
static void slow_reader(void **state)
{
    struct toy *toy = *state;
    toy->options.write_timeout_ms = 50;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, ASK("/flood"));
    toy_await(&toy->cancelled, 1);
    toy_expect_done(toy, 1, "GET /flood 200 write-timeout\n");
    close(fd);
}

/* One that reads slowly gets everything. */
static void steady_reader(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, ASK("/flood"));
    CLEANUP_BUF struct buf came = BUF_INIT;
    peer_read_bytes(fd, 8 << 20, &came);
    size_t head = str_find(buf_str(&came), STR("\r\n\r\n")) + 4;
    /* 100,000 bytes are a chunk of 65,536 and one of 34,464. */
    for (size_t at = head; at + 100020 < came.len;) {
        assert_memory_equal(came.ptr + at, "10000\r\n\0", 8);
        assert_memory_equal(came.ptr + at + 7 + 65536, "\r\n86a0\r\n\0", 9);
        at += 7 + 65536 + 2 + 6 + 34464;
        assert_memory_equal(came.ptr + at, "\r\n", 2);
        at += 2;
    }
    close(fd);
    toy_await(&toy->cancelled, 1);
    toy_expect_done(toy, 1, "GET /flood 200 peer-closed\n");
}

static void peer_leaves(void **state)
{
    struct toy *toy = *state;
    toy->cancel_on_close = true;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, ASK("/stream?wait"));
    peer_expect(fd, STREAM EVENT EVENT);
    close(fd);
    toy_expect_done(toy, 1, "GET /stream 200 peer-closed\n");
}

/* The whole stream goes to a peer that only closes its sending side. */
static void half_closed(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, ASK("/stream?wait"));
    shutdown(fd, SHUT_WR);
    peer_expect(fd, STREAM EVENT EVENT);
    atomic_store(&toy->released, true);
    peer_expect_end(fd, EVENT THE_LAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole, setup, teardown),
        cmocka_unit_test_setup_teardown(silent_worker, setup, teardown),
        cmocka_unit_test_setup_teardown(parked, setup, teardown),
        cmocka_unit_test_setup_teardown(parked_with_its_head, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many, setup, teardown),
        cmocka_unit_test_setup_teardown(too_much_for_a_loop, setup, teardown),
        cmocka_unit_test_setup_teardown(slow_reader, setup, teardown),
        cmocka_unit_test_setup_teardown(steady_reader, setup, teardown),
        cmocka_unit_test_setup_teardown(peer_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(half_closed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

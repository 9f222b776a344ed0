/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer can cost: time, connections, places in the queue, memory; and what is left when allocations fail. */
#include "base/fault.h"
#include "server_fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

#define WAIT   "GET /work?wait HTTP/1.1\r\nHost: a\r\n\r\n"
#define WORKED "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 7\r\n\r\nworked\n"
#define REFUSED(status, fields, length, reason)                                                                        \
    "HTTP/1.1 " status "\r\n" DATE PLAIN fields "Content-Length: " length "\r\n\r\n" reason

static void head_in_time(void **state)
{
    struct toy *toy = *state;
    toy->options.header_timeout_ms = 60;
    toy->options.idle_timeout_ms = 60;
    toy_start(toy);
    int drip = peer_connect(toy), idle = peer_connect(toy), empty_line = peer_connect(toy);
    PEER_SEND(empty_line, "\r\n");
    for (unsigned i = 0; i < 12; i++) { /* each byte in time, all of them not */
        PEER_SEND(drip, "G");
        sleep_ms(10);
    }
    peer_expect_end(drip,
                    REFUSED("408 Request Timeout", "Connection: close\r\n", "29", "the head did not come in time"));
    peer_expect_end(idle, "");
    peer_expect_end(empty_line, "");
    toy_expect_done(toy, 1, " - 408 whole\n");
}

static void body_in_time(void **state)
{
    struct toy *toy = *state;
    toy->options.body_timeout_ms = 60;
    toy_start(toy);
    int drip = peer_connect(toy), unwanted = peer_connect(toy);
    PEER_SEND(drip, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
    PEER_SEND(unwanted, "POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
    for (unsigned i = 0; i < 12; i++) {
        PEER_SEND(drip, "x");
        sleep_ms(10);
    }
    peer_expect_end(drip,
                    REFUSED("408 Request Timeout", "Connection: close\r\n", "32", "the content did not come in time"));
    peer_expect_end(unwanted, REFUSED("401 Unauthorized", "Connection: close\r\n", "13", "who are you?\n"));
}

static void answer_in_time(void **state)
{
    struct toy *toy = *state;
    toy->options.write_timeout_ms = 60;
    toy_start(toy);
    int fd = peer_connect(toy);
    for (unsigned i = 0; i < 16; i++)
        PEER_SEND(fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    for (unsigned i = 0; i < 500 && server_counts(toy->server).accepted == 0; i++)
        sleep_ms(2);
    for (unsigned i = 0; i < 500 && server_counts(toy->server).connections > 0; i++)
        sleep_ms(2);
    assert_int_equal(server_counts(toy->server).connections, 0);
    close(fd);
    toy_stop(toy, 0);
    assert_true(str_ends(buf_str(&toy->done), STR("GET /big 200 write-timeout\n")));
}

static void idle_in_time(void **state)
{
    struct toy *toy = *state;
    toy->options.idle_timeout_ms = 60;
    toy_start(toy);
    int fd = peer_connect(toy);
    for (unsigned i = 0; i < 4; i++) { /* not idle */
        PEER_SEND(fd, GET);
        peer_expect(fd, HELLO);
        sleep_ms(30);
    }
    peer_expect_end(fd, "");
}

static void await_idle(struct toy *toy, uint64_t count)
{
    for (unsigned i = 0; i < 1000 && server_counts(toy->server).idle != count; i++)
        sleep_ms(1);
    assert_int_equal(server_counts(toy->server).idle, count);
}

/* The one that is idle for longest gives way; when all are at work the new one is told. */
static void connections(void **state)
{
    struct toy *toy = *state;
    toy->options.connections = 3;
    toy_start(toy);
    int fds[3];
    for (size_t i = 0; i < 3; i++) {
        fds[i] = peer_connect(toy);
        PEER_SEND(fds[i], GET);
        peer_expect(fds[i], HELLO);
    }
    PEER_SEND(fds[0], GET);
    peer_expect(fds[0], HELLO);
    await_idle(toy, 3);
    int fourth = peer_connect(toy);
    PEER_SEND(fourth, WAIT);
    peer_expect_end(fds[1], "");
    PEER_SEND(fds[0], WAIT);
    PEER_SEND(fds[2], "GET /");
    await_idle(toy, 0);
    for (unsigned i = 0; i < 2; i++) {
        int fifth = peer_connect(toy);
        PEER_SEND(fifth, GET);
        peer_expect_end(fifth, REFUSED("503 Service Unavailable", "Retry-After: 3\r\nConnection: close\r\n", "20",
                                       "too many connections"));
    }
    assert_int_equal(server_counts(toy->server).refused, 2);
    assert_int_equal(server_counts(toy->server).accepted, 6);
    atomic_store(&toy->released, true);
    peer_expect(fourth, WORKED);
    peer_expect(fds[0], WORKED);
    close(fourth);
    close(fds[0]);
    close(fds[2]);
    await_idle(toy, 0);
    int sixth = peer_connect(toy);
    PEER_SEND(sixth, GET);
    peer_expect(sixth, HELLO);
    close(sixth);
}

static void queue(void **state)
{
    struct toy *toy = *state;
    toy->options.workers = 1;
    toy->options.queue = 1;
    toy_start(toy);
    int at_work = peer_connect(toy), waits = peer_connect(toy), refused = peer_connect(toy);
    PEER_SEND(at_work, WAIT);
    toy_await(&toy->working, 1);
    PEER_SEND(waits, WAIT);
    while (server_counts(toy->server).queued == 0)
        sleep_ms(1);
    assert_int_equal(server_counts(toy->server).working, 1);
    PEER_SEND(refused, WAIT GET);
    peer_expect(refused,
                REFUSED("503 Service Unavailable", "Retry-After: 3\r\n", "22", "too many requests wait") HELLO);
    atomic_store(&toy->released, true);
    peer_expect(at_work, WORKED);
    peer_expect(waits, WORKED);
    close(at_work);
    close(waits);
    close(refused);
}

static void memory(void **state)
{
    struct toy *toy = *state;
    toy->options.memory_bytes = 300 << 10;
    toy_start(toy);
    static char half[150 << 10];
    int fd = peer_connect(toy), other = peer_connect(toy);
    PEER_SEND(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 153601\r\n\r\n");
    peer_send(fd, str_of(half, sizeof(half)));
    for (unsigned i = 0; i < 1000 && server_counts(toy->server).memory_bytes < sizeof(half); i++)
        sleep_ms(1);
    PEER_SEND(other, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 153601\r\n\r\n");
    peer_send(other, str_of(half, sizeof(half)));
    peer_expect_end(
        other, REFUSED("503 Service Unavailable", "Retry-After: 3\r\nConnection: close\r\n", "13", "out of memory"));
    other = peer_connect(toy);
    PEER_SEND(other, "GET /arena HTTP/1.1\r\nHost: a\r\n\r\nGET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CLEANUP_BUF struct buf came = BUF_INIT;
    peer_read(other, 2000, &came);
    close(other);
    assert_true(str_starts(buf_str(&came), STR(REFUSED("503 Service Unavailable", "Retry-After: 3\r\n", "13",
                                                       "out of memory") "HTTP/1.1 200 OK\r\n")));
    close(fd);
    for (unsigned i = 0; i < 1000 && server_counts(toy->server).connections > 0; i++)
        sleep_ms(1);
    assert_int_equal(server_counts(toy->server).memory_bytes, 0);
}

static void peer_leaves(void **state)
{
    struct toy *toy = *state;
    toy->cancel_on_close = true;
    toy->options.workers = 1;
    toy_start(toy);
    int fd = peer_connect(toy), waits = peer_connect(toy);
    PEER_SEND(fd, WAIT);
    toy_await(&toy->working, 1);
    PEER_SEND(waits, WAIT);
    while (server_counts(toy->server).queued == 0)
        sleep_ms(1);
    close(waits); /* never begun */
    sleep_ms(10);
    close(fd);
    toy_await(&toy->cancelled, 1);
    for (unsigned i = 0; i < 1000 && server_counts(toy->server).connections > 0; i++)
        sleep_ms(1);
    assert_int_equal(atomic_load(&toy->working), 1);
    assert_int_equal(server_counts(toy->server).working, 0);
}

/* Without cancel_on_close a peer that closes its sending side gets its answer. */
static void half_closed(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, WAIT GET);
    toy_await(&toy->working, 1);
    shutdown(fd, SHUT_WR);
    sleep_ms(5);
    atomic_store(&toy->released, true);
    peer_expect_end(fd, WORKED HELLO);
}

/* But one that reset the connection is gone for certain. */
static void peer_resets(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, WAIT);
    toy_await(&toy->working, 1);
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    close(fd);
    toy_await(&toy->cancelled, 1);
    for (unsigned i = 0; i < 1000 && server_counts(toy->server).connections > 0; i++)
        sleep_ms(1);
    assert_int_equal(server_counts(toy->server).connections, 0);
}

/* A refused peer that goes on sending gets its answer all the same, and nothing that it sent is looked at. */
static void lingering(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
    for (unsigned i = 0; i < 4000000 / strlen(GET); i++)
        PEER_SEND(fd, GET);
    peer_expect_end(fd, REFUSED("413 Content Too Large", "Connection: close\r\n", "24", "the content is too large"));
    toy_expect_done(toy, 1, "POST /small 413 whole body-long\n");
}

static void talk(struct toy *toy)
{
    CLEANUP_BUF struct buf came = BUF_INIT;
    int fd = peer_connect(toy);
    PEER_SEND(fd, "POST /echo-work HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    sleep_ms(1);
    PEER_SEND(fd, "def" GET "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    PEER_SEND(fd, "0\r\n\r\nGET /stream HTTP/1.1\r\nHost: a\r\n\r\nGET /close HTTP/1.1\r\nHost: a\r\n\r\n");
    peer_read(fd, 1000, &came);
    close(fd);
    if (came.len > 0 && !str_starts(buf_str(&came), STR("<reset>")))
        assert_true(str_starts(buf_str(&came), STR("HTTP/1.1 ")));
    assert_true(!str_ends(buf_str(&came), STR("<silence>")));
}

static void short_of_memory(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    for (uint64_t n = 1;; n++) {
        fault_arm(FAULT_ALLOC, n);
        talk(toy);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        if (passed)
            break;
        assert_true(n < 500);
    }
    int fd = peer_connect(toy);
    PEER_SEND(fd, GET);
    peer_expect(fd, HELLO);
    close(fd);
    assert_true(toy_stop(toy, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(head_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(body_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(answer_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(idle_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(connections, setup, teardown),
        cmocka_unit_test_setup_teardown(queue, setup, teardown),
        cmocka_unit_test_setup_teardown(memory, setup, teardown),
        cmocka_unit_test_setup_teardown(peer_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(half_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(peer_resets, setup, teardown),
        cmocka_unit_test_setup_teardown(lingering, setup, teardown),
        cmocka_unit_test_setup_teardown(short_of_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

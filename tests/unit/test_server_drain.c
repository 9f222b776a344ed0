/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a server, in each state of its connections. */
#include "base/clock.h"
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
#define CLOSE  "Connection: close\r\n"
#define WORKED "HTTP/1.1 200 OK\r\n" DATE PLAIN CLOSE "Content-Length: 7\r\n\r\nworked\n"
#define LAST   "HTTP/1.1 200 OK\r\n" DATE PLAIN CLOSE "Content-Length: 6\r\n\r\nhello\n"

static void drain(struct toy *toy, unsigned ms)
{
    server_drain(toy->server, clock_monotonic_ns() + ms * 1000000ULL);
}

/* What is at work is answered, also when its bytes still come; the idle ones are closed. */
static void in_work(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int idle = peer_connect(toy), head = peer_connect(toy), body = peer_connect(toy), worker = peer_connect(toy);
    PEER_SEND(idle, GET);
    peer_expect(idle, HELLO);
    PEER_SEND(head, GET "GET / HTTP/1.1\r\nHo");
    peer_expect(head, HELLO);
    PEER_SEND(body, GET "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
    peer_expect(body, HELLO);
    PEER_SEND(worker, WAIT);
    toy_await(&toy->working, 1);
    sleep_ms(10);
    drain(toy, 5000);
    peer_expect_end(idle, "");
    PEER_SEND(head, "st: a\r\n\r\n");
    peer_expect_end(head, LAST);
    PEER_SEND(body, "bc");
    peer_expect_end(body, "HTTP/1.1 200 OK\r\n" DATE PLAIN CLOSE "Content-Length: 3\r\n\r\nabc");
    atomic_store(&toy->released, true);
    peer_expect_end(worker, WORKED);
    assert_true(server_wait(toy->server));
    assert_int_equal(server_counts(toy->server).connections, 0);
}

/* Nobody whom the kernel had accepted is lost, whether or not the request came already. */
static void not_yet_accepted(void **state)
{
    struct toy *toy = *state;
    toy->options.loops = 3;
    toy_start(toy);
    int fds[60];
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        fds[i] = peer_connect(toy);
        if (i % 2 == 0)
            PEER_SEND(fds[i], GET);
    }
    drain(toy, 5000);
    for (size_t i = 1; i < ARRAY_LEN(fds); i += 2)
        PEER_SEND(fds[i], GET);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        CLEANUP_BUF struct buf came = BUF_INIT;
        peer_read(fds[i], 2000, &came);
        close(fds[i]);
        if (!str_eq_z(buf_str(&came), LAST))
            assert_string_equal(buf_z(&came), HELLO);
    }
    assert_true(server_wait(toy->server));
}

/* At the deadline everything is cut, and the records say so. */
static void cut(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int worker = peer_connect(toy), head = peer_connect(toy), fresh = peer_connect(toy);
    PEER_SEND(worker, WAIT);
    toy_await(&toy->working, 1);
    PEER_SEND(head, "GET /");
    sleep_ms(10);
    assert_false(toy_stop(toy, 30));
    peer_expect_end(worker, "");
    peer_expect_end(head, "");
    peer_expect_end(fresh, "");
    assert_int_equal(atomic_load(&toy->cancelled), 1);
    assert_true(str_find(buf_str(&toy->done), STR("GET /work 0 drained\n")) < toy->done.len);
    assert_true(str_find(buf_str(&toy->done), STR(" - 0 drained\n")) < toy->done.len);
}

/* A later deadline counts. */
static void deadline_moves(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int worker = peer_connect(toy);
    PEER_SEND(worker, WAIT);
    toy_await(&toy->working, 1);
    drain(toy, 50);
    drain(toy, 5000);
    sleep_ms(80);
    atomic_store(&toy->released, true);
    peer_expect_end(worker, WORKED);
    assert_true(server_wait(toy->server));
}

static void large_answer(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    for (unsigned i = 0; i < 8; i++)
        PEER_SEND(fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    sleep_ms(20);
    drain(toy, 5000);
    CLEANUP_BUF struct buf came = BUF_INIT;
    peer_read(fd, 2000, &came);
    close(fd);
    size_t one = strlen("HTTP/1.1 200 OK\r\n" DATE "Content-Length: 1048576\r\n\r\n") + (1 << 20);
    assert_true(came.len > one);
    assert_true(came.len % one == 0 || came.len % one == strlen(CLOSE)); /* whole answers */
    assert_true(server_wait(toy->server));
}

static void streams(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, "GET /stream?wait HTTP/1.1\r\nHost: a\r\n\r\n");
    toy_await(&toy->working, 1);
    sleep_ms(10);
    assert_false(toy_stop(toy, 30));
    close(fd);
    toy_expect_done(toy, 1, "GET /stream 200 drained\n");
}

/* A stream that a worker writes is written to its end; then its connection is closed though its head promised more. */
static void stream_in_work(void **state)
{
    struct toy *toy = *state;
    toy_start(toy);
    int fd = peer_connect(toy);
    PEER_SEND(fd, "GET /stream?wait HTTP/1.1\r\nHost: a\r\n\r\n");
    toy_await(&toy->working, 1);
    sleep_ms(10);
    drain(toy, 5000);
    sleep_ms(10);
    atomic_store(&toy->released, true);
    peer_expect_end(fd, "HTTP/1.1 200 OK\r\n" DATE "Content-Type: text/event-stream\r\n"
                        "Transfer-Encoding: chunked\r\n\r\nd\r\ndata: event\n\n\r\n"
                        "d\r\ndata: event\n\n\r\nd\r\ndata: event\n\n\r\n0\r\n\r\n");
    assert_true(server_wait(toy->server));
}

static void nothing_to_do(void **state)
{
    struct toy *toy = *state;
    toy->options.loops = 4;
    toy_start(toy);
    uint64_t start = clock_monotonic_ns();
    assert_true(toy_stop(toy, 5000));
    assert_true(clock_monotonic_ns() - start < 1000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_work, setup, teardown),
        cmocka_unit_test_setup_teardown(not_yet_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(cut, setup, teardown),
        cmocka_unit_test_setup_teardown(deadline_moves, setup, teardown),
        cmocka_unit_test_setup_teardown(large_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(streams, setup, teardown),
        cmocka_unit_test_setup_teardown(stream_in_work, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_to_do, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

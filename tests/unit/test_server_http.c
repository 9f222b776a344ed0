/* SPDX-License-Identifier: Apache-2.0 */
/* What goes over the wire: exact answers for requests however they come. */
#include "server_fixture.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int setup(void **state)
{
    static struct toy toy;
    toy_init(&toy);
    toy_start(&toy);
    *state = &toy;
    return 0;
}

static int teardown(void **state)
{
    toy_done(*state);
    return 0;
}

#define WORKED "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 7\r\n\r\nworked\n"

/* Sends REQUEST, then nothing more, and expects ANSWER and the end. */
static void check(struct toy *toy, struct str request, const char *answer)
{
    int fd = peer_connect(toy);
    peer_send(fd, request);
    shutdown(fd, SHUT_WR);
    peer_expect_end(fd, answer);
}
#define CHECK(request, answer) check(*state, STR(request), answer)

static void answers(void **state)
{
    CHECK(GET, HELLO);
    CHECK("GET /work HTTP/1.1\r\nHost: a\r\n\r\n", WORKED);
    CHECK("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 6\r\n\r\n");
    CHECK("HEAD /work HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 7\r\n\r\n");
    CHECK("GET / HTTP/1.0\r\n\r\n",
          "HTTP/1.1 200 OK\r\n" DATE PLAIN "Connection: close\r\nContent-Length: 6\r\n\r\nhello\n");
    CHECK("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
          "HTTP/1.1 200 OK\r\n" DATE PLAIN "Connection: keep-alive\r\nContent-Length: 6\r\n\r\nhello\n"
          "HTTP/1.1 200 OK\r\n" DATE PLAIN "Connection: close\r\nContent-Length: 6\r\n\r\nhello\n");
    CHECK("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET,
          "HTTP/1.1 200 OK\r\n" DATE PLAIN "Connection: close\r\nContent-Length: 6\r\n\r\nhello\n");
    CHECK("GET /close HTTP/1.1\r\nHost: a\r\n\r\n" GET,
          "HTTP/1.1 204 No Content\r\n" DATE "X-Name: value\r\nConnection: close\r\n\r\n");
    CHECK("GET /peer HTTP/1.1\r\nHost: a\r\n\r\n",
          "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 9\r\n\r\n127.0.0.1");
    CHECK("GET /field HTTP/1.1\r\nHost: a\r\n\r\n",
          "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    CHECK("GET /none HTTP/1.1\r\nHost: a\r\n\r\n" GET, "HTTP/1.1 500 Internal Server Error\r\n" DATE PLAIN
                                                       "Content-Length: 28\r\n\r\nthe request was not answered" HELLO);
}

static void contents(void **state)
{
    CHECK("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" GET,
          "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 3\r\n\r\nabc" HELLO);
    CHECK("POST /echo-work HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
          "chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n" GET,
          "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 7\r\n\r\nabcdefg" HELLO);
    CHECK("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789" GET, HELLO HELLO);
    CHECK("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n" GET,
          "HTTP/1.1 413 Content Too Large\r\n" DATE PLAIN
          "Connection: close\r\nContent-Length: 24\r\n\r\nthe content is too large");
    CHECK("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\n" GET,
          "HTTP/1.1 413 Content Too Large\r\n" DATE PLAIN
          "Connection: close\r\nContent-Length: 24\r\n\r\nthe content is too large");
    /* Nobody wants it: dropped when it is small. */
    CHECK("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nGET /work HTTP/1.1\r\nHost: a\r\n\r" GET,
          "HTTP/1.1 401 Unauthorized\r\n" DATE PLAIN "Content-Length: 13\r\n\r\nwho are you?\n" HELLO);
    CHECK("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n" GET,
          "HTTP/1.1 401 Unauthorized\r\n" DATE PLAIN "Connection: close\r\nContent-Length: 13\r\n\r\nwho are you?\n");
    CHECK("POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" GET,
          "HTTP/1.1 401 Unauthorized\r\n" DATE PLAIN "Connection: close\r\nContent-Length: 13\r\n\r\nwho are you?\n");
}

static void refusals(void **state)
{
#define REFUSED(status, length, reason)                                                                                \
    "HTTP/1.1 " status "\r\n" DATE PLAIN "Connection: close\r\nContent-Length: " length "\r\n\r\n" reason
    CHECK("GET / HTTP/1.1\r\nHost : a\r\n\r\n" GET,
          REFUSED("400 Bad Request", "39", "white space before the colon of a field"));
    CHECK("GET / HTTP/1.1\r\n\r\n" GET, REFUSED("400 Bad Request", "27", "HTTP/1.1 needs a Host field"));
    CHECK(GET "GET / HTTP/1.1\nHost: a\r\n\r\n" GET,
          HELLO REFUSED("400 Bad Request", "25", "a line ends with LF alone"));
    CHECK("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n" GET,
          REFUSED("400 Bad Request", "41", "both Content-Length and Transfer-Encoding"));
    CHECK("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n" GET,
          REFUSED("400 Bad Request", "39", "no line end behind the bytes of a chunk"));
    CHECK("HEAD / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" GET,
          "HTTP/1.1 400 Bad Request\r\n" DATE PLAIN "Connection: close\r\nContent-Length: 24\r\n\r\n");
    CHECK("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          REFUSED("505 HTTP Version Not Supported", "40", "HTTP/2 without negotiation is not spoken"));
}

#define SEVERAL                                                                                                        \
    GET "POST /echo-work HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"                \
        "GET /work HTTP/1.1\r\nHost: a\r\n\r\n"                                                                        \
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" GET
#define SEVERAL_ANSWERS                                                                                                \
    HELLO "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 2\r\n\r\nab" WORKED "HTTP/1.1 200 OK\r\n" DATE PLAIN       \
          "Content-Length: 3\r\n\r\nabc" HELLO

/* In one piece, byte by byte, and cut in two at every place. */
static void cut_anywhere(void **state)
{
    CHECK(SEVERAL, SEVERAL_ANSWERS);
    struct str all = STR(SEVERAL);
    int fd = peer_connect(*state);
    for (size_t i = 0; i < all.len; i++)
        peer_send(fd, str_of(all.ptr + i, 1));
    peer_expect(fd, SEVERAL_ANSWERS);
    for (size_t at = 1; at < all.len; at++) {
        peer_send(fd, str_head(all, at));
        sched_yield();
        peer_send(fd, str_skip(all, at));
        peer_expect(fd, SEVERAL_ANSWERS);
    }
    shutdown(fd, SHUT_WR);
    peer_expect_end(fd, "");
}

static void pipelined_by_thousands(void **state)
{
    CLEANUP_BUF struct buf requests = BUF_INIT;
    CLEANUP_BUF struct buf answers = BUF_INIT;
    CLEANUP_BUF struct buf came = BUF_INIT;
    for (unsigned i = 0; i < 3000; i++) {
        buf_add_z(&requests, i % 100 == 50 ? "GET /work HTTP/1.1\r\nHost: a\r\n\r\n" : GET);
        buf_add_z(&answers, i % 100 == 50 ? WORKED : HELLO);
    }
    int fd = peer_connect(*state);
    peer_send(fd, buf_str(&requests));
    shutdown(fd, SHUT_WR);
    peer_read(fd, 3000, &came);
    close(fd);
    assert_int_equal(came.len, answers.len);
    assert_memory_equal(came.ptr, answers.ptr, came.len);
}

static void continues(void **state)
{
    int fd = peer_connect(*state);
    PEER_SEND(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    peer_expect(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    PEER_SEND(fd, "a");
    sleep_ms(2);
    PEER_SEND(fd, "bc");
    peer_expect(fd, "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 3\r\n\r\nabc");
    /* Content that comes at once needs no leave; behind an answer that is owed, in order; never when it is unwanted. */
    PEER_SEND(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc" GET
                  "POST /echo-work HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
    peer_expect(fd,
                "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 3\r\n\r\nabc" HELLO "HTTP/1.1 100 Continue\r\n\r\n");
    PEER_SEND(fd, "0\r\n\r\nPOST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    peer_expect_end(fd, "HTTP/1.1 200 OK\r\n" DATE PLAIN "Content-Length: 0\r\n\r\n"
                        "HTTP/1.1 401 Unauthorized\r\n" DATE PLAIN
                        "Connection: close\r\nContent-Length: 13\r\n\r\nwho are you?\n");
}

/* More than the kernel takes at once; requests behind it wait. */
static void large_answers(void **state)
{
    static const char *const paths[] = {"/big", "/big-work", "/arena"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        CLEANUP_BUF struct buf request = BUF_INIT;
        CLEANUP_BUF struct buf came = BUF_INIT;
        buf_addf(&request, GET "GET %s HTTP/1.1\r\nHost: a\r\n\r\n" GET, paths[i]);
        int fd = peer_connect(*state);
        for (unsigned j = 0; j < 8; j++)
            peer_send(fd, buf_str(&request));
        shutdown(fd, SHUT_WR);
        sleep_ms(20);
        peer_read(fd, 3000, &came);
        close(fd);
        size_t head = strlen("HTTP/1.1 200 OK\r\n" DATE "Content-Length: 1048576\r\n\r\n");
        assert_int_equal(came.len, 8 * (2 * strlen(HELLO) + head + (1 << 20)));
        assert_memory_equal(came.ptr + came.len - strlen(HELLO), HELLO, strlen(HELLO));
    }
}

static void records(void **state)
{
    struct toy *toy = *state;
    CHECK(GET "GET /x%41?q HTTP/1.1\r\nHost: a\r\n\r\nPOST /work HTTP/1.0\r\n\r\n",
          HELLO HELLO "HTTP/1.1 200 OK\r\n" DATE PLAIN "Connection: close\r\nContent-Length: 7\r\n\r\nworked\n");
    toy_expect_done(toy, 3, "GET / 200 whole\nGET /x%41 200 whole\nPOST /work 200 whole\n");
    buf_reset(&toy->done);
    CHECK("\r\n", "");
    CHECK("GET / HT", "");
    toy_expect_done(toy, 1, " - 0 peer-closed\n");
    buf_reset(&toy->done);
    CHECK("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", "");
    toy_expect_done(toy, 1, "POST /echo 0 peer-closed\n");
    buf_reset(&toy->done);
    int fd = peer_connect(toy);
    PEER_SEND(fd, "GET / HTTP/1.1\r\nA B: c\r\n\r\n");
    peer_expect(fd, "HTTP/1.1 400 Bad Request\r\n" DATE PLAIN
                    "Connection: close\r\nContent-Length: 27\r\n\r\na field name is not a token");
    toy_expect_done(toy, 1, " - 400 whole field-name\n");
    close(fd);
}

/* Head and body come by themselves, and others' bytes before a worker has time for it. */
static void test_body_after_head(void **state)
{
    (void)state;
    struct toy toy;
    toy_init(&toy);
    toy.options.workers = 1;
    toy.options.loops = 1;
    toy_start(&toy);
    int busy = peer_connect(&toy), one = peer_connect(&toy), two = peer_connect(&toy);
    PEER_SEND(busy, "GET /work?wait HTTP/1.1\r\nHost: a\r\n\r\n");
    toy_await(&toy.working, 1);
    PEER_SEND(one, "POST /echo-work HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
    sleep_ms(20);
    PEER_SEND(one, "mine");
    sleep_ms(20);
    PEER_SEND(two, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nConnection: close\r\n\r\nothers");
    sleep_ms(20);
    atomic_store(&toy.released, true);
    CLEANUP_BUF struct buf said = BUF_INIT;
    peer_read(one, 300, &said);
    assert_true(str_find(buf_str(&said), STR("\r\n\r\nmine")) < said.len);
    close(busy);
    close(one);
    close(two);
    toy_stop(&toy, 1000);
    toy_done(&toy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body_after_head),
        cmocka_unit_test_setup_teardown(answers, setup, teardown),
        cmocka_unit_test_setup_teardown(contents, setup, teardown),
        cmocka_unit_test_setup_teardown(refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_anywhere, setup, teardown),
        cmocka_unit_test_setup_teardown(pipelined_by_thousands, setup, teardown),
        cmocka_unit_test_setup_teardown(continues, setup, teardown),
        cmocka_unit_test_setup_teardown(large_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(records, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

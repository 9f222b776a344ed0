/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OK   "HTTP/1.1 200 OK\r\n"
#define MORE RESPONSE_MORE
#define DONE RESPONSE_DONE
#define BAD  RESPONSE_BAD

struct sample {
    const char *text;
    enum response_state fed, closed;
    enum response_fault fault;
    unsigned status;
    const char *excerpt;
};

static const struct sample samples[] = {
    {OK "Content-Length: 2\r\n\r\nok", DONE, DONE, 0, 200, "ok"},
    {OK "content-length:2\r\n\r\nokmore", DONE, DONE, 0, 200, "ok"},
    {OK "Content-Length: 3\r\n\r\nok", MORE, BAD, RESPONSE_CUT, 200, "ok"},
    {OK "Content-Length: 0\r\n\r\n", DONE, DONE, 0, 200, ""},
    {OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", DONE, DONE, 0, 200, "x"},
    {OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {OK "Content-Length: 1x\r\n\r\nx", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {OK "Content-Length: -1\r\n\r\nx", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {OK "Content-Length: 99999999999999999999\r\n\r\nx", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {OK "\r\nto the end", MORE, DONE, 0, 200, "to the end"},
    {OK "\r\n", MORE, DONE, 0, 200, ""},
    {"HTTP/1.0 200\r\n\r\n", MORE, DONE, 0, 200, ""},
    {"HTTP/1.0 200 \n\n", MORE, DONE, 0, 200, ""},
    {"HTTP/1.1 204 No Content\r\n\r\n", DONE, DONE, 0, 204, ""},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", DONE, DONE, 0, 304, ""},
    {"HTTP/1.1 101 Switching\r\n\r\n\x01", DONE, DONE, 0, 101, ""},
    {"HTTP/1.1 103 Hints\r\nContent-Length: 9\r\n\r\n" OK "\r\nx", MORE, DONE, 0, 200, "x"},
    {"HTTP/1.1 100 \r\n\r\n", MORE, BAD, RESPONSE_CUT, 0, ""},
    {"HTTP/1.1 503 Busy\r\nContent-Length: 30\r\n\r\n\r\n  draining, 2 left \r\nmore text!!", DONE, DONE, 0, 503,
     "draining, 2 left"},
    {OK "Content-Length: 6\r\n\r\n<html>", DONE, DONE, 0, 200, ""},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\n\r\n", DONE, DONE, 0, 200,
     "abc0123456789"},
    {OK "Transfer-Encoding: gzip, Chunked \r\nContent-Length: 99\r\n\r\n1 \r\na\r\n0\r\nTrailer: x\r\n\r\n", DONE, DONE,
     0, 200, "a"},
    {OK "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nabc", MORE, DONE, 0, 200, "abc"},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd", MORE, BAD, RESPONSE_CUT, 200, "abc"},
    {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", BAD, BAD, RESPONSE_MALFORMED, 200, "abc"},
    {OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {OK "Transfer-Encoding: chunked\r\n\r\n\r\n", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {OK "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", MORE, BAD, RESPONSE_CUT, 200, ""},
    {OK "Folded: a\r\n b:\r\n\tc\r\nContent-Length: 1\r\n\r\nx", DONE, DONE, 0, 200, "x"},
    {OK "no colon\r\n\r\n", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {OK ": x\r\n\r\n", BAD, BAD, RESPONSE_MALFORMED, 200, ""},
    {"", MORE, BAD, RESPONSE_EMPTY, 0, ""},
    {"HTTP/1.1 200 OK", MORE, BAD, RESPONSE_CUT, 0, ""},
    {"HTTP/1.1 2000 OK\r\n", BAD, BAD, RESPONSE_MALFORMED, 0, ""},
    {"HTTP/1.1 20\r\n", BAD, BAD, RESPONSE_MALFORMED, 0, ""},
    {"HTTP/1.1 600 x\r\n", BAD, BAD, RESPONSE_MALFORMED, 0, ""},
    {"HTTP/1.1 099 x\r\n", BAD, BAD, RESPONSE_MALFORMED, 0, ""},
    {"HTTP/1.x 200 x\r\n", BAD, BAD, RESPONSE_MALFORMED, 0, ""},
    {"HTTP/1.1200 x\r\n", BAD, BAD, RESPONSE_MALFORMED, 0, ""},
    {"HTTP/1.\n", BAD, BAD, RESPONSE_MALFORMED, 0, ""},
    {"HTTP/2 200\r\n", BAD, BAD, RESPONSE_NOT_HTTP, 0, ""},
    {"SSH-2.0-OpenSSH\r\n", BAD, BAD, RESPONSE_NOT_HTTP, 0, ""},
    {"\r\nHTTP/1.1 200 OK\r\n", BAD, BAD, RESPONSE_NOT_HTTP, 0, ""},
    {"\x15\x03\x01", BAD, BAD, RESPONSE_TLS, 0, ""},
};

static void judge(const struct sample *sample, const struct response *response, enum response_state closed)
{
    struct text excerpt = response_excerpt(response);
    if (closed != sample->closed || response->status != sample->status ||
        (closed == BAD && response->fault != sample->fault) || !text_eq(excerpt, text_of(sample->excerpt)))
        fail_msg("'%s' gave state %d, fault %d, status %u, excerpt '%.*s'", sample->text, closed, response->fault,
                 response->status, (int)excerpt.len, excerpt.at);
}

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *sample = &samples[i];
        struct response response;
        response_init(&response);
        if (response_feed(&response, sample->text, strlen(sample->text)) != sample->fed)
            fail_msg("'%s' gave state %d", sample->text, response.state);
        judge(sample, &response, response_close(&response, false));
        response_init(&response);
        for (const char *at = sample->text; *at; at++)
            response_feed(&response, at, 1);
        judge(sample, &response, response_close(&response, false));
    }
}

static void test_reset(void **state)
{
    (void)state;
    struct response response;
    response_init(&response);
    response_feed(&response, OK "\r\nhalf", sizeof OK + 5);
    assert_int_equal(response_close(&response, true), BAD);
    assert_int_equal(response.fault, RESPONSE_CUT);
    response_init(&response);
    response_feed(&response, OK "Content-Length: 0\r\n\r\n", sizeof OK + 20);
    assert_int_equal(response_close(&response, true), DONE);
}

static void feed_field(struct response *response, const char *name, size_t len)
{
    response_init(response);
    response_feed(response, OK, sizeof OK - 1);
    response_feed(response, name, strlen(name));
    for (size_t i = 0; i < len; i++)
        response_feed(response, "1", 1);
    response_feed(response, "\r\n", 2);
}

static void test_limits(void **state)
{
    (void)state;
    struct response response;
    feed_field(&response, "Cookie: ", 30000);
    response_feed(&response, "Content-Length: 1\r\n\r\nx", 22);
    assert_int_equal(response.state, DONE);
    feed_field(&response, "Cookie: ", PROBE_HEAD_BYTES);
    assert_int_equal(response.state, BAD);
    assert_int_equal(response.fault, RESPONSE_HEAD_TOO_LONG);
    feed_field(&response, "Content-Length: ", PROBE_HEAD_LINE_BYTES);
    assert_int_equal(response.fault, RESPONSE_MALFORMED);
    feed_field(&response, "Content-Length: 0", PROBE_HEAD_LINE_BYTES);
    assert_int_equal(response.fault, RESPONSE_MALFORMED);
    response_init(&response);
    response_feed(&response, OK "\r\n", sizeof OK + 1);
    for (int i = 1; i < PROBE_BODY_BYTES; i++)
        assert_int_equal(response_feed(&response, "b", 1), MORE);
    assert_int_equal(response_feed(&response, "b", 1), DONE);
    assert_int_equal(response_excerpt(&response).len, PROBE_EXCERPT_BYTES);
    response_init(&response);
    for (int i = 0; i < PROBE_HEAD_BYTES / 20; i++)
        response_feed(&response, "HTTP/1.1 103 x\r\n\r\n", 18);
    assert_int_equal(response.state, MORE);
    for (int i = 0; i < PROBE_HEAD_BYTES / 20; i++)
        response_feed(&response, "HTTP/1.1 103 x\r\n\r\n", 18);
    assert_int_equal(response.fault, RESPONSE_HEAD_TOO_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

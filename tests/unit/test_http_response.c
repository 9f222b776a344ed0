/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/fault.h"
#include "http/response.h"
#include "http/sse.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void assert_out(const struct buf *out, const char *expected)
{
    assert_string_equal(buf_z(out), expected);
    assert_int_equal(out->len, strlen(expected));
}

static void test_length(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct http_response response;
    buf_add_z(&out, "before|");
    http_response_start(&response, &out, 200, HTTP_RESPONSE_BODY);
    http_response_field(&response, STR("Content-Type"), STR("text/plain; charset=utf-8"));
    http_response_field(&response, STR("X-Empty"), STR_NONE);
    http_response_field(&response, STR("X-Wide"), STR(" \t caf\xc3\xa9\ta \t"));
    http_response_field_u64(&response, STR("Retry-After"), 0);
    http_response_field_u64(&response, STR("X-Most"), UINT64_MAX);
    http_response_length(&response, 5);
    http_response_data(&response, STR("hel"));
    http_response_data(&response, STR_NONE);
    http_response_data(&response, STR("lo"));
    http_response_end(&response);
    assert_int_equal(http_response_check(&response, NULL), 0);
    assert_out(&out, "before|HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nX-Empty: \r\n"
                     "X-Wide: caf\xc3\xa9\ta\r\nRetry-After: 0\r\nX-Most: 18446744073709551615\r\n"
                     "Content-Length: 5\r\n\r\nhello");
}

static void test_chunked(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT, data = BUF_INIT;
    struct http_response response;
    buf_add_fill(&data, 'x', 26);
    http_response_start(&response, &out, 404, HTTP_RESPONSE_BODY);
    http_response_chunked(&response);
    http_response_data(&response, STR("a"));
    http_response_data(&response, STR("")); /* no end of the body */
    http_response_data(&response, buf_str(&data));
    http_response_end(&response);
    assert_int_equal(http_response_check(&response, NULL), 0);
    assert_out(&out, "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"
                     "1a\r\nxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n0\r\n\r\n");
}

static void test_sent_between(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct http_response response;
    http_response_start(&response, &out, 200, HTTP_RESPONSE_BODY);
    http_response_chunked(&response);
    buf_reset(&out);
    http_response_data(&response, STR("ab"));
    assert_out(&out, "2\r\nab\r\n");
    buf_reset(&out);
    http_response_end(&response);
    assert_out(&out, "0\r\n\r\n");
    assert_int_equal(http_response_check(&response, NULL), 0);
}

static void test_head_only(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct http_response response;
    http_response_start(&response, &out, 200, HTTP_RESPONSE_HEAD_ONLY);
    http_response_length(&response, 5);
    http_response_data(&response, STR("hello"));
    http_response_end(&response);
    http_response_check(&response, NULL);
    assert_out(&out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    buf_reset(&out);
    http_response_start(&response, &out, 200, HTTP_RESPONSE_HEAD_ONLY);
    http_response_length(&response, 5); /* nobody has to make the content */
    http_response_end(&response);
    assert_int_equal(http_response_check(&response, NULL), 0);
    buf_reset(&out);
    http_response_start(&response, &out, 200, HTTP_RESPONSE_HEAD_ONLY);
    http_response_chunked(&response);
    http_response_data(&response, STR("hello"));
    http_response_end(&response);
    assert_int_equal(http_response_check(&response, NULL), 0);
    assert_out(&out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

static void test_until_close(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct http_response response;
    http_response_start(&response, &out, 503, HTTP_RESPONSE_BODY);
    http_response_until_close(&response);
    http_response_data(&response, STR("text"));
    http_response_end(&response);
    assert_int_equal(http_response_check(&response, NULL), 0);
    assert_out(&out, "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\ntext");
}

/* What has no content has no framing, and what has content needs it. */
static void test_bodiless(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        bool bodiless;
    } cases[] = {{103, true}, {204, true}, {304, true}, {200, false}, {404, false}, {599, false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (unsigned end = 0; end < 4; end++) {
            CLEANUP_BUF struct buf out = BUF_INIT;
            struct http_response response;
            http_response_start(&response, &out, cases[i].status, HTTP_RESPONSE_BODY);
            switch (end) {
            case 0:
                http_response_bodiless(&response);
                break;
            case 1:
                http_response_length(&response, 0);
                break;
            case 2:
                http_response_chunked(&response);
                break;
            default:
                http_response_until_close(&response);
                break;
            }
            http_response_end(&response);
            bool good = (end == 0) == cases[i].bodiless;
            assert_int_equal(http_response_check(&response, NULL), good ? 0 : -ERR_INTERNAL);
            assert_int_equal(out.len > 0, good);
        }
    }
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct http_response response;
    http_response_start(&response, &out, 204, HTTP_RESPONSE_BODY);
    http_response_bodiless(&response);
    http_response_data(&response, STR("x"));
    assert_int_equal(http_response_check(&response, NULL), -ERR_INTERNAL);
    assert_out(&out, "HTTP/1.1 204 No Content\r\n\r\n");
}

static void test_fields_refused(void **state)
{
    (void)state;
    static const struct {
        struct str name, value;
        int code;
    } cases[] = {
        {STR_INIT("Location"), STR_INIT("/a\r\nSet-Cookie: b"), -ERR_INVALID},
        {STR_INIT("Location"), STR_INIT("/a\nb"), -ERR_INVALID},
        {STR_INIT("Location"), STR_INIT("/a\r"), -ERR_INVALID},
        {STR_INIT("Location"), STR_INIT("/123456789012345678901234567890\r"), -ERR_INVALID},
        {STR_INIT("Location"), STR_INIT("/a\0b"), -ERR_INVALID},
        {STR_INIT("Location"), STR_INIT("\x1b[1m"), -ERR_INVALID},
        {STR_INIT("Location"), STR_INIT("a\x7f"), -ERR_INVALID},
        {STR_INIT(""), STR_INIT("a"), -ERR_INVALID},
        {STR_INIT("X Y"), STR_INIT("a"), -ERR_INVALID},
        {STR_INIT("X:"), STR_INIT("a"), -ERR_INVALID},
        {STR_INIT("X\r\nY"), STR_INIT("a"), -ERR_INVALID},
        {STR_INIT("\xc3\xa4"), STR_INIT("a"), -ERR_INVALID},
        {STR_INIT("content-LENGTH"), STR_INIT("1"), -ERR_INTERNAL},
        {STR_INIT("Transfer-Encoding"), STR_INIT("gzip"), -ERR_INTERNAL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct http_response response;
        buf_add_z(&out, "kept");
        http_response_start(&response, &out, 302, HTTP_RESPONSE_BODY);
        http_response_field(&response, STR("Good"), STR("a"));
        http_response_field(&response, cases[i].name, cases[i].value);
        http_response_field(&response, STR("Good"), STR("b"));
        http_response_length(&response, 1);
        http_response_data(&response, STR("x"));
        http_response_end(&response);
        assert_int_equal(http_response_check(&response, NULL), cases[i].code);
        assert_out(&out, "kept");
    }
}

static void test_wrong_order(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct http_response response;
    static const unsigned bad[] = {0, 99, 100, 101, 102, 104, 199, 600, 1000};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        http_response_start(&response, &out, bad[i], HTTP_RESPONSE_BODY);
        assert_int_equal(http_response_check(&response, NULL), -ERR_INTERNAL);
        assert_int_equal(out.len, 0);
    }
    http_response_start(&response, &out, 200, HTTP_RESPONSE_BODY);
    http_response_data(&response, STR("early"));
    assert_int_equal(http_response_check(&response, &err), -ERR_INTERNAL);
    assert_string_equal(err.message, "calls in a wrong order for a response");
    assert_int_equal(out.len, 0);
    http_response_start(&response, &out, 200, HTTP_RESPONSE_BODY);
    http_response_end(&response);
    assert_int_equal(http_response_check(&response, NULL), -ERR_INTERNAL);
    http_response_start(&response, &out, 200, HTTP_RESPONSE_BODY);
    http_response_length(&response, 0);
    http_response_field(&response, STR("Late"), STR("a"));
    assert_int_equal(http_response_check(&response, NULL), -ERR_INTERNAL);
    http_response_start(&response, &out, 200, HTTP_RESPONSE_BODY);
    http_response_length(&response, 0);
    http_response_end(&response);
    http_response_end(&response);
    assert_int_equal(http_response_check(&response, NULL), -ERR_INTERNAL);
    for (size_t i = 0; i < 2; i++) { /* shorter and longer than announced */
        http_response_start(&response, &out, 200, HTTP_RESPONSE_BODY);
        http_response_length(&response, 3);
        http_response_data(&response, i == 0 ? STR("ab") : STR("abcd"));
        http_response_end(&response);
        assert_int_equal(http_response_check(&response, &err), -ERR_INTERNAL);
        assert_string_equal(err.message, "content of another length than announced in a response");
    }
}

static void test_chunk_line(void **state)
{
    (void)state;
    static const struct {
        size_t bytes;
        const char *line;
    } cases[] = {{1, "1\r\n"},
                 {15, "f\r\n"},
                 {16, "10\r\n"},
                 {0xabcd, "abcd\r\n"},
                 {0x100000, "100000\r\n"},
                 {SIZE_MAX, "ffffffffffffffff\r\n"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char line[HTTP_CHUNK_LINE_MAX];
        assert_true(str_eq(str_of(line, http_chunk_line(line, cases[i].bytes)), str_z(cases[i].line)));
    }
}

static void test_reasons(void **state)
{
    (void)state;
    assert_true(str_eq(http_reason_phrase(200), STR("OK")));
    assert_true(str_eq(http_reason_phrase(431), STR("Request Header Fields Too Large")));
    assert_true(str_eq(http_reason_phrase(299), STR("")));
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct http_response response;
    http_response_start(&response, &out, 299, HTTP_RESPONSE_BODY);
    assert_out(&out, "HTTP/1.1 299 \r\n"); /* the space stays: RFC 9112, section 4 */
    for (unsigned status = 400; status < 599; status++)
        assert_false(str_has_char(http_reason_phrase(status), '\n'));
}

static void test_events(void **state)
{
    (void)state;
    static const struct {
        struct str name, id, data;
        const char *out;
    } cases[] = {
        {STR_INIT(""), STR_INIT(""), STR_INIT("a"), "data: a\n\n"},
        {STR_INIT(""), STR_INIT(""), STR_INIT(""), "data: \n\n"},
        {STR_INIT(""), STR_INIT(""), {NULL, 0}, "data: \n\n"},
        {STR_INIT("message"), STR_INIT("7"), STR_INIT("{}"), "event: message\nid: 7\ndata: {}\n\n"},
        {STR_INIT(""), STR_INIT(""), STR_INIT("a\nb"), "data: a\ndata: b\n\n"},
        {STR_INIT(""), STR_INIT(""), STR_INIT("a\r\nb\rc"), "data: a\ndata: b\ndata: c\n\n"},
        {STR_INIT(""), STR_INIT(""), STR_INIT("a\n"), "data: a\ndata: \n\n"},
        {STR_INIT(""), STR_INIT(""), STR_INIT("\r\n\r"), "data: \ndata: \ndata: \n\n"},
        {STR_INIT(""), STR_INIT(""), STR_INIT("a\n\nevent: x"), "data: a\ndata: \ndata: event: x\n\n"},
        {STR_INIT(""), STR_INIT(""), STR_INIT(" a:"), "data:  a:\n\n"},
        {STR_INIT("a\nb"), STR_INIT(""), STR_INIT("x"), NULL},
        {STR_INIT("a\rb"), STR_INIT(""), STR_INIT("x"), NULL},
        {STR_INIT(""), STR_INIT("1\n"), STR_INIT("x"), NULL},
        {STR_INIT(""), STR_INIT("1\0"), STR_INIT("x"), NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct sse_event event = {cases[i].name, cases[i].id};
        assert_int_equal(sse_add_event(&out, &event, cases[i].data), cases[i].out != NULL);
        assert_out(&out, cases[i].out ? cases[i].out : "");
    }
    CLEANUP_BUF struct buf out = BUF_INIT;
    assert_true(sse_add_comment(&out, STR("keep-alive")));
    assert_true(sse_add_comment(&out, STR_NONE));
    assert_false(sse_add_comment(&out, STR("a\ndata: b")));
    assert_false(sse_add_comment(&out, STR("a\rdata: b")));
    sse_add_retry(&out, 2500);
    assert_out(&out, ": keep-alive\n\n: \n\nretry: 2500\n\n");
}

static int write_all(struct buf *out, struct err *err)
{
    struct http_response response;
    struct sse_event event = {STR("message"), STR("1")};
    CLEANUP_BUF struct buf data = BUF_INIT;
    buf_add_fill(&data, 'x', 300);
    if (!sse_add_event(&data, &event, STR("a\nb")))
        return -ERR_INTERNAL;
    if (buf_check(&data, err) < 0)
        return -ERR_NOMEM;
    http_response_start(&response, out, 200, HTTP_RESPONSE_BODY);
    http_response_field(&response, STR("Content-Type"), STR("text/event-stream"));
    http_response_chunked(&response);
    for (int i = 0; i < 8; i++)
        http_response_data(&response, buf_str(&data));
    http_response_end(&response);
    return http_response_check(&response, err);
}

static void test_faults(void **state)
{
    (void)state;
    int code = -1;
    uint64_t n = 0;
    while (code != 0) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, ++n);
        code = write_all(&out, &err);
        fault_disarm();
        assert_true(code == 0 || (code == -ERR_NOMEM && err.code == ERR_NOMEM));
        assert_true(n < 100);
    }
    assert_true(n > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length),         cmocka_unit_test(test_chunked),     cmocka_unit_test(test_sent_between),
        cmocka_unit_test(test_head_only),      cmocka_unit_test(test_until_close), cmocka_unit_test(test_bodiless),
        cmocka_unit_test(test_fields_refused), cmocka_unit_test(test_wrong_order), cmocka_unit_test(test_chunk_line),
        cmocka_unit_test(test_reasons),        cmocka_unit_test(test_events),      cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

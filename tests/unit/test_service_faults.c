/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out costs the caller an answer, never the service its life or the next caller his. */
#include "service_fake.h"
#include "service_made.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HOST "Host: 127.0.0.1:8080\r\n"
#define RPC                                                                                                            \
    "POST /mcp HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
#define MODERN RPC "MCP-Protocol-Version: 2026-07-28\r\nTransfer-Encoding: chunked\r\n"
#define META                                                                                                           \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                           \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

/* Content by length: what LEN says is filled in by the test. */
static const struct {
    const char *head, *content; /* content NULL: none */
    unsigned status;
} requests[] = {
    {"GET /livez HTTP/1.1\r\n" HOST, NULL, 200},
    {"GET / HTTP/1.1\r\n" HOST "Accept: text/html\r\n", NULL, 200},
    {"GET /v1/rules HTTP/1.1\r\n" HOST "Accept-Encoding: gzip\r\n", NULL, 200},
    {"GET /v1/rules?surface=compose HTTP/1.1\r\n" HOST, NULL, 200},
    {"GET /v1/rules?format=json&surface=%c3%a9 HTTP/1.1\r\n" HOST, NULL, 400},
    {"GET /v1/rules/no-host-namespaces HTTP/1.1\r\n" HOST "traceparent: x\r\n", NULL, 200},
    {"GET /openapi.json HTTP/1.1\r\n" HOST "Accept-Encoding: gzip\r\n", NULL, 200},
    {"GET /metrics HTTP/1.1\r\n" HOST, NULL, 200},
    {"GET /none HTTP/1.1\r\n" HOST "Origin: https://app.example.org\r\n", NULL, 404},
    {"OPTIONS /v1/check HTTP/1.1\r\n" HOST "Origin: https://app.example.org\r\nAccess-Control-Request-Method: POST\r\n",
     NULL, 204},
    {"POST /v1/check HTTP/1.1\r\n" HOST "Content-Type: application/json\r\n",
     "{\"files\":[{\"name\":\"compose.yaml\",\"content\":\"services: {web: {image: a, privileged: true}}\"},"
     "{\"name\":\"Dockerfile\",\"content\":\"FROM debian\\nRUN curl x | sh\\n\"}]}",
     200},
    {"POST /v1/check HTTP/1.1\r\n" HOST "Content-Type: application/json\r\n", "{\"files\":1}", 400},
    {RPC,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
     "\"capabilities\":{},\"clientInfo\":{\"name\":\"a\",\"version\":\"1\"}}}",
     200},
    {RPC, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", 200},
    {RPC,
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"check\",\"arguments\":"
     "{\"files\":[{\"name\":\"Dockerfile\",\"content\":\"FROM a\"}]},\"_meta\":{\"progressToken\":1}}}",
     200},
    {MODERN "Mcp-Method: server/discover\r\n",
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{" META "}}", 200},
    {MODERN "Mcp-Method: resources/read\r\nMcp-Name: barehull://standard\r\n",
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{\"uri\":\"barehull://standard\"," META
     "}}",
     200},
    {MODERN "Mcp-Method: subscriptions/listen\r\n",
     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscriptions/listen\",\"params\":{\"notifications\":"
     "{\"toolsListChanged\":true}," META "}}",
     200},
};

static void write_request(size_t index, struct buf *out)
{
    buf_add_z(out, requests[index].head);
    const char *content = requests[index].content;
    if (content && strstr(requests[index].head, "chunked"))
        buf_addf(out, "\r\n%zx\r\n%s\r\n0\r\n\r\n", strlen(content), content);
    else if (content)
        buf_addf(out, "Content-Length: %zu\r\n\r\n%s", strlen(content), content);
    else
        buf_add_z(out, "\r\n");
}

/* The status of request INDEX; 0 when there was no memory for any answer. */
static unsigned ask(struct service_made *made, const struct buf *request, struct buf *out)
{
    struct str bytes = buf_str(request);
    buf_reset(out);
    return fake_request(&made->application, &made->limits, &bytes, out);
}

static void without_faults(void **state)
{
    struct service_made *made = *state;
    CLEANUP_BUF struct buf request = BUF_INIT, out = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        buf_reset(&request);
        write_request(i, &request);
        unsigned status = ask(made, &request, &out);
        if (status != requests[i].status)
            fail_msg("request %zu: %u instead of %u: %.*s", i, status, requests[i].status, (int)out.len, out.ptr);
    }
}

static struct str content_of(const struct buf *answer)
{
    struct str text = buf_str(answer), end = STR("\r\n\r\n");
    return str_skip(text, str_find(text, end) + end.len);
}

static bool is_packed(const struct buf *answer)
{
    struct str text = buf_str(answer), field = STR("Content-Encoding: gzip");
    return str_find(text, field) < text.len;
}

/* An error of the protocol, which has a 200 of its own. */
static bool is_rpc_error(struct str content)
{
    return str_find(content, STR("\"error\":{\"code\":-32603,")) < content.len;
}

/* The answer of a stream, whose last event it is; whatever else is the answer itself. */
static struct str answer_of(struct str content)
{
    struct str found = content, rest = content, line;
    while (str_next(&rest, '\n', &line)) {
        if (str_starts(line, STR("data: ")))
            found = str_skip(line, 6);
    }
    return found;
}

/*
 * With the right status comes the right content, to the last byte; what tells of a moment or of a request may differ.
 * Without memory for progress the answer may come alone, a subscription without the message that ends it.
 */
static void same_content(size_t index, uint64_t n, const struct buf *good, const struct buf *answer)
{
    struct str wanted = answer_of(content_of(good)), found = answer_of(content_of(answer));
    const char *head = requests[index].head;
    bool varies = requests[index].status >= 400 || strstr(head, "/metrics") || strstr(head, "subscriptions/listen");
    if (varies || is_packed(good) != is_packed(answer) || is_rpc_error(found) || str_eq(wanted, found))
        return;
    fail_msg("request %zu, allocation %u: another content: %.*s", index, (unsigned)n, STR_ARG(found));
}

/* What request INDEX is answered when nothing fails. */
static void learn(size_t index, const struct buf *request, struct buf *good)
{
    struct service_made made;
    struct err err = {0};
    assert_int_equal(made_init(&made, &err), 0);
    assert_int_equal(ask(&made, request, good), requests[index].status);
    made_done(&made);
}

/*
 * Whatever fails, the answer is the right one, or says that it is ours to answer for (5xx), or there is none; and what
 * is kept for later requests is right.
 */
static void sweep(size_t index)
{
    CLEANUP_BUF struct buf request = BUF_INIT, out = BUF_INIT, good = BUF_INIT;
    write_request(index, &request);
    learn(index, &request, &good);
    struct err err = {0};
    for (uint64_t n = 1, count = n; n <= count; n++) {
        struct service_made made; /* each time a new one, so that what is made once is made under the fault */
        assert_int_equal(made_init(&made, &err), 0);
        fault_arm(FAULT_ALLOC, n);
        unsigned status = ask(&made, &request, &out);
        count = fault_count(FAULT_ALLOC);
        fault_disarm();
        if (status != requests[index].status && status != 500 && status != 503 && status != 0)
            fail_msg("request %zu, allocation %u: %u %.*s", index, (unsigned)n, status, (int)out.len, out.ptr);
        if (status == requests[index].status)
            same_content(index, n, &good, &out);
        status = ask(&made, &request, &out);
        if (status != requests[index].status)
            fail_msg("request %zu after allocation %u failed: %u", index, (unsigned)n, status);
        same_content(index, n, &good, &out);
        made_done(&made);
    }
}

static void with_faults(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(requests); i++)
        sweep(i);
}

/* The start fails cleanly or the service is whole. */
static void start_with_faults(void **state UNUSED)
{
    CLEANUP_BUF struct buf request = BUF_INIT, out = BUF_INIT;
    write_request(2, &request);
    int rc = 1;
    for (uint64_t n = 1; rc; n++) {
        struct service_made made;
        struct err err = {0};
        fault_arm(FAULT_ALLOC, n);
        rc = made_init(&made, &err);
        uint64_t count = fault_count(FAULT_ALLOC);
        fault_disarm();
        if (rc)
            assert_int_equal(err.code, ERR_NOMEM);
        else if (made.problems.errors == 0)
            assert_int_equal(ask(&made, &request, &out), 200);
        made_done(&made);
        if (!rc && count >= n)
            rc = 1;
    }
}

static int setup(void **state)
{
    static struct service_made made;
    struct err err = {0};
    *state = &made;
    return made_init(&made, &err);
}

static int teardown(void **state)
{
    made_done(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_faults, setup, teardown),
        cmocka_unit_test(with_faults),
        cmocka_unit_test(start_with_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

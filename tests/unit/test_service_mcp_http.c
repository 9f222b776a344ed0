/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "exchange_fixture.h"

/* Tells its progress twice, and then "done". */
static int call_steps(const struct mcp_call *call, struct json_writer *result, struct err *err UNUSED)
{
    op_progress_items(call->op, STR("stepping"), STR("a"), 1, 2);
    op_progress_items(call->op, STR("stepping"), STR("b"), 2, 2);
    json_field_array(result, "content");
    json_object(result);
    json_field_z(result, "type", "text");
    json_field_z(result, "text", "done");
    json_end(result);
    json_end(result);
    return 0;
}

static const struct mcp_tool tools[] = {
    {.name = "check", .title = "Check", .operation = &check_texts_operation},
    {.name = "explain", .title = "Explain", .operation = &explain_operation},
    {.name = "steps",
     .title = "Steps",
     .description = "tells its progress",
     .input_schema = "{\"type\":\"object\"}",
     .call = call_steps},
    {.name = NULL},
};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture, tools);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_done(*state);
    return 0;
}

#define MCP            "POST /mcp HTTP/1.1\r\n"
#define JSON           "Content-Type: application/json\r\n"
#define BOTH           "Accept: application/json, text/event-stream\r\n"
#define MODERN(method) "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " method "\r\n"
#define META(more)                                                                                                     \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                           \
    "\"io.modelcontextprotocol/clientCapabilities\":{}" more "}"
#define CALL_STEPS(more)                                                                                               \
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"steps\",\"arguments\":{}," META(   \
        more) "}}"
#define LEGACY_STEPS(more)                                                                                             \
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"steps\",\"arguments\":{}" more "}" \
    "}"
#define TOKEN ",\"progressToken\":\"t\""
#define LISTEN                                                                                                         \
    "{\"jsonrpc\":\"2.0\",\"id\":\"s\",\"method\":\"subscriptions/listen\",\"params\":{\"notifications\":{"            \
    "\"toolsListChanged\":true}," META("") "}}"

struct expected {
    const char *head, *body;
    unsigned status, workers;
    bool cancels;
    const char *content;
};

static void assert_exchange(struct fixture *fixture, const struct expected *expected)
{
    struct server_exchange *exchange = exchange_ask(fixture, expected->head, expected->body);
    if (exchange->status != expected->status || !strstr(buf_z(&exchange->content), expected->content))
        fail_msg("%s%s: %u %s", expected->head, expected->body, exchange->status, buf_z(&exchange->content));
    assert_int_equal(exchange->workers, expected->workers);
    assert_int_equal(exchange->cancels, expected->cancels);
    exchange_done(exchange);
}

static void test_modern(void **state)
{
    static const struct expected cases[] = {
        {MCP JSON BOTH MODERN("tools/list"),
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META("") "}}", 200, 0, true,
         "\"tools\":[{\"name\":\"check\""},
        {MCP JSON BOTH MODERN("server/discover"),
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{" META("") "}}", 200, 0, true,
         "\"supportedVersions\""},
        {MCP JSON MODERN("tools/call") "Mcp-Name: steps\r\n", CALL_STEPS(""), 200, 1, true, "\"text\":\"done\""},
        /* Without an event stream there is nowhere to tell the progress. */
        {MCP JSON "Accept: application/json\r\n" MODERN("tools/call") "Mcp-Name: steps\r\n", CALL_STEPS(TOKEN), 200, 1,
         true, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":"},
        {MCP JSON MODERN("tools/call") "Mcp-Name: other\r\n", CALL_STEPS(""), 400, 0, true, "\"code\":-32020"},
        {MCP JSON MODERN("tools/call") "Mcp-Name: steps\r\nMcp-Name: steps\r\n", CALL_STEPS(""), 400, 0, true,
         "\"code\":-32020"},
        {MCP JSON MODERN("tools/list"), CALL_STEPS(""), 400, 0, true, "\"code\":-32020"},
        {MCP JSON MODERN("nothing"), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nothing\",\"params\":{" META("") "}}",
         404, 0, true, "\"code\":-32601"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_exchange(*state, &cases[i]);
}

static void test_legacy(void **state)
{
    static const struct expected cases[] = {
        {MCP JSON BOTH,
         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\","
         "\"capabilities\":{},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}",
         200, 0, false, "\"protocolVersion\":\"2025-06-18\""},
        {MCP JSON BOTH "MCP-Protocol-Version: 2025-06-18\r\n",
         "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", 202, 0, false, ""},
        {MCP JSON BOTH "MCP-Protocol-Version: 2025-06-18\r\n", LEGACY_STEPS(""), 200, 1, false, "\"text\":\"done\""},
        {MCP JSON BOTH, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", 200, 0, false, "\"result\":{}"},
        {MCP JSON "MCP-Protocol-Version: 1999-01-01\r\n", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", 400, 0,
         false, "\"error\""},
        {MCP JSON BOTH, "{", 400, 0, false, "\"code\":-32700"},
        {MCP JSON BOTH, "", 400, 0, false, "\"error\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_exchange(*state, &cases[i]);
}

static void test_refusals(void **state)
{
    static const struct expected cases[] = {
        {MCP, "{}", 415, 0, false, "unsupported-media-type"},
        {MCP "Content-Type: text/plain\r\n", "{}", 415, 0, false, "unsupported-media-type"},
        {MCP JSON JSON, "{}", 415, 0, false, "unsupported-media-type"},
        {MCP JSON "Content-Encoding: br\r\n", "{}", 415, 0, false, "content is taken as it is, not compressed"},
        {MCP JSON "Accept: text/html\r\n", "{}", 406, 0, false, "not-acceptable"},
        {MCP "Content-Type: application/json; charset=utf-8\r\n", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
         200, 0, false, "\"result\":{}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_exchange(*state, &cases[i]);
}

#define STREAM_HEAD "200\nX-Accel-Buffering: no\nContent-Type: text/event-stream\n(keep-alive): : keep-alive\n\n"
#define PROGRESS(n, item)                                                                                              \
    "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"  \
    "\"t\",\"progress\":" n ",\"total\":2,\"message\":\"stepping " item "\"}}\n\n"

/* The first progress opens the stream; the answer is its last event. */
static void test_progress(void **state)
{
    assert_answer(
        *state, MCP JSON BOTH "MCP-Protocol-Version: 2025-06-18\r\n",
        LEGACY_STEPS(",\"_meta\":{\"progressToken\":\"t\"}"),
        STREAM_HEAD PROGRESS("1", "a") PROGRESS(
            "2", "b") "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":[{\"type\":\"text\","
                      "\"text\":\"done\"}]}}\n\n");
}

static void test_stream_alone(void **state)
{
    assert_answer(*state, MCP JSON "Accept: text/event-stream\r\n",
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
                  STREAM_HEAD "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
    /* An error's status is told by an answer that is none of a stream. */
    assert_answer(*state, MCP JSON "Accept: text/event-stream, application/json;q=0.1\r\n",
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}",
                  STREAM_HEAD "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
}

static void test_listen(void **state)
{
    struct server_exchange *exchange = exchange_ask(*state, MCP JSON BOTH MODERN("subscriptions/listen"), LISTEN);
    assert_int_equal(exchange->status, 200);
    assert_true(exchange->parked);
    assert_int_equal(exchange->workers, 0);
    assert_non_null(strstr(buf_z(&exchange->content), "\"method\":\"notifications/subscriptions/acknowledged\""));
    const char *last = strstr(buf_z(&exchange->content), "(parked)\n");
    assert_non_null(last);
    assert_non_null(strstr(last, "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"s\",\"result\":"));
    exchange_done(exchange);
    const struct expected refused = {MCP JSON "Accept: application/json\r\n" MODERN("subscriptions/listen"),
                                     LISTEN,
                                     406,
                                     0,
                                     true,
                                     "this answer is a stream"};
    assert_exchange(*state, &refused);
}

static struct server_exchange *ask_without(bool full, bool gone)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    const char *body = LEGACY_STEPS(",\"_meta\":{\"progressToken\":\"t\"}");
    buf_addf(&text, MCP JSON BOTH "Host: localhost\r\nContent-Length: %zu\r\n\r\n", strlen(body));
    struct server_exchange *exchange = exchange_new(buf_z(&text), str_z(body));
    exchange->full = full;
    exchange->gone = gone;
    if (gone)
        exchange->answers = 0;
    return exchange;
}

static void test_no_room(void **state)
{
    struct server_exchange *exchange = ask_without(true, false);
    exchange_run(*state, exchange);
    assert_int_equal(exchange->status, 503);
    assert_non_null(strstr(buf_z(&exchange->content), "\"code\":\"busy\""));
    exchange_done(exchange);
}

static void test_peer_gone(void **state)
{
    struct fixture *fixture = *state;
    struct server_exchange *exchange = ask_without(false, true);
    struct server_application app = service_application(&fixture->service);
    app.begin(app.self, exchange);
    assert_false(app.handle(app.self, exchange, false));
    assert_true(app.handle(app.self, exchange, true));
    assert_int_equal(exchange->answers, 0);
    exchange_done(exchange);
}

/* More than the loop parses itself. */
static void test_large(void **state)
{
    CLEANUP_BUF struct buf body = BUF_INIT;
    buf_add_z(&body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"");
    buf_add_fill(&body, ' ', LIMIT_INLINE_BODY_BYTES);
    buf_add_char(&body, '}');
    const struct expected expected = {MCP JSON, buf_z(&body), 200, 1, false, "\"result\":{}"};
    assert_exchange(*state, &expected);
}

static void test_memory(void **state)
{
    (void)state;
    static const char *const bodies[] = {LEGACY_STEPS(",\"_meta\":{\"progressToken\":\"t\"}"), LISTEN};
    static const char *const heads[] = {MCP JSON BOTH, MCP JSON BOTH MODERN("subscriptions/listen")};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        for (uint64_t n = 1;; n++) {
            struct fixture fixture;
            fixture_init(&fixture, tools);
            CLEANUP_BUF struct buf text = BUF_INIT;
            buf_addf(&text, "%sHost: localhost\r\nContent-Length: %zu\r\n\r\n", heads[i], strlen(bodies[i]));
            struct server_exchange *exchange = exchange_new(buf_z(&text), str_z(bodies[i]));
            buf_reserve(&exchange->content, 1 << 16);
            buf_reserve(&exchange->fields_text, 1 << 12);
            fault_arm(FAULT_ALLOC, n);
            exchange_run(&fixture, exchange);
            bool failed = fault_count(FAULT_ALLOC) >= n;
            fault_disarm();
            if (exchange->status != 200)
                assert_int_equal(exchange->status, 503);
            assert_true(failed || exchange->status == 200);
            exchange_done(exchange);
            fixture_done(&fixture);
            if (!failed)
                break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modern),   cmocka_unit_test(test_legacy),       cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_progress), cmocka_unit_test(test_stream_alone), cmocka_unit_test(test_listen),
        cmocka_unit_test(test_no_room),  cmocka_unit_test(test_peer_gone),    cmocka_unit_test(test_large),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What cases of messages can't say: making a server, cancelling, progress in time, many threads. */
#include "base/clock.h"
#include "base/fault.h"
#include "mcp_fixture.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#define META                                                                                                           \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                           \
    "\"io.modelcontextprotocol/clientCapabilities\":{},\"progressToken\":1}"

/* --- making ----------------------------------------------------------------------------------------------------- */

static void test_versions(void **state)
{
    (void)state;
    for (enum mcp_version version = MCP_VERSION_NONE; version < MCP_VERSIONS; version++)
        assert_int_equal(mcp_version_of(mcp_version_text(version)), version);
    assert_int_equal(mcp_version_of(STR("2025-11-2")), MCP_VERSION_NONE);
    assert_int_equal(mcp_version_of(STR("2025-11-255")), MCP_VERSION_NONE);
    assert_int_equal(mcp_version_text(MCP_VERSIONS).len, 0);
}

static void test_memory(void **state)
{
    (void)state;
    struct mcp_server *server = NULL;
    uint64_t n = 0;
    for (int r = -ERR_NOMEM; r != 0;) {
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, ++n);
        r = mcp_server_new(&mcp_fixture_pages, &server, &err);
        fault_disarm();
        assert_true(r == 0 || (r == -ERR_NOMEM && err.code == ERR_NOMEM && !server));
    }
    assert_true(n > 10);
    mcp_server_free(server);
    mcp_server_free(NULL);
}

static int answer_nothing(const struct mcp_call *call UNUSED, struct json_writer *result UNUSED, struct err *err UNUSED)
{
    return 0;
}

static void check_refused(struct mcp_tool first, struct mcp_tool second, const char *message)
{
    const struct mcp_tool tools[] = {first, second, {.name = NULL}};
    const struct mcp_description description = {.name = STR("x"), .version = STR("1"), .tools = tools};
    struct mcp_server *server = NULL;
    struct err err = ERR_INIT;
    int r = mcp_server_new(&description, &server, &err);
    mcp_server_free(server);
    assert_string_equal(err.message, message);
    assert_int_equal(r, message[0] ? -ERR_INTERNAL : 0);
}

#define TOOL(name_, schema)                                                                                            \
    (struct mcp_tool)                                                                                                  \
    {                                                                                                                  \
        .name = name_, .input_schema = schema, .call = answer_nothing                                                  \
    }
#define PROPERTY(type, header) "\"type\":\"" type "\",\"x-mcp-header\":" header

static void test_tables(void **state)
{
    (void)state;
    const struct mcp_tool end = {.name = NULL};
    char long_name[130] = {0};
    memset(long_name, 'a', 129);
    check_refused(TOOL("a", "{}"), TOOL("b", "{}"), "");
    check_refused(TOOL("a", "{}"), TOOL("a", "{}"), "tool name 'a' is not well made, or there twice");
    check_refused(TOOL("", "{}"), end, "tool name '' is not well made, or there twice");
    check_refused(TOOL("a b", "{}"), end, "tool name 'a b' is not well made, or there twice");
    check_refused(TOOL(long_name + 1, "{}"), end, "");
    check_refused((struct mcp_tool){.name = "a"}, end, "tool 'a' has no operation and no function");
    check_refused(TOOL("a", "{"), end, "tool 'a': its input schema is not JSON");
    check_refused(TOOL("a", "{\"properties\":{\"p\":{" PROPERTY("string", "\"P\"") "},\"q\":{" PROPERTY("integer",
                                                                                                        "\"Q\"") "}}}"),
                  end, "");
    check_refused(
        TOOL("a", "{\"properties\":{\"p\":{" PROPERTY("string", "\"P\"") "},\"q\":{" PROPERTY("string", "\"p\"") "}}}"),
        end, "tool 'a': an 'x-mcp-header' is there twice");
    static const char *const bad[] = {
        "{\"properties\":{\"p\":{" PROPERTY("string", "\"\"") "}}}",
        "{\"properties\":{\"p\":{" PROPERTY("string", "\"a b\"") "}}}",
        "{\"properties\":{\"p\":{" PROPERTY("string", "1") "}}}",
        "{\"properties\":{\"p\":{" PROPERTY("number", "\"P\"") "}}}",
        "{\"properties\":{\"p\":{" PROPERTY("object", "\"P\"") "}}}",
        "{\"properties\":{\"p\":{\"x-mcp-header\":\"P\"}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        check_refused(TOOL("a", bad[i]), end, "tool 'a': an 'x-mcp-header' is not well made");
    static const char *const astray[] = {
        "{\"items\":{" PROPERTY("string", "\"P\"") "}}",
        "{\"properties\":{\"p\":{\"anyOf\":[{" PROPERTY("string", "\"P\"") "}]}}}",
        "{\"$defs\":{\"p\":{" PROPERTY("string", "\"P\"") "}}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(astray); i++)
        check_refused(TOOL("a", astray[i]), end, "tool 'a': 'x-mcp-header' stands below what is no 'properties'");
}

/* --- calls ------------------------------------------------------------------------------------------------------ */

struct seen {
    pthread_mutex_t lock;
    struct mcp_server *server;
    size_t count;
    double last;
    bool grows;
    atomic_bool cancelled;
};

static void note_progress(void *self, struct str message)
{
    struct seen *seen = self;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_str(&text, message);
    const char *at = strstr(buf_z(&text), "\"progress\":");
    assert_non_null(at);
    double value = strtod(at + strlen("\"progress\":"), NULL);
    seen->grows = seen->grows && (seen->count == 0 || value > seen->last);
    seen->last = value;
    seen->count++;
}

static struct mcp_answer ask(const struct mcp_server *server, struct seen *seen, const char *text, struct buf *out)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct mcp_peer peer = {MCP_STDIO, MCP_VERSION_NONE};
    struct mcp_message message;
    struct mcp_answer answer;
    struct err err = ERR_INIT;
    assert_int_equal(mcp_read(server, &peer, NULL, str_z(text), &arena, &message, &err), 0);
    const struct mcp_exchange exchange = {.arena = &arena,
                                          .cancelled = seen ? &seen->cancelled : NULL,
                                          .notify = seen ? note_progress : NULL,
                                          .notify_self = seen};
    assert_int_equal(mcp_answer(server, &peer, &message, &exchange, out, &answer, &err), 0);
    answer.last = STR_NONE; /* gone with the arena */
    return answer;
}

#define STEPS 2000

static void *count_up(void *self)
{
    const struct op_ctx *op = self;
    for (uint64_t i = 0; i < STEPS; i++)
        op_progress_items(op, STR("counting"), STR(""), i, STEPS);
    return NULL;
}

/* Two threads that tell of the same work. */
static int call_counting(const struct mcp_call *call, struct json_writer *result, struct err *err UNUSED)
{
    pthread_t thread;
    void *op = (void *)(uintptr_t)call->op;
    assert_int_equal(pthread_create(&thread, NULL, count_up, op), 0);
    count_up(op);
    assert_int_equal(pthread_join(thread, NULL), 0);
    json_field_array(result, "content");
    json_end(result);
    return 0;
}

/* Until it is called off. */
static int call_waiting(const struct mcp_call *call, struct json_writer *result UNUSED, struct err *err)
{
    int r;
    struct seen *seen = call->self;
    op_progress(call->op, STR("waiting"), STR(""), 1, 2);
    seen->cancelled = true;
    do
        r = op_check(call->op, err);
    while (r == 0);
    return r;
}

static struct seen seen = {.lock = PTHREAD_MUTEX_INITIALIZER, .grows = true};

static const struct mcp_tool tools[] = {
    {.name = "count", .input_schema = "{\"type\":\"object\"}", .call = call_counting},
    {.name = "wait", .input_schema = "{\"type\":\"object\"}", .call = call_waiting, .self = &seen},
    {.name = NULL},
};
static const struct mcp_description description = {.name = STR_INIT("t"), .version = STR_INIT("1"), .tools = tools};

static void test_progress(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct mcp_server *server = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(mcp_server_new(&description, &server, &err), 0);
    seen.count = 0;
    uint64_t began = clock_monotonic_ns();
    ask(server, &seen,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"count\"," META "}}", &out);
    uint64_t ms = (clock_monotonic_ns() - began) / 1000000;
    assert_true(seen.grows);
    assert_in_range(seen.count, 1, 10 + ms / 50 + 1); /* ten at once, then twenty a second */
    mcp_server_free(server);
}

static void test_cancelled(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct mcp_server *server = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(mcp_server_new(&description, &server, &err), 0);
    seen.count = 0;
    seen.cancelled = false;
    struct mcp_answer answer =
        ask(server, &seen,
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"wait\"," META "}}", &out);
    assert_int_equal(answer.kind, MCP_ANSWER_NONE);
    assert_int_equal(out.len, 0);
    assert_int_equal(seen.count, 1);
    mcp_server_free(server);
}

/* A message that is as long as one may be, and one that is longer. */
static void test_long_messages(void **state)
{
    (void)state;
    struct mcp_server *server = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(mcp_server_new(&description, &server, &err), 0);
    static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"a\":\"";
    for (size_t over = 0; over < 2; over++) {
        CLEANUP_BUF struct buf text = BUF_INIT, out = BUF_INIT;
        buf_add_z(&text, head);
        buf_add_fill(&text, 'x', LIMIT_MCP_MESSAGE_BYTES - strlen(head) - 3 + over);
        buf_add_z(&text, "\"}}");
        ask(server, NULL, buf_z(&text), &out);
        assert_string_equal(buf_z(&out),
                            over ? "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":"
                                   "\"Invalid request: a message has at most 16 MiB\"}}"
                                 : "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    }
    mcp_server_free(server);
}

#define THREADS 4

static void *ask_often(void *self)
{
    struct mcp_server *server = self;
    for (size_t i = 0; i < 300; i++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        ask(server, NULL,
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"count\"," META "}}", &out);
        if (strcmp(buf_z(&out),
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"content\":[],"
                   "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"t\",\"version\":\"1\"}}}}") != 0)
            return self;
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct mcp_server *server = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(mcp_server_new(&description, &server, &err), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, server), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *wrong = server;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    mcp_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions), cmocka_unit_test(test_memory),    cmocka_unit_test(test_tables),
        cmocka_unit_test(test_progress), cmocka_unit_test(test_cancelled), cmocka_unit_test(test_long_messages),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

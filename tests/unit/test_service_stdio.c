/* SPDX-License-Identifier: Apache-2.0 */
/* Standard input and output by pipes, with tools made for the test: one that waits, one that never gives up. */
#include "base/clock.h"
#include "base/fault.h"
#include "service/service.h"
#include "service/telemetry.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* --- tools ---------------------------------------------------------------------------------------------------- */

static atomic_int started, stopped;
static atomic_bool release; /* ends the stubborn tool */

static void nap(void)
{
    (void)poll(NULL, 0, 1);
}

static void write_text(struct json_writer *result, const char *text)
{
    json_field_array(result, "content");
    json_object(result);
    json_field_z(result, "type", "text");
    json_field_z(result, "text", text);
    json_end(result);
    json_end(result);
}

static int call_wait(const struct mcp_call *call, struct json_writer *result, struct err *err)
{
    int rc = 0;
    atomic_fetch_add(&started, 1);
    while (!rc && !atomic_load(&release)) {
        op_progress(call->op, STR("waiting"), STR_NONE, 0, 0);
        nap();
        rc = op_check(call->op, err);
    }
    atomic_fetch_add(&stopped, 1);
    if (!rc)
        write_text(result, "waited");
    return rc;
}

static int call_stubborn(const struct mcp_call *call UNUSED, struct json_writer *result, struct err *err UNUSED)
{
    atomic_fetch_add(&started, 1);
    while (!atomic_load(&release))
        nap();
    atomic_fetch_add(&stopped, 1);
    write_text(result, "done");
    return 0;
}

static int call_quick(const struct mcp_call *call UNUSED, struct json_writer *result, struct err *err UNUSED)
{
    write_text(result, "quick");
    return 0;
}

static const struct mcp_tool tools[] = {
    {.name = "wait",
     .title = "Wait",
     .description = "Waits",
     .input_schema = "{\"type\":\"object\"}",
     .call = call_wait},
    {.name = "stubborn",
     .title = "Stubborn",
     .description = "Never gives up",
     .input_schema = "{\"type\":\"object\"}",
     .call = call_stubborn},
    {.name = "quick",
     .title = "Quick",
     .description = "Is quick",
     .input_schema = "{\"type\":\"object\"}",
     .quick = true,
     .call = call_quick},
    {.name = NULL},
};

/* --- a served client ------------------------------------------------------------------------------------------ */

struct session {
    struct service_config config;
    struct service_options options;
    struct service *service;
    int in[2], out[2], stop[2];
    pthread_t thread;
    int rc;
    bool clean;
    struct err err;
    char text[1 << 16];
    size_t len;
};

static void *serve(void *argument)
{
    struct session *session = argument;
    session->rc = service_run_stdio(session->service, session->in[0], session->out[1], session->stop[0],
                                    &session->clean, &session->err);
    return NULL;
}

static void make(struct session *session)
{
    static const struct op_services services = {.version = STR_INIT("1")};
    session->config = (struct service_config){.log_level = LOG_OFF, .workers = 2, .queue = 1, .streams = 1};
    session->options = (struct service_options){
        .mode = SERVICE_STDIO,
        .config = &session->config,
        .tools = tools,
        .services = &services,
        .version = STR("1"),
    };
    atomic_store(&started, 0);
    atomic_store(&stopped, 0);
    atomic_store(&release, false);
    session->len = 0;
    assert_int_equal(service_new(&session->options, &session->service, NULL), 0);
}

static void begin(struct session *session, bool sockets)
{
    make(session);
    assert_int_equal(pipe(session->in), 0);
    assert_int_equal(sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, session->out) : pipe(session->out), 0);
    assert_int_equal(pipe(session->stop), 0);
    assert_int_equal(pthread_create(&session->thread, NULL, serve, session), 0);
}

static void say(struct session *session, const char *text)
{
    assert_int_equal(write(session->in[1], text, strlen(text)), strlen(text));
}

static void call(struct session *session, int id, const char *tool)
{
    char text[256];
    (void)snprintf(text, sizeof(text),
                   "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\"}}\n", id,
                   tool);
    say(session, text);
}

/* The next line, without its end; "" when none comes. */
static const char *hear(struct session *session)
{
    static char line[1 << 16];
    for (;;) {
        char *end = memchr(session->text, '\n', session->len);
        if (end) {
            size_t len = (size_t)(end - session->text);
            memcpy(line, session->text, len);
            line[len] = '\0';
            session->len -= len + 1;
            memmove(session->text, end + 1, session->len);
            return line;
        }
        struct pollfd ready = {.fd = session->out[0], .events = POLLIN};
        ssize_t got = poll(&ready, 1, 5000) == 1
                          ? read(session->out[0], session->text + session->len, sizeof(session->text) - session->len)
                          : 0;
        if (got <= 0)
            return "";
        session->len += (size_t)got;
    }
}

#define RESULT(id, text)                                                                                               \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}}"
#define PONG(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{}}"

static void until(atomic_int *count, int wanted)
{
    for (int i = 0; i < 5000 && atomic_load(count) < wanted; i++)
        nap();
    assert_int_equal(atomic_load(count), wanted);
}

static void close_in(struct session *session)
{
    close(session->in[1]);
    session->in[1] = -1;
}

/* The session's thread ends; seconds it took at most. */
static void end(struct session *session, uint64_t most_ms)
{
    uint64_t began = clock_monotonic_ns();
    if (session->in[1] >= 0)
        close_in(session);
    assert_int_equal(pthread_join(session->thread, NULL), 0);
    assert_true((clock_monotonic_ns() - began) / 1000000 < most_ms);
    if (session->clean)
        service_free(session->service);
    close(session->in[0]);
    close(session->out[1]);
    assert_string_equal(hear(session), "");
    close(session->out[0]);
    close(session->stop[0]);
    close(session->stop[1]);
}

/* --- tests ---------------------------------------------------------------------------------------------------- */

static void test_lines(void **state)
{
    (void)state;
    for (int sockets = 0; sockets < 2; sockets++) {
        static struct session session;
        begin(&session, sockets);
        say(&session, "\n\r\n  \n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n{\"jsonrpc\":");
        assert_string_equal(hear(&session), PONG("1"));
        say(&session, "\"2.0\",\"id\":2,\"method\":\"ping\"}\n{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}\n");
        assert_string_equal(hear(&session), PONG("2"));
        assert_string_equal(hear(&session), PONG("3"));
        call(&session, 4, "quick");
        assert_string_equal(hear(&session), RESULT("4", "quick"));
        say(&session, "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\"}");
        close_in(&session);
        assert_string_equal(hear(&session), PONG("5"));
        end(&session, 1000);
        assert_int_equal(session.rc, 0);
        assert_true(session.clean);
    }
}

/* What is quick goes before what waits; what was called off is silent; its id is free again. */
static void test_cancel(void **state)
{
    (void)state;
    static struct session session;
    begin(&session, false);
    call(&session, 1, "wait");
    until(&started, 1);
    call(&session, 2, "quick");
    assert_string_equal(hear(&session), RESULT("2", "quick"));
    call(&session, 1, "quick");
    assert_string_equal(hear(&session),
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32600,\"message\":\"Invalid "
                        "request: a request with this id is in work already\"}}");
    say(&session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n");
    until(&stopped, 1);
    call(&session, 1, "quick");
    assert_string_equal(hear(&session), RESULT("1", "quick"));
    end(&session, 1000);
    assert_int_equal(session.rc, 0);
}

/* Two run, one waits, one is too many; the one that waits is called off without having begun. */
static void test_bounds(void **state)
{
    (void)state;
    static struct session session;
    begin(&session, false);
    call(&session, 1, "wait");
    call(&session, 2, "wait");
    until(&started, 2);
    call(&session, 3, "wait");
    call(&session, 4, "wait");
    assert_string_equal(hear(&session), "{\"jsonrpc\":\"2.0\",\"id\":4,\"error\":{\"code\":-32000,\"message\":\"Server "
                                        "busy: too many requests are waiting\"}}");
    say(&session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":3}}\n");
    call(&session, 5, "quick");
    assert_string_equal(hear(&session), RESULT("5", "quick"));
    atomic_store(&release, true);
    const char *first = hear(&session);
    bool one = strcmp(first, RESULT("1", "waited")) == 0;
    assert_string_equal(first, one ? RESULT("1", "waited") : RESULT("2", "waited"));
    assert_string_equal(hear(&session), one ? RESULT("2", "waited") : RESULT("1", "waited"));
    end(&session, 1000);
    assert_int_equal(atomic_load(&started), 2);
}

static void test_progress(void **state)
{
    (void)state;
    static struct session session;
    begin(&session, false);
    say(&session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"wait\",\"_meta\":"
                  "{\"progressToken\":\"t\"}}}\n");
    assert_string_equal(hear(&session), "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":"
                                        "{\"progressToken\":\"t\",\"progress\":0,\"message\":\"waiting\"}}");
    atomic_store(&release, true);
    assert_string_equal(hear(&session), RESULT("1", "waited"));
    end(&session, 1000);
}

/* The end of input gives a moment; what ends in it is answered, the rest is called off. */
static void test_end_of_input(void **state)
{
    (void)state;
    static struct session session;
    begin(&session, false);
    call(&session, 1, "wait");
    until(&started, 1);
    end(&session, 1500);
    assert_int_equal(atomic_load(&stopped), 1);
    assert_int_equal(session.rc, 0);
    assert_true(session.clean);
}

static void test_stop(void **state)
{
    (void)state;
    static struct session session;
    begin(&session, false);
    call(&session, 1, "wait");
    until(&started, 1);
    assert_int_equal(write(session.stop[1], "x", 1), 1);
    until(&stopped, 1);
    end(&session, 1000);
    assert_int_equal(session.rc, 0);
}

/* A subscription is told that we end; one too many is refused. */
static void test_subscriptions(void **state)
{
    (void)state;
#define LISTEN(id)                                                                                                     \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"subscriptions/listen\",\"params\":{\"notifications\":{},"         \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                           \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}}}\n"
    static struct session session;
    begin(&session, false);
    say(&session, LISTEN("1"));
    assert_non_null(strstr(hear(&session), "notifications/subscriptions/acknowledged"));
    say(&session, LISTEN("2"));
    assert_non_null(strstr(hear(&session), "too many subscriptions"));
    say(&session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n");
    say(&session, LISTEN("3"));
    assert_non_null(strstr(hear(&session), "notifications/subscriptions/acknowledged"));
    assert_int_equal(write(session.stop[1], "x", 1), 1);
    assert_int_equal(
        strncmp(hear(&session), "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"resultType\":\"complete\"", 55), 0);
    end(&session, 1000);
}

/* Nobody reads: an error; and work that does not notice: the process has to end, which is told. */
static void test_output_gone(void **state)
{
    (void)state;
    static struct session session;
    begin(&session, false);
    close(session.out[0]);
    say(&session, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n");
    assert_int_equal(pthread_join(session.thread, NULL), 0);
    assert_int_equal(session.rc, -ERR_IO);
    assert_string_equal(session.err.message, "can't write to standard output: Broken pipe");
    assert_true(session.clean);
    service_free(session.service);
    for (size_t i = 0; i < 2; i++) {
        close(session.in[i]);
        close(session.stop[i]);
    }
    close(session.out[1]);
}

/* A client that does not read what it asked for holds up neither a stop nor its own end. */
static void test_full_output(void **state)
{
    (void)state;
    for (int stop = 0; stop < 2; stop++) {
        static struct session session;
        begin(&session, stop);
        for (int i = 0; i < 30; i++) {
            char many[20 * 64] = "";
            for (int k = 0; k < 20; k++)
                strcat(many, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n");
            say(&session, many);
        }
        (void)poll(NULL, 0, 50);
        if (stop)
            assert_int_equal(write(session.stop[1], "x", 1), 1);
        close_in(&session);
        assert_int_equal(pthread_join(session.thread, NULL), 0);
        assert_int_equal(session.rc, 0);
        assert_true(session.clean);
        service_free(session.service);
        close(session.in[0]);
        for (size_t i = 0; i < 2; i++) {
            close(session.out[i]);
            close(session.stop[i]);
        }
    }
}

static int run_nothing(const struct op_services *services UNUSED, const struct op_ctx *ctx UNUSED,
                       const void *args UNUSED, void *result UNUSED, struct err *err UNUSED)
{
    return 0;
}

/* Over HTTP nothing but pure operations, whatever the table holds. */
static void test_impure_over_http(void **state)
{
    (void)state;
    static const struct op_field fields[] = {{.name = NULL}};
    static const struct op_record record = {"nothing", fields, 1};
    static const struct operation reads = {.name = "reads",
                                           .group = "g",
                                           .summary = "read",
                                           .description = "Reads.",
                                           .args_size = 1,
                                           .result = &record,
                                           .effects = OP_READS_FILES,
                                           .run = run_nothing};
    static const struct mcp_tool impure[] = {{.name = "reads", .operation = &reads}, {.name = NULL}};
    static const struct service_config config = {.log_level = LOG_OFF};
    const struct service_options options = {
        .mode = SERVICE_HTTP, .config = &config, .tools = impure, .version = STR("1")};
    struct service *service = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(service_new(&options, &service, &err), -ERR_INTERNAL);
    assert_string_equal(err.message, "tool 'reads' is not pure and can't be offered over HTTP");
    assert_null(service);
}

static void test_short_of_memory(void **state)
{
    (void)state;
    static struct session session;
    int rc = 1;
    make(&session);
    service_free(session.service);
    for (uint64_t n = 1; rc != 0 && n < 5000; n++) {
        struct err err = ERR_INIT;
        struct service *service = NULL;
        fault_arm(FAULT_ALLOC, n);
        rc = service_new(&session.options, &service, &err);
        fault_disarm();
        assert_int_equal(err.code, rc ? ERR_NOMEM : ERR_NONE);
        assert_true((rc == 0) == (service != NULL));
        service_free(service);
    }
    assert_int_equal(rc, 0);
}

/* Last: its thread stays, and holds what it was given. */
static void test_stubborn(void **state)
{
    (void)state;
    static struct session session;
    begin(&session, false);
    call(&session, 1, "stubborn");
    until(&started, 1);
    assert_int_equal(write(session.stop[1], "x", 1), 1);
    assert_int_equal(pthread_join(session.thread, NULL), 0);
    assert_int_equal(session.rc, 0);
    assert_false(session.clean);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),           cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_bounds),          cmocka_unit_test(test_progress),
        cmocka_unit_test(test_end_of_input),    cmocka_unit_test(test_stop),
        cmocka_unit_test(test_subscriptions),   cmocka_unit_test(test_output_gone),
        cmocka_unit_test(test_full_output),     cmocka_unit_test(test_impure_over_http),
        cmocka_unit_test(test_short_of_memory), cmocka_unit_test(test_stubborn),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

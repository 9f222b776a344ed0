/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "exchange_fixture.h"
#include "service/problem.h"

static const struct str origins[] = {STR_INIT("https://ui.example")};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture, fixture_tools);
    fixture.config.origins = (struct service_hosts){origins, 1};
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_done(*state);
    return 0;
}

#define PROBLEM(code, title, status, rest)                                                                             \
    "{\"type\":\"/problems/" code "\",\"title\":\"" title "\",\"status\":" status "," rest                             \
    "\"instance\":\"r\",\"code\":"                                                                                     \
    "\"" code "\""
#define TYPE                 "Content-Type: application/problem+json\n"
#define GET(target, fields)  "GET " target " HTTP/1.1\r\n" fields
#define POST(target, fields) "POST " target " HTTP/1.1\r\n" fields

static void test_paths(void **state)
{
    static const struct {
        const char *target;
        unsigned status;
    } cases[] = {
        {"/", 200},
        {"/v1/rules", 200},
        {"/v1/rules/exec-form", 200},
        {"/v1/rules/exec%2Dform", 200},
        {"/openapi.json", 200},
        {"/livez", 200},
        {"/readyz", 200},
        {"/healthz", 200},
        {"/metrics", 200},
        {"/problems/usage", 200},
        {"/problems/bare-lf", 200},
        {"/?x=1", 200},
        {"http://localhost/livez", 200},
        {"/x", 404},
        {"//", 404},
        {"/v1", 404},
        {"/v1/", 404},
        {"/v1/rules/", 404},
        {"/v1/rules//", 404},
        {"/v1/rules/exec-form/", 404},
        {"/v1/rules/exec-form/x", 404},
        {"/v1/rules/exec%2", 400},
        {"/v1/rules/%ff", 404},
        {"/v1/rules/..%2Fx", 404},
        {"/v1/../v1/rules", 404},
        {"/V1/rules", 404},
        {"/v1/%72ules", 404},
        {"/livez/", 404},
        {"/problems/x", 404},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char head[256];
        snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\n", cases[i].target);
        if (cases[i].status != 400) /* the reader refuses that one already */
            assert_status(*state, head, cases[i].status);
    }
}

static void test_methods(void **state)
{
    assert_answer(*state, "DELETE /mcp HTTP/1.1\r\n", NULL,
                  "405\nAllow: POST, OPTIONS\nVary: Origin\nContent-Type: application/json\n\n"
                  "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,\"message\":\"the method is not offered here\","
                  "\"data\":{\"code\":\"method-not-allowed\",\"request_id\":\"r\"}}}\n");
    assert_answer(*state, "PATCH /v1/rules HTTP/1.1\r\n", NULL,
                  "405\nAllow: GET, HEAD, OPTIONS\nVary: Origin\n" TYPE
                  "\n" PROBLEM("method-not-allowed", "the method is not offered here", "405", "") "}\n");
    assert_answer(*state, "BREW / HTTP/1.1\r\n", NULL,
                  "501\nVary: Origin\n" TYPE
                  "\n" PROBLEM("unknown-method", "the method is not known", "501", "") "}\n");
    assert_answer(*state, "OPTIONS /v1/check HTTP/1.1\r\n", NULL, "204\nAllow: POST, OPTIONS\nVary: Origin\n\n");
    assert_answer(*state, "OPTIONS * HTTP/1.1\r\n", NULL, "204\nAllow: GET, HEAD, POST, OPTIONS\nVary: Origin\n\n");
    assert_answer(*state, "OPTIONS /livez HTTP/1.1\r\n", NULL, "204\nAllow: GET, HEAD, OPTIONS\n\n");
    assert_status(*state, "OPTIONS /x HTTP/1.1\r\n", 404);
    assert_status(*state, "HEAD /v1/rules HTTP/1.1\r\n", 200);
    assert_status(*state, "TRACE / HTTP/1.1\r\n", 405);
    assert_status(*state, "PUT /v1/check HTTP/1.1\r\n", 405);
    assert_status(*state, "get / HTTP/1.1\r\n", 501);
}

static void test_not_found(void **state)
{
    assert_answer(*state, GET("/nothing?x", ""), NULL,
                  "404\nVary: Origin\n" TYPE "\n" PROBLEM(
                      "not-found", "there is nothing by this name", "404",
                      "\"detail\":\"there is nothing at '/nothing'\",") ",\"hint\":\"GET / tells what there is\"}\n");
    assert_answer(*state, GET("/v1/rules/exec-from", ""), NULL,
                  "404\nVary: Origin\n" TYPE
                  "\n" PROBLEM("not-found", "there is nothing by this name", "404",
                               "\"detail\":\"unknown rule 'exec-from'\",") ",\"hint\":\"did you mean 'exec-form'? "
                                                                           "'barehull explain' lists all\"}\n");
    assert_answer(*state, GET("/problems/not-fond", ""), NULL,
                  "404\nVary: Origin\n" TYPE
                  "\n" PROBLEM("not-found", "there is nothing by this name", "404",
                               "\"detail\":\"there is no such code\",") ",\"hint\":\"did you mean 'not-found'?\"}\n");
}

static void test_doors(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *target;
        unsigned main, metrics, main_moved;
    } cases[] = {{"/metrics", 200, 200, 404}, {"/livez", 200, 200, 200}, {"/", 200, 404, 200}, {"/mcp", 405, 404, 405}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (unsigned moved = 0; moved < 2; moved++) {
            for (unsigned door = 0; door < 2; door++) {
                char head[128];
                snprintf(head, sizeof(head), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", cases[i].target);
                fixture->config.metrics_port = moved ? 9090 : 0;
                struct server_exchange *exchange = exchange_new(head, STR_NONE);
                exchange->door = door;
                exchange_run(fixture, exchange);
                unsigned main = moved ? cases[i].main_moved : cases[i].main;
                assert_int_equal(exchange->status, door == SERVICE_DOOR_MAIN ? main : cases[i].metrics);
                exchange_done(exchange);
            }
        }
    }
    fixture->config.metrics_port = 0;
}

static void test_health(void **state)
{
    struct fixture *fixture = *state;
    assert_answer(fixture, GET("/livez", "Host: evil.example\r\nOrigin: https://evil.example\r\n"), NULL,
                  "200\nContent-Type: text/plain; charset=utf-8\n\nok\n");
    assert_answer(fixture, GET("/readyz", ""), NULL, "200\nContent-Type: text/plain; charset=utf-8\n\nok\n");
    atomic_store(&fixture->service.state, SERVICE_STARTING);
    assert_answer(fixture, GET("/readyz", ""), NULL, "503\nContent-Type: text/plain; charset=utf-8\n\nstarting\n");
    atomic_store(&fixture->service.state, SERVICE_DRAINING);
    assert_answer(fixture, GET("/healthz", ""), NULL, "503\nContent-Type: text/plain; charset=utf-8\n\ndraining\n");
    assert_answer(fixture, GET("/livez", ""), NULL, "200\nContent-Type: text/plain; charset=utf-8\n\nok\n");
    atomic_store(&fixture->service.state, SERVICE_READY);
}

static void test_guard(void **state)
{
    assert_answer(
        *state, GET("/v1/rules", "Host: evil.example\r\n"), NULL,
        "421\nVary: Origin\n" TYPE "\n" PROBLEM(
            "host-not-allowed", "the service does not go by this name", "421",
            "\"detail\":\"the Host field names a host that is not allowed\",") ",\"hint\":\"name it in ALLOWED_HOSTS "
                                                                               "if this service is meant\"}\n");
    assert_answer(*state, GET("/x", "Origin: https://evil.example\r\n"), NULL,
                  "403\nVary: Origin\n" TYPE
                  "\n" PROBLEM("origin-not-allowed", "pages of this origin may not call the service", "403",
                               "\"detail\":\"the Origin field names an origin that is not "
                               "allowed\",") ",\"hint\":\"name it in ALLOWED_ORIGINS if its "
                                             "pages may call the service\"}\n");
    assert_answer(
        *state, POST("/mcp", "Origin: null\r\nContent-Type: application/json\r\n"), "{}",
        "403\nVary: Origin\nContent-Type: application/json\n\n{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000,"
        "\"message\":\"the Origin field names an origin that is not allowed\",\"data\":{\"code\":"
        "\"origin-not-allowed\",\"hint\":\"name it in ALLOWED_ORIGINS if its pages may call the service\","
        "\"request_id\":\"r\"}}}\n");
    assert_status(*state, GET("/metrics", "Host: 10.0.0.7\r\nOrigin: https://evil.example\r\n"), 200);
}

#define PREFLIGHT                                                                                                      \
    "Access-Control-Allow-Methods: POST, OPTIONS\nAccess-Control-Allow-Headers: Accept, Content-Type, If-None-Match, " \
    "MCP-Protocol-Version, Mcp-Method, Mcp-Name, traceparent, tracestate, X-Request-Id\n"                              \
    "Access-Control-Max-Age: 7200\nVary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\n"
#define EXPOSE "Access-Control-Expose-Headers: ETag, MCP-Protocol-Version, Retry-After, X-Request-Id\n"

static void test_cors(void **state)
{
    struct fixture *fixture = *state;
    const char *preflight =
        "OPTIONS /mcp HTTP/1.1\r\nOrigin: https://ui.example\r\nAccess-Control-Request-Method: POST\r\n"
        "Access-Control-Request-Private-Network: true\r\n";
    assert_answer(fixture, preflight, NULL, "204\nAccess-Control-Allow-Origin: https://ui.example\n" PREFLIGHT "\n");
    assert_answer(fixture, GET("/problems/usage", "Origin: https://ui.example\r\n"), NULL,
                  "200\nVary: Origin\nAccess-Control-Allow-Origin: https://ui.example\n" EXPOSE
                  "Content-Type: application/json\n\n"
                  "{\"code\":\"usage\",\"status\":400,\"title\":\"an argument is missing, unknown or wrong\"}\n");
    assert_answer(fixture, GET("/problems/bare-lf", "Origin: http://localhost\r\n"), NULL,
                  "200\nVary: Origin\nContent-Type: application/json\n\n"
                  "{\"code\":\"bare-lf\",\"status\":400,\"title\":\"a line ends with LF alone\"}\n");
    assert_answer(fixture, "OPTIONS /mcp HTTP/1.1\r\nOrigin: https://ui.example\r\n", NULL,
                  "204\nAllow: POST, OPTIONS\nVary: Origin\nAccess-Control-Allow-Origin: https://ui.example\n" EXPOSE
                  "\n");
    assert_status(fixture,
                  "OPTIONS /mcp HTTP/1.1\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n",
                  403);
    fixture->config.any_origin = true;
    assert_answer(fixture, preflight, NULL,
                  "204\nAccess-Control-Allow-Origin: *\n" PREFLIGHT "Access-Control-Allow-Private-Network: true\n\n");
    assert_answer(fixture, GET("/problems/usage", "Origin: https://x.example\r\n"), NULL,
                  "200\nVary: Origin\nAccess-Control-Allow-Origin: *\n" EXPOSE "Content-Type: application/json\n\n"
                  "{\"code\":\"usage\",\"status\":400,\"title\":\"an argument is missing, unknown or wrong\"}\n");
    fixture->config.any_origin = false;
    fixture->config.origins.len = 0;
    assert_answer(fixture, GET("/problems/usage", ""), NULL,
                  "200\nContent-Type: application/json\n\n"
                  "{\"code\":\"usage\",\"status\":400,\"title\":\"an argument is missing, unknown or wrong\"}\n");
    fixture->config.origins.len = 1;
}

static void test_common_fields(void **state)
{
    struct fixture *fixture = *state;
    struct server_exchange *exchange = exchange_new(
        "GET /livez HTTP/1.1\r\nHost: h\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        "\r\n\r\n",
        STR_NONE);
    exchange->all_fields = true;
    exchange_run(fixture, exchange);
    assert_string_equal(buf_z(&exchange->fields_text),
                        "X-Request-Id: 0af7651916cd43dd8448eb211c80319c\nX-Content-Type-Options: nosniff\n"
                        "Cache-Control: no-store\nContent-Type: text/plain; charset=utf-8\n");
    exchange_done(exchange);
}

/* --- what can't be read, and the log ------------------------------------------------------------------------------ */

static void assert_refusal(struct fixture *fixture, unsigned status, struct str reason, const char *code)
{
    struct server_exchange *exchange = calloc(1, sizeof(*exchange));
    assert_non_null(exchange);
    exchange->head = strdup("");
    struct server_application app = service_application(&fixture->service);
    app.refuse(app.self, exchange, status, reason);
    assert_int_equal(exchange->status, status);
    char expected[128];
    snprintf(expected, sizeof(expected), "\"code\":\"%s\"", code);
    assert_non_null(strstr(buf_z(&exchange->content), expected));
    const struct server_record record = {.exchange = exchange, .status = status, .fault = HTTP_FAULT_NUL};
    app.done(app.self, &record);
    exchange_done(exchange);
}

static void test_refusals(void **state)
{
    assert_refusal(*state, 400, http_fault_reason(HTTP_FAULT_BARE_LF), "bare-lf");
    assert_refusal(*state, 431, http_fault_reason(HTTP_FAULT_HEAD_LONG), "head-long");
    assert_refusal(*state, 413, http_fault_reason(HTTP_FAULT_BODY_LONG), "body-long");
    assert_refusal(*state, 408, STR("the head took too long"), "timed-out");
    assert_refusal(*state, 503, STR("too many connections"), "busy");
    assert_refusal(*state, 504, STR("too slow"), "deadline-exceeded");
    assert_refusal(*state, 413, STR("too large"), "body-too-large");
    assert_refusal(*state, 400, STR("what"), "refused");
    assert_refusal(*state, 500, STR("what"), "internal");
}

static void read_log(struct fixture *fixture, struct buf *out)
{
    char block[8192];
    ssize_t n = pread(fixture->log_fd, block, sizeof(block), 0);
    buf_add(out, block, n > 0 ? (size_t)n : 0);
    assert_int_equal(ftruncate(fixture->log_fd, 0), 0);
    assert_int_equal(lseek(fixture->log_fd, 0, SEEK_SET), 0);
}

static void test_log(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP_BUF struct buf log = BUF_INIT, quiet = BUF_INIT;
    read_log(fixture, &log);
    buf_reset(&log);
    assert_status(fixture, GET("/v1/rules/a%0Ab?q=1", "User-Agent: x\"y\r\n"), 404);
    read_log(fixture, &log);
    const char *line = strstr(buf_z(&log), "\"level\"");
    assert_non_null(line);
    const char *trace = strstr(line, "\"trace_id\":\"");
    assert_non_null(trace);
    assert_int_equal(strncmp(line,
                             "\"level\":\"info\",\"event\":\"request\",\"method\":\"GET\",\"route\":\"/v1/rules/{id}\","
                             "\"path\":\"/v1/rules/a%0Ab\",\"user_agent\":\"x\\\"y\",\"status\":404,"
                             "\"duration_ms\":1.500,\"body_bytes\":0,\"answer_bytes\":100,\"peer\":\"192.0.2.1\",",
                             (size_t)(trace - line)),
                     0);
    assert_non_null(strstr(trace, "\"request_id\":\"r\"}\n"));
    assert_status(fixture, GET("/livez", ""), 200);
    fixture->config.access_log = false;
    assert_status(fixture, GET("/", ""), 200);
    fixture->config.access_log = true;
    read_log(fixture, &quiet);
    assert_int_equal(quiet.len, 0);
}

static void test_every_code(void **state)
{
    (void)state;
    size_t count = 0;
    for (; problem_code(count); count++) {
        assert_true(problem_title(str_z(problem_code(count))).len > 0);
        assert_true(problem_status(problem_code(count)) >= 400);
    }
    assert_true(count > 60);
    assert_int_equal(problem_title(STR("none")).len, 0);
}

#define ASK_PREFLIGHT "OPTIONS /mcp HTTP/1.1\r\nOrigin: https://ui.example\r\nAccess-Control-Request-Method: POST\r\n"

static void test_memory(void **state)
{
    struct fixture *fixture = *state;
    static const char *const heads[] = {GET("/v1/rules/user", ""),
                                        GET("/v1/rules?profile=pss-restricted", ""),
                                        GET("/nothing", ""),
                                        GET("/", ""),
                                        GET("/openapi.json", "Accept-Encoding: gzip\r\n"),
                                        ASK_PREFLIGHT};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        for (uint64_t n = 1;; n++) {
            CLEANUP_BUF struct buf text = BUF_INIT;
            buf_addf(&text, "%sHost: localhost\r\nX-Request-Id: r\r\n\r\n", heads[i]);
            struct fixture fresh = {.config = fixture->config};
            fixture_init(&fresh, fixture_tools);
            fresh.config.origins = (struct service_hosts){origins, 1};
            struct server_exchange *exchange = exchange_new(buf_z(&text), STR_NONE);
            buf_reserve(&exchange->content, 1 << 18); /* the fixture's own memory does not count */
            buf_reserve(&exchange->fields_text, 1 << 12);
            fault_arm(FAULT_ALLOC, n);
            exchange_run(&fresh, exchange);
            bool failed = fault_count(FAULT_ALLOC) >= n;
            fault_disarm();
            if (!failed)
                assert_in_range(exchange->status, 200, 404);
            else if (exchange->status >= 500)
                assert_int_equal(exchange->status, 503);
            exchange_done(exchange);
            fixture_done(&fresh);
            if (!failed)
                break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths), cmocka_unit_test(test_methods),    cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_doors), cmocka_unit_test(test_health),     cmocka_unit_test(test_guard),
        cmocka_unit_test(test_cors),  cmocka_unit_test(test_refusals),   cmocka_unit_test(test_common_fields),
        cmocka_unit_test(test_log),   cmocka_unit_test(test_every_code), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

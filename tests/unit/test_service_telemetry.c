/* SPDX-License-Identifier: Apache-2.0 */
#include "service/telemetry.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* A server of numbers alone, so that they are known. */
struct server_counts server_counts(const struct server *server)
{
    (void)server;
    return (struct server_counts){.connections = 12,
                                  .idle = 7,
                                  .streams = 3,
                                  .queued = 2,
                                  .working = 1,
                                  .memory_bytes = 4096,
                                  .accepted = 500,
                                  .refused = 9};
}

static struct service_telemetry *make(void)
{
    struct service_telemetry *telemetry = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(service_telemetry_new(STR("1.2\"3"), &telemetry, &err), 0);
    return telemetry;
}

/* The page without what the process tells of itself and without comments and buckets. */
static void assert_samples(struct service_telemetry *telemetry, const struct server *server, const char *expected)
{
    CLEANUP_BUF struct buf page = BUF_INIT, kept = BUF_INIT;
    service_telemetry_write(telemetry, server, &page);
    assert_int_equal(buf_check(&page, NULL), 0);
    struct str rest = buf_str(&page), line;
    while (str_next_line(&rest, &line)) {
        if (str_starts(line, STR("#")) || str_starts(line, STR("process_")) ||
            str_find(line, STR("_bucket{")) < line.len)
            continue;
        buf_add_str(&kept, line);
        buf_add_char(&kept, '\n');
    }
    assert_string_equal(buf_z(&kept), expected);
}

#define HTTP(method, route, status, sum, count)                                                                        \
    "http_server_request_duration_seconds_sum{http_request_method=\"" method "\",http_route=\"" route                  \
    "\",http_response_status_code=\"" status "\"} " sum                                                                \
    "\nhttp_server_request_duration_seconds_count{http_request_method=\"" method "\",http_route=\"" route              \
    "\",http_response_status_code=\"" status "\"} " count "\n"
#define MCP(method, tool, error, transport, version, sum, count)                                                       \
    "mcp_server_operation_duration_seconds_sum{mcp_method_name=\"" method "\",gen_ai_tool_name=\"" tool                \
    "\",error_type=\"" error "\",network_transport=\"" transport "\",mcp_protocol_version=\"" version "\"} " sum       \
    "\nmcp_server_operation_duration_seconds_count{mcp_method_name=\"" method "\",gen_ai_tool_name=\"" tool            \
    "\",error_type=\"" error "\",network_transport=\"" transport "\",mcp_protocol_version=\"" version "\"} " count     \
    "\n"
#define REST(http, stdio)                                                                                              \
    "barehull_operations_in_flight{network_transport=\"pipe\"} " stdio                                                 \
    "\nbarehull_operations_in_flight{network_transport=\"tcp\"} " http                                                 \
    "\nbarehull_build_info{version=\"1.2\\\"3\"} 1\n"

static void test_empty(void **state)
{
    (void)state;
    struct service_telemetry *telemetry = make();
    assert_samples(telemetry, NULL, REST("0", "0"));
    assert_samples(telemetry, (const struct server *)(const void *)telemetry,
                   REST("0", "0") "barehull_http_connections 12\n"
                                  "barehull_http_connections_idle 7\n"
                                  "barehull_http_connections_accepted_total 500\n"
                                  "barehull_http_connections_refused_total 9\n"
                                  "barehull_http_streams 3\n"
                                  "barehull_http_requests_queued 2\n"
                                  "barehull_http_requests_working 1\n"
                                  "barehull_http_memory_bytes 4096\n");
    service_telemetry_free(telemetry);
    service_telemetry_free(NULL);
}

static void test_http(void **state)
{
    (void)state;
    struct service_telemetry *telemetry = make();
    char route[] = "/v1/rules/{id}";
    for (int i = 0; i < 3; i++)
        service_telemetry_http(telemetry, HTTP_METHOD_GET, str_z(route), 200, 20000);
    route[4] = 'X'; /* the same place with another text is another route */
    service_telemetry_http(telemetry, HTTP_METHOD_GET, str_z(route), 200, 1000000000);
    service_telemetry_http(telemetry, HTTP_METHOD_OTHER, STR("other"), 405, 5);
    service_telemetry_http(telemetry, HTTP_METHOD_POST, STR("/mcp"), 0, 7);
    service_telemetry_http(telemetry, HTTP_METHOD_POST, STR("/mcp"), 1000, 7);
    service_telemetry_http(telemetry, HTTP_METHOD_POST, STR("/mcp"), 599, 0);
    assert_samples(telemetry, NULL,
                   HTTP("GET", "/v1/Xules/{id}", "200", "1", "1") HTTP("GET", "/v1/rules/{id}", "200", "0.00006", "3")
                       HTTP("POST", "/mcp", "599", "0", "1") HTTP("POST", "/mcp", "none", "0.000000007", "1")
                           HTTP("POST", "/mcp", "other", "0.000000007", "1")
                               HTTP("other", "other", "405", "0.000000005", "1") REST("0", "0"));
    service_telemetry_free(telemetry);
}

static void test_mcp(void **state)
{
    (void)state;
    struct service_telemetry *telemetry = make();
    struct mcp_event event = {.method = STR("tools/call"),
                              .tool = STR("check"),
                              .error = STR(""),
                              .transport = MCP_HTTP,
                              .version = MCP_2026_07_28,
                              .duration_ns = 1500000000};
    service_telemetry_mcp(telemetry, &event);
    service_telemetry_mcp(telemetry, &event);
    event.error = STR("tool_error");
    event.transport = MCP_STDIO;
    service_telemetry_mcp(telemetry, &event);
    event = (struct mcp_event){.method = STR("other"),
                               .error = STR("-32601"),
                               .transport = MCP_STDIO,
                               .version = MCP_2025_11_25,
                               .duration_ns = 1};
    service_telemetry_mcp(telemetry, &event);
    assert_samples(telemetry, NULL,
                   MCP("other", "", "-32601", "pipe", "2025-11-25", "0.000000001", "1")
                       MCP("tools/call", "check", "", "tcp", "2026-07-28", "3", "2")
                           MCP("tools/call", "check", "tool_error", "pipe", "2026-07-28", "1.5", "1") REST("0", "0"));
    service_telemetry_free(telemetry);
}

static void test_findings(void **state)
{
    (void)state;
    struct service_telemetry *telemetry = make();
    struct report_finding findings[] = {
        {.rule = rules[0], .severity = SEVERITY_ERROR, .verdict = REPORT_FAILS},
        {.rule = rules[0], .severity = SEVERITY_ERROR, .verdict = REPORT_FAILS},
        {.rule = rules[0], .severity = SEVERITY_NOTE, .verdict = REPORT_WAIVED},
        {.rule = rules[0], .severity = SEVERITY_WARNING, .verdict = REPORT_UNKNOWN},
    };
    struct report report = {.findings = findings, .finding_count = ARRAY_LEN(findings)};
    service_telemetry_findings(telemetry, &report);
    service_telemetry_in_flight(telemetry, MCP_HTTP, 1);
    service_telemetry_in_flight(telemetry, MCP_HTTP, 1);
    service_telemetry_in_flight(telemetry, MCP_STDIO, 1);
    service_telemetry_in_flight(telemetry, MCP_STDIO, -1);
    char expected[1024];
    snprintf(expected, sizeof(expected),
             "barehull_findings_total{rule=\"%s\",severity=\"error\",verdict=\"fails\"} 2\n"
             "barehull_findings_total{rule=\"%s\",severity=\"note\",verdict=\"waived\"} 1\n"
             "barehull_findings_total{rule=\"%s\",severity=\"warning\",verdict=\"unknown\"} 1\n" REST("2", "0"),
             rules[0]->id, rules[0]->id, rules[0]->id);
    assert_samples(telemetry, NULL, expected);
    service_telemetry_free(telemetry);
}

enum { THREADS = 4, TIMES = 4000, STATUSES = 100 };

static void *count_much(void *telemetry)
{
    for (unsigned i = 0; i < TIMES; i++) {
        service_telemetry_http(telemetry, HTTP_METHOD_GET, STR("/"), 200 + i % STATUSES, 1000000000);
        service_telemetry_in_flight(telemetry, MCP_HTTP, i % 2 ? -1 : 1);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct service_telemetry *telemetry = make();
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_much, telemetry), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CLEANUP_BUF struct buf expected = BUF_INIT;
    for (unsigned i = 0; i < STATUSES; i++) {
        buf_addf(&expected, HTTP("GET", "/", "%u", "%u", "%u"), 200 + i, THREADS * TIMES / STATUSES, 200 + i,
                 THREADS * TIMES / STATUSES);
    }
    buf_add_z(&expected, REST("0", "0"));
    assert_samples(telemetry, NULL, buf_z(&expected));
    service_telemetry_free(telemetry);
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        assert_in_range(n, 1, 60);
        struct service_telemetry *telemetry = NULL;
        struct err err = ERR_INIT;
        CLEANUP_BUF struct buf page = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        int result = service_telemetry_new(STR("1"), &telemetry, &err);
        if (result == 0) {
            service_telemetry_http(telemetry, HTTP_METHOD_GET, STR("/"), 200, 1);
            service_telemetry_http(telemetry, HTTP_METHOD_GET, STR("/"), 200, 1);
            service_telemetry_write(telemetry, NULL, &page);
        }
        bool reached = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        assert_int_equal(err.code, result < 0 ? ERR_NOMEM : ERR_NONE);
        service_telemetry_free(telemetry);
        if (!reached)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),    cmocka_unit_test(test_http),    cmocka_unit_test(test_mcp),
        cmocka_unit_test(test_findings), cmocka_unit_test(test_threads), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

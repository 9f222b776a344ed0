/* SPDX-License-Identifier: Apache-2.0 */
#include "service/guard.h"

#include "base/limits.h"
#include "service/trace.h"

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct head {
    char text[2048];
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
};

static const struct http_request *read_head(struct head *head, const char *line, const char *fields)
{
    snprintf(head->text, sizeof(head->text), "%s\r\n%s\r\n", line, fields);
    http_head_reader_init(&head->reader, &http_limits_default, head->fields);
    assert_int_equal(http_head_read(&head->reader, str_z(head->text)), HTTP_DONE);
    return &head->reader.request;
}

static const struct str hosts[] = {STR_INIT("app.example"), STR_INIT("port.example:8443"),
                                   STR_INIT("[2001:db8::1]:90")};
static const struct str origins[] = {STR_INIT("https://ui.example"), STR_INIT("http://dev.example:3000")};
static const struct service_config listed = {.hosts = {hosts, 3}, .origins = {origins, 2}};

static void test_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool fine;
    } cases[] = {
        {"localhost", true},
        {"LOCALHOST:8080", true},
        {"localhost.", true},
        {"app.localhost", true},
        {"127.0.0.1:1", true},
        {"127.9.9.9", true},
        {"[::1]:8080", true},
        {"10.1.2.3:8080", true},
        {"[fe80::1]", true},
        {"app.example", true},
        {"APP.example.:81", true},
        {"port.example:8443", true},
        {"port.example", false},
        {"port.example:8444", false},
        {"evil.example", false},
        {"app.example.evil.example", false},
        {"xlocalhost", false},
        {"localhost.evil.example", false},
        {"127.0.0.1.evil.example", false},
        {"127.0.0.256", false},
        {"0x7f.1", false},
        {"1", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head;
        char field[128];
        snprintf(field, sizeof(field), "Host: %s\r\n", cases[i].host);
        print_message("%s\n", cases[i].host);
        enum guard_verdict expected = cases[i].fine ? GUARD_PASS : GUARD_HOST;
        assert_int_equal(guard_judge(&listed, read_head(&head, "GET / HTTP/1.1", field)).verdict, expected);
    }
    struct head head;
    const struct service_config any = {.any_host = true};
    assert_int_equal(guard_judge(&any, read_head(&head, "GET / HTTP/1.1", "Host: evil.example\r\n")).verdict,
                     GUARD_PASS);
    assert_int_equal(guard_judge(&listed, read_head(&head, "GET / HTTP/1.0", "")).verdict, GUARD_PASS);
    /* The target's authority counts, not the field's. */
    assert_int_equal(
        guard_judge(&listed, read_head(&head, "GET http://evil.example/ HTTP/1.1", "Host: localhost\r\n")).verdict,
        GUARD_HOST);
}

static void test_origins(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        enum guard_verdict verdict;
        enum guard_origin origin;
    } cases[] = {
        {"Host: localhost:8080\r\n", GUARD_PASS, GUARD_ORIGIN_NONE},
        {"Host: localhost:8080\r\nOrigin: https://ui.example\r\n", GUARD_PASS, GUARD_ORIGIN_LISTED},
        {"Host: localhost:8080\r\nOrigin: HTTPS://UI.example\r\n", GUARD_PASS, GUARD_ORIGIN_LISTED},
        {"Host: localhost:8080\r\nOrigin: http://ui.example\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost:8080\r\nOrigin: https://ui.example:444\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost:8080\r\nOrigin: http://dev.example:3000\r\n", GUARD_PASS, GUARD_ORIGIN_LISTED},
        {"Host: localhost:8080\r\nOrigin: http://dev.example\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost:8080\r\nOrigin: http://localhost:8080\r\n", GUARD_PASS, GUARD_ORIGIN_SAME},
        {"Host: localhost:8080\r\nOrigin: https://localhost:8080\r\n", GUARD_PASS, GUARD_ORIGIN_SAME},
        {"Host: localhost:8080\r\nOrigin: http://localhost:3000\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost\r\nOrigin: http://localhost\r\n", GUARD_PASS, GUARD_ORIGIN_SAME},
        {"Host: localhost\r\nOrigin: http://localhost:80\r\n", GUARD_PASS, GUARD_ORIGIN_SAME},
        {"Host: localhost\r\nOrigin: https://localhost\r\n", GUARD_PASS, GUARD_ORIGIN_SAME},
        {"Host: localhost:443\r\nOrigin: https://localhost\r\n", GUARD_PASS, GUARD_ORIGIN_SAME},
        {"Host: localhost:443\r\nOrigin: http://localhost\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: [::1]:8080\r\nOrigin: http://[::1]:8080\r\n", GUARD_PASS, GUARD_ORIGIN_SAME},
        {"Host: localhost\r\nOrigin: null\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost\r\nOrigin:\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost\r\nOrigin: http://\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost\r\nOrigin: http://localhost/\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost\r\nOrigin: http://x@localhost\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost\r\nOrigin: ftp://localhost\r\n", GUARD_ORIGIN, GUARD_ORIGIN_NONE},
        {"Host: localhost\r\nOrigin: https://ui.example\r\nOrigin: https://ui.example\r\n", GUARD_ORIGIN,
         GUARD_ORIGIN_NONE},
        {"Host: evil.example\r\nOrigin: http://evil.example\r\n", GUARD_HOST, GUARD_ORIGIN_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head;
        print_message("%s\n", cases[i].fields);
        struct guard_result result = guard_judge(&listed, read_head(&head, "GET / HTTP/1.1", cases[i].fields));
        assert_int_equal(result.verdict, cases[i].verdict);
        assert_int_equal(result.origin, cases[i].origin);
    }
    const struct service_config any = {.any_origin = true};
    struct head head;
    struct guard_result result =
        guard_judge(&any, read_head(&head, "GET / HTTP/1.1", "Host: localhost\r\nOrigin: https://x.example\r\n"));
    assert_int_equal(result.verdict, GUARD_PASS);
    assert_int_equal(result.origin, GUARD_ORIGIN_ANY);
}

#define OURS                                                                                                           \
    "Accept, Content-Type, If-None-Match, MCP-Protocol-Version, Mcp-Method, Mcp-Name, traceparent, tracestate, "       \
    "X-Request-Id"

static void test_allowed_headers(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *expected;
    } cases[] = {
        {"", OURS},
        {"Access-Control-Request-Headers: content-type,mcp-param-region\r\n", OURS ", mcp-param-region"},
        {"Access-Control-Request-Headers: Mcp-Param-A, authorization , mcp-param-b\r\n",
         OURS ", Mcp-Param-A, mcp-param-b"},
        {"Access-Control-Request-Headers: mcp-param-, mcp-param-a b,,mcp-param-\"\r\n", OURS},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head;
        CLEANUP_BUF struct buf out = BUF_INIT;
        char fields[256];
        snprintf(fields, sizeof(fields), "Host: h\r\n%s", cases[i].fields);
        guard_allowed_headers(read_head(&head, "OPTIONS / HTTP/1.1", fields), &out);
        assert_string_equal(buf_z(&out), cases[i].expected);
    }
}

#define ID   "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static void test_traces(void **state)
{
    (void)state;
    static const struct {
        const char *parent;
        bool taken;
    } cases[] = {
        {"00-" ID "-" SPAN "-01", true},
        {"00-" ID "-" SPAN "-00", true},
        {"01-" ID "-" SPAN "-01", true},
        {"01-" ID "-" SPAN "-01-more", true},
        {"00-" ID "-" SPAN "-01-more", false},
        {"01-" ID "-" SPAN "-01more", false},
        {"ff-" ID "-" SPAN "-01", false},
        {"00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01", false},
        {"00-00000000000000000000000000000000-" SPAN "-01", false},
        {"00-" ID "-0000000000000000-01", false},
        {"00-" ID "-" SPAN "-1", false},
        {"00-" ID "-" SPAN "-0g", false},
        {"00_" ID "-" SPAN "-01", false},
        {"", false},
        {"00-" ID, false},
    };
    struct trace_source source = {.seed = {1, 2}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head;
        struct trace trace;
        char fields[256];
        snprintf(fields, sizeof(fields), "Host: h\r\nTraceparent: %s\r\n", cases[i].parent);
        trace_begin(&trace, &source, read_head(&head, "GET / HTTP/1.1", fields));
        print_message("%s\n", cases[i].parent);
        assert_int_equal(strcmp(trace.trace_id, ID) == 0, cases[i].taken);
        assert_string_equal(trace.parent_id, cases[i].taken ? SPAN : "");
        assert_int_equal(strlen(trace.trace_id), 32);
        assert_int_equal(strlen(trace.span_id), 16);
        assert_true(str_eq_z(trace.request_id, trace.trace_id));
    }
    struct head head;
    struct trace a, b;
    trace_begin(&a, &source, NULL);
    trace_begin(&b, &source, NULL);
    assert_string_not_equal(a.trace_id, b.trace_id);
    assert_string_not_equal(a.span_id, b.span_id);
    const char *twice = "Host: h\r\ntraceparent: 00-" ID "-" SPAN "-01\r\ntraceparent: 00-" ID "-" SPAN "-01\r\n";
    trace_begin(&a, &source, read_head(&head, "GET / HTTP/1.1", twice));
    assert_string_not_equal(a.trace_id, ID);
}

static void test_request_ids(void **state)
{
    (void)state;
    struct trace_source source = {.seed = {1, 2}};
    char long_id[160], field[256];
    memset(long_id, 'a', sizeof(long_id));
    long_id[129] = '\0';
    const struct {
        const char *id;
        bool taken;
    } cases[] = {{"a", true},        {"6f1c-AB_9.~:/+=@", true}, {"", false},    {"a b", false},
                 {"a\"b", false},    {"\xc3\xa9", false},        {"a<b", false}, {long_id, false},
                 {long_id + 1, true}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct head head;
        struct trace trace;
        snprintf(field, sizeof(field), "Host: h\r\nX-Request-Id: %s\r\n", cases[i].id);
        trace_begin(&trace, &source, read_head(&head, "GET / HTTP/1.1", field));
        assert_int_equal(str_eq_z(trace.request_id, cases[i].id), cases[i].taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),  cmocka_unit_test(test_origins),     cmocka_unit_test(test_allowed_headers),
        cmocka_unit_test(test_traces), cmocka_unit_test(test_request_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * exchange_fixture.h - the functions of server/exchange.h without a server: requests come as text, answers go to text.
 *
 * Included once by a test program, where its definitions take the place of the server's. A transcript is the status,
 * a line for each field, an empty line and the content; fields that every answer has are left out (see `common`).
 * Bytes of the head move between begin and handle, and the old ones are overwritten, as a server may do it.
 */
#include "base/alloc.h"
#include "base/limits.h"
#include "http/body.h"
#include "log/log.h"
#include "mcp/server.h"
#include "op/runner.h"
#include "op/services.h"
#include "ops_pure/check_texts.h"
#include "ops_pure/explain.h"
#include "ops_pure/rules.h"
#include "service/request.h"
#include "service/telemetry.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct server_exchange {
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    struct arena arena;
    struct str body;
    void *user;
    unsigned door;
    atomic_bool cancelled;
    bool all_fields, draining, accepted, cancels, parked;
    bool full, gone; /* no more streams; the peer left */
    uint64_t body_max;
    unsigned answers, workers;
    struct buf fields_text, content;
    unsigned status;
    char *head;
};

const struct http_request *server_exchange_request(const struct server_exchange *exchange)
{
    return &exchange->reader.request;
}
struct str server_exchange_body(const struct server_exchange *exchange)
{
    return exchange->body;
}
struct arena *server_exchange_arena(struct server_exchange *exchange)
{
    return &exchange->arena;
}
unsigned server_exchange_door(const struct server_exchange *exchange)
{
    return exchange->door;
}
struct str server_exchange_peer(const struct server_exchange *exchange UNUSED)
{
    return STR("192.0.2.1");
}
const atomic_bool *server_exchange_cancelled(const struct server_exchange *exchange)
{
    return &exchange->cancelled;
}
uint64_t server_exchange_deadline_ns(const struct server_exchange *exchange UNUSED)
{
    return 0;
}
bool server_is_draining(const struct server_exchange *exchange)
{
    return exchange->draining;
}
void server_exchange_set_user(struct server_exchange *exchange, void *user)
{
    exchange->user = user;
}
void *server_exchange_user(const struct server_exchange *exchange)
{
    return exchange->user;
}
void server_accept(struct server_exchange *exchange, uint64_t body_bytes_max)
{
    exchange->accepted = true;
    exchange->body_max = body_bytes_max;
}
void server_cancel_on_close(struct server_exchange *exchange, bool on)
{
    exchange->cancels = on;
}
void server_close(struct server_exchange *exchange UNUSED)
{
}

void server_field(struct server_exchange *exchange, struct str name, struct str value)
{
    static const char *const common[] = {"X-Content-Type-Options: nosniff\n", "X-Request-Id: r\n",
                                         "Cache-Control: no-store\n"};
    char line[512];
    snprintf(line, sizeof(line), "%.*s: %.*s\n", STR_ARG(name), STR_ARG(value));
    for (size_t i = 0; i < ARRAY_LEN(common) && !exchange->all_fields; i++)
        if (strcmp(line, common[i]) == 0)
            return;
    buf_add_z(&exchange->fields_text, line);
}

void server_answer(struct server_exchange *exchange, unsigned status, struct str type, struct str body)
{
    if (exchange->answers++ > 0)
        return;
    exchange->status = status;
    if (type.len > 0)
        server_field(exchange, STR("Content-Type"), type);
    buf_add_str(&exchange->content, body);
}

int server_stream_open(struct server_exchange *exchange, unsigned status, struct str type, struct err *err)
{
    if (exchange->full)
        return err_set(err, ERR_LIMIT, "too many streams");
    if (exchange->gone)
        return err_set(err, ERR_CANCELLED, "the peer is gone");
    server_answer(exchange, status, type, STR_NONE);
    return 0;
}
int server_stream_write(struct server_exchange *exchange, struct str bytes, struct err *err)
{
    if (exchange->gone)
        return err_set(err, ERR_CANCELLED, "the peer is gone");
    buf_add_str(&exchange->content, bytes);
    return 0;
}
void server_stream_keepalive(struct server_exchange *exchange, struct str comment)
{
    server_field(exchange, STR("(keep-alive)"), str_head(comment, comment.len - 2));
}
void server_stream_park(struct server_exchange *exchange, struct str last)
{
    exchange->parked = true;
    buf_add_z(&exchange->content, "(parked)\n");
    buf_add_str(&exchange->content, last);
}
struct server_counts server_counts(const struct server *server UNUSED)
{
    return (struct server_counts){.connections = 3};
}

/* --- a service ---------------------------------------------------------------------------------------------------- */

static int fixture_run(void *self UNUSED, const struct operation *operation, const struct op_ctx *ctx, const void *args,
                       void *result, struct err *err)
{
    static const struct op_services services = {.version = STR_INIT("1.2.3"), .threads = 1};
    return operation->run(&services, ctx, args, result, err);
}

static const struct mcp_tool fixture_tools[] = {
    {.name = "check", .title = "Check", .operation = &check_texts_operation},
    {.name = "explain", .title = "Explain", .operation = &explain_operation},
    {.name = "rules", .title = "Rules", .operation = &rules_operation},
    {.name = NULL},
};

struct fixture {
    struct service service;
    struct service_config config;
    struct service_options options;
    int log_fd;
};

static inline void fixture_init(struct fixture *fixture, const struct mcp_tool *tools)
{
    struct service *service = &fixture->service;
    struct err err = ERR_INIT;
    memset(fixture, 0, sizeof(*fixture));
    fixture->config = (struct service_config){.body_bytes = 1 << 20, .access_log = true};
    fixture->options = (struct service_options){.config = &fixture->config, .tools = tools, .version = STR("1.2.3")};
    service->options = &fixture->options;
    service->config = &fixture->config;
    fixture->log_fd = memfd_create("log", MFD_CLOEXEC);
    log_init(&service->log, fixture->log_fd, LOG_INFO, LOG_JSON);
    service->runner = (struct op_runner){.run = fixture_run};
    service->mcp_description = (struct mcp_description){
        .name = STR("barehull"), .version = STR("1.2.3"), .tools = tools, .runner = service->runner, .page_size = 50};
    atomic_store(&service->state, SERVICE_READY);
    assert_int_equal(service_telemetry_new(STR("1.2.3"), &service->telemetry, &err), 0);
    assert_int_equal(mcp_server_new(&service->mcp_description, &service->mcp, &err), 0);
    assert_int_equal(service_routes_new(service, &service->routes, &err), 0);
}

static inline void fixture_done(struct fixture *fixture)
{
    service_routes_free(fixture->service.routes);
    mcp_server_free(fixture->service.mcp);
    service_telemetry_free(fixture->service.telemetry);
    close(fixture->log_fd);
}

/* --- exchanges ---------------------------------------------------------------------------------------------------- */

static inline void exchange_done(struct server_exchange *exchange)
{
    arena_done(&exchange->arena);
    buf_done(&exchange->fields_text);
    buf_done(&exchange->content);
    free(exchange->head);
    free(exchange);
}

static inline struct server_exchange *exchange_new(const char *head, struct str body)
{
    struct server_exchange *exchange = calloc(1, sizeof(*exchange));
    assert_non_null(exchange);
    exchange->head = strdup(head);
    exchange->body = body;
    http_head_reader_init(&exchange->reader, &http_limits_default, exchange->fields);
    if (http_head_read(&exchange->reader, str_z(exchange->head)) != HTTP_DONE)
        fail_msg("'%s': %s", head, http_fault_name(exchange->reader.fault).ptr);
    return exchange;
}

/* As a server would: begin, then handle on a loop, perhaps on a worker, then done. */
static inline void exchange_run(struct fixture *fixture, struct server_exchange *exchange)
{
    struct server_application app = service_application(&fixture->service);
    app.begin(app.self, exchange);
    char *moved = strdup(exchange->head);
    memset(exchange->head, '#', strlen(moved));
    free(exchange->head);
    exchange->head = moved;
    http_request_move(&exchange->reader.request, moved, NULL);
    if (exchange->answers == 0) {
        assert_true(exchange->accepted);
        if (exchange->body.len > exchange->body_max) {
            app.refuse(app.self, exchange, 413, http_fault_reason(HTTP_FAULT_BODY_LONG));
        } else if (!app.handle(app.self, exchange, false)) {
            assert_int_equal(exchange->answers, 0);
            exchange->workers++;
            assert_true(app.handle(app.self, exchange, true));
        }
    }
    assert_int_equal(exchange->answers, 1);
    const struct server_record record = {
        .exchange = exchange, .status = exchange->status, .duration_ns = 1500000, .answer_bytes = 100};
    app.done(app.self, &record);
}

static inline void exchange_transcript(const struct server_exchange *exchange, struct buf *out)
{
    buf_addf(out, "%u\n", exchange->status);
    buf_add_str(out, buf_str(&exchange->fields_text));
    buf_add_char(out, '\n');
    buf_add_str(out, buf_str(&exchange->content));
}

/* HEAD without its last empty line; "X-Request-Id: r" and a Host of localhost are added. */
static inline struct server_exchange *exchange_ask(struct fixture *fixture, const char *head, const char *body)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "%s%sX-Request-Id: r\r\n", head, strstr(head, "Host:") ? "" : "Host: localhost\r\n");
    if (body)
        buf_addf(&text, "Content-Length: %zu\r\n", strlen(body));
    buf_add_z(&text, "\r\n");
    struct server_exchange *exchange = exchange_new(buf_z(&text), str_z(body));
    exchange_run(fixture, exchange);
    return exchange;
}

static inline void assert_answer(struct fixture *fixture, const char *head, const char *body, const char *expected)
{
    struct server_exchange *exchange = exchange_ask(fixture, head, body);
    CLEANUP_BUF struct buf text = BUF_INIT;
    exchange_transcript(exchange, &text);
    if (strcmp(buf_z(&text), expected) != 0)
        print_error("asked: %s%s\n", head, body ? body : "");
    assert_string_equal(buf_z(&text), expected);
    exchange_done(exchange);
}

/* Only the first line and what FIELDS names ("Allow"), or the content for "". */
static inline void assert_status(struct fixture *fixture, const char *head, unsigned expected)
{
    struct server_exchange *exchange = exchange_ask(fixture, head, NULL);
    if (exchange->status != expected)
        fail_msg("'%s': %u, not %u", head, exchange->status, expected);
    exchange_done(exchange);
}

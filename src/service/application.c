/* SPDX-License-Identifier: Apache-2.0 */
#include "http/response.h"
#include "service/access_log.h"
#include "service/percent.h"
#include "service/problem.h"
#include "service/request.h"

#include <inttypes.h>

/* The request's structure in its exchange; NULL when memory is short. HTTP NULL: it can't be read. */
static struct service_request *request_new(struct service *service, struct server_exchange *exchange,
                                           const struct http_request *http)
{
    struct arena *arena = server_exchange_arena(exchange);
    struct service_request *request = ARENA_NEW(arena, struct service_request);
    if (!request)
        return NULL;
    request->service = service;
    request->routes = service->routes;
    request->exchange = exchange;
    request->readable = http != NULL;
    trace_begin(&request->trace, &service->routes->traces, http);
    if (request->trace.request_id.ptr != request->trace.trace_id) /* the head's bytes may move */
        request->trace.request_id = arena_str(arena, request->trace.request_id);
    if (!request->trace.request_id.ptr)
        return NULL;
    server_exchange_set_user(exchange, request);
    return request;
}

static void answer_short_of_memory(struct server_exchange *exchange)
{
    server_field(exchange, STR("Retry-After"), STR("1"));
    server_answer(exchange, 503, STR("text/plain; charset=utf-8"), STR("short of memory\n"));
}

/* Host and Origin, for all but open routes; unknown paths are looked at too. */
static bool pass_guard(struct service_request *request, const struct http_request *http)
{
    if (request->route && (request->route->flags & ROUTE_OPEN))
        return true;
    request->guard = guard_judge(request->service->config, http);
    if (request->guard.value.len > 0) {
        request->guard.value = arena_str(request_arena(request), request->guard.value);
        if (!request->guard.value.ptr)
            request->guard = (struct guard_result){.verdict = request->guard.verdict};
    }
    if (request->guard.verdict == GUARD_PASS)
        return true;
    if (request->guard.verdict == GUARD_HOST)
        problem_send_code(request, "host-not-allowed", STR("the Host field names a host that is not allowed"),
                          STR("name it in ALLOWED_HOSTS if this service is meant"));
    else
        problem_send_code(request, "origin-not-allowed", STR("the Origin field names an origin that is not allowed"),
                          STR("name it in ALLOWED_ORIGINS if its pages may call the service"));
    return false;
}

static void allow_field(struct service_request *request)
{
    CLEANUP_BUF struct buf methods = BUF_INIT;
    if (request->route)
        route_methods(request->route, &methods);
    else
        buf_add_z(&methods, "GET, HEAD, POST, OPTIONS"); /* of "*": the service as a whole */
    if (!methods.failed)
        server_field(request->exchange, STR("Allow"), buf_str(&methods));
}

static void answer_preflight(struct service_request *request, const struct http_request *http)
{
    struct server_exchange *exchange = request->exchange;
    CLEANUP_BUF struct buf methods = BUF_INIT, headers = BUF_INIT;
    struct str value;
    bool any = request->guard.origin == GUARD_ORIGIN_ANY;
    route_methods(request->route, &methods);
    guard_allowed_headers(http, &headers);
    if (methods.failed || headers.failed) {
        answer_short_of_memory(exchange);
        return;
    }
    server_field(exchange, STR("Access-Control-Allow-Origin"), any ? STR("*") : request->guard.value);
    server_field(exchange, STR("Access-Control-Allow-Methods"), buf_str(&methods));
    server_field(exchange, STR("Access-Control-Allow-Headers"), buf_str(&headers));
    server_field(exchange, STR("Access-Control-Max-Age"), GUARD_MAX_AGE);
    server_field(exchange, STR("Vary"), STR("Origin, Access-Control-Request-Method, Access-Control-Request-Headers"));
    if (any && http_request_field(http, STR("Access-Control-Request-Private-Network"), &value))
        server_field(exchange, STR("Access-Control-Allow-Private-Network"), STR("true"));
    server_field(exchange, STR("X-Request-Id"), request->trace.request_id);
    server_answer(exchange, 204, STR_NONE, STR_NONE);
}

static void answer_options(struct service_request *request, const struct http_request *http)
{
    struct str value;
    bool preflight = request->route && request->guard.origin != GUARD_ORIGIN_NONE &&
                     http_request_field(http, STR("Access-Control-Request-Method"), &value);
    if (preflight) {
        answer_preflight(request, http);
        return;
    }
    allow_field(request);
    answer_common_fields(request);
    server_answer(request->exchange, 204, STR_NONE, STR_NONE);
}

/* "{name}" of the path; false (answered) for what can't be a name. */
static bool take_argument(struct service_request *request, struct str segment)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    if (!percent_decode(segment, false, &text)) {
        problem_send_code(request, "not-found", STR("the path holds bytes that no name has"), STR_NONE);
        return false;
    }
    request->argument = arena_buf(request_arena(request), &text);
    if (request->argument.ptr)
        return true;
    answer_short_of_memory(request->exchange);
    return false;
}

static void refuse_path(struct service_request *request, struct str path)
{
    CLEANUP_BUF struct buf detail = BUF_INIT;
    struct str own = str_head(path, 200);
    buf_addf(&detail, "there is nothing at '%.*s'", STR_ARG(own));
    problem_send_code(request, "not-found", buf_str(&detail), STR("GET / tells what there is"));
}

/* True when the request may go on to its handler. */
static bool pass_route(struct service_request *request, const struct http_request *http, struct str segment)
{
    if (http->method == HTTP_METHOD_OTHER) {
        problem_send_code(request, "unknown-method", STR_NONE, STR_NONE);
        return false;
    }
    if (http->method == HTTP_METHOD_OPTIONS && (request->route || http->form == HTTP_TARGET_ASTERISK)) {
        answer_options(request, http);
        return false;
    }
    if (!request->route) {
        refuse_path(request, http_request_path(http));
        return false;
    }
    if (!(request->route->methods & 1U << http->method)) {
        allow_field(request);
        problem_send_code(request, "method-not-allowed", STR_NONE, STR_NONE);
        return false;
    }
    return segment.len == 0 || take_argument(request, segment);
}

/* Once the end is near, clients that keep their connections open are asked to take others, before the listener ends. */
static void end_when_leaving(const struct service *service, struct server_exchange *exchange)
{
    if (atomic_load_explicit(&service->state, memory_order_relaxed) == SERVICE_DRAINING)
        server_close(exchange);
}

static void begin(void *self, struct server_exchange *exchange)
{
    struct service *service = self;
    const struct http_request *http = server_exchange_request(exchange);
    struct service_request *request = request_new(service, exchange, http);
    struct str segment = STR_NONE;
    if (!request) {
        answer_short_of_memory(exchange);
        return;
    }
    end_when_leaving(service, exchange); /* in case that it is answered here */
    request->route = route_find(request->routes, server_exchange_door(exchange), http_request_path(http), &segment);
    if (!pass_guard(request, http) || !pass_route(request, http, segment))
        return;
    if (request->route->begin && !request->route->begin(request))
        return;
    server_accept(exchange, request->route->methods & ROUTE_POST ? service->config->body_bytes : 0);
}

static bool handle(void *self, struct server_exchange *exchange, bool on_worker)
{
    struct service_request *request = server_exchange_user(exchange);
    bool answered = request->route->handle(request, on_worker);
    if (answered)
        end_when_leaving(self, exchange);
    return answered;
}

/* --- what could not be read --------------------------------------------------------------------------------------- */

static const char *refusal_code(unsigned status, struct str reason)
{
    const char *fault = problem_fault_code(status, reason);
    if (fault)
        return fault;
    switch (status) {
    case 408:
        return "timed-out";
    case 413:
        return "body-too-large";
    case 503:
        return "busy";
    case 504:
        return "deadline-exceeded";
    default:
        return status >= 500 ? "internal" : "refused";
    }
}

/* What would be taken, for who sent more. */
static void hint_at_size(const struct service_request *request, unsigned status, struct buf *hint)
{
    if (status != 413 || !request->route)
        return;
    if (request->route->methods & ROUTE_POST)
        buf_addf(hint, "at most %" PRIu64 " bytes are taken", request->service->config->body_bytes);
    else
        buf_add_z(hint, "nothing is taken here: send it without content");
}

static void refuse(void *self, struct server_exchange *exchange, unsigned status, struct str reason)
{
    CLEANUP_BUF struct buf hint = BUF_INIT;
    struct service_request *request = server_exchange_user(exchange);
    request = request ? request : request_new(self, exchange, NULL);
    if (!request) {
        server_answer(exchange, status, STR("text/plain; charset=utf-8"), http_reason_phrase(status));
        return;
    }
    hint_at_size(request, status, &hint);
    const struct problem problem = {
        .status = status, .code = refusal_code(status, reason), .detail = reason, .hint = buf_str(&hint)};
    problem_send(request, &problem);
}

struct server_application service_application(struct service *service)
{
    return (struct server_application){
        .begin = begin, .handle = handle, .refuse = refuse, .done = access_log_request, .self = service};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access_log.h"

#include "service/request.h"
#include "service/telemetry.h"

static enum log_level level_of(const struct service_request *request, const struct server_record *record)
{
    if (record->status >= 500)
        return LOG_ERROR;
    bool quiet = request && request->route && (request->route->flags & ROUTE_QUIET);
    return quiet && record->status < 400 ? LOG_DEBUG : LOG_INFO;
}

static void add_request(struct log_event *event, const struct service_request *request)
{
    const struct http_request *http = request_http(request);
    struct str agent = STR_NONE;
    log_str(event, "method", http_request_text(http, http->method_name));
    log_z(event, "route", request->route ? request->route->path : "other");
    log_str(event, "path", http_request_path(http));
    if (http_request_field(http, STR("User-Agent"), &agent))
        log_str(event, "user_agent", agent);
}

/* All messages of MCP have one path: what they asked for, and whether they got it. */
static void add_rpc(struct log_event *event, const struct mcp_event *rpc)
{
    if (rpc->method.len > 0)
        log_str(event, "mcp_method", rpc->method);
    if (rpc->tool.len > 0)
        log_str(event, "mcp_tool", rpc->tool);
    if (rpc->error.len > 0)
        log_str(event, "mcp_error", rpc->error);
}

static void add_trace(struct log_event *event, const struct trace *trace)
{
    log_z(event, "trace_id", trace->trace_id);
    log_z(event, "span_id", trace->span_id);
    if (trace->parent_id[0])
        log_z(event, "parent_id", trace->parent_id);
    if (trace->request_id.ptr != trace->trace_id)
        log_str(event, "request_id", trace->request_id);
}

static void write_line(struct service *service, const struct service_request *request,
                       const struct server_record *record)
{
    struct log_event event;
    log_begin(&event, &service->log, level_of(request, record), "request");
    if (request && request->readable)
        add_request(&event, request);
    if (request && request->rpc)
        add_rpc(&event, request->rpc);
    log_u64(&event, "status", record->status);
    log_ms(&event, "duration_ms", record->duration_ns);
    log_u64(&event, "body_bytes", record->body_bytes);
    log_u64(&event, "answer_bytes", record->answer_bytes);
    log_str(&event, "peer", server_exchange_peer(record->exchange));
    if (request)
        add_trace(&event, &request->trace);
    if (record->fault != HTTP_FAULT_NONE)
        log_str(&event, "fault", http_fault_name(record->fault));
    if (record->broken)
        log_z(&event, "broken", record->broken);
    log_end(&event);
}

void access_log_request(void *self, const struct server_record *record)
{
    struct service *service = self;
    const struct service_request *request = server_exchange_user(record->exchange);
    bool readable = request && request->readable;
    struct str route = readable && request->route ? str_z(request->route->path) : STR("other");
    service_telemetry_http(service->telemetry, readable ? request_http(request)->method : HTTP_METHOD_OTHER, route,
                           record->status, record->duration_ns);
    if (service->config->access_log && log_is_on(&service->log, level_of(request, record)))
        write_line(service, request, record);
}

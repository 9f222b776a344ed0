/* SPDX-License-Identifier: Apache-2.0 */
#include "service/telemetry_families.h"

const struct metric_family service_telemetry_families[] = {
    [TELEMETRY_HTTP] = {"http_server_request_duration_seconds",
                        "Duration of HTTP requests, from the first byte of the head to the last of the answer.",
                        METRIC_HISTOGRAM,
                        {"http_request_method", "http_route", "http_response_status_code"},
                        metric_buckets_duration},
    [TELEMETRY_MCP] = {"mcp_server_operation_duration_seconds",
                       "Duration of MCP requests and notifications, from their receipt to their result.",
                       METRIC_HISTOGRAM,
                       {"mcp_method_name", "gen_ai_tool_name", "error_type", "network_transport",
                        "mcp_protocol_version"},
                       metric_buckets_duration},
    [TELEMETRY_FINDINGS] = {"barehull_findings_total",
                            "Findings of checks.",
                            METRIC_COUNTER,
                            {"rule", "severity", "verdict"}},
    [TELEMETRY_IN_FLIGHT] = {"barehull_operations_in_flight",
                             "Operations that are running.",
                             METRIC_GAUGE,
                             {"network_transport"}},
    [TELEMETRY_BUILD] = {"barehull_build_info", "The program that serves; always 1.", METRIC_GAUGE, {"version"}},
    {NULL},
};

const struct metric_family service_telemetry_server_families[] = {
    [TELEMETRY_CONNECTIONS] = {"barehull_http_connections", "Open connections.", METRIC_GAUGE},
    [TELEMETRY_IDLE] = {"barehull_http_connections_idle", "Open connections between two requests.", METRIC_GAUGE},
    [TELEMETRY_ACCEPTED] = {"barehull_http_connections_accepted_total", "Connections accepted.", METRIC_COUNTER},
    [TELEMETRY_REFUSED] = {"barehull_http_connections_refused_total",
                           "Connections that there was no room for: answered with 503 or just closed.", METRIC_COUNTER},
    [TELEMETRY_STREAMS] = {"barehull_http_streams", "Open event streams.", METRIC_GAUGE},
    [TELEMETRY_QUEUED] = {"barehull_http_requests_queued", "Requests that wait for a worker.", METRIC_GAUGE},
    [TELEMETRY_WORKING] = {"barehull_http_requests_working", "Requests that a worker answers.", METRIC_GAUGE},
    [TELEMETRY_MEMORY] = {"barehull_http_memory_bytes", "Memory held by bodies and answers.", METRIC_GAUGE},
    {NULL},
};

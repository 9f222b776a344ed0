/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/telemetry.h - what the service counts, under the names of docs/metrics.md: requests of HTTP and MCP,
 * findings, what is in flight, the build, the process.
 */
#include "check/report.h"
#include "mcp/server.h"
#include "metrics/metrics.h"
#include "server/server.h"

/* What is counted; each ends with a NULL name. Those of connections only with a server. */
extern const struct metric_family service_telemetry_families[];
extern const struct metric_family service_telemetry_server_families[];

struct service_telemetry;

int service_telemetry_new(struct str version, struct service_telemetry **ret_telemetry, struct err *err);
void service_telemetry_free(struct service_telemetry *telemetry);

/*
 * ROUTE: the pattern of a known route ("/v1/rules/{id}"), or "other"; static text is found fastest. STATUS 0: the peer
 * went before it was answered.
 */
void service_telemetry_http(struct service_telemetry *telemetry, enum http_method method, struct str route,
                            unsigned status, uint64_t duration_ns);
/* mcp_description.observe, with the telemetry as SELF. */
void service_telemetry_mcp(void *telemetry, const struct mcp_event *event);
/* Findings of one check, by rule, severity and verdict. */
void service_telemetry_findings(struct service_telemetry *telemetry, const struct report *report);
/* Operations that are running, by the transport of their request: +1 and -1. */
void service_telemetry_in_flight(struct service_telemetry *telemetry, enum mcp_transport transport, int change);

/* The whole page. SERVER NULL: without the gauges of connections. Memory: buf_check. */
void service_telemetry_write(struct service_telemetry *telemetry, const struct server *server, struct buf *out);

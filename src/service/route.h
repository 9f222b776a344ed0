/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/route.h - the HTTP face of the service: what answers at which path, as the application of server/server.h.
 *
 * One static table (route.c) says for each path: its methods, the doors where it is open, how large its content may
 * be, whether Host and Origin are checked (service/guard.h), and who answers (handle_*.c, one file each). OpenAPI is
 * written from the same table.
 *
 * Life: service_routes_new once service->mcp, telemetry and runner are made; the application is used from
 * server_start to server_free; service_routes_free behind that. Answers that never change are made when they are first
 * asked for and kept, which is why a service that serves nobody costs no memory for them.
 */
#include "server/server.h"
#include "service/service.h"

/* Tags of listeners (server_listener.tag). */
enum service_door {
    SERVICE_DOOR_MAIN,    /* everything; /metrics too unless METRICS_PORT gives it a door of its own */
    SERVICE_DOOR_METRICS, /* /metrics and health */
};

struct service_routes;

/* SERVICE outlives the routes. Errors: ERR_NOMEM; ERR_INTERNAL for tables that are not well made. */
int service_routes_new(struct service *service, struct service_routes **ret_routes, struct err *err);
void service_routes_free(struct service_routes *routes); /* NULL is fine */

/*
 * What server_start takes: SERVICE is its SELF, with service->routes set. When server_start returned,
 * service_routes_set_server lends it the server for the gauges of connections in /metrics (NULL: behind server_wait).
 */
struct server_application service_application(struct service *service);
void service_routes_set_server(struct service_routes *routes, const struct server *server);

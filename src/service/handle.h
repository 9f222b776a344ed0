/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/handle.h - who answers at the routes (service/request.h: handle, begin). One file each: handle_NAME.c.
 */
#include "service/request.h"

bool handle_mcp_begin(struct service_request *request);
bool handle_mcp(struct service_request *request, bool on_worker);

/* POST of an operation: its arguments as JSON; with a list of named contents also one raw content. */
bool handle_operation_begin(struct service_request *request);
bool handle_operation(struct service_request *request, bool on_worker);

bool handle_rules(struct service_request *request, bool on_worker); /* the list, by the query */
bool handle_rule(struct service_request *request, bool on_worker);  /* one of them */

bool handle_openapi(struct service_request *request, bool on_worker);
bool handle_metrics(struct service_request *request, bool on_worker);
bool handle_live(struct service_request *request, bool on_worker);
bool handle_ready(struct service_request *request, bool on_worker);
bool handle_problem(struct service_request *request, bool on_worker);
bool handle_root(struct service_request *request, bool on_worker);

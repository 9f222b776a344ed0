/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/access_log.h - what is told of each request once it is over: one line of the log, and the counters.
 *
 * "request" events: method, route (the pattern), path (as sent), status, bytes both ways, duration, peer, trace and
 * span, request id, user agent; `fault` for framing that was refused, `broken` when the answer did not arrive. Requests
 * of probes and scrapers that went well are at debug level; answers of 500 and more are errors.
 */
#include "server/server.h"

/* server_application.done, with the struct service as SELF. */
void access_log_request(void *service, const struct server_record *record);

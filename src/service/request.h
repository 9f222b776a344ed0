/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/request.h - one HTTP request on its way through the service, and the routes that it may take.
 *
 * A struct service_request lives in its exchange's arena from begin to done; what of the head has to last is copied
 * there, for the head's bytes may move while the content comes in. Handlers are called as server_application.handle
 * is: on a loop first, where they may answer what takes microseconds, and on a worker when they returned false.
 */
#include "mcp/server.h"
#include "op/operation.h"
#include "server/exchange.h"
#include "service/answer.h"
#include "service/encode.h"
#include "service/guard.h"
#include "service/route.h"
#include "service/trace.h"

struct service_request;

enum service_route_flag {
    ROUTE_OPEN = 1 << 0,   /* no look at Host and Origin: probes and scrapers come by address */
    ROUTE_RPC = 1 << 1,    /* errors are JSON-RPC's, not problem documents */
    ROUTE_QUIET = 1 << 2,  /* asked for every few seconds: logged at debug level when all is well */
    ROUTE_UNTOLD = 1 << 3, /* not in OpenAPI */
};

#define ROUTE_METHOD(name) (1U << HTTP_METHOD_##name)
#define ROUTE_GET          (ROUTE_METHOD(GET) | ROUTE_METHOD(HEAD))
#define ROUTE_POST         ROUTE_METHOD(POST)

struct service_route {
    const char *path;      /* "/v1/rules/{id}": at most one "{name}", the last segment, which is never empty */
    unsigned methods;      /* ROUTE_GET, ROUTE_POST; OPTIONS goes without saying */
    unsigned doors;        /* 1 << SERVICE_DOOR_MAIN ... */
    unsigned flags;        /* ROUTE_OPEN ... */
    const char *operation; /* that answers, by its name; the route is not there without it. NULL: none */
    const char *argument;  /* the operation's parameter that "{name}" gives; or NULL */
    const char *summary;   /* for OpenAPI; NULL: the operation's */
    /* On a loop, before the content is read: true, or false when it refused (a type that is not taken). May be NULL. */
    bool (*begin)(struct service_request *request);
    bool (*handle)(struct service_request *request, bool on_worker);
};

/* In the order of the documentation; ends with a NULL path. */
extern const struct service_route service_route_table[];

struct service_routes {
    struct service *service;
    struct trace_source traces;
    struct encoder encoder;
    const struct operation **operations;   /* of the table's routes, by index; NULL: none */
    _Atomic(const struct server *) server; /* or NULL */
    struct answer_memo root[3], openapi;   /* by form */
    struct answer_memo *lists;             /* of rules, without parameters, by form */
    struct answer_memo *pages;             /* of each rule, by form */
};

struct service_request {
    struct service *service;
    struct service_routes *routes;
    struct server_exchange *exchange;
    const struct service_route *route; /* NULL: none */
    struct str argument;               /* of "{name}", decoded */
    struct guard_result guard;
    bool readable; /* the head was read whole */
    struct trace trace;
    void *self;                  /* the handler's, between loop and worker */
    const struct mcp_event *rpc; /* how a message of MCP went, of a batch the last one; NULL: there was none */
};

static inline const struct http_request *request_http(const struct service_request *request)
{
    return server_exchange_request(request->exchange);
}

static inline struct arena *request_arena(const struct service_request *request)
{
    return server_exchange_arena(request->exchange);
}

/* The operation of ROUTE, or NULL. */
static inline const struct operation *route_operation(const struct service_routes *routes,
                                                      const struct service_route *route)
{
    return routes->operations[route - service_route_table];
}

/* True when ROUTE is there in this service at all, and at DOOR. */
bool route_is_open(const struct service_routes *routes, const struct service_route *route, unsigned door);

/* Appends "GET, HEAD, OPTIONS". */
void route_methods(const struct service_route *route, struct buf *out);

/* PATH's route at DOOR, or NULL; *ret_segment is what stands for "{name}", still percent-encoded. */
const struct service_route *route_find(const struct service_routes *routes, unsigned door, struct str path,
                                       struct str *ret_segment);

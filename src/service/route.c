/* SPDX-License-Identifier: Apache-2.0 */
#include "service/route.h"

#include "base/alloc.h"
#include "mcp/tool.h"
#include "rules/rule.h"
#include "service/handle.h"
#include "service/rest.h"

enum {
    MAIN = 1 << SERVICE_DOOR_MAIN,
    METRICS = 1 << SERVICE_DOOR_METRICS,
    HEALTH_FLAGS = ROUTE_OPEN | ROUTE_QUIET,
};

const struct service_route service_route_table[] = {
    {"/", ROUTE_GET, MAIN, 0, NULL, NULL, "what this service is, and where its parts are", NULL, handle_root},
    {"/mcp", ROUTE_POST, MAIN, ROUTE_RPC, NULL, NULL, "one message of the Model Context Protocol", handle_mcp_begin,
     handle_mcp},
    {"/v1/check", ROUTE_POST, MAIN, 0, "check", NULL, NULL, handle_operation_begin, handle_operation},
    {"/v1/init", ROUTE_POST, MAIN, 0, "init", NULL, NULL, handle_operation_begin, handle_operation},
    {"/v1/rules", ROUTE_GET, MAIN, 0, "rules", NULL, NULL, NULL, handle_rules},
    {"/v1/rules/{id}", ROUTE_GET, MAIN, 0, "explain", "rule", "one rule: why it is there, and how it is kept", NULL,
     handle_rule},
    {"/openapi.json", ROUTE_GET, MAIN, 0, NULL, NULL, "all of this as OpenAPI 3.1", NULL, handle_openapi},
    {"/problems/{code}", ROUTE_GET, MAIN, 0, NULL, NULL, "what the code of a problem means", NULL, handle_problem},
    {"/livez", ROUTE_GET, MAIN | METRICS, HEALTH_FLAGS, NULL, NULL, "whether the service makes progress", NULL,
     handle_live},
    {"/readyz", ROUTE_GET, MAIN | METRICS, HEALTH_FLAGS, NULL, NULL, "whether the service may get requests", NULL,
     handle_ready},
    {"/healthz", ROUTE_GET, MAIN | METRICS, HEALTH_FLAGS, NULL, NULL, "as /readyz, by the name that some expect", NULL,
     handle_ready},
    {"/metrics", ROUTE_GET, MAIN | METRICS, HEALTH_FLAGS, NULL, NULL, "counters in the Prometheus text format", NULL,
     handle_metrics},
    {.path = NULL},
};

bool route_is_open(const struct service_routes *routes, const struct service_route *route, unsigned door)
{
    if (!(route->doors & 1U << door) || (route->operation && !route_operation(routes, route)))
        return false;
    bool metrics_moved = routes->service->config->metrics_port != 0;
    return !(metrics_moved && door == SERVICE_DOOR_MAIN && route->handle == handle_metrics);
}

void route_methods(const struct service_route *route, struct buf *out)
{
#define X(name)                                                                                                        \
    if (route->methods & ROUTE_METHOD(name))                                                                           \
        buf_add_z(out, #name ", ");
    HTTP_METHOD_TABLE(X)
#undef X
    buf_add_z(out, "OPTIONS");
}

/* Most patterns differ from PATH in their first bytes: nothing is measured before that. */
static bool matches(const char *pattern, struct str path, struct str *ret_segment)
{
    size_t at = 0;
    for (; pattern[at] && pattern[at] != '{'; at++)
        if (at == path.len || pattern[at] != path.ptr[at])
            return false;
    if (!pattern[at])
        return at == path.len;
    if (at == path.len || str_has_char(str_skip(path, at), '/'))
        return false;
    *ret_segment = str_skip(path, at);
    return true;
}

const struct service_route *route_find(const struct service_routes *routes, unsigned door, struct str path,
                                       struct str *ret_segment)
{
    for (const struct service_route *route = service_route_table; route->path; route++)
        if (matches(route->path, path, ret_segment) && route_is_open(routes, route, door))
            return route;
    return NULL;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static size_t rule_count(void)
{
    size_t count = 0;
    while (rules[count])
        count++;
    return count;
}

/* Over HTTP nothing but what is pure, whatever the table holds. */
static const struct operation *find_operation(const struct mcp_tool *tools, const char *name)
{
    for (const struct mcp_tool *tool = tools; tool && tool->name; tool++)
        if (tool->operation && str_eq_z(str_z(name), tool->operation->name) && tool->operation->effects == OP_PURE)
            return tool->operation;
    return NULL;
}

int service_routes_new(struct service *service, struct service_routes **ret_routes, struct err *err)
{
    struct service_routes *routes = mem_calloc(1, sizeof(*routes));
    if (!routes)
        return err_nomem(err);
    routes->service = service;
    trace_source_init(&routes->traces);
    encoder_init(&routes->encoder);
    size_t count = 0;
    while (service_route_table[count].path)
        count++;
    routes->operations = mem_calloc(count, sizeof(const struct operation *));
    routes->lists = mem_calloc(REST_FORMS_MAX, sizeof(struct answer_memo));
    routes->pages = mem_calloc(rule_count() * REST_FORMS_MAX, sizeof(struct answer_memo));
    if (!routes->operations || !routes->lists || !routes->pages) {
        service_routes_free(routes);
        return err_nomem(err);
    }
    for (size_t i = 0; i < count; i++)
        if (service_route_table[i].operation)
            routes->operations[i] = find_operation(service->options->tools, service_route_table[i].operation);
    *ret_routes = routes;
    return 0;
}

void service_routes_free(struct service_routes *routes)
{
    if (!routes)
        return;
    for (size_t i = 0; i < ARRAY_LEN(routes->root); i++)
        answer_memo_done(&routes->root[i]);
    answer_memo_done(&routes->openapi);
    for (size_t i = 0; routes->lists && i < REST_FORMS_MAX; i++)
        answer_memo_done(&routes->lists[i]);
    for (size_t i = 0; routes->pages && i < rule_count() * REST_FORMS_MAX; i++)
        answer_memo_done(&routes->pages[i]);
    mem_free(routes->operations);
    mem_free(routes->lists);
    mem_free(routes->pages);
    encoder_done(&routes->encoder);
    mem_free(routes);
}

void service_routes_set_server(struct service_routes *routes, const struct server *server)
{
    atomic_store(&routes->server, server);
}

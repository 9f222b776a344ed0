/* SPDX-License-Identifier: Apache-2.0 */
#include "data/json_writer.h"
#include "service/handle.h"
#include "service/negotiate.h"
#include "service/problem.h"

enum form { FORM_JSON, FORM_HTML, FORM_TEXT, FORMS };

static const struct str media_types[FORMS] = {
    STR_INIT("application/json"),
    STR_INIT("text/html"),
    STR_INIT("text/plain"),
};
static const struct str types[FORMS] = {
    STR_INIT("application/json"),
    STR_INIT("text/html; charset=utf-8"),
    STR_INIT("text/plain; charset=utf-8"),
};

static const char *summary_of(const struct service_routes *routes, const struct service_route *route)
{
    return route->summary ? route->summary : route_operation(routes, route)->summary;
}

/* The routes to tell of; NULL behind the last. */
static const struct service_route *next_route(const struct service_routes *routes, const struct service_route *route)
{
    while (route->path && (!route_is_open(routes, route, SERVICE_DOOR_MAIN) || (route->flags & ROUTE_UNTOLD)))
        route++;
    return route->path ? route : NULL;
}

static void write_methods(const struct service_route *route, struct json_writer *json)
{
    json_field_array(json, "methods");
#define X(name)                                                                                                        \
    if (route->methods & ROUTE_METHOD(name))                                                                           \
        json_z(json, #name);
    HTTP_METHOD_TABLE(X)
#undef X
    json_z(json, "OPTIONS");
    json_end(json);
}

static void write_json(const struct service_routes *routes, struct json_writer *json)
{
    const struct service *service = routes->service;
    json_object(json);
    json_field_str(json, "name", service->mcp_description.name);
    json_field_str(json, "version", service->options->version);
    json_field_z(json, "summary", SERVICE_SUMMARY);
    json_field_array(json, "routes");
    for (const struct service_route *route = service_route_table; (route = next_route(routes, route)); route++) {
        json_object(json);
        json_field_z(json, "path", route->path);
        write_methods(route, json);
        json_field_z(json, "summary", summary_of(routes, route));
        json_end(json);
    }
    json_end(json);
    json_end(json);
}

static void write_text(const struct service_routes *routes, struct buf *out)
{
    const struct service *service = routes->service;
    buf_addf(out, "%.*s %.*s " SERVICE_SUMMARY "\n\n", STR_ARG(service->mcp_description.name),
             STR_ARG(service->options->version));
    for (const struct service_route *route = service_route_table; (route = next_route(routes, route)); route++)
        buf_addf(out, "%-4s %-18s %s\n", route->methods & ROUTE_POST ? "POST" : "GET", route->path,
                 summary_of(routes, route));
}

/* Names, versions, paths and summaries are ours: nothing in them has to be escaped but by mistake of ours. */
static void write_html(const struct service_routes *routes, struct buf *out)
{
    const struct service *service = routes->service;
    buf_addf(out,
             "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>%.*s</title>\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n<h1>%.*s %.*s</h1>\n"
             "<p>" SERVICE_SUMMARY "</p>\n<ul>\n",
             STR_ARG(service->mcp_description.name), STR_ARG(service->mcp_description.name),
             STR_ARG(service->options->version));
    for (const struct service_route *route = service_route_table; (route = next_route(routes, route)); route++) {
        const char *path = route->path, *method = route->methods & ROUTE_POST ? "POST" : "GET";
        bool link = !(route->methods & ROUTE_POST) && !str_has_char(str_z(path), '{');
        buf_addf(out, link ? "<li><a href=\"%s\">%s</a>: " : "<li><code>%s %s</code>: ", link ? path : method, path);
        buf_addf(out, "%s</li>\n", summary_of(routes, route));
    }
    buf_add_z(out, "</ul>\n</html>\n");
}

static int make(struct service_request *request, const void *self, struct buf *out, struct err *err)
{
    const enum form *form = self;
    if (*form == FORM_HTML)
        write_html(request->routes, out);
    if (*form == FORM_TEXT)
        write_text(request->routes, out);
    if (*form != FORM_JSON)
        return buf_check(out, err);
    struct json_writer json;
    json_writer_init(&json, out, JSON_COMPACT);
    write_json(request->routes, &json);
    buf_add_char(out, '\n');
    return json_writer_check(&json, err);
}

bool handle_root(struct service_request *request, bool on_worker UNUSED)
{
    size_t best = negotiate_best(request_http(request), media_types, FORMS);
    enum form form = (enum form)best;
    const struct answer_constant *constant = NULL;
    struct err err;
    if (best == FORMS) {
        problem_send_code(request, "not-acceptable", STR_NONE,
                          STR("offered are: application/json, text/html, text/plain"));
        return true;
    }
    if (answer_memo_get(request, &request->routes->root[form], types[form], make, &form, &constant, &err)) {
        problem_send_err(request, &err);
        return true;
    }
    if (form == FORM_HTML)
        server_field(request->exchange, STR("Content-Security-Policy"),
                     STR("default-src 'none'; frame-ancestors 'none'; base-uri 'none'"));
    answer_send_constant(request, constant, ANSWER_CACHE_CONSTANT, true);
    return true;
}

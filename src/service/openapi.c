/* SPDX-License-Identifier: Apache-2.0 */
#include "service/openapi.h"

#include "op/schema.h"
#include "service/handle.h"
#include "service/problem.h"
#include "service/rest.h"

static void write_string_schema(struct json_writer *json)
{
    json_field_object(json, "schema");
    json_field_z(json, "type", "string");
    json_end(json);
}

static void write_description(struct json_writer *json, const char *text)
{
    json_field_z(json, "description", text);
}

/* --- parameters --------------------------------------------------------------------------------------------------- */

static void write_path_param(const struct service_route *route, const struct op_param *param, struct json_writer *json)
{
    struct str name = str_skip(str_z(route->path), str_find_char(str_z(route->path), '{') + 1);
    json_object(json);
    json_field_str(json, "name", str_head(name, name.len - 1));
    json_field_z(json, "in", "path");
    json_field_bool(json, "required", true);
    if (param)
        write_description(json, param->summary);
    write_string_schema(json);
    json_end(json);
}

static void write_query_param(const struct op_param *param, struct json_writer *json)
{
    char name[OP_NAME_MAX];
    op_param_json_name(param, name);
    json_object(json);
    json_field_z(json, "name", name);
    json_field_z(json, "in", "query");
    write_description(json, param->summary);
    json_key(json, "schema");
    op_schema_param(param, json);
    json_end(json);
}

static void write_format_param(const struct operation *operation, struct json_writer *json)
{
    json_object(json);
    json_field_z(json, "name", "format");
    json_field_z(json, "in", "query");
    write_description(json, "the form of the answer, instead of what Accept asks for");
    json_field_object(json, "schema");
    json_field_z(json, "type", "string");
    json_field_array(json, "enum");
    for (size_t form = 0; form < rest_form_count(operation); form++)
        json_z(json, rest_form_name(operation, form));
    json_end(json);
    json_end(json);
    json_end(json);
}

static void write_query_params(const struct service_route *route, const struct op_param *params,
                               struct json_writer *json)
{
    for (const struct op_param *param = params; param && param->name; param++) {
        bool in_path = route->argument && str_eq_z(str_z(route->argument), param->name);
        bool content = str_eq_z(str_z(param->name), "content");
        if (!in_path && !content && param->type != OP_OBJECTS && !(param->flags & OP_HIDDEN))
            write_query_param(param, json);
    }
}

static void write_params(const struct service_route *route, const struct operation *operation, struct json_writer *json)
{
    bool has_name = str_has_char(str_z(route->path), '{');
    if (!has_name && !operation)
        return;
    json_field_array(json, "parameters");
    const struct op_param *raw = operation ? rest_raw_param(operation) : NULL;
    if (has_name)
        write_path_param(route, route->argument ? op_param_find(operation->params, str_z(route->argument)) : NULL,
                         json);
    if (operation) {
        write_query_params(route, operation->params, json);
        if (raw && (route->methods & ROUTE_POST))
            write_query_params(route, raw->object->params, json);
        write_format_param(operation, json);
    }
    json_end(json);
}

/* --- bodies ------------------------------------------------------------------------------------------------------- */

/* "TYPE": {"schema": {"type": "string"}} */
static void write_string_content(const char *type, struct json_writer *json)
{
    json_field_object(json, type);
    write_string_schema(json);
    json_end(json);
}

static void write_operation_body(const struct operation *operation, struct json_writer *json)
{
    bool raw = rest_raw_param(operation) != NULL;
    json_field_object(json, "requestBody");
    json_field_bool(json, "required", true);
    json_field_object(json, "content");
    for (const struct rest_content *content = rest_contents; content->type; content++) {
        if (content->raw) {
            if (raw)
                write_string_content(content->type, json);
            continue;
        }
        json_field_object(json, content->type);
        json_key(json, "schema");
        op_schema_input(operation, json);
        json_end(json);
    }
    json_end(json);
    json_end(json);
}

static void write_rpc_schema(struct json_writer *json)
{
    json_field_object(json, "application/json");
    json_field_object(json, "schema");
    json_field_array(json, "type");
    json_z(json, "object");
    json_z(json, "array");
    json_end(json);
    json_end(json);
    json_end(json);
}

static void write_rpc_body(struct json_writer *json)
{
    json_field_object(json, "requestBody");
    json_field_bool(json, "required", true);
    json_field_object(json, "content");
    write_rpc_schema(json);
    json_end(json);
    json_end(json);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void write_operation_content(const struct operation *operation, struct json_writer *json)
{
    json_field_object(json, "content");
    for (size_t form = 0; form < rest_form_count(operation); form++) {
        struct str type = rest_form_type(operation, form), essence = str_head(type, str_find_char(type, ';'));
        bool told = false;
        for (size_t other = 0; other < form && !told; other++)
            told = str_eq(rest_form_type(operation, other), type);
        if (told)
            continue;
        json_key_str(json, essence);
        json_object(json);
        if (form == REST_FORM_JSON) {
            json_key(json, "schema");
            op_schema_output(operation, json);
        } else {
            write_string_schema(json);
        }
        json_end(json);
    }
    json_end(json);
}

static void write_answer(const char *status, const char *description, struct json_writer *json)
{
    json_field_object(json, status);
    write_description(json, description);
    json_end(json);
}

static void write_text_answer(const char *status, const char *description, struct json_writer *json)
{
    json_field_object(json, status);
    write_description(json, description);
    json_field_object(json, "content");
    write_string_content("text/plain", json);
    json_end(json);
    json_end(json);
}

static void write_problem_answer(const char *status, const char *description, struct json_writer *json)
{
    json_field_object(json, status);
    write_description(json, description);
    json_field_object(json, "content");
    json_field_object(json, "application/problem+json");
    json_field_object(json, "schema");
    json_field_z(json, "$ref", "#/components/schemas/Problem");
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

static void write_rpc_answers(struct json_writer *json)
{
    json_field_object(json, "200");
    write_description(json, "the answer, or a stream of notifications that ends with it");
    json_field_object(json, "content");
    write_rpc_schema(json);
    write_string_content("text/event-stream", json);
    json_end(json);
    json_end(json);
    write_answer("202", "a notification was taken note of", json);
    json_field_object(json, "4XX");
    write_description(json, "a JSON-RPC error");
    json_field_object(json, "content");
    write_rpc_schema(json);
    json_end(json);
    json_end(json);
}

static void write_answers(const struct service_route *route, const struct operation *operation,
                          struct json_writer *json)
{
    json_field_object(json, "responses");
    if (route->flags & ROUTE_RPC) {
        write_rpc_answers(json);
    } else if (operation) {
        json_field_object(json, "200");
        write_description(json, operation->result->name);
        write_operation_content(operation, json);
        json_end(json);
        if (route->methods & ROUTE_GET)
            write_answer("304", "the client has it already", json);
        write_problem_answer("4XX", "the request is wrong, and how", json);
        write_problem_answer("5XX", "the service can't do it now", json);
    } else if (route->flags & ROUTE_OPEN) {
        write_text_answer("200", route->summary, json);
        write_text_answer("503", "not now", json);
    } else {
        json_field_object(json, "200");
        write_description(json, route->summary);
        json_field_object(json, "content");
        json_field_object(json, "application/json");
        json_field_object(json, "schema");
        json_field_z(json, "type", "object");
        json_end(json);
        json_end(json);
        json_end(json);
        json_end(json);
        write_problem_answer("4XX", "the request is wrong, and how", json);
    }
    json_end(json);
}

/* --- the document ------------------------------------------------------------------------------------------------- */

/* "get_v1_rules_id" */
static void write_id(const char *method, const char *path, struct json_writer *json)
{
    CLEANUP_BUF struct buf id = BUF_INIT;
    buf_add_z(&id, method);
    bool gap = true;
    for (const char *c = path; *c; c++) {
        if (!char_is_alnum(*c)) {
            gap = true;
            continue;
        }
        if (gap)
            buf_add_char(&id, '_');
        gap = false;
        buf_add_char(&id, *c);
    }
    json_field_str(json, "operationId", buf_str(&id));
    if (id.failed)
        json->out->failed = true; /* the document is kept for good: it is whole, or it is not made */
}

static void write_method(const struct service_routes *routes, const struct service_route *route,
                         struct json_writer *json)
{
    const struct operation *operation = route->operation ? route_operation(routes, route) : NULL;
    bool post = (route->methods & ROUTE_POST) != 0;
    json_field_object(json, post ? "post" : "get");
    write_id(post ? "post" : "get", route->path, json);
    json_field_z(json, "summary", route->summary ? route->summary : operation->summary);
    if (operation)
        write_description(json, operation->description);
    write_params(route, operation, json);
    if (post && operation)
        write_operation_body(operation, json);
    else if (post)
        write_rpc_body(json);
    write_answers(route, operation, json);
    json_end(json);
}

static void write_problem_schema(struct json_writer *json)
{
    static const struct {
        const char *name, *type, *summary;
    } members[] = {
        {"type", "string", "where the service tells what the code means"},
        {"title", "string", "what the code means"},
        {"status", "integer", "the status of the answer"},
        {"detail", "string", "what is wrong this time"},
        {"instance", "string", "the request's id, as in the log"},
        {"code", "string", "a stable word for programs"},
        {"hint", "string", "what to do about it"},
    };
    json_field_object(json, "Problem");
    write_description(json, "RFC 9457");
    json_field_z(json, "type", "object");
    json_field_object(json, "properties");
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        json_field_object(json, members[i].name);
        json_field_z(json, "type", members[i].type);
        write_description(json, members[i].summary);
        json_end(json);
    }
    json_end(json);
    json_field_array(json, "required");
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (!str_eq_z(STR("detail"), members[i].name) && !str_eq_z(STR("hint"), members[i].name))
            json_z(json, members[i].name);
    json_end(json);
    json_end(json);
}

static void write_info(const struct service *service, struct json_writer *json)
{
    json_field_object(json, "info");
    json_field_str(json, "title", service->mcp_description.name);
    json_field_str(json, "version", service->options->version);
    json_field_z(json, "summary", "the operations of barehull that need nothing but what they are sent");
    json_field_object(json, "license");
    json_field_z(json, "name", "Apache License 2.0");
    json_field_z(json, "identifier", "Apache-2.0");
    json_end(json);
    json_end(json);
    json_field_array(json, "servers");
    json_object(json);
    json_field_z(json, "url", "/");
    json_end(json);
    json_end(json);
    json_field_array(json, "security"); /* none: see docs/service.md */
    json_end(json);
}

void openapi_write(const struct service_routes *routes, struct json_writer *json)
{
    json_object(json);
    json_field_z(json, "openapi", "3.1.0");
    write_info(routes->service, json);
    json_field_object(json, "paths");
    for (const struct service_route *route = service_route_table; route->path; route++) {
        if ((route->flags & ROUTE_UNTOLD) || !route_is_open(routes, route, SERVICE_DOOR_MAIN))
            continue;
        json_field_object(json, route->path);
        write_method(routes, route, json);
        json_end(json);
    }
    json_end(json);
    json_field_object(json, "components");
    json_field_object(json, "schemas");
    write_problem_schema(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "service/problem.h"

#include "data/json_writer.h"
#include "http/response.h"
#include "service/request.h"

static const struct kind {
    const char *code;
    unsigned status;
    struct str title;
} kinds[] = {
    /* What operations answer (base/err.h) */
    {"usage", 400, STR_INIT("an argument is missing, unknown or wrong")},
    {"invalid-input", 422, STR_INIT("the content can be read, but not worked with")},
    {"limit-exceeded", 413, STR_INIT("the content is beyond a limit of this service")},
    {"unsupported", 422, STR_INIT("the content is of a kind that is not supported")},
    {"not-found", 404, STR_INIT("there is nothing by this name")},
    {"cancelled", 499, STR_INIT("the request was called off")},
    {"deadline-exceeded", 504, STR_INIT("the work took longer than a request may take")},
    {"out-of-memory", 503, STR_INIT("the service is short of memory")},
    {"internal", 500, STR_INIT("the service has a fault")},
    /* What the HTTP face answers */
    {"malformed-json", 400, STR_INIT("the content is not JSON")},
    {"origin-not-allowed", 403, STR_INIT("pages of this origin may not call the service")},
    {"method-not-allowed", 405, STR_INIT("the method is not offered here")},
    {"not-acceptable", 406, STR_INIT("there is no form of the answer that the client accepts")},
    {"timed-out", 408, STR_INIT("the request took too long to arrive")},
    {"body-too-large", 413, STR_INIT("the content is larger than this path takes")},
    {"unsupported-media-type", 415, STR_INIT("content of this type is not taken")},
    {"unsupported-coding", 415, STR_INIT("content is taken as it is, not compressed")},
    {"host-not-allowed", 421, STR_INIT("the service does not go by this name")},
    {"unknown-method", 501, STR_INIT("the method is not known")},
    {"busy", 503, STR_INIT("the service has no room for more work now")},
    {"draining", 503, STR_INIT("the service is about to stop")},
    {"refused", 400, STR_INIT("the request can't be read")},
};

#define X(fault, status, name, reason) +1
enum { FAULTS = 0 HTTP_FAULT_TABLE(X) }; /* from 1 to that */
#undef X

static const struct kind *find(struct str code)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_z(code, kinds[i].code))
            return &kinds[i];
    return NULL;
}

static enum http_fault find_fault(struct str code)
{
    for (enum http_fault fault = HTTP_FAULT_NONE + 1; fault <= (enum http_fault)FAULTS; fault++)
        if (str_eq(http_fault_name(fault), code))
            return fault;
    return HTTP_FAULT_NONE;
}

struct str problem_title(struct str code)
{
    const struct kind *kind = find(code);
    enum http_fault fault = kind ? HTTP_FAULT_NONE : find_fault(code);
    if (kind)
        return kind->title;
    return fault != HTTP_FAULT_NONE ? http_fault_reason(fault) : STR_NONE;
}

unsigned problem_status(const char *code)
{
    const struct kind *kind = find(str_z(code));
    return kind ? kind->status : http_fault_status(find_fault(str_z(code)));
}

const char *problem_fault_code(unsigned status, struct str reason)
{
    for (enum http_fault fault = HTTP_FAULT_NONE + 1; fault <= (enum http_fault)FAULTS; fault++)
        if (http_fault_status(fault) == status && str_eq(http_fault_reason(fault), reason))
            return http_fault_name(fault).ptr;
    return NULL;
}

const char *problem_code(size_t index)
{
    if (index < ARRAY_LEN(kinds))
        return kinds[index].code;
    size_t fault = index - ARRAY_LEN(kinds) + 1;
    return fault <= FAULTS ? http_fault_name((enum http_fault)fault).ptr : NULL;
}

static void write_problem(struct service_request *request, const struct problem *problem, struct json_writer *json)
{
    struct str title = problem_title(str_z(problem->code));
    CLEANUP_BUF struct buf type = BUF_INIT;
    buf_addf(&type, "/problems/%s", problem->code);
    json_object(json);
    json_field_str(json, "type", type.failed ? STR("about:blank") : buf_str(&type));
    json_field_str(json, "title", title.len > 0 ? title : http_reason_phrase(problem->status));
    json_field_u64(json, "status", problem->status);
    if (problem->detail.len > 0)
        json_field_str(json, "detail", problem->detail);
    json_field_str(json, "instance", request->trace.request_id);
    json_field_z(json, "code", problem->code);
    if (problem->hint.len > 0)
        json_field_str(json, "hint", problem->hint);
    json_end(json);
}

/* What the transport refuses is no message of a request that has an id: it has none, as the protocol wants. */
static void write_rpc_error(struct service_request *request, const struct problem *problem, struct json_writer *json)
{
    struct str title = problem_title(str_z(problem->code));
    json_object(json);
    json_field_z(json, "jsonrpc", "2.0");
    json_field_object(json, "error");
    json_field_i64(json, "code", problem->status >= 500 && problem->status != 501 ? -32603 : -32000);
    json_field_str(json, "message", problem->detail.len > 0 ? problem->detail : title);
    json_field_object(json, "data");
    json_field_z(json, "code", problem->code);
    if (problem->hint.len > 0)
        json_field_str(json, "hint", problem->hint);
    json_field_str(json, "request_id", request->trace.request_id);
    json_end(json);
    json_end(json);
    json_end(json);
}

void problem_send(struct service_request *request, const struct problem *problem)
{
    bool rpc = request->route && (request->route->flags & ROUTE_RPC);
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    if (rpc)
        write_rpc_error(request, problem, &json);
    else
        write_problem(request, problem, &json);
    buf_add_char(&out, '\n');
    struct answer answer = {.status = problem->status, .type = rpc ? STR("application/json") : PROBLEM_MEDIA_TYPE};
    if (!json_writer_check(&json, NULL))
        answer.body = arena_take_buf(request_arena(request), &out);
    if (!answer.body.ptr) { /* the status has to do */
        answer.type = STR("text/plain; charset=utf-8");
        answer.body = http_reason_phrase(problem->status);
    }
    answer_send(request, &answer);
}

void problem_send_err(struct service_request *request, const struct err *err)
{
    const struct problem problem = {
        .status = (unsigned)err_http_status(err->code),
        .code = err_name(err->code),
        .detail = str_z(err->message),
        .hint = str_z(err->hint),
    };
    if (problem.status == 503)
        server_field(request->exchange, STR("Retry-After"), STR("1"));
    problem_send(request, &problem);
}

void problem_send_code(struct service_request *request, const char *code, struct str detail, struct str hint)
{
    const struct problem problem = {.status = problem_status(code), .code = code, .detail = detail, .hint = hint};
    if (problem.status == 503)
        server_field(request->exchange, STR("Retry-After"), STR("1"));
    problem_send(request, &problem);
}

bool problem_refuse_coded(struct service_request *request)
{
    struct str coding = STR_NONE;
    if (!http_request_field(request_http(request), STR("Content-Encoding"), &coding) ||
        str_eq_fold(coding, STR("identity")))
        return false;
    server_field(request->exchange, STR("Accept-Encoding"), STR("identity"));
    problem_send_code(request, "unsupported-coding", STR_NONE, STR("send it without Content-Encoding"));
    return true;
}

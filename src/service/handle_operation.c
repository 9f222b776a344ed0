/* SPDX-License-Identifier: Apache-2.0 */
#include "service/handle.h"

#include "base/limits.h"
#include "service/negotiate.h"
#include "service/problem.h"
#include "service/rest.h"

/* What begin found out. */
struct call {
    const struct rest_content *content;
    size_t form;
};

static bool refuse_type(struct service_request *request, const struct operation *operation, struct str detail)
{
    CLEANUP_BUF struct buf known = BUF_INIT;
    for (const struct rest_content *content = rest_contents; content->type; content++)
        if (!content->raw || rest_raw_param(operation))
            buf_addf(&known, "%s%s", known.len > 0 ? ", " : "", content->type);
    if (!known.failed)
        server_field(request->exchange, STR("Accept-Post"), buf_str(&known));
    problem_send_code(request, "unsupported-media-type", detail,
                      STR("send 'Content-Type: application/json', or the type of one file: see Accept-Post"));
    return false;
}

static const struct rest_content *find_content(const struct operation *operation, struct str value)
{
    struct str essence = negotiate_essence(value);
    for (const struct rest_content *content = rest_contents; content->type; content++)
        if (str_eq_fold(essence, str_z(content->type)) && (!content->raw || rest_raw_param(operation)))
            return content;
    return NULL;
}

bool handle_operation_begin(struct service_request *request)
{
    const struct http_request *http = request_http(request);
    const struct operation *operation = route_operation(request->routes, request->route);
    struct str type = STR_NONE;
    struct call *call = ARENA_NEW(request_arena(request), struct call);
    if (!call) {
        struct err err;
        err_nomem(&err);
        problem_send_err(request, &err);
        return false;
    }
    if (problem_refuse_coded(request))
        return false;
    if (http_request_count(http, STR("Content-Type")) > 1)
        return refuse_type(request, operation, STR("more than one Content-Type field"));
    if (!http_request_field(http, STR("Content-Type"), &type))
        return refuse_type(request, operation, STR("the Content-Type field is missing"));
    call->content = find_content(operation, type);
    if (!call->content)
        return refuse_type(request, operation, STR_NONE);
    request->self = call;
    return rest_choose_form(request, operation, &call->form);
}

/* Appends the answer, or answers with a problem. */
static bool run(struct service_request *request, const struct operation *operation, const struct call *call,
                struct buf *out)
{
    const void *args = NULL;
    struct err err;
    int rc = rest_body_arguments(request, operation, call->content, &args, &err);
    if (rc == -ERR_INVALID) {
        problem_send_code(request, "malformed-json", str_z(err.message), str_z(err.hint));
        return false;
    }
    rc = rc ? rc : rest_run(request, operation, args, call->form, out, &err);
    if (rc)
        problem_send_err(request, &err);
    return rc == 0;
}

bool handle_operation(struct service_request *request, bool on_worker)
{
    const struct operation *operation = route_operation(request->routes, request->route);
    const struct call *call = request->self;
    bool small = server_exchange_body(request->exchange).len <= LIMIT_INLINE_BODY_BYTES;
    if (!on_worker && !(operation->quick && small))
        return false;
    CLEANUP_BUF struct buf out = BUF_INIT;
    /* Who closes the sending side behind its request still waits for the answer; the work has a deadline. */
    if (run(request, operation, call, &out))
        answer_send_buf(request, rest_form_type(operation, call->form), &out, on_worker);
    return true;
}

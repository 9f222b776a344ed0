/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rule.h"
#include "service/handle.h"
#include "service/problem.h"
#include "service/rest.h"

static int make(struct service_request *request, const void *self, struct buf *out, struct err *err)
{
    const struct operation *operation = route_operation(request->routes, request->route);
    const size_t *form = self;
    const void *args = NULL;
    int rc = rest_query_arguments(request, operation, &args, err);
    return rc ? rc : rest_run(request, operation, args, *form, out, err);
}

static void send_constant(struct service_request *request, struct answer_memo *memo, size_t form)
{
    const struct operation *operation = route_operation(request->routes, request->route);
    const struct answer_constant *constant = NULL;
    struct err err;
    if (answer_memo_get(request, memo, rest_form_type(operation, form), make, &form, &constant, &err))
        problem_send_err(request, &err);
    else
        answer_send_constant(request, constant, ANSWER_CACHE_CONSTANT, true);
}

bool handle_rules(struct service_request *request, bool on_worker)
{
    const struct operation *operation = route_operation(request->routes, request->route);
    size_t form;
    if (!rest_choose_form(request, operation, &form))
        return true;
    if (rest_query_is_plain(request)) {
        send_constant(request, &request->routes->lists[form], form);
        return true;
    }
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err;
    if (make(request, &form, &out, &err)) {
        problem_send_err(request, &err);
        return true;
    }
    struct str body = arena_take_buf(request_arena(request), &out);
    if (!body.ptr) {
        err_nomem(&err);
        problem_send_err(request, &err);
        return true;
    }
    const struct answer answer = {
        .status = 200,
        .type = rest_form_type(operation, form),
        .body = body,
        .cache = ANSWER_CACHE_CONSTANT,
        .by_accept = true,
        .tagged = true,
        .on_worker = on_worker,
    };
    answer_send(request, &answer);
    return true;
}

/* The operation knows best what is wrong; a rule that it does not know is a place that is not there. */
static void refuse_rule(struct service_request *request, bool known)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    size_t form = REST_FORM_JSON;
    int rc = make(request, &form, &out, &err);
    if (rc == -ERR_USAGE && !known)
        problem_send_code(request, "not-found", str_z(err.message), str_z(err.hint));
    else if (rc)
        problem_send_err(request, &err);
    else
        problem_send_code(request, "internal", STR_NONE, STR_NONE);
}

/* Asked of each rule: few begin alike. */
static bool is_id(struct str name, const char *id)
{
    return name.len > 0 && name.ptr[0] == id[0] && str_eq_z(name, id);
}

bool handle_rule(struct service_request *request, bool on_worker UNUSED)
{
    const struct operation *operation = route_operation(request->routes, request->route);
    size_t index = 0, form;
    while (rules[index] && !is_id(request->argument, rules[index]->id))
        index++;
    bool known = rules[index] != NULL;
    if (!known || !rest_query_is_plain(request))
        refuse_rule(request, known);
    else if (rest_choose_form(request, operation, &form))
        send_constant(request, &request->routes->pages[index * REST_FORMS_MAX + form], form);
    return true;
}

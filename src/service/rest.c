/* SPDX-License-Identifier: Apache-2.0 */
#include "service/rest.h"

#include "base/suggest.h"
#include "op/result.h"
#include "op/text.h"
#include "service/negotiate.h"
#include "service/percent.h"
#include "service/problem.h"
#include "service/query.h"

size_t rest_form_count(const struct operation *operation)
{
    size_t count = REST_FORM_OWN;
    while (operation->formats && operation->formats[count - REST_FORM_OWN].name && count < REST_FORMS_MAX)
        count++;
    return count;
}

const char *rest_form_name(const struct operation *operation, size_t form)
{
    if (form == REST_FORM_JSON)
        return "json";
    return form == REST_FORM_TEXT ? "text" : operation->formats[form - REST_FORM_OWN].name;
}

/* Without parameters, for Accept. */
static struct str media_type(const struct operation *operation, size_t form)
{
    if (form == REST_FORM_JSON)
        return STR("application/json");
    return form == REST_FORM_TEXT ? STR("text/plain") : str_z(operation->formats[form - REST_FORM_OWN].media_type);
}

struct str rest_form_type(const struct operation *operation, size_t form)
{
    struct str type = media_type(operation, form);
    if (str_eq(type, STR("text/plain")))
        return STR("text/plain; charset=utf-8");
    return str_eq(type, STR("text/markdown")) ? STR("text/markdown; charset=utf-8") : type;
}

static bool refuse_form_name(struct service_request *request, const struct operation *operation, struct str name)
{
    CLEANUP_BUF struct buf detail = BUF_INIT, known = BUF_INIT;
    buf_addf(&detail, "there is no format '%.*s'", STR_ARG(name));
    buf_add_z(&known, "known are: ");
    for (size_t form = 0; form < rest_form_count(operation); form++)
        buf_addf(&known, "%s%s", form > 0 ? ", " : "", rest_form_name(operation, form));
    problem_send_code(request, "usage", buf_str(&detail), buf_str(&known));
    return false;
}

static bool refuse_without_memory(struct service_request *request, const struct buf *name)
{
    struct err err;
    bool failed = buf_check(name, &err) != 0;
    if (failed)
        problem_send_err(request, &err);
    return failed;
}

static bool refuse_accept(struct service_request *request, const struct operation *operation)
{
    CLEANUP_BUF struct buf known = BUF_INIT;
    buf_add_z(&known, "offered are: ");
    for (size_t form = 0; form < rest_form_count(operation); form++)
        buf_addf(&known, "%s%.*s", form > 0 ? ", " : "", STR_ARG(media_type(operation, form)));
    problem_send_code(request, "not-acceptable", STR_NONE, buf_str(&known));
    return false;
}

bool rest_choose_form(struct service_request *request, const struct operation *operation, size_t *ret_form)
{
    const struct http_request *http = request_http(request);
    size_t count = rest_form_count(operation);
    struct str types[REST_FORMS_MAX];
    CLEANUP_BUF struct buf name = BUF_INIT;
    if (query_get(http, STR("format"), &name)) {
        if (refuse_without_memory(request, &name))
            return false;
        for (size_t form = 0; form < count; form++) {
            if (str_eq_z(buf_str(&name), rest_form_name(operation, form))) {
                *ret_form = form;
                return true;
            }
        }
        return refuse_form_name(request, operation, buf_str(&name));
    }
    for (size_t form = 0; form < count; form++)
        types[form] = media_type(operation, form);
    *ret_form = negotiate_best(http, types, count);
    return *ret_form < count || refuse_accept(request, operation);
}

bool rest_query_is_plain(const struct service_request *request)
{
    struct str rest = query_of(request_http(request)), name, value;
    while (query_next(&rest, &name, &value))
        if (!str_eq(name, STR("format")))
            return false;
    return true;
}

static int write_answer(const struct operation *operation, const void *result, size_t form, struct buf *out,
                        struct err *err)
{
    if (form == REST_FORM_JSON) {
        struct json_writer json;
        json_writer_init(&json, out, JSON_COMPACT);
        op_result_write(operation->result, result, &json);
        buf_add_char(out, '\n');
        return json_writer_check(&json, err);
    }
    if (form == REST_FORM_TEXT) {
        struct text_out text = {.buf = out, .width = 80};
        operation->render(result, &text);
        return buf_check(out, err);
    }
    return operation->formats[form - REST_FORM_OWN].write(result, out, err);
}

int rest_run(struct service_request *request, const struct operation *operation, const void *args, size_t form,
             struct buf *out, struct err *err)
{
    const struct op_runner *runner = &request->service->runner;
    const struct op_ctx ctx = {
        .deadline_ns = server_exchange_deadline_ns(request->exchange),
        .cancelled = server_exchange_cancelled(request->exchange),
        .arena = request_arena(request),
    };
    void *result = arena_alloc(ctx.arena, operation->result->size);
    if (!result)
        return err_nomem(err);
    int rc = runner->run(runner->self, operation, &ctx, args, result, err);
    return rc ? rc : write_answer(operation, result, form, out, err);
}

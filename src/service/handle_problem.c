/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"
#include "data/json_writer.h"
#include "service/handle.h"
#include "service/problem.h"

static void refuse(struct service_request *request)
{
    struct suggest suggest = suggest_begin(request->argument);
    for (size_t i = 0; problem_code(i); i++)
        suggest_offer(&suggest, str_z(problem_code(i)));
    CLEANUP_BUF struct buf hint = BUF_INIT;
    if (suggest.best.len > 0)
        buf_addf(&hint, "did you mean '%.*s'?", STR_ARG(suggest.best));
    problem_send_code(request, "not-found", STR("there is no such code"), buf_str(&hint));
}

bool handle_problem(struct service_request *request, bool on_worker)
{
    struct str title = problem_title(request->argument);
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    if (title.len == 0) {
        refuse(request);
        return true;
    }
    json_writer_init(&json, &out, JSON_COMPACT);
    json_object(&json);
    json_field_str(&json, "code", request->argument);
    json_field_u64(&json, "status", problem_status(request->argument.ptr));
    json_field_str(&json, "title", title);
    json_end(&json);
    buf_add_char(&out, '\n');
    answer_send_buf(request, STR("application/json"), &out, on_worker);
    return true;
}

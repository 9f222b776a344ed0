/* SPDX-License-Identifier: Apache-2.0 */
#include "service/handle.h"
#include "service/openapi.h"
#include "service/problem.h"

static int make(struct service_request *request, const void *self UNUSED, struct buf *out, struct err *err)
{
    struct json_writer json;
    json_writer_init(&json, out, JSON_COMPACT);
    openapi_write(request->routes, &json);
    buf_add_char(out, '\n');
    return json_writer_check(&json, err);
}

/* As application/json, which everything can show, and not as application/vnd.oai.openapi+json, which nothing knows. */
bool handle_openapi(struct service_request *request, bool on_worker UNUSED)
{
    const struct answer_constant *constant = NULL;
    struct err err;
    if (answer_memo_get(request, &request->routes->openapi, STR("application/json"), make, NULL, &constant, &err))
        problem_send_err(request, &err);
    else
        answer_send_constant(request, constant, ANSWER_CACHE_CONSTANT, false);
    return true;
}

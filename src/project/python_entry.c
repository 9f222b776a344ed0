/* SPDX-License-Identifier: Apache-2.0 */
#include "project/python_internal.h"

int python_find_entry(const struct op_ctx *ctx, const struct python_request *request, struct python_app *app,
                      struct err *err)
{
    (void)ctx;
    (void)app;
    return request->has_entrypoint ? 0 : err_set(err, ERR_USAGE, "no entry module was found");
}

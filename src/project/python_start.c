/* SPDX-License-Identifier: Apache-2.0 */
#include "project/python.h"

int python_app_start(const struct python_app *app, struct str_list more, unsigned port, struct arena *arena,
                     struct python_start *ret_start, struct err *err)
{
    (void)more;
    return python_framework_start(&app->entry.framework, app->entry.module, NULL, 0, port, arena, ret_start, err);
}

void python_app_warn_missing(const struct op_ctx *ctx, const struct python_app *app, struct str_list more)
{
    (void)ctx;
    (void)app;
    (void)more;
}

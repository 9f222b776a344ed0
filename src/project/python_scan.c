/* SPDX-License-Identifier: Apache-2.0 */
#include "project/python_internal.h"

int python_scan(const struct op_ctx *ctx, struct python_app *app, struct err *err)
{
    (void)ctx;
    (void)app;
    (void)err;
    return 0;
}

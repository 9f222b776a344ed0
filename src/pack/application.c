/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/application.h"

#include "pack/app_kind.h"
#include "pack/application_program.h"
#include "pack/python.h"

void application_done(struct application *app)
{
    elf_closure_free(app->closure);
    tree_free(app->tree);
    tree_free(app->dependencies);
    if (app->python)
        python_app_done(&app->python->app);
    app->closure = NULL;
    app->tree = NULL;
    app->dependencies = NULL;
    app->python = NULL;
}

int application_read(const struct op_ctx *ctx, const struct build_options *options, struct application *ret_app,
                     struct err *err)
{
    struct application app = {0};
    bool python = false;
    int r = app_kind_is_python(ctx, options, &python, err);
    if (r == 0)
        r = (python ? python_application_read : application_program_read)(ctx, options, &app, err);
    if (r < 0) {
        application_done(&app);
        return r;
    }
    *ret_app = app;
    return 0;
}

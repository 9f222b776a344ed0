/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/python_place.h"

#include <errno.h>
#include <stdlib.h>

static int find_project(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                        struct err *err)
{
    if (options->app.len == 0)
        return err_set(err, ERR_USAGE, "no application is named");
    char *given = arena_z(ctx->arena, options->app);
    if (!given)
        return err_nomem(err);
    char *real = realpath(given, NULL);
    if (!real) {
        err_errno(err, errno, "cannot find the application '%s'", given);
        return err_hint(err, "give the directory of a Python project, or a .py file");
    }
    app->host_path = arena_str(ctx->arena, str_z(real));
    free(real);
    return app->host_path.ptr ? 0 : err_nomem(err);
}

int python_application_read(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                            struct err *err)
{
    int r = find_project(ctx, options, app, err);
    if (r < 0)
        return r;
    struct application_python *python = ARENA_NEW(ctx->arena, struct application_python);
    if (!python)
        return err_nomem(err);
    struct python_request request = {.app = app->host_path,
                                     .venv = options->venv,
                                     .python = options->python,
                                     .module = options->module,
                                     .exclude = options->excludes,
                                     .has_entrypoint = options->entrypoint.len > 0};
    r = python_app_read(ctx, &request, &python->app, err);
    if (r < 0)
        return r;
    app->python = python;
    return python_application_place(ctx, options, app, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pyproject.c - shows what python_app_read makes of a directory.
 *
 *   pyproject DIR [PYTHON]   "site PATH", "program PATH", "version V", then "dist NAME VERSION" of what ships; or the
 *                            error and its remedy, with status 3
 */
#include "project/python.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct op_ctx ctx = {.arena = &arena};
    struct python_request request = {
        .app = str_z(argv[1]), .python = str_z(argc > 2 ? argv[2] : NULL), .has_entrypoint = true};
    struct python_app app;
    struct err err = ERR_INIT;
    if (python_app_read(&ctx, &request, &app, &err) < 0) {
        printf("%s: %s\n%s\n", err_name(err.code), err.message, err.hint);
        return 3;
    }
    printf("site %.*s/%.*s\n", STR_ARG(app.environment.host_path), STR_ARG(app.environment.site_packages));
    if (app.program.brought)
        printf("program %.*s/%.*s\n", STR_ARG(app.program.host_prefix), STR_ARG(app.program.program));
    printf("version %u.%u\n", app.program.interpreter.major, app.program.interpreter.minor);
    for (size_t i = 0; i < app.distribution_count; i++)
        if (!app.distributions[i].dropped)
            printf("dist %.*s %.*s\n", STR_ARG(app.distributions[i].name), STR_ARG(app.distributions[i].version));
    python_app_done(&app);
    return 0;
}

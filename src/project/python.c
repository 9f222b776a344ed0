/* SPDX-License-Identifier: Apache-2.0 */
#include "project/python.h"

#include "base/limits.h"
#include "base/path.h"
#include "project/python_internal.h"
#include "project/python_reading.h"

#include <errno.h>

bool python_app_looks_like(const struct str *names, size_t count)
{
    static const char *const whole[] = {"pyvenv.cfg", "pyproject.toml", "setup.py", "setup.cfg",    "Pipfile",
                                        "uv.lock",    "poetry.lock",    "pdm.lock", "Pipfile.lock", "manage.py"};
    for (size_t i = 0; i < count; i++) {
        struct str name = path_base(names[i]);
        for (size_t k = 0; k < ARRAY_LEN(whole); k++)
            if (str_eq_z(name, whole[k]))
                return true;
        if (str_ends(name, STR(".py")) || str_ends(name, STR(".dist-info")) ||
            (str_starts(name, STR("requirements")) && str_ends(name, STR(".txt"))))
            return true;
    }
    return false;
}

/* Sets app->root, and the script when it is one file. */
static int find_root(struct python_reading *reading, struct err *err)
{
    struct arena *arena = reading->ctx->arena;
    struct str given = reading->request->app;
    struct str real = python_real(arena, given);
    if (!real.ptr) {
        err_errno(err, errno, "cannot use '%.*s'", STR_ARG(given));
        return err_hint(err, "give the directory of a Python project, or one .py file");
    }
    if (python_is_directory(real, STR(""))) {
        reading->app->root = real;
        return 0;
    }
    if (!str_ends(real, STR(".py")) && !python_is_file(real, STR("")))
        return err_set(err, ERR_USAGE, "'%.*s' is neither a directory nor a file", STR_ARG(given));
    reading->script = path_base(real);
    reading->app->root = arena_str(arena, path_dir(real));
    return reading->app->root.ptr ? 0 : err_nomem(err);
}

static int read_ignore(struct python_reading *reading, struct err *err)
{
    struct arena *arena = reading->ctx->arena;
    struct str text = STR("");
    int r = 0;
    if (!reading->script.len && python_is_file(reading->app->root, STR(".dockerignore")))
        r = python_read_text(reading->ctx, reading->app->root, STR(".dockerignore"), LIMIT_IGNORE_BYTES, &text, err);
    if (r == 0)
        r = project_ignore_new(text, reading->request->exclude, arena, &reading->ignore, err);
    if (r == 0)
        r = project_ignore_new(STR(""), reading->request->exclude, arena, &reading->excludes, err);
    return r;
}

/* A second scan says nothing that the first has said. */
static int scan(struct python_reading *reading, struct err *err)
{
    bool again = false;
    int r = python_scan(reading->ctx, reading->app, err);
    if (r == 0)
        r = python_drop_after_scan(reading, &again, err);
    if (r == 0 && again) {
        struct op_ctx silent = *reading->ctx;
        silent.sink = NULL;
        r = python_scan(&silent, reading->app, err);
    }
    return r;
}

static int read_environment(struct python_reading *reading, struct err *err)
{
    int r = python_environment_walk(reading, err);
    return r == 0 ? python_distributions_read(reading, err) : r;
}

static int read_all(struct python_reading *reading, struct err *err)
{
    struct python_app *app = reading->app;
    int r = find_root(reading, err);
    if (r == 0)
        r = read_ignore(reading, err);
    if (r == 0)
        r = python_environment_find(reading, err);
    if (r == 0)
        r = python_own_walk(reading, err);
    if (r == 0)
        r = read_environment(reading, err);
    if (r == 0)
        r = python_environment_split(reading, err);
    if (r == 0)
        r = python_program_find(reading, err);
    if (r == 0 && app->environment.kind == PYTHON_ENVIRONMENT_NONE) {
        r = python_environment_of_program(reading, err);
        if (r == 0)
            r = read_environment(reading, err);
    }
    if (r == 0)
        r = python_drop_before_scan(reading, err);
    if (r == 0)
        r = python_agreement_check(reading, err);
    if (r == 0)
        r = python_find_entry(reading->ctx, reading->request, app, err);
    if (r == 0)
        r = scan(reading, err);
    if (r == 0)
        python_drop_interpreter(app);
    return r;
}

int python_app_read(const struct op_ctx *ctx, const struct python_request *request, struct python_app *ret_app,
                    struct err *err)
{
    struct python_app app = {.machine = ELF_MACHINE_UNKNOWN};
    struct python_reading reading = {.ctx = ctx, .request = request, .app = &app};
    int r = read_all(&reading, err);
    map_done(&reading.owners);
    if (r < 0)
        python_app_done(&app);
    else
        *ret_app = app;
    return r;
}

void python_app_done(struct python_app *app)
{
    project_files_done(&app->files);
    project_files_done(&app->environment.files);
    project_files_done(&app->program.files);
}

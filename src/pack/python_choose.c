/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/python_place.h"

/* Which suite has VERSION; NULL: none that is known. */
static const char *suite_with(unsigned version)
{
    static const char *const suites[] = {"bookworm", "trixie"};
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        if (python_runtime_version(str_z(suites[i])) == version)
            return suites[i];
    return NULL;
}

static int refuse(const struct application_python *python, struct str suite, unsigned version, struct err *err)
{
    const struct python_program *program = &python->app.program;
    unsigned wanted = program->interpreter.major << 8 | program->interpreter.minor;
    struct buf name CLEANUP_BUF = BUF_INIT;
    python_interpreter_name(&program->interpreter, &name);
    struct str told_by = program->told_by.len ? program->told_by : STR("the application");
    err_set(err, ERR_PYTHON_VERSION, "%.*s asks for %s, and %.*s has %u.%u", STR_ARG(told_by), buf_z(&name),
            STR_ARG(suite), version >> 8, version & 0xff);
    const char *other = suite_with(wanted);
    bool plain = !program->interpreter.free_threaded && !program->interpreter.debug;
    if (other && plain)
        return err_hint(err, "use --suite %s, or bring the interpreter: --python PREFIX", other);
    return err_hint(err, "bring the interpreter with --python PREFIX, or make the environment with Python %u.%u",
                    version >> 8, version & 0xff);
}

static int settle_program(const struct op_ctx *ctx, struct application_python *python, struct err *err)
{
    char *program = arena_printf(ctx->arena, "/usr/bin/python%u.%u", python->version >> 8, python->version & 0xff);
    if (!program)
        return err_nomem(err);
    if (str_eq(python->interpreter, python->program))
        python->interpreter = str_z(program);
    python->program = str_z(program);
    return 0;
}

int python_choose(const struct op_ctx *ctx, struct application *app, struct str suite, struct err *err)
{
    struct application_python *python = app->python;
    if (!python->archive)
        return 0;
    unsigned version = python_runtime_version(suite);
    if (version == 0) {
        err_set(err, ERR_UNSUPPORTED, "the interpreter of '%.*s' is not known", STR_ARG(suite));
        return err_hint(err, "use --suite bookworm or trixie, or bring an interpreter with --python PREFIX");
    }
    const struct python_interpreter *wanted = &python->app.program.interpreter;
    if (wanted->major && (wanted->implementation != PYTHON_CPYTHON || wanted->free_threaded || wanted->debug ||
                          (wanted->major << 8 | wanted->minor) != version))
        return refuse(python, suite, version, err);
    python->version = version;
    int r = settle_program(ctx, python, err);
    if (r < 0 || !app->dependencies)
        return r;
    const struct tree_node *link = tree_lookup(app->dependencies, python->environment);
    return python_place_interpreter_links(app->dependencies, python, link ? link->mtime : 0, ctx->arena, err);
}

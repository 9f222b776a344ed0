/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "init/plan_check.h"
#include "ops_local/init_work.h"
#include "pack/app_kind.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

/* PROGRAM as the Dockerfile names it, which copies from the directory that it lies in. */
static int path_below(const struct init_work *work, struct str program, struct str *ret_path, struct err *err)
{
    char cwd[PATH_MAX];
    CLEANUP_BUF struct buf whole = BUF_INIT, top = BUF_INIT;
    if (!getcwd(cwd, sizeof(cwd)))
        return err_errno(err, errno, "the current directory can't be told");
    bool fits = path_normalize(&whole, str_z(cwd), program) && path_normalize(&top, str_z(cwd), work->directory);
    if (whole.failed || top.failed)
        return err_nomem(err);
    if (!fits || !path_is_below(buf_str(&whole), buf_str(&top)) || whole.len == top.len) {
        err_set(err, ERR_USAGE, "'%.*s' is not below '%.*s', where its Dockerfile would be", STR_ARG(program),
                STR_ARG(work->directory));
        return err_hint(err, "a Dockerfile copies from its own directory: give one above the program with --directory");
    }
    size_t skip = top.len + (top.len > 1);
    *ret_path = arena_str(work->ctx->arena, str_skip(buf_str(&whole), skip));
    return ret_path->ptr ? 0 : err_nomem(err);
}

static int settle(struct init_work *work, struct survey_answer *name, struct err *err)
{
    struct survey_answer port = {0}, health = {0};
    const struct init_question questions[] = {
        {.option = "port",
         .text = "port that it listens on, 0 when it is no server",
         .answer = &port,
         .said = init_given(work, "port"),
         .fallback = STR("0"),
         .without = "a program does not tell its port: it is taken for no server (--port says where it listens)",
         .check = init_check_port},
        {.option = "health",
         .text = "path that tells whether it is ready, such as /health (none: empty)",
         .answer = &health,
         .said = work->options.health.len || work->options.health_command.len,
         .optional = true,
         .without = "nothing asks for its health: --health says which path tells",
         .check = init_check_http_path},
    };
    int r = init_settle(work, &questions[0], err);
    if (r == 0 && port.value.len)
        for (size_t i = 0; i < port.value.len; i++)
            work->options.port = work->options.port * 10 + (port.value.ptr[i] - '0');
    if (r == 0 && work->options.port)
        r = init_settle(work, &questions[1], err);
    if (r != 0)
        return r;
    if (health.value.len)
        work->options.health = health.value;
    if (work->options.name.len)
        return 0;
    work->options.name = name->value;
    return init_remember(work, "name", name, err);
}

int init_from_program(struct init_work *work, struct str path, struct err *err)
{
    static const struct build_options any = {0};
    struct app_program program;
    struct survey_answer name = {.value = init_label(work->ctx->arena, path_base(path)), .why = "the program's name"};
    int r = name.value.ptr ? app_kind_read(work->ctx, &any, path, &program, err) : err_nomem(err);
    if (r == 0)
        r = path_below(work, path, &work->options.program, err);
    if (r != 0)
        return r;
    char *noun = arena_printf(work->ctx->arena, "a %.*s", STR_ARG(program.description));
    if (!noun)
        return err_nomem(err);
    work->noun = str_z(noun);
    work->options.language = INIT_PROGRAM;
    if (work->options.link == INIT_LINK_AUTO)
        work->options.link = program.elf.is_static ? INIT_LINK_STATIC : INIT_LINK_DYNAMIC;
    struct survey_answer link = {.value = program.elf.is_static ? STR("static") : STR("dynamic"),
                                 .path = path,
                                 .why = program.elf.is_static ? "has its libraries in itself" : "asks for libraries"};
    r = init_given(work, "link") ? 0 : init_remember(work, "link", &link, err);
    return r == 0 ? settle(work, &name, err) : r;
}

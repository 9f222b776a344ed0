/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/app.h"

#include "base/alloc.h"
#include "cli/args.h"
#include "cli/ask.h"
#include "cli/color.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/reference.h"
#include "cli/render.h"
#include "cli/signals.h"

#include <unistd.h>

enum { EXIT_JOB = 3, FILE_WIDTH = 80 };

struct run {
    const struct cli_app *app;
    struct arena arena;
    struct config_env env;
    struct cli_args args;
    bool json;           /* --format json */
    bool stdout_claimed; /* by the operation: the answer goes to standard error */
    struct cli_asking asking;
};

/* Standard error may be closed or full; then there is nobody left to tell. */
static int fail(const struct run *run, const struct err *problem)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    bool reader_left = false;
    bool color = cli_use_color((enum cli_color)run->args.common.color, &run->env, STDERR_FILENO);
    cli_render_error(&out, problem, run->json, color);
    struct str text = out.failed ? STR("barehull: error: out of memory\n") : buf_str(&out);
    (void)cli_write(STDERR_FILENO, "standard error", text, &reader_left, NULL);
    return err_exit_status(problem->code);
}

/* Sends an answer; its failure is the program's, unless nobody reads any more: then only the status tells. */
static int send(const struct run *run, struct str text)
{
    bool reader_left = false;
    struct err problem = ERR_INIT;
    int fd = run->stdout_claimed ? STDERR_FILENO : STDOUT_FILENO;
    if (cli_write(fd, run->stdout_claimed ? "standard error" : "standard output", text, &reader_left, &problem) == 0)
        return 0;
    return reader_left ? EXIT_JOB : fail(run, &problem);
}

static struct text_out style_for(const struct run *run, int fd)
{
    return (struct text_out){
        .color = cli_use_color((enum cli_color)run->args.common.color, &run->env, fd),
        .verbose = run->args.common.verbose,
        .width = cli_terminal_width(&run->env, fd),
    };
}

static int show_help(const struct run *run)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err problem = ERR_INIT;
    struct text_out text = style_for(run, STDOUT_FILENO);
    text.buf = &out;
    text.width = 80;
    reference_write(&text, REFERENCE_HELP, run->app->operations, run->args.operation, run->app->version);
    return buf_check(&out, &problem) ? fail(run, &problem) : send(run, buf_str(&out));
}

static int show_version(const struct run *run)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err problem = ERR_INIT;
    buf_addf(&out, "barehull %s\n", run->app->version);
    return buf_check(&out, &problem) ? fail(run, &problem) : send(run, buf_str(&out));
}

static int claim_stdout(const struct op_services *services, int *ret_fd, struct err *err)
{
    struct run *run = services->self;
    if (run->stdout_claimed)
        return err_set(err, ERR_USAGE, "two outputs want to go to standard output");
    if (isatty(STDOUT_FILENO)) {
        err_set(err, ERR_USAGE, "standard output is a terminal");
        return err_hint(err, "send it to a file or into a pipe");
    }
    run->stdout_claimed = true;
    *ret_fd = STDOUT_FILENO;
    return 0;
}

static int open_transport(const struct op_services *services, struct transport **ret_transport, struct err *err)
{
    const struct run *run = services->self;
    if (services->offline) {
        err_set(err, ERR_OFFLINE, "this needs the network");
        return err_hint(err, "run it once without --offline, to fill the cache");
    }
    if (!run->app->open_transport)
        return err_set(err, ERR_UNSUPPORTED, "this program has no network client");
    return run->app->open_transport(services, ret_transport, err);
}

static void tell(const struct op_services *services, const struct err *problem)
{
    (void)fail(services->self, problem);
}

static int ask(const struct op_services *services, const struct op_ctx *ctx, const struct op_question *question,
               struct str *ret_answer, struct err *err)
{
    const struct run *run = services->self;
    return cli_ask(&run->asking, ctx, question, ret_answer, err);
}

static struct op_services services_of(struct run *run)
{
    bool can_ask = !run->json && cli_can_ask(STDIN_FILENO, STDERR_FILENO);
    return (struct op_services){
        .operations = run->app->operations,
        .version = str_z(run->app->version),
        .cache_dir = run->env.cache_dir,
        .data_dir = str_z(run->app->data_dir),
        .offline = run->args.common.offline,
        .source_date_epoch = run->env.source_date_epoch,
        .threads = run->env.threads,
        .open_transport = open_transport,
        .claim_stdout = claim_stdout,
        .tell = tell,
        .ask = can_ask ? ask : NULL,
        .self = run,
    };
}

static int write_file(const struct run *run, struct str path, struct str text, struct err *err)
{
    if (!run->app->write_file) {
        err_set(err, ERR_UNSUPPORTED, "this program writes no files");
        return err_hint(err, "send its standard output to the file");
    }
    char *name = mem_dup(path.ptr, path.len);
    int rc = name ? run->app->write_file(name, text, err) : err_nomem(err);
    mem_free(name);
    return rc == -ERR_NOT_FOUND ? err_hint(err, "make its directory first") : rc;
}

/* The answer in one of the forms that were asked for. */
static int answer_as(struct run *run, const void *result, const struct cli_output *output)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err problem = ERR_INIT;
    bool to_file = output->file.ptr;
    struct text_out style = style_for(run, run->stdout_claimed ? STDERR_FILENO : STDOUT_FILENO);
    if (to_file) {
        style.color = run->args.common.color == CLI_COLOR_ALWAYS;
        style.width = FILE_WIDTH;
    }
    if (cli_render_answer(&out, run->args.operation, result, output->format, &style, &problem))
        return fail(run, &problem);
    if (!to_file)
        return send(run, buf_str(&out));
    return write_file(run, output->file, buf_str(&out), &problem) ? fail(run, &problem) : 0;
}

/* A form that can't be written does not keep the others back. */
static int answer(struct run *run, const void *result)
{
    const struct operation *operation = run->args.operation;
    int status = 0;
    for (size_t i = 0; i < run->args.outputs.count; i++) {
        int this = answer_as(run, result, &run->args.outputs.items[i]);
        status = status ? status : this;
    }
    if (status)
        return status;
    return operation->status ? operation->status(result) : 0;
}

static int run_operation(struct run *run)
{
    const struct operation *operation = run->args.operation;
    struct err problem = ERR_INIT;
    if (operation->effects != OP_PURE && run->env.problem.code != ERR_NONE)
        return fail(run, &run->env.problem);
    void *result = arena_alloc(&run->arena, operation->result->size + 1);
    if (!result) {
        err_nomem(&problem);
        return fail(run, &problem);
    }
    struct cli_progress progress;
    bool terminal = isatty(STDERR_FILENO) && !run->env.dumb_terminal;
    bool color = cli_use_color((enum cli_color)run->args.common.color, &run->env, STDERR_FILENO);
    cli_progress_init(&progress, &run->args.common, STDERR_FILENO, terminal, color,
                      cli_terminal_width(&run->env, STDERR_FILENO));
    run->asking = (struct cli_asking){STDIN_FILENO, STDERR_FILENO, color, &progress};
    struct op_services services = services_of(run);
    struct op_ctx ctx = {.cancelled = cli_signals_install(), .sink = &progress.sink, .arena = &run->arena};
    int rc = operation->run(&services, &ctx, run->args.args, result, &problem);
    cli_progress_done(&progress);
    if (!rc)
        return answer(run, result);
    int status = fail(run, &problem);
    if (cli_signal_received())
        cli_signal_die(cli_signal_received());
    return status;
}

static struct str environment_get(void *self, const char *variable)
{
    return config_env_value(self, variable);
}

int cli_run(const struct cli_app *app, int argc, char *const *argv)
{
    struct run run = {.app = app, .arena = ARENA_INIT, .json = cli_args_ask_for_json(argc, argv)};
    struct err problem = ERR_INIT;
    int status;
    cli_streams_init();
    int rc = config_env_load(NULL, &run.arena, &run.env, &problem);
    struct op_environment environment = {environment_get, &run.env};
    if (!rc)
        rc = cli_args_parse(app->operations, argc, argv, &run.arena, &environment, &run.args, &problem);
    if (rc)
        status = fail(&run, &problem);
    else if (run.args.common.version)
        status = show_version(&run);
    else if (run.args.common.help || !run.args.operation)
        status = show_help(&run);
    else {
        run.json = run.args.common.format == CLI_FORMAT_JSON;
        status = run_operation(&run);
    }
    arena_done(&run.arena);
    return status;
}

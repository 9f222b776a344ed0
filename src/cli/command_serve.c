/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command_serve.c - the service: environment in, signals in, and everything wired together.
 */
#include "cli/command_serve.h"

#include "cli/serve_result.h"
#include "cli/signals.h"
#include "cli/tools.h"
#include "service/catalogue.h"
#include "service/service.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

struct serve_args {
    bool stdio, check_config;
};

static const struct op_param params[] = {
    {.name = "stdio",
     .type = OP_BOOL,
     .summary = "serve the client that started this, over standard input and output",
     .details = "What agents configure as a command. One message of the Model Context Protocol a line; ends with its "
                "input. Logs go to standard error, from warnings on unless LOG_LEVEL says otherwise.",
     OP_AT(struct serve_args, stdio)},
    {.name = "check-config",
     .type = OP_BOOL,
     .summary = "show the effective configuration, or all that is wrong with it, and exit",
     OP_AT(struct serve_args, check_config)},
    {.name = NULL},
};

/* What a run has in its hands. */
struct serving {
    const struct op_services *services;
    const struct op_ctx *ctx;
    struct op_services lent; /* to operations */
    struct config_env env;
    struct op_environment environment;
    struct service_config config;
    struct service_problems problems;
    struct service_options options;
};

/* --- refusals ------------------------------------------------------------------------------------------------- */

static int problem_set(const struct service_problem *problem, struct err *err)
{
    err_set(err, ERR_USAGE, "%.*s: %.*s", STR_ARG(problem->variable), STR_ARG(problem->message));
    if (problem->example.len == 0)
        return -ERR_USAGE;
    return err_hint(err, "for example: %.*s=%.*s", STR_ARG(problem->variable), STR_ARG(problem->example));
}

/* Each problem for itself; the last words are how many there were. */
static int refuse(const struct serving *serving, struct err *err)
{
    const struct service_problems *problems = &serving->problems;
    for (size_t i = 0; i < problems->len; i++) {
        const struct service_problem *problem = &problems->ptr[i];
        struct err told = ERR_INIT;
        if (problem->warning)
            op_warn(serving->ctx, "%.*s: %.*s", STR_ARG(problem->variable), STR_ARG(problem->message));
        else if (problem_set(problem, &told) && problems->errors > 1 && serving->services->tell)
            serving->services->tell(serving->services, &told);
        else
            (void)problem_set(problem, err);
    }
    if (problems->errors > 1) {
        err_set(err, ERR_USAGE, "can't serve: %zu problems with the environment", problems->errors);
        err_hint(err, "'barehull serve --check-config' shows the configuration without serving");
    }
    return -ERR_USAGE;
}

/* --- wiring --------------------------------------------------------------------------------------------------- */

static struct str environment_get(void *self, const char *name)
{
    return config_env_value(self, name);
}

static int refuse_stdout(const struct op_services *services UNUSED, int *ret_fd UNUSED, struct err *err)
{
    return err_set(err, ERR_USAGE, "standard output carries the protocol: name a file");
}

static void wire(struct serving *serving, enum service_mode mode)
{
    serving->lent = *serving->services;
    serving->lent.claim_stdout = refuse_stdout;
    serving->lent.tell = NULL;
    if (mode == SERVICE_HTTP)
        serving->lent.threads = 1; /* requests are what runs side by side */
    serving->environment = (struct op_environment){environment_get, &serving->env};
    serving->options = (struct service_options){
        .mode = mode,
        .config = &serving->config,
        .problems = &serving->problems,
        .tools = cli_tools(mode),
        .services = &serving->lent,
        .environment = mode == SERVICE_STDIO ? &serving->environment : NULL,
        .resources = &catalogue_resources,
        .prompts = catalogue_prompts,
        .complete = catalogue_complete,
        .version = serving->services->version,
    };
}

static int serve_http(struct service *service, int stop_fd, struct err *err)
{
    bool clean = false;
    int rc = service_run_http(service, stop_fd, &clean, err);
    service_free(service);
    return rc;
}

static void close_stream(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

/*
 * The protocol gets descriptors of its own, which no child inherits, and the standard ones lead elsewhere: whatever
 * reads "-" or prints, an operation or a program that it runs, can't touch the conversation. *ret_in and *ret_out are
 * the caller's to close, also when it fails.
 */
static int take_streams(int *ret_in, int *ret_out, struct err *err)
{
    int in_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int rc = 0;
    *ret_in = in_fd;
    *ret_out = out_fd;
    if (in_fd < 0 || out_fd < 0 || null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
        dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        rc = err_errno(err, errno, "can't take standard input and output");
    close_stream(null_fd);
    return rc;
}

static int serve_stdio(const struct serving *serving, struct service *service, int stop_fd, struct err *err)
{
    bool clean = true;
    int in_fd = -1, out_fd = -1;
    if (isatty(STDIN_FILENO))
        op_warn(serving->ctx, "standard input is a terminal: agents start this command and write messages of the Model "
                              "Context Protocol to it, one a line; Ctrl-D ends it");
    int rc = take_streams(&in_fd, &out_fd, err);
    if (!rc)
        rc = service_run_stdio(service, in_fd, out_fd, stop_fd, &clean, err);
    if (clean) {
        service_free(service);
        close_stream(in_fd);
        close_stream(out_fd);
        return rc;
    }
    /* A thread still holds the service: nothing may be taken from under it. */
    if (rc && serving->services->tell)
        serving->services->tell(serving->services, err);
    cli_signals_exit(rc ? err_exit_status(err->code) : 0);
}

/*
 * A large body is given back to the system when it is done with. Left alone, the C library learns from the first one
 * that went to keep such blocks in its heaps, one heap for each thread, where they stay for good: the service would be
 * as large as its worst hour. Small blocks, of which checks are made, stay within reach.
 */
static void give_back_memory(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 512 << 10);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

static int serve(struct serving *serving, struct err *err)
{
    struct service *service = NULL;
    int stop_fd = -1;
    int rc = cli_signals_open(&stop_fd, err);
    if (rc)
        return rc;
    give_back_memory();
    if (op_check(serving->ctx, NULL) == 0) /* else the end was asked for before it began */
        rc = service_new(&serving->options, &service, err);
    if (!rc && service && serving->options.mode == SERVICE_HTTP)
        rc = serve_http(service, stop_fd, err);
    else if (!rc && service)
        rc = serve_stdio(serving, service, stop_fd, err);
    (void)close(stop_fd);
    return rc;
}

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *arguments, void *result,
               struct err *err)
{
    const struct serve_args *args = arguments;
    enum service_mode mode = args->stdio ? SERVICE_STDIO : SERVICE_HTTP;
    struct serving serving = {.services = services, .ctx = ctx};
    int rc = service_config_load(mode, NULL, NULL, ctx->arena, &serving.config, &serving.problems, err);
    if (!rc)
        rc = config_env_load(NULL, ctx->arena, &serving.env, err);
    if (rc)
        return rc;
    if (args->check_config)
        return serve_result_fill(mode, &serving.config, &serving.problems, ctx->arena, result, err);
    if (serving.problems.errors > 0)
        return refuse(&serving, err);
    wire(&serving, mode);
    return serve(&serving, err);
}

static bool variable(size_t index, struct op_variable *ret_variable)
{
    const struct service_var *var = &service_vars[index];
    if (!var->name)
        return false;
    *ret_variable = (struct op_variable){var->name, var->default_text, var->summary, var->details};
    return true;
}

static const struct op_example examples[] = {
    {"barehull serve --stdio", "what an agent starts: its tools are barehull's operations"},
    {"ALLOWED_ORIGINS=none barehull serve", "MCP, REST, health and metrics at http://127.0.0.1:8080"},
    {"ALLOWED_ORIGINS=none barehull serve --check-config", "what would be served, without serving it"},
    {NULL, NULL},
};

static const struct op_section sections[] = {
    {"Over HTTP",
     "One listener serves the Model Context Protocol (POST /mcp), REST (POST /v1/check and /v1/init, GET /v1/rules, "
     "described by "
     "/openapi.json), health (/livez, /readyz) and /metrics. Everything is configured by the environment, and checked "
     "before a socket opens: what is wrong is told at once, all of it. Only operations that touch nothing of this "
     "machine are offered."},
    {"Signals",
     "SIGTERM, SIGINT and SIGHUP (unless it is ignored, as with nohup) ask the service to end. Over HTTP, readiness "
     "turns 503, after BAREHULL_DRAIN_DELAY listening ends, what is in work is answered within BAREHULL_DRAIN_TIMEOUT, "
     "and the exit status is 0; a second signal cuts what is left. With --stdio, what is in work is called off at "
     "once. Configuration is not read again: start a new process."},
    {NULL, NULL},
};

static const struct op_exit exits[] = {
    {0, "served, and ended as it was asked to; the configuration is valid"},
    {2, "a variable is wrong, or an option"},
    {3, "could not listen, or standard output is gone"},
    {0, NULL},
};

static const char *const see_also[] = {"check", "explain", NULL};

const struct operation serve_operation = {
    .name = "serve",
    .group = "Service",
    .summary = "offer the operations to agents and platforms",
    .description = "Serves the Model Context Protocol, in its newest revision and those before it. With --stdio to the "
                   "agent that started it; otherwise over HTTP, with REST, health and metrics on the same listener.",
    .params = params,
    .args_size = sizeof(struct serve_args),
    .result = &serve_result_record,
    .effects = OP_READS_FILES | OP_WRITES_FILES | OP_NETWORK | OP_RUNS_PROCESSES,
    .exits = exits,
    .examples = examples,
    .sections = sections,
    .see_also = see_also,
    .variable = variable,
    .run = run,
    .render = serve_result_render,
    .status = serve_result_status,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include "base/alloc.h"
#include "ops_pure/check_result.h"
#include "service/route.h"
#include "service/telemetry.h"

#include <unistd.h>

enum { PAGE_SIZE = 100 };
#define LIST_TTL_MS 3600000ULL /* what is listed changes with the program alone */

#define INSTRUCTIONS                                                                                                   \
    "barehull " SERVICE_SUMMARY                                                                                        \
    ". Give the text of the files to 'check' before you hand them out, mend what it finds "                            \
    "as each finding's remedy says, and check again. 'explain' tells what a rule asks for and why; 'rules' lists "     \
    "them all; the resource barehull://standard is the whole standard. 'init' writes a Dockerfile, a Compose file "    \
    "and "                                                                                                             \
    "manifests that pass, from the description of an application."
#define INSTRUCTIONS_LOCAL                                                                                             \
    " 'check_files' reads files and directories by their paths. 'build' makes a distroless image from a program, and " \
    "'inspect' tells what is in an image."

/* What a check found is counted where every surface passes. */
static int run(void *self, const struct operation *operation, const struct op_ctx *ctx, const void *args, void *result,
               struct err *err)
{
    struct service *service = self;
    enum mcp_transport transport = service->options->mode == SERVICE_HTTP ? MCP_HTTP : MCP_STDIO;
    service_telemetry_in_flight(service->telemetry, transport, 1);
    int rc = operation->run(service->options->services, ctx, args, result, err);
    service_telemetry_in_flight(service->telemetry, transport, -1);
    if (!rc && operation->result == &check_result_record)
        service_telemetry_findings(service->telemetry, ((const struct check_result *)result)->report);
    return rc;
}

static void observe(void *self, const struct mcp_event *event)
{
    struct service *service = self;
    struct log_event line;
    service_telemetry_mcp(service->telemetry, event);
    if (!log_is_on(&service->log, LOG_DEBUG))
        return;
    log_begin(&line, &service->log, LOG_DEBUG, "mcp");
    log_str(&line, "method", event->method);
    if (event->tool.len > 0)
        log_str(&line, "tool", event->tool);
    if (event->error.len > 0)
        log_str(&line, "error", event->error);
    log_str(&line, "version", mcp_version_text(event->version));
    log_ms(&line, "duration_ms", event->duration_ns);
    log_end(&line);
}

/* Over HTTP nobody makes this machine read a file, open a connection or start a program, whatever the table says. */
static int check_tools(const struct service_options *options, struct err *err)
{
    for (const struct mcp_tool *tool = options->tools; tool->name; tool++) {
        if (options->mode == SERVICE_HTTP && tool->operation && tool->operation->effects != OP_PURE)
            return err_set(err, ERR_INTERNAL, "tool '%s' is not pure and can't be offered over HTTP", tool->name);
    }
    return 0;
}

/* Whether there are tools that touch this machine: not over HTTP, and not in the service alone. */
static bool has_local_tools(const struct mcp_tool *tools)
{
    for (const struct mcp_tool *tool = tools; tool->name; tool++)
        if (tool->operation && tool->operation->effects != OP_PURE)
            return true;
    return false;
}

static struct mcp_description describe(struct service *service)
{
    const struct service_options *options = service->options;
    return (struct mcp_description){
        .name = STR("barehull"),
        .title = STR("barehull"),
        .version = options->version,
        .instructions = has_local_tools(options->tools) ? STR(INSTRUCTIONS INSTRUCTIONS_LOCAL) : STR(INSTRUCTIONS),
        .tools = options->tools,
        .resources = options->resources,
        .prompts = options->prompts,
        .complete = options->complete,
        .runner = service->runner,
        .environment = options->environment,
        .page_size = PAGE_SIZE,
        .list_ttl_ms = LIST_TTL_MS,
        .observe = observe,
        .observe_self = service,
    };
}

static int make(struct service *service, struct err *err)
{
    const struct service_options *options = service->options;
    log_init(&service->log, STDERR_FILENO, (enum log_level)options->config->log_level,
             (enum log_format)options->config->log_format);
    atomic_init(&service->state, SERVICE_STARTING);
    service->runner = (struct op_runner){run, service};
    service->mcp_description = describe(service);
    int rc = service_telemetry_new(options->version, &service->telemetry, err);
    if (!rc)
        rc = mcp_server_new(&service->mcp_description, &service->mcp, err);
    if (!rc && options->mode == SERVICE_HTTP)
        rc = service_routes_new(service, &service->routes, err);
    return rc;
}

int service_new(const struct service_options *options, struct service **ret_service, struct err *err)
{
    int rc = check_tools(options, err);
    if (rc)
        return rc;
    struct service *service = mem_calloc(1, sizeof(*service));
    if (!service)
        return err_nomem(err);
    service->options = options;
    service->config = options->config;
    service->arena = ARENA_INIT;
    rc = make(service, err);
    if (rc)
        service_free(service);
    else
        *ret_service = service;
    return rc;
}

void service_free(struct service *service)
{
    if (!service)
        return;
    service_routes_free(service->routes);
    mcp_server_free(service->mcp);
    service_telemetry_free(service->telemetry);
    arena_done(&service->arena);
    mem_free(service);
}

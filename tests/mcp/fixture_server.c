/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixture_server.c - the service of barehull with the tables of the conformance suite: the same protocol core, server
 * and HTTP face, configured by the same environment. With --stdio it serves its standard streams.
 */
#include "fixtures.h"
#include "service/service.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int stop_fd(void)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void tell_problems(const struct service_problems *problems)
{
    for (size_t i = 0; i < problems->len; i++)
        (void)fprintf(stderr, "%.*s: %.*s\n", STR_ARG(problems->ptr[i].variable), STR_ARG(problems->ptr[i].message));
}

static int serve(const struct service_options *options, int stop, struct err *err)
{
    struct service *service = NULL;
    bool clean = false;
    int rc = service_new(options, &service, err);
    if (!rc && options->mode == SERVICE_STDIO)
        rc = service_run_stdio(service, STDIN_FILENO, STDOUT_FILENO, stop, &clean, err);
    else if (!rc)
        rc = service_run_http(service, stop, &clean, err);
    /* What did not notice that it was called off still holds the service; it ends with the process. */
    if (options->mode != SERVICE_STDIO || clean)
        service_free(service);
    return rc;
}

int main(int argc, char **argv)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct service_config config;
    struct service_problems problems;
    struct op_services services = {.version = STR("1.0.0")};
    struct err err = ERR_INIT;
    struct service_options options = {
        .mode = argc > 1 && strcmp(argv[1], "--stdio") == 0 ? SERVICE_STDIO : SERVICE_HTTP,
        .config = &config,
        .problems = &problems,
        .tools = fixture_tools,
        .services = &services,
        .resources = &fixture_resources,
        .prompts = fixture_prompts,
        .complete = fixture_complete,
        .version = STR("1.0.0"),
    };
    int stop = stop_fd();
    (void)signal(SIGPIPE, SIG_IGN);
    int rc = service_config_load(options.mode, NULL, NULL, &arena, &config, &problems, &err);
    if (!rc && problems.errors > 0) {
        tell_problems(&problems);
        return 2;
    }
    rc = rc ? rc : serve(&options, stop, &err);
    if (rc)
        (void)fprintf(stderr, "fixture-server: %s\n", err.message);
    (void)close(stop);
    return rc ? 3 : 0;
}

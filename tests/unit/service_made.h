/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service_made.h - the service over HTTP with the operations that it offers, made from an environment that the test
 * gives, for programs that drive it without sockets (service_fake.h).
 */
#include "config/service.h"
#include "ops_pure/check_texts.h"
#include "ops_pure/explain.h"
#include "ops_pure/rules.h"
#include "service/catalogue.h"
#include "service/route.h"
#include "service/service.h"

#include <string.h>

struct service_made {
    struct arena arena;
    struct service_config config;
    struct service_problems problems;
    struct op_services services;
    struct service_options options;
    struct service *service;
    struct server_application application;
    struct http_limits limits;
};

static const struct mcp_tool made_tools[] = {
    {.name = "check", .title = "Check", .operation = &check_texts_operation},
    {.name = "explain", .title = "Explain", .operation = &explain_operation},
    {.name = "rules", .title = "Rules", .operation = &rules_operation},
    {.name = NULL},
};

static const struct operation *const made_operations[] = {&check_texts_operation, &explain_operation, &rules_operation,
                                                          NULL};
static const struct op_table made_table = {made_operations};

static inline const char *made_environment(const char *name)
{
    if (strcmp(name, "ALLOWED_ORIGINS") == 0)
        return "https://app.example.org";
    return strcmp(name, "LOG_LEVEL") == 0 ? "off" : NULL;
}

/* MADE stays where it is until made_done. */
static inline int made_init(struct service_made *made, struct err *err)
{
    static const char *const names[] = {NULL};
    *made = (struct service_made){.arena = ARENA_INIT};
    int rc =
        service_config_load(SERVICE_HTTP, made_environment, names, &made->arena, &made->config, &made->problems, err);
    if (rc)
        return rc;
    made->services = (struct op_services){.operations = &made_table, .version = STR("0")};
    made->options = (struct service_options){.mode = SERVICE_HTTP,
                                             .config = &made->config,
                                             .problems = &made->problems,
                                             .tools = made_tools,
                                             .resources = &catalogue_resources,
                                             .prompts = catalogue_prompts,
                                             .complete = catalogue_complete,
                                             .services = &made->services,
                                             .version = STR("0")};
    rc = service_new(&made->options, &made->service, err);
    if (rc)
        return rc;
    atomic_store(&made->service->state, SERVICE_READY);
    made->application = service_application(made->service);
    made->limits = http_limits_default;
    made->limits.body_bytes = made->config.body_bytes;
    return 0;
}

static inline void made_done(struct service_made *made)
{
    service_free(made->service);
    made->service = NULL;
    arena_done(&made->arena);
}

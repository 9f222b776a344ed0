/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/tools.h - which operations the service offers, under which names.
 *
 * Over HTTP what is pure: nobody makes this machine read, fetch or start something. Over stdio the client is whoever
 * started the service, with its rights: there is more.
 */
#include "config/service.h"
#include "mcp/tool.h"
#include "ops_pure/check_texts.h"
#include "ops_pure/explain.h"
#include "ops_pure/init.h"
#include "ops_pure/rules.h"

#define CLI_PURE_TOOLS                                                                                                 \
    {.name = "check", .title = "Check the text of container files", .operation = &check_texts_operation},              \
        {.name = "explain", .title = "Explain a rule", .operation = &explain_operation},                               \
        {.name = "init", .title = "Write deployment files", .operation = &init_description_operation},                 \
    {                                                                                                                  \
        .name = "rules", .title = "List the rules", .operation = &rules_operation                                      \
    }

/* Ends with a NULL name. */
const struct mcp_tool *cli_tools(enum service_mode mode);

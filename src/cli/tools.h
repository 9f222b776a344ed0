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

/* Ends with a NULL name. */
const struct mcp_tool *cli_tools(enum service_mode mode);

/* SPDX-License-Identifier: Apache-2.0 */
/* Of the service alone: whoever calls, there is nothing but what is pure. */
#include "cli/tools.h"

static const struct mcp_tool tools[] = {CLI_PURE_TOOLS, {.name = NULL}};

const struct mcp_tool *cli_tools(enum service_mode mode UNUSED)
{
    return tools;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tools.h"

#include "ops_local/build.h"
#include "ops_local/check.h"
#include "ops_local/init.h"
#include "ops_local/inspect.h"

static const struct mcp_tool http_tools[] = {CLI_PURE_TOOLS, {.name = NULL}};

static const struct mcp_tool stdio_tools[] = {
    CLI_PURE_TOOLS,
    {.name = "check_files", .title = "Check container files by their paths", .operation = &check_operation},
    {.name = "build", .title = "Build a distroless image", .operation = &build_operation},
    {.name = "init_files", .title = "Write deployment files for an application", .operation = &init_files_operation},
    {.name = "inspect", .title = "Inspect an image", .operation = &inspect_operation},
    {.name = NULL},
};

const struct mcp_tool *cli_tools(enum service_mode mode)
{
    return mode == SERVICE_HTTP ? http_tools : stdio_tools;
}

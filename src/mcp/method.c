/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp/internal.h"

static const struct mcp_method methods[] = {
    {STR_INIT("tools/call"), MCP_TOOLS, true, true, "name", mcp_answer_tools_call},
    {STR_INIT("tools/list"), MCP_TOOLS, true, true, NULL, mcp_answer_tools_list},
    {STR_INIT("resources/read"), MCP_RESOURCES, true, true, "uri", mcp_answer_resources_read},
    {STR_INIT("resources/list"), MCP_RESOURCES, true, true, NULL, mcp_answer_resources_list},
    {STR_INIT("resources/templates/list"), MCP_RESOURCES, true, true, NULL, mcp_answer_templates_list},
    {STR_INIT("resources/subscribe"), MCP_RESOURCES, true, false, NULL, mcp_answer_subscribe},
    {STR_INIT("resources/unsubscribe"), MCP_RESOURCES, true, false, NULL, mcp_answer_subscribe},
    {STR_INIT("prompts/get"), MCP_PROMPTS, true, true, "name", mcp_answer_prompts_get},
    {STR_INIT("prompts/list"), MCP_PROMPTS, true, true, NULL, mcp_answer_prompts_list},
    {STR_INIT("completion/complete"), MCP_COMPLETIONS, true, true, NULL, mcp_answer_complete},
    {STR_INIT("server/discover"), MCP_ALWAYS, false, true, NULL, mcp_answer_discover},
    {STR_INIT("subscriptions/listen"), MCP_ALWAYS, false, true, NULL, mcp_answer_listen},
    {STR_INIT("initialize"), MCP_ALWAYS, true, false, NULL, mcp_answer_initialize},
    {STR_INIT("ping"), MCP_ALWAYS, true, false, NULL, mcp_answer_ping},
};

static const struct str notifications[] = {
    STR_INIT("notifications/cancelled"),
    STR_INIT("notifications/initialized"),
};

static const struct mcp_method *find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (str_eq(methods[i].name, name))
            return &methods[i];
    return NULL;
}

static bool is_offered(const struct mcp_server *server, enum mcp_feature feature)
{
    const struct mcp_description *description = server->description;
    switch (feature) {
    case MCP_ALWAYS:
        break;
    case MCP_TOOLS:
        return description->tools != NULL;
    case MCP_RESOURCES:
        return description->resources != NULL;
    case MCP_PROMPTS:
        return description->prompts != NULL;
    case MCP_COMPLETIONS:
        return description->complete != NULL;
    }
    return true;
}

const struct mcp_method *mcp_method_find(const struct mcp_server *server, struct str name, bool modern)
{
    const struct mcp_method *method = find(name);
    if (!method || !(modern ? method->modern : method->legacy) || !is_offered(server, method->needs))
        return NULL;
    return method;
}

struct str mcp_method_label(struct str name)
{
    const struct mcp_method *method = find(name);
    if (method)
        return method->name;
    for (size_t i = 0; i < ARRAY_LEN(notifications); i++)
        if (str_eq(notifications[i], name))
            return notifications[i];
    return STR("other");
}

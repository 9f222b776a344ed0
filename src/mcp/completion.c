/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp/prompt.h"

static bool is_template(const struct mcp_server *server, struct str uri)
{
    const struct mcp_resources *resources = server->description->resources;
    for (const struct mcp_resource *at = resources ? resources->templates : NULL; at && at->uri.len > 0; at++)
        if (str_eq(at->uri, uri))
            return true;
    return false;
}

static int read_prompt(struct mcp_turn *turn, const struct data_node *ref, struct mcp_completion *completion,
                       struct err *err)
{
    completion->kind = MCP_REFERENCE_PROMPT;
    int r = mcp_need_string(turn, ref, "name", &completion->name, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    const struct mcp_prompt *prompt = mcp_prompt_find(turn->server, completion->name);
    if (!prompt)
        return mcp_refuse_prompt(turn, completion->name, err);
    if (!mcp_prompt_argument_find(prompt, completion->argument))
        return mcp_refuse_params(turn, err, "Invalid params: prompt '%s' has no argument '%.*s'", prompt->name,
                                 STR_ARG(mcp_shown(completion->argument)));
    return 0;
}

static int read_resource(struct mcp_turn *turn, const struct data_node *ref, struct mcp_completion *completion,
                         struct err *err)
{
    completion->kind = MCP_REFERENCE_RESOURCE;
    int r = mcp_need_string(turn, ref, "uri", &completion->name, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    if (!is_template(turn->server, completion->name))
        return mcp_refuse_params(turn, err, "Unknown resource template: '%.*s'", STR_ARG(mcp_shown(completion->name)));
    return 0;
}

static int read_reference(struct mcp_turn *turn, const struct data_node *ref, struct mcp_completion *completion,
                          struct err *err)
{
    struct str type = STR_NONE;
    int r = mcp_need_string(turn, ref, "type", &type, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    if (str_eq(type, STR("ref/prompt")))
        return read_prompt(turn, ref, completion, err);
    if (str_eq(type, STR("ref/resource")))
        return read_resource(turn, ref, completion, err);
    return mcp_refuse_params(turn, err, "Invalid params: 'ref.type' is neither 'ref/prompt' nor 'ref/resource'");
}

static int read_completion(struct mcp_turn *turn, struct mcp_completion *completion, struct err *err)
{
    const struct data_node *params = turn->request->params;
    const struct data_node *ref = data_get(params, "ref");
    const struct data_node *argument = data_get(params, "argument");
    const struct data_node *given = data_get(data_get(params, "context"), "arguments");
    if (!ref || ref->kind != DATA_OBJECT || !argument || argument->kind != DATA_OBJECT)
        return mcp_refuse_params(turn, err, "Invalid params: 'ref' and 'argument' are needed, objects both");
    completion->given = given && given->kind == DATA_OBJECT ? given : NULL;
    int r = mcp_need_string(turn, argument, "name", &completion->argument, err);
    if (r == 0 && turn->fault.code == 0)
        r = mcp_need_string(turn, argument, "value", &completion->value, err);
    if (r == 0 && turn->fault.code == 0)
        r = read_reference(turn, ref, completion, err);
    return r;
}

int mcp_answer_complete(struct mcp_turn *turn, struct err *err)
{
    const struct mcp_description *description = turn->server->description;
    struct mcp_completion completion = {0};
    struct str_list values = {0};
    struct err failure = ERR_INIT;
    struct json_writer json;
    int r = read_completion(turn, &completion, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    r = description->complete(description->complete_self, &completion, turn->exchange->arena, &values, &failure);
    if (r != 0)
        return mcp_refuse_failure(turn, &failure, err);
    mcp_result_begin(turn, &json);
    json_field_object(&json, "completion");
    json_field_array(&json, "values");
    for (size_t i = 0; i < values.len && i < MCP_COMPLETIONS_MAX; i++)
        json_str(&json, values.ptr[i]);
    json_end(&json);
    json_field_u64(&json, "total", values.len);
    json_field_bool(&json, "hasMore", values.len > MCP_COMPLETIONS_MAX);
    json_end(&json);
    return mcp_result_end(turn, &json, err);
}

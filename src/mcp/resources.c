/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp/internal.h"

int mcp_refuse_resource(struct mcp_turn *turn, struct str uri, struct err *err)
{
    CLEANUP_BUF struct buf data = BUF_INIT;
    bool modern = mcp_is_modern(turn->request->version);
    int r = mcp_fault_set(&turn->fault, turn->exchange->arena, modern ? MCP_INVALID_PARAMS : MCP_RESOURCE_NOT_FOUND,
                          200, err, "Resource not found: '%.*s'", STR_ARG(mcp_shown(uri)));
    if (r != 0)
        return r;
    buf_add_z(&data, "{\"uri\":");
    json_quote(&data, mcp_shown(uri));
    buf_add_char(&data, '}');
    turn->fault.data = arena_buf(turn->exchange->arena, &data);
    return turn->fault.data.ptr ? 0 : err_nomem(err);
}

int mcp_answer_resources_read(struct mcp_turn *turn, struct err *err)
{
    const struct mcp_resources *resources = turn->server->description->resources;
    struct err failure = ERR_INIT;
    struct json_writer json;
    struct str uri = STR_NONE;
    int r = mcp_need_string(turn, turn->request->params, "uri", &uri, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    mcp_result_begin(turn, &json);
    json_field_array(&json, "contents");
    r = resources->read(resources->self, uri, turn->exchange->arena, &json, &failure);
    if (r == -ERR_NOT_FOUND)
        return mcp_refuse_resource(turn, uri, err);
    if (r != 0)
        return mcp_refuse_failure(turn, &failure, err);
    json_end(&json);
    mcp_result_cache(turn, &json);
    return mcp_result_end(turn, &json, err);
}

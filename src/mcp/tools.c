/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/call: what the caller can mend (arguments, files) is a result with isError, which agents read; what only the
 * server's people can mend is an error of the protocol.
 */
#include "base/suggest.h"
#include "mcp/internal.h"

static int unknown_tool(struct mcp_turn *turn, struct str name, struct err *err)
{
    struct suggest suggest = suggest_begin(name);
    for (size_t i = 0; i < turn->server->offer_count; i++)
        suggest_offer(&suggest, turn->server->offers[i].name);
    if (suggest.best.len > 0)
        return mcp_refuse_params(turn, err, "Unknown tool: '%.*s'; did you mean '%.*s'?", STR_ARG(mcp_shown(name)),
                                 STR_ARG(suggest.best));
    return mcp_refuse_params(turn, err, "Unknown tool: '%.*s'; tools/list names them all", STR_ARG(mcp_shown(name)));
}

static void write_failure(const struct err *failure, struct buf *text)
{
    buf_addf(text, "error: %s", failure->message);
    if (failure->hint[0] != '\0')
        buf_addf(text, "\nhint: %s", failure->hint);
    buf_addf(text, "\ncode: %s", err_name(failure->code));
}

int mcp_tool_failed(struct mcp_turn *turn, size_t start, const struct err *failure, struct err *err)
{
    buf_truncate(turn->out, start);
    if (failure->code == ERR_CANCELLED && turn->peer->transport == MCP_STDIO) {
        turn->cancelled = true;
        return 0;
    }
    if (failure->code == ERR_NOMEM || failure->code == ERR_INTERNAL || failure->code == ERR_CANCELLED)
        return mcp_refuse_failure(turn, failure, err);
    struct json_writer json;
    CLEANUP_BUF struct buf text = BUF_INIT;
    write_failure(failure, &text);
    mcp_result_begin(turn, &json);
    json_field_array(&json, "content");
    json_object(&json);
    json_field_z(&json, "type", "text");
    json_field_str(&json, "text", buf_str(&text));
    json_end(&json);
    json_end(&json);
    json_field_bool(&json, "isError", true);
    turn->tool_error = true;
    int r = mcp_result_end(turn, &json, err);
    return r != 0 ? r : buf_check(&text, err);
}

static int call_function(struct mcp_turn *turn, const struct mcp_tool *tool, const struct data_node *arguments,
                         const struct op_ctx *ctx, struct err *err)
{
    const struct mcp_call call = {ctx, arguments, tool->self};
    struct err failure = ERR_INIT;
    struct json_writer json;
    size_t start = turn->out->len;
    mcp_result_begin(turn, &json);
    if (tool->call(&call, &json, &failure) != 0)
        return mcp_tool_failed(turn, start, &failure, err);
    return mcp_result_end(turn, &json, err);
}

static int run(struct mcp_turn *turn, const struct mcp_offer *offer, const struct data_node *arguments, struct err *err)
{
    struct mcp_progress progress;
    struct op_ctx ctx = {.deadline_ns = turn->exchange->deadline_ns,
                         .cancelled = turn->exchange->cancelled,
                         .arena = turn->exchange->arena};
    int r = mcp_progress_begin(&progress, turn, &ctx.sink, err);
    if (r != 0)
        return r;
    if (offer->tool->operation)
        r = mcp_op_tool_call(turn, offer, arguments, &ctx, err);
    else
        r = call_function(turn, offer->tool, arguments, &ctx, err);
    mcp_progress_end(&progress);
    return r;
}

/* -32021, with the capability as the client would have to send it. */
static int check_capability(struct mcp_turn *turn, const char *needed, struct err *err)
{
    const struct data_node *declared = data_get(turn->request->meta, MCP_META_CAPABILITIES);
    if (!needed || !mcp_is_modern(turn->request->version) || !data_absent(data_get(declared, needed)))
        return 0;
    int r = mcp_fault_set(&turn->fault, turn->exchange->arena, MCP_MISSING_CAPABILITY, 400, err,
                          "Missing required client capability: '%s'", needed);
    char *data = arena_printf(turn->exchange->arena, "{\"requiredCapabilities\":{\"%s\":{}}}", needed);
    turn->fault.data = str_z(data);
    return r == 0 && !data ? err_nomem(err) : r;
}

int mcp_answer_tools_call(struct mcp_turn *turn, struct err *err)
{
    struct str name = STR_NONE;
    const struct data_node *arguments = data_get(turn->request->params, "arguments");
    int r = mcp_need_string(turn, turn->request->params, "name", &name, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    if (!turn->request->tool)
        return unknown_tool(turn, name, err);
    if (data_absent(arguments))
        arguments = NULL;
    if (arguments && arguments->kind != DATA_OBJECT)
        return mcp_refuse_params(turn, err, "Invalid params: 'arguments' is %s, not an object",
                                 data_kind_name(arguments->kind));
    r = check_capability(turn, turn->request->tool->tool->needs, err);
    return r != 0 || turn->fault.code != 0 ? r : run(turn, turn->request->tool, arguments, err);
}

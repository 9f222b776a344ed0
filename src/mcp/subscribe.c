/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients ask to be told of. What we offer never changes while the process lives, so that nobody is ever owed a
 * notification, and nothing has to be remembered between requests.
 *
 * subscriptions/listen (2026-07-28): the capabilities name no kind of notification, so that the acknowledgement names
 * none either. The subscription stays open until either side ends it.
 *
 * resources/subscribe and resources/unsubscribe (legacy) hold for any resource that is there: every change of it will
 * be told, as there are none.
 */
#include "mcp/internal.h"

static int check_filter(struct mcp_turn *turn, const struct data_node *filter, struct err *err)
{
    static const char *const flags[] = {"toolsListChanged", "promptsListChanged", "resourcesListChanged"};
    const struct data_node *uris = data_get(filter, "resourceSubscriptions");
    if (!filter || filter->kind != DATA_OBJECT)
        return mcp_refuse_params(turn, err, "Invalid params: 'notifications' is needed, an object");
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        const struct data_node *flag = data_get(filter, flags[i]);
        if (flag && flag->kind != DATA_BOOL)
            return mcp_refuse_params(turn, err, "Invalid params: '%s' is %s, not a boolean", flags[i],
                                     data_kind_name(flag->kind));
    }
    if (uris && uris->kind != DATA_ARRAY)
        return mcp_refuse_params(turn, err, "Invalid params: 'resourceSubscriptions' is %s, not an array of strings",
                                 data_kind_name(uris->kind));
    DATA_EACH(uri, uris)
    {
        if (uri->kind != DATA_STRING)
            return mcp_refuse_params(turn, err, "Invalid params: 'resourceSubscriptions' holds %s, not only strings",
                                     data_kind_name(uri->kind));
    }
    return 0;
}

/* The answer that ends the subscription. */
static int write_last(struct mcp_turn *turn, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct str id = turn->request->id;
    struct str meta = str_skip(turn->server->meta, 1); /* without its brace */
    buf_add_z(&text, "{\"jsonrpc\":\"2.0\",\"id\":");
    buf_add_str(&text, id);
    buf_add_z(&text, ",\"result\":{\"resultType\":\"complete\",\"_meta\":{\"" MCP_META_SUBSCRIPTION_ID "\":");
    buf_add_str(&text, id);
    buf_add_char(&text, ',');
    buf_add_str(&text, meta);
    buf_add_z(&text, "}}");
    turn->last = arena_buf(turn->exchange->arena, &text);
    return turn->last.ptr ? 0 : err_nomem(err);
}

int mcp_answer_listen(struct mcp_turn *turn, struct err *err)
{
    struct str id = turn->request->id;
    int r = check_filter(turn, data_get(turn->request->params, "notifications"), err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    buf_truncate(turn->out, turn->start);
    buf_add_z(turn->out,
              "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":{\"_meta\":"
              "{\"" MCP_META_SUBSCRIPTION_ID "\":");
    buf_add_str(turn->out, id);
    buf_add_z(turn->out, "},\"notifications\":{}}");
    turn->open = true;
    return write_last(turn, err);
}

int mcp_answer_subscribe(struct mcp_turn *turn, struct err *err)
{
    const struct mcp_resources *resources = turn->server->description->resources;
    CLEANUP_BUF struct buf unused = BUF_INIT;
    struct err failure = ERR_INIT;
    struct json_writer json;
    struct str uri = STR_NONE;
    int r = mcp_need_string(turn, turn->request->params, "uri", &uri, err);
    if (r != 0 || turn->fault.code != 0)
        return r;
    json_writer_init(&json, &unused, JSON_COMPACT);
    json_array(&json);
    r = resources->read(resources->self, uri, turn->exchange->arena, &json, &failure);
    if (r == -ERR_NOT_FOUND)
        return mcp_refuse_resource(turn, uri, err);
    if (r != 0)
        return mcp_refuse_failure(turn, &failure, err);
    buf_add_z(turn->out, "{}");
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to its answer.
 */
#include "base/clock.h"
#include "mcp/internal.h"

#include <stdio.h>
#include <string.h>

int mcp_refuse_params(struct mcp_turn *turn, struct err *err, const char *format, ...)
{
    char text[ERR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return mcp_fault_set(&turn->fault, turn->exchange->arena, MCP_INVALID_PARAMS, 200, err, "%s", len < 0 ? "" : text);
}

int mcp_refuse_failure(struct mcp_turn *turn, const struct err *failure, struct err *err)
{
    return mcp_fault_set(&turn->fault, turn->exchange->arena, MCP_INTERNAL_ERROR, 200, err, "Internal error: %s",
                         failure->message);
}

int mcp_need_string(struct mcp_turn *turn, const struct data_node *object, const char *member, struct str *ret_value,
                    struct err *err)
{
    const struct data_node *node = data_get(object, member);
    if (!node)
        return mcp_refuse_params(turn, err, "Invalid params: '%s' is missing", member);
    if (node->kind != DATA_STRING)
        return mcp_refuse_params(turn, err, "Invalid params: '%s' is %s, not a string", member,
                                 data_kind_name(node->kind));
    *ret_value = node->value;
    return 0;
}

void mcp_result_begin(const struct mcp_turn *turn, struct json_writer *json)
{
    json_writer_init(json, turn->out, JSON_COMPACT);
    json_object(json);
    if (mcp_is_modern(turn->request->version))
        json_field_z(json, "resultType", "complete");
}

void mcp_result_cache(const struct mcp_turn *turn, struct json_writer *json)
{
    if (!mcp_is_modern(turn->request->version))
        return;
    json_field_u64(json, "ttlMs", turn->server->description->list_ttl_ms);
    json_field_z(json, "cacheScope", "public");
}

int mcp_result_end(const struct mcp_turn *turn, struct json_writer *json, struct err *err)
{
    if (mcp_is_modern(turn->request->version)) {
        json_key(json, "_meta");
        json_raw(json, turn->server->meta);
    }
    json_end(json);
    return json_writer_check(json, err);
}

void mcp_one_line(struct buf *out, size_t from)
{
    if (!out->ptr)
        return;
    for (size_t k = 0; k < 2; k++) {
        char *at = out->ptr + from, *end = out->ptr + out->len;
        while (at < end && (at = memchr(at, "\n\r"[k], (size_t)(end - at))))
            *at++ = ' ';
    }
}

static int unknown_method(struct mcp_turn *turn, struct err *err)
{
    bool modern = mcp_is_modern(turn->request->version);
    return mcp_fault_set(&turn->fault, turn->exchange->arena, MCP_METHOD_NOT_FOUND, modern ? 404 : 200, err,
                         "Method not found: '%.*s'", STR_ARG(mcp_shown(turn->request->method)));
}

static void observe(const struct mcp_turn *turn, uint64_t began_ns)
{
    const struct mcp_description *description = turn->server->description;
    const struct mcp_request *request = turn->request;
    char code[16];
    if (!description->observe && !turn->exchange->event)
        return;
    struct mcp_event event = {.method = mcp_method_label(request->method),
                              .transport = turn->peer->transport,
                              .version = request->version,
                              .duration_ns = clock_monotonic_ns() - began_ns};
    if (request->known && request->known->answer == mcp_answer_tools_call)
        event.tool = request->tool ? request->tool->name : STR("other");
    if (turn->fault.code != 0)
        event.error = str_of(code, (size_t)snprintf(code, sizeof(code), "%d", turn->fault.code));
    else if (turn->cancelled)
        event.error = STR("cancelled");
    else if (turn->tool_error)
        event.error = STR("tool_error");
    if (description->observe)
        description->observe(description->observe_self, &event);
    if (turn->exchange->event) {
        event.error = arena_str(turn->exchange->arena, event.error);
        *turn->exchange->event = event;
    }
}

/* The result behind its envelope, or the fault instead. */
static int answer_request(struct mcp_turn *turn, struct err *err)
{
    const struct mcp_request *request = turn->request;
    struct buf *out = turn->out;
    size_t start = turn->start = out->len;
    int r = 0;
    if (request->kind == MCP_REFUSED) {
        turn->fault = request->fault;
    } else if (!request->known) {
        r = unknown_method(turn, err);
    } else {
        buf_add_z(out, "{\"jsonrpc\":\"2.0\",\"id\":");
        buf_add_str(out, request->id);
        buf_add_z(out, ",\"result\":");
        r = request->known->answer(turn, err);
        buf_add_char(out, '}');
    }
    if (r == 0 && turn->fault.code != 0) {
        buf_truncate(out, start);
        mcp_fault_write(&turn->fault, request->id, out);
    }
    if (r != 0 || turn->cancelled)
        buf_truncate(out, start);
    mcp_one_line(out, start);
    return r != 0 ? r : buf_check(out, err);
}

static int answer_one(struct mcp_turn *turn, struct err *err)
{
    bool observed = turn->server->description->observe || turn->exchange->event;
    uint64_t began_ns = observed ? clock_monotonic_ns() : 0;
    int r = 0;
    if (turn->request->kind != MCP_NOTIFICATION)
        r = answer_request(turn, err);
    if (r == 0)
        observe(turn, began_ns);
    return r;
}

/* The answers of a batch's requests; nothing when there are none. */
static int answer_batch(struct mcp_turn *batch, bool *ret_any, struct err *err)
{
    struct buf *out = batch->out;
    size_t start = out->len;
    int r = 0;
    *ret_any = false;
    buf_add_char(out, '[');
    for (size_t i = 0; r == 0 && i < batch->request->item_count; i++) {
        struct mcp_turn turn = *batch;
        turn.request = &batch->request->items[i];
        size_t before = out->len;
        if (*ret_any)
            buf_add_char(out, ',');
        size_t at = out->len;
        r = answer_one(&turn, err);
        if (out->len == at)
            buf_truncate(out, before);
        else
            *ret_any = true;
    }
    buf_add_char(out, ']');
    if (r != 0 || !*ret_any)
        buf_truncate(out, start);
    return r != 0 ? r : buf_check(out, err);
}

int mcp_answer(const struct mcp_server *server, struct mcp_peer *peer, const struct mcp_message *message,
               const struct mcp_exchange *exchange, struct buf *out, struct mcp_answer *ret_answer, struct err *err)
{
    struct mcp_turn turn = {.server = server, .peer = peer, .request = message->self, .exchange = exchange, .out = out};
    struct mcp_answer answer = {MCP_ANSWER_WHOLE, 200, STR_NONE};
    bool any = message->kind != MCP_NOTIFICATION;
    int r = message->kind == MCP_BATCH ? answer_batch(&turn, &any, err) : answer_one(&turn, err);
    if (r != 0)
        return r;
    if (!any || turn.cancelled) {
        answer.kind = MCP_ANSWER_NONE;
        answer.http_status = 202;
    } else if (turn.open) {
        answer.kind = MCP_ANSWER_OPEN;
        answer.last = turn.last;
    } else if (turn.fault.code != 0) {
        answer.http_status = turn.fault.http_status;
    }
    *ret_answer = answer;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "http/sse.h"
#include "service/handle.h"
#include "service/negotiate.h"
#include "service/problem.h"

/*
 * POST /mcp: one message of the Model Context Protocol, by its Streamable HTTP transport. What is quick is answered by
 * the loop; all else by a worker, which takes over what the loop has read. The answer is plain JSON as long as nothing
 * has to be told before it: the first notification of progress opens an event stream, where the client accepts one.
 */
struct mcp_exchange_state {
    bool json, stream; /* what the client accepts */
    bool read;
    struct mcp_peer peer;
    struct mcp_message message;
    struct mcp_event event;
    /* While a worker answers: */
    bool opened;
    struct err err; /* of the stream */
};

static const struct str json_type = STR_INIT("application/json"), stream_type = STR_INIT("text/event-stream");

static bool refuse_nomem(struct service_request *request)
{
    struct err err;
    err_nomem(&err);
    problem_send_err(request, &err);
    return false;
}

bool handle_mcp_begin(struct service_request *request)
{
    const struct http_request *http = request_http(request);
    struct mcp_exchange_state *state = ARENA_NEW(request_arena(request), struct mcp_exchange_state);
    struct str type = STR_NONE;
    if (!state)
        return refuse_nomem(request);
    http_request_field(http, STR("Content-Type"), &type);
    if (!str_eq_fold(negotiate_essence(type), json_type) || http_request_count(http, STR("Content-Type")) > 1) {
        problem_send_code(request, "unsupported-media-type", STR("the Content-Type has to be 'application/json'"),
                          STR_NONE);
        return false;
    }
    if (problem_refuse_coded(request))
        return false;
    unsigned json = negotiate_type(http, json_type), stream = negotiate_type(http, stream_type);
    state->json = json > 0 && json >= stream;
    state->stream = stream > 0;
    if (json == 0 && stream == 0) {
        problem_send_code(request, "not-acceptable", STR("accept 'application/json' and 'text/event-stream'"),
                          STR_NONE);
        return false;
    }
    state->peer.transport = MCP_HTTP;
    request->self = state;
    return true;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* The field Mcp-Param-NAME. */
static bool get_param(void *self, struct str name, struct str *ret_value)
{
    const struct service_request *request = self;
    const struct http_request *http = request_http(request);
    struct str prefix = STR("Mcp-Param-");
    for (uint32_t i = 0; i < http->field_count; i++) {
        struct str field = http_request_text(http, http->fields[i].name);
        if (field.len == prefix.len + name.len && str_eq_fold(str_head(field, prefix.len), prefix) &&
            str_eq_fold(str_skip(field, prefix.len), name)) {
            *ret_value = http_request_text(http, http->fields[i].value);
            return true;
        }
    }
    return false;
}

static struct mcp_headers take_headers(struct service_request *request)
{
    const struct http_request *http = request_http(request);
    struct mcp_headers headers = {.param = get_param, .self = request};
    const struct str names[] = {STR("MCP-Protocol-Version"), STR("Mcp-Method"), STR("Mcp-Name")};
    struct str *const values[] = {&headers.version, &headers.method, &headers.name};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        uint32_t index = 0;
        struct str more;
        if (http_request_next(http, names[i], &index, values[i]) && http_request_next(http, names[i], &index, &more))
            headers.twice = true;
    }
    return headers;
}

/* False: it was answered. */
static bool read_message(struct service_request *request, struct mcp_exchange_state *state, bool on_worker)
{
    const struct mcp_headers headers = take_headers(request);
    struct err err;
    struct str bytes = server_exchange_body(request->exchange);
    /* The message is made of views of its bytes; when a worker is the one to answer it, the body lies elsewhere then.
     */
    if (!on_worker)
        bytes = arena_str(request_arena(request), bytes);
    int rc = bytes.ptr || bytes.len == 0 ? mcp_read(request->service->mcp, &state->peer, &headers, bytes,
                                                    request_arena(request), &state->message, &err)
                                         : err_nomem(&err);
    if (rc) {
        problem_send_err(request, &err);
        return false;
    }
    state->read = true;
    return true;
}

/* --- answering ---------------------------------------------------------------------------------------------------- */

static int write_event(struct service_request *request, struct str message, struct err *err)
{
    CLEANUP_BUF struct buf event = BUF_INIT;
    const struct sse_event head = {.name = STR("message")};
    sse_add_event(&event, &head, message);
    int rc = buf_check(&event, err);
    return rc ? rc : server_stream_write(request->exchange, buf_str(&event), err);
}

/* The head of the stream; proxies are told to keep nothing back. */
static int open_stream(struct service_request *request, struct mcp_exchange_state *state, struct err *err)
{
    struct server_exchange *exchange = request->exchange;
    if (state->opened)
        return 0;
    answer_common_fields(request);
    server_field(exchange, STR("Cache-Control"), STR("no-store"));
    server_field(exchange, STR("X-Accel-Buffering"), STR("no"));
    int rc = server_stream_open(exchange, 200, stream_type, err);
    if (rc)
        return rc;
    state->opened = true;
    server_stream_keepalive(exchange, STR(": keep-alive\n\n"));
    return 0;
}

struct notifier {
    struct service_request *request;
    struct mcp_exchange_state *state;
};

/*
 * Progress. The client may be gone: then the answer has nowhere to go either, and the work is called off elsewhere.
 * What there is no memory for is left out: nobody waits for it.
 */
static void notify(void *self, struct str message)
{
    const struct notifier *notifier = self;
    struct mcp_exchange_state *state = notifier->state;
    struct err err = ERR_INIT;
    if (state->err.code != ERR_NONE || open_stream(notifier->request, state, &state->err))
        return;
    if (write_event(notifier->request, message, &err) && err.code != ERR_NOMEM)
        state->err = err;
}

static void send_whole(struct service_request *request, const struct mcp_answer *answer, struct buf *out,
                       bool on_worker)
{
    struct str body = arena_take_buf(request_arena(request), out);
    if (!body.ptr) {
        refuse_nomem(request);
        return;
    }
    const struct answer whole = {
        .status = answer->http_status, .type = json_type, .body = body, .on_worker = on_worker};
    answer_send(request, &whole);
}

/* Behind its progress a request still gets an answer: that there was no memory for the one that it asked for. */
static void refuse_in_stream(struct service_request *request, struct mcp_exchange_state *state)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct str id = state->message.id.len > 0 ? state->message.id : STR("null");
    buf_addf(&text,
             "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":-32603,\"message\":\"Internal error: out of "
             "memory\"}}",
             STR_ARG(id));
    if (!text.failed)
        (void)write_event(request, buf_str(&text), &state->err);
}

/* As events: the last one is the answer, or, of a subscription, its first message. */
static void send_stream(struct service_request *request, struct mcp_exchange_state *state,
                        const struct mcp_answer *answer, const struct buf *out)
{
    struct err *err = &state->err;
    if (err->code == ERR_NONE && !open_stream(request, state, err) && !write_event(request, buf_str(out), err) &&
        answer->kind == MCP_ANSWER_OPEN) {
        CLEANUP_BUF struct buf last = BUF_INIT;
        if (answer->last.len > 0)
            sse_add_event(&last, &(struct sse_event){.name = STR("message")}, answer->last);
        server_stream_park(request->exchange, last.failed ? STR_NONE : buf_str(&last));
    }
    if (state->opened && err->code == ERR_NOMEM)
        refuse_in_stream(request, state);
    if (state->opened || err->code == ERR_NONE || err->code == ERR_CANCELLED)
        return;
    if (err->code == ERR_LIMIT)
        problem_send_code(request, "busy", str_z(err->message), str_z(err->hint));
    else
        problem_send_err(request, err);
}

static void send_answer(struct service_request *request, struct mcp_exchange_state *state,
                        const struct mcp_answer *answer, struct buf *out, bool on_worker)
{
    bool streams = state->opened || state->err.code != ERR_NONE || answer->kind == MCP_ANSWER_OPEN;
    if (answer->kind == MCP_ANSWER_NONE && !state->opened) {
        answer_common_fields(request);
        server_answer(request->exchange, 202, STR_NONE, STR_NONE);
    } else if (answer->kind == MCP_ANSWER_OPEN && !state->stream) {
        problem_send_code(request, "not-acceptable", STR("this answer is a stream: accept 'text/event-stream'"),
                          STR_NONE);
    } else if (streams || (!state->json && answer->http_status == 200)) {
        send_stream(request, state, answer, out);
    } else {
        send_whole(request, answer, out, on_worker);
    }
}

static void answer_message(struct service_request *request, struct mcp_exchange_state *state, bool on_worker)
{
    struct notifier notifier = {request, state};
    const struct mcp_exchange exchange = {
        .arena = request_arena(request),
        .cancelled = server_exchange_cancelled(request->exchange),
        .deadline_ns = server_exchange_deadline_ns(request->exchange),
        .notify = on_worker && state->stream ? notify : NULL,
        .notify_self = &notifier,
        .event = &state->event,
    };
    struct mcp_answer answer = {.kind = MCP_ANSWER_NONE};
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    request->rpc = &state->event;
    /* A client of the handshake's eras may come back for its answer by another request: its work has a deadline. */
    server_cancel_on_close(request->exchange, state->message.version == MCP_2026_07_28);
    if (mcp_answer(request->service->mcp, &state->peer, &state->message, &exchange, &out, &answer, &err)) {
        if (state->opened)
            refuse_in_stream(request, state);
        else
            problem_send_err(request, &err);
        return;
    }
    send_answer(request, state, &answer, &out, on_worker);
}

bool handle_mcp(struct service_request *request, bool on_worker)
{
    struct mcp_exchange_state *state = request->self;
    bool large = server_exchange_body(request->exchange).len > LIMIT_INLINE_BODY_BYTES;
    if (!on_worker && large)
        return false;
    if (!state->read && !read_message(request, state, on_worker))
        return true;
    if (!on_worker && !(state->message.quick && state->json))
        return false;
    answer_message(request, state, on_worker);
    return true;
}

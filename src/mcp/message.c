/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From bytes to a request: JSON, JSON-RPC, era and version.
 */
#include "base/limits.h"
#include "data/json.h"
#include "mcp/internal.h"

struct reading {
    const struct mcp_server *server;
    struct mcp_peer *peer;
    const struct mcp_headers *headers; /* NULL: stdio */
    struct str bytes;
    struct arena *arena;
    bool in_batch;
};

static int refuse(const struct reading *reading, struct mcp_request *request, int code, struct err *err,
                  const char *message)
{
    request->kind = MCP_REFUSED;
    return mcp_fault_set(&request->fault, reading->arena, code, 400, err, "%s", message);
}

struct str mcp_id_text(const struct data_node *node, struct str bytes)
{
    if (!node || (node->kind != DATA_STRING && node->kind != DATA_NUMBER) || node->span.len > LIMIT_MCP_ID_BYTES)
        return STR_NONE;
    return data_span_text(bytes, node->span);
}

/* {"supported":[...],"requested":"..."} */
static int unsupported_data(const struct reading *reading, struct str requested, struct str *ret_data, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &text, JSON_COMPACT);
    json_object(&json);
    json_key(&json, "supported");
    mcp_versions_write(&json);
    json_field_str(&json, "requested", mcp_shown(requested));
    json_end(&json);
    *ret_data = arena_buf(reading->arena, &text);
    return ret_data->ptr ? 0 : err_nomem(err);
}

static int refuse_version(const struct reading *reading, struct mcp_request *request, struct str requested,
                          struct err *err)
{
    struct str data = STR_NONE;
    request->kind = MCP_REFUSED;
    int r = mcp_fault_set(&request->fault, reading->arena, MCP_UNSUPPORTED_VERSION, 400, err,
                          "Unsupported protocol version: '%.*s'", STR_ARG(mcp_shown(requested)));
    if (r == 0)
        r = unsupported_data(reading, requested, &data, err);
    if (r == 0)
        request->fault.data = data;
    return r;
}

/* The two members of _meta that a modern request has to have. */
static int check_meta(const struct reading *reading, struct mcp_request *request, struct err *err)
{
    const struct data_node *version = data_get(request->meta, MCP_META_VERSION);
    const struct data_node *capabilities = data_get(request->meta, MCP_META_CAPABILITIES);
    const struct data_node *client = data_get(request->meta, MCP_META_CLIENT_INFO);
    if (!version || version->kind != DATA_STRING)
        return refuse(reading, request, MCP_INVALID_PARAMS, err,
                      "Invalid params: '_meta' needs '" MCP_META_VERSION "', a string");
    if (!capabilities || capabilities->kind != DATA_OBJECT)
        return refuse(reading, request, MCP_INVALID_PARAMS, err,
                      "Invalid params: '_meta' needs '" MCP_META_CAPABILITIES "', an object");
    if (client && client->kind != DATA_OBJECT)
        return refuse(reading, request, MCP_INVALID_PARAMS, err,
                      "Invalid params: '" MCP_META_CLIENT_INFO "' in '_meta' is not an object");
    return 0;
}

/* A request of the modern era, or one that says a version of the legacy era in the modern way. */
static int read_modern(const struct reading *reading, struct mcp_request *request, struct err *err)
{
    struct str requested = STR_NONE;
    const struct mcp_headers *headers = reading->headers;
    request->version = MCP_2026_07_28;
    int r = check_meta(reading, request, err);
    if (r != 0 || request->kind == MCP_REFUSED)
        return r;
    data_str(data_get(request->meta, MCP_META_VERSION), &requested, NULL);
    request->version = mcp_version_of(requested);
    if (request->version == MCP_VERSION_NONE &&
        (!headers || !headers->version.ptr || str_eq(headers->version, requested))) {
        request->version = MCP_2026_07_28;
        return refuse_version(reading, request, requested, err);
    }
    if (headers)
        r = mcp_headers_agree(headers, request, reading->arena, err);
    if (request->version == MCP_VERSION_NONE) /* refused: the fields say another one */
        request->version = MCP_2026_07_28;
    return r;
}

static bool has_modern_meta(const struct mcp_request *request)
{
    return data_get(request->meta, MCP_META_VERSION) || data_get(request->meta, MCP_META_CAPABILITIES) ||
           data_get(request->meta, MCP_META_CLIENT_INFO);
}

static bool is_modern(const struct reading *reading, const struct mcp_request *request)
{
    if (reading->in_batch)
        return false;
    if (has_modern_meta(request) || str_eq(request->method, STR("server/discover")))
        return true;
    return reading->headers && mcp_is_modern(mcp_version_of(reading->headers->version)) &&
           !str_eq(request->method, STR("initialize"));
}

/* What `initialize` agrees on. */
static enum mcp_version negotiate(const struct mcp_request *request)
{
    struct str asked = STR_NONE;
    const struct data_node *node = data_get(request->params, "protocolVersion");
    if (node && node->kind == DATA_STRING)
        asked = node->value;
    enum mcp_version version = mcp_version_of(asked);
    return version == MCP_VERSION_NONE || mcp_is_modern(version) ? MCP_NEWEST_LEGACY : version;
}

/* What a message is taken for before it says so itself. */
static enum mcp_version assumed_version(const struct reading *reading)
{
    enum mcp_version version = reading->peer->version;
    if (reading->headers)
        version = mcp_version_of(reading->headers->version);
    return version == MCP_VERSION_NONE ? MCP_NEWEST_LEGACY : version;
}

/* The legacy version of what is no `initialize`; NONE for a text that names no version. */
static enum mcp_version legacy_version(const struct reading *reading)
{
    if (!reading->headers)
        return reading->peer->version ? reading->peer->version : MCP_NEWEST_LEGACY;
    return reading->headers->version.ptr ? mcp_version_of(reading->headers->version) : MCP_ASSUMED_HTTP;
}

static int read_legacy(const struct reading *reading, struct mcp_request *request, struct err *err)
{
    if (request->kind == MCP_REQUEST && str_eq(request->method, STR("initialize"))) {
        request->version = negotiate(request);
        if (reading->in_batch)
            return refuse(reading, request, MCP_INVALID_REQUEST, err,
                          "Invalid request: 'initialize' can't be part of a batch");
        return 0;
    }
    request->version = legacy_version(reading);
    if (request->version == MCP_VERSION_NONE) {
        request->version = MCP_NEWEST_LEGACY;
        return refuse_version(reading, request, reading->headers->version, err);
    }
    return 0;
}

/* notifications/cancelled: whom. */
static void read_cancelled(const struct reading *reading, struct mcp_request *request)
{
    if (str_eq(request->method, STR("notifications/cancelled")))
        request->cancels = mcp_id_text(data_get(request->params, "requestId"), reading->bytes);
}

/* id, jsonrpc, method, params. */
static int read_envelope(const struct reading *reading, const struct data_node *root, struct mcp_request *request,
                         struct err *err)
{
    const struct data_node *id = data_get(root, "id");
    const struct data_node *method = data_get(root, "method");
    const struct data_node *version = data_get(root, "jsonrpc");
    const struct data_node *params = data_get(root, "params");
    request->kind = id ? MCP_REQUEST : MCP_NOTIFICATION;
    request->id = mcp_id_text(id, reading->bytes);
    if (!version || version->kind != DATA_STRING || !str_eq(version->value, STR("2.0")))
        return refuse(reading, request, MCP_INVALID_REQUEST, err, "Invalid request: 'jsonrpc' has to be \"2.0\"");
    if (!method && (data_get(root, "result") || data_get(root, "error"))) {
        request->kind = MCP_NOTIFICATION; /* a response; we ask nothing, so that it answers nothing */
        return 0;
    }
    if (!method || method->kind != DATA_STRING)
        return refuse(reading, request, MCP_INVALID_REQUEST, err, "Invalid request: 'method' has to be a string");
    request->method = method->value;
    if (id && request->id.len == 0)
        return refuse(reading, request, MCP_INVALID_REQUEST, err,
                      "Invalid request: 'id' has to be a string or a number of at most 1024 bytes");
    if (params && params->kind != DATA_OBJECT)
        return refuse(reading, request, MCP_INVALID_REQUEST, err, "Invalid request: 'params' has to be an object");
    request->params = params;
    const struct data_node *meta = data_get(params, "_meta");
    if (meta && meta->kind != DATA_OBJECT && request->kind == MCP_REQUEST)
        return refuse(reading, request, MCP_INVALID_PARAMS, err, "Invalid params: '_meta' has to be an object");
    request->meta = meta && meta->kind == DATA_OBJECT ? meta : NULL;
    request->progress_token = mcp_id_text(data_get(request->meta, "progressToken"), reading->bytes);
    return 0;
}

static void find_tool(const struct reading *reading, struct mcp_request *request)
{
    const struct data_node *name = data_get(request->params, "name");
    if (request->known && request->known->answer == mcp_answer_tools_call && name && name->kind == DATA_STRING)
        request->tool = mcp_offer_find(reading->server, name->value);
}

static int read_notification(const struct reading *reading, struct mcp_request *request, struct err *err)
{
    request->version = legacy_version(reading);
    if (request->version == MCP_VERSION_NONE) {
        request->version = MCP_NEWEST_LEGACY;
        return refuse_version(reading, request, reading->headers->version, err);
    }
    read_cancelled(reading, request);
    return 0;
}

static int read_one(const struct reading *reading, const struct data_node *root, struct mcp_request *request,
                    struct err *err)
{
    request->version = assumed_version(reading);
    if (root->kind != DATA_OBJECT)
        return refuse(reading, request, MCP_INVALID_REQUEST, err, "Invalid request: a message is a JSON object");
    int r = read_envelope(reading, root, request, err);
    if (r != 0 || request->kind == MCP_REFUSED)
        return r;
    if (request->kind == MCP_NOTIFICATION)
        return read_notification(reading, request, err);
    bool modern = is_modern(reading, request);
    request->known = mcp_method_find(reading->server, request->method, modern);
    find_tool(reading, request);
    r = modern ? read_modern(reading, request, err) : read_legacy(reading, request, err);
    if (r == 0 && modern && request->kind != MCP_REFUSED && !mcp_is_modern(request->version))
        request->known = mcp_method_find(reading->server, request->method, false);
    return r;
}

static int read_batch(struct reading *reading, const struct data_node *root, struct mcp_request *request,
                      struct err *err)
{
    request->version = legacy_version(reading);
    if (request->version != MCP_2025_03_26)
        return refuse(reading, request, MCP_INVALID_REQUEST, err,
                      "Invalid request: batches are part of protocol version 2025-03-26 only");
    if (root->count == 0)
        return refuse(reading, request, MCP_INVALID_REQUEST, err, "Invalid request: the batch is empty");
    if (root->count > LIMIT_MCP_BATCH)
        return refuse(reading, request, MCP_INVALID_REQUEST, err, "Invalid request: a batch has at most 100 messages");
    request->kind = MCP_BATCH;
    request->items = ARENA_ARRAY(reading->arena, root->count, struct mcp_request);
    if (!request->items)
        return err_nomem(err);
    reading->in_batch = true;
    DATA_EACH(item, root)
    {
        int r = read_one(reading, item, &request->items[request->item_count++], err);
        if (r != 0)
            return r;
    }
    return 0;
}

static bool is_quick_one(const struct mcp_request *request)
{
    return request->kind != MCP_REQUEST || !request->tool || request->tool->quick;
}

static bool is_quick(const struct mcp_request *request)
{
    for (size_t i = 0; i < request->item_count; i++)
        if (!is_quick_one(&request->items[i]))
            return false;
    return is_quick_one(request);
}

static bool is_pure_one(const struct mcp_request *request)
{
    const struct mcp_tool *tool = request->tool ? request->tool->tool : NULL;
    return is_quick_one(request) || (tool && tool->operation && tool->operation->effects == OP_PURE);
}

static bool is_pure(const struct mcp_request *request)
{
    for (size_t i = 0; i < request->item_count; i++)
        if (!is_pure_one(&request->items[i]))
            return false;
    return is_pure_one(request);
}

/* An id as a key: strings that are written differently and mean the same are made alike. */
static int id_key(struct str id, struct arena *arena, struct str *ret_key, struct err *err)
{
    *ret_key = id;
    if (!str_has_char(id, '\\'))
        return 0;
    const struct data_node *node = NULL;
    CLEANUP_BUF struct buf text = BUF_INIT;
    int r = json_parse(id, arena, &node, err);
    if (r != 0)
        return r;
    json_quote(&text, node->value);
    *ret_key = arena_buf(arena, &text);
    return ret_key->ptr ? 0 : err_nomem(err);
}

int mcp_read(const struct mcp_server *server, struct mcp_peer *peer, const struct mcp_headers *headers,
             struct str bytes, struct arena *arena, struct mcp_message *ret_message, struct err *err)
{
    struct reading reading = {server, peer, headers, bytes, arena, false};
    struct mcp_request *request = ARENA_NEW(arena, struct mcp_request);
    const struct data_node *root = NULL;
    struct err parse = ERR_INIT;
    if (!request)
        return err_nomem(err);
    request->version = assumed_version(&reading);
    int r = 0;
    if (bytes.len > LIMIT_MCP_MESSAGE_BYTES) {
        r = refuse(&reading, request, MCP_INVALID_REQUEST, err, "Invalid request: a message has at most 16 MiB");
    } else if (json_parse_small(bytes, LIMIT_MCP_NODES, arena, &root, &parse) != 0) {
        if (parse.code == ERR_NOMEM)
            return err_nomem(err);
        request->kind = MCP_REFUSED;
        r = mcp_fault_set(&request->fault, arena, MCP_PARSE_ERROR, 400, err, "Parse error: %s", parse.message);
    } else if (root->kind == DATA_ARRAY) {
        r = read_batch(&reading, root, request, err);
    } else {
        r = read_one(&reading, root, request, err);
    }
    struct mcp_message message = {.kind = request->kind,
                                  .version = request->version,
                                  .quick = is_quick(request),
                                  .pure = is_pure(request),
                                  .self = request};
    if (r == 0 && request->kind == MCP_REQUEST)
        r = id_key(request->id, arena, &message.id, err);
    if (r == 0 && request->kind == MCP_NOTIFICATION)
        r = id_key(request->cancels, arena, &message.cancels, err);
    if (r == 0)
        *ret_message = message;
    return r;
}

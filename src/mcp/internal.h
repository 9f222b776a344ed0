/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * mcp/internal.h - how the parts of the protocol core meet.
 *
 * read (message.c, headers.c) makes a struct mcp_request of bytes; answer.c runs the handler that its method names
 * (method.c); handlers append the result to turn->out, or name a fault, which answer.c writes instead. What never
 * changes was written by server.c and lists.c when the server was made.
 */
#include "base/arena.h"
#include "mcp/server.h"

#include <pthread.h>

/* --- errors (error.c) --------------------------------------------------------------------------------------- */

enum mcp_code {
    MCP_PARSE_ERROR = -32700,
    MCP_INVALID_REQUEST = -32600,
    MCP_METHOD_NOT_FOUND = -32601,
    MCP_INVALID_PARAMS = -32602,
    MCP_INTERNAL_ERROR = -32603,
    MCP_RESOURCE_NOT_FOUND = -32002, /* legacy only */
    MCP_HEADER_MISMATCH = -32020,
    MCP_MISSING_CAPABILITY = -32021,
    MCP_UNSUPPORTED_VERSION = -32022,
};

struct mcp_fault {
    int code; /* 0: none */
    unsigned http_status;
    struct str message;
    struct str data; /* JSON, or empty */
};

/*
 * Sets *FAULT, whose message is put into ARENA (control bytes shown as '?'). HTTP_STATUS 0: 200. 0 or ERR_NOMEM, so
 * that it can be returned.
 */
int mcp_fault_set(struct mcp_fault *fault, struct arena *arena, int code, unsigned http_status, struct err *err,
                  const char *format, ...) PRINTF_LIKE(6, 7);
/* Appends the whole answer. ID empty: null. */
void mcp_fault_write(const struct mcp_fault *fault, struct str id, struct buf *out);

/* A text of the peer's for a message: a short head of it. */
struct str mcp_shown(struct str text);

/* --- versions (version.c) ----------------------------------------------------------------------------------- */

#define MCP_NEWEST_LEGACY MCP_2025_11_25
/* HTTP without MCP-Protocol-Version: the field came with 2025-06-18. */
#define MCP_ASSUMED_HTTP MCP_2025_03_26

static inline bool mcp_is_modern(enum mcp_version version)
{
    return version >= MCP_2026_07_28;
}

/* What lists look like: revisions between which nothing in them changed share a form. */
enum mcp_form {
    MCP_FORM_2024_11_05,
    MCP_FORM_2025_03_26, /* annotations of tools */
    MCP_FORM_2025_06_18, /* title, outputSchema */
    MCP_FORM_2026_07_28, /* resultType, ttlMs, cacheScope, _meta */
    MCP_FORMS,
};
enum mcp_form mcp_form_of(enum mcp_version version);

/* Writes an array of all versions, the newest first. */
void mcp_versions_write(struct json_writer *json);

/* --- requests (message.c, method.c) ------------------------------------------------------------------------- */

struct mcp_turn;

enum mcp_list_kind { MCP_LIST_TOOLS, MCP_LIST_RESOURCES, MCP_LIST_TEMPLATES, MCP_LIST_PROMPTS, MCP_LISTS };

enum mcp_feature { MCP_ALWAYS, MCP_TOOLS, MCP_RESOURCES, MCP_PROMPTS, MCP_COMPLETIONS };

struct mcp_method {
    struct str name;
    enum mcp_feature needs;  /* that the server has to offer */
    bool legacy, modern;     /* the eras that know it */
    const char *header_name; /* modern, over HTTP: the member of params that Mcp-Name repeats; or NULL */
    /* Appends the result's object to turn->out, or sets turn->fault. */
    int (*answer)(struct mcp_turn *turn, struct err *err);
};

/* NULL for an unknown name, and for what SERVER has not or the era knows not. */
const struct mcp_method *mcp_method_find(const struct mcp_server *server, struct str name, bool modern);
/* The table's name for NAME (any era), or "other". */
struct str mcp_method_label(struct str name);

struct mcp_offer; /* a tool of the server */

struct mcp_request {
    enum mcp_kind kind;
    enum mcp_version version;
    struct str id;     /* JSON text as the client wrote it; empty: none that could be read */
    struct str method; /* as the client wrote it */
    const struct mcp_method *known;
    const struct data_node *params; /* an object, or NULL */
    const struct data_node *meta;   /* params._meta, an object, or NULL */
    const struct mcp_offer *tool;   /* of tools/call; NULL for an unknown name */
    struct str cancels;             /* see mcp_message */
    struct str progress_token;      /* JSON text; empty: progress is not asked for */
    struct mcp_fault fault;         /* of MCP_REFUSED */
    struct mcp_request *items;      /* of MCP_BATCH */
    size_t item_count;
};

#define MCP_META(name)           "io.modelcontextprotocol/" name
#define MCP_META_VERSION         MCP_META("protocolVersion")
#define MCP_META_CAPABILITIES    MCP_META("clientCapabilities")
#define MCP_META_CLIENT_INFO     MCP_META("clientInfo")
#define MCP_META_SERVER_INFO     MCP_META("serverInfo")
#define MCP_META_SUBSCRIPTION_ID MCP_META("subscriptionId")

/* The JSON text of an id or token that is a string or a number; empty for anything else. */
struct str mcp_id_text(const struct data_node *node, struct str bytes);

/* --- HTTP fields (headers.c) -------------------------------------------------------------------------------- */

/* Whether the fields say what the body of a modern request says; else request->fault is set. */
int mcp_headers_agree(const struct mcp_headers *headers, struct mcp_request *request, struct arena *arena,
                      struct err *err);
/* A value as it was meant, "=?base64?...?=" decoded; *ret_good is false when it has bytes that can't be. */
int mcp_header_decode(struct str value, struct arena *arena, struct str *ret_value, bool *ret_good, struct err *err);

/* --- the server (server.c, lists.c) ------------------------------------------------------------------------- */

/* An argument that Mcp-Param-NAME repeats. */
struct mcp_mirrored {
    struct str name;
    enum data_kind kind; /* string, number, boolean */
    const struct str *path;
    size_t depth;
};

struct mcp_offer {
    const struct mcp_tool *tool;
    struct str name;
    bool quick;
    const struct mcp_mirrored *mirrored;
    size_t mirrored_count;
};

struct mcp_page {
    struct str cursor; /* that asks for it; empty: the first */
    struct str result[MCP_FORMS];
};

struct mcp_list {
    struct mcp_page *pages;
    size_t count;
};

struct mcp_server {
    const struct mcp_description *description;
    struct arena arena;
    struct str meta; /* ,"_meta":{...}: what ends each modern result */
    struct str initialize[MCP_2026_07_28];
    struct str discover;
    struct mcp_list lists[MCP_LISTS];
    struct mcp_offer *offers;
    size_t offer_count;
};

const struct mcp_offer *mcp_offer_find(const struct mcp_server *server, struct str name);

/* Makes server->offers and all lists. */
int mcp_lists_make(struct mcp_server *server, struct err *err);
/* The description of OFFER, in FORM. */
int mcp_tool_describe(const struct mcp_offer *offer, enum mcp_form form, struct json_writer *json, struct err *err);
/* Finds the arguments that are mirrored in HTTP fields; ERR_INTERNAL for a schema that breaks their rules. */
int mcp_mirrored_find(struct mcp_offer *offer, struct arena *arena, struct err *err);

/* JSON without line ends: those between tokens become spaces. */
void mcp_one_line(struct buf *out, size_t from);

/* --- answers (answer.c) ------------------------------------------------------------------------------------- */

struct mcp_turn {
    const struct mcp_server *server;
    struct mcp_peer *peer;
    const struct mcp_request *request;
    const struct mcp_exchange *exchange;
    struct buf *out;
    size_t start; /* of this answer in OUT */
    struct mcp_fault fault;
    bool tool_error; /* the result says isError */
    bool cancelled;  /* called off: nobody waits for an answer */
    bool open;       /* `last` is sent when the server ends the request */
    struct str last;
};

/* turn->fault with code -32602, status 200. */
int mcp_refuse_params(struct mcp_turn *turn, struct err *err, const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * The string MEMBER of params; a missing one and another kind are a fault (turn->fault.code) and leave *RET_VALUE.
 */
int mcp_need_string(struct mcp_turn *turn, const struct data_node *object, const char *member, struct str *ret_value,
                    struct err *err);

/* Opens the result's object, with what every modern one begins with; and ends it. */
void mcp_result_begin(const struct mcp_turn *turn, struct json_writer *json);
void mcp_result_cache(const struct mcp_turn *turn, struct json_writer *json); /* ttlMs, cacheScope */
int mcp_result_end(const struct mcp_turn *turn, struct json_writer *json, struct err *err);

/* There is no resource URI: -32002 until 2025-11-25, -32602 since; data says which (resources.c). */
int mcp_refuse_resource(struct mcp_turn *turn, struct str uri, struct err *err);

/* A failure ERR of a provider that is the server's own: -32603. */
int mcp_refuse_failure(struct mcp_turn *turn, const struct err *failure, struct err *err);

/* Handlers of method.c's table. */
int mcp_answer_initialize(struct mcp_turn *turn, struct err *err);
int mcp_answer_ping(struct mcp_turn *turn, struct err *err);
int mcp_answer_discover(struct mcp_turn *turn, struct err *err);
int mcp_answer_listen(struct mcp_turn *turn, struct err *err);
int mcp_answer_tools_list(struct mcp_turn *turn, struct err *err);
int mcp_answer_resources_list(struct mcp_turn *turn, struct err *err);
int mcp_answer_templates_list(struct mcp_turn *turn, struct err *err);
int mcp_answer_prompts_list(struct mcp_turn *turn, struct err *err);
int mcp_answer_tools_call(struct mcp_turn *turn, struct err *err);
int mcp_answer_resources_read(struct mcp_turn *turn, struct err *err);
int mcp_answer_subscribe(struct mcp_turn *turn, struct err *err);
int mcp_answer_prompts_get(struct mcp_turn *turn, struct err *err);
int mcp_answer_complete(struct mcp_turn *turn, struct err *err);

/* --- tools (tools.c, op_tool.c) ----------------------------------------------------------------------------- */

/* Runs the operation of OFFER with the call's ARGUMENTS (an object or NULL). */
int mcp_op_tool_call(struct mcp_turn *turn, const struct mcp_offer *offer, const struct data_node *arguments,
                     const struct op_ctx *ctx, struct err *err);
/* What came of a call that failed: a result with isError, -32603, or nothing (called off). */
int mcp_tool_failed(struct mcp_turn *turn, size_t start, const struct err *failure, struct err *err);

/* --- progress (progress.c) ---------------------------------------------------------------------------------- */

struct mcp_progress {
    const struct mcp_exchange *exchange;
    struct str token;  /* JSON text; empty: nobody asked */
    bool with_message; /* since 2025-03-26 */
    struct op_sink sink;
    pthread_mutex_t lock; /* operations tell of their progress from several threads */
    bool begun;
    bool any;      /* was sent */
    uint64_t sent; /* the last value that was */
    uint64_t seen; /* the largest so far */
    uint64_t base; /* where the phase began */
    char phase[64];
    uint64_t refilled_ns;
    uint64_t tokens; /* notifications that may be sent now, in thousandths */
};

/* Fills PROGRESS; *ret_sink NULL when nobody asked. */
int mcp_progress_begin(struct mcp_progress *progress, const struct mcp_turn *turn, const struct op_sink **ret_sink,
                       struct err *err);
void mcp_progress_end(struct mcp_progress *progress);

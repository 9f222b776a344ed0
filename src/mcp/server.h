/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * mcp/server.h - a server of the Model Context Protocol: bytes in, bytes out, for stdio and HTTP alike.
 *
 * Both eras are spoken: 2026-07-28 (stateless, metadata in each request) and the handshake of 2024-11-05, 2025-03-26,
 * 2025-06-18 and 2025-11-25. There are no sessions: all that is remembered between messages is a struct mcp_peer, which
 * stdio keeps for its one client, and HTTP makes anew for each request.
 *
 *     mcp_read(server, &peer, headers, bytes, arena, &message, &err)      cheap; on an event loop
 *     mcp_answer(server, &peer, &message, &exchange, &out, &answer, &err) runs the tool; on a worker unless
 *                                                                         message.quick
 *
 * What is wrong with a message is an answer, not an error: both fail with ERR_NOMEM only. Answers are compact JSON
 * without a line end in them. Sources: the specification of each revision; JSON-RPC 2.0.
 * Limits: LIMIT_MCP_MESSAGE_BYTES, the JSON reader's, LIMIT_MCP_BATCH.
 */
#include "mcp/tool.h"
#include "op/decode.h"
#include "op/runner.h"

enum mcp_version {
    MCP_VERSION_NONE,
    MCP_2024_11_05,
    MCP_2025_03_26,
    MCP_2025_06_18,
    MCP_2025_11_25,
    MCP_2026_07_28,
    MCP_VERSIONS,
};

enum mcp_transport { MCP_STDIO, MCP_HTTP };

/* How a request went, for metrics and logs. Texts are static or the tables'. */
struct mcp_event {
    struct str method; /* a known one, or "other" */
    struct str tool;   /* of tools/call: a known one, or "other"; else empty */
    struct str error;  /* "" or the JSON-RPC code as text, "tool_error" for isError, "cancelled" */
    enum mcp_transport transport;
    enum mcp_version version;
    uint64_t duration_ns;
};

struct mcp_description {
    struct str name, title, version, website, instructions;
    const struct mcp_tool *tools;          /* ends with a NULL name; in the order of lists */
    const struct mcp_resources *resources; /* or NULL */
    const struct mcp_prompt *prompts;      /* ends with a NULL name; or NULL */
    mcp_complete_function *complete;       /* or NULL */
    void *complete_self;
    struct op_runner runner;
    const struct op_environment *environment; /* gives arguments their defaults (op/decode.h); NULL: none does */
    uint32_t page_size;                       /* of lists */
    uint64_t list_ttl_ms;                     /* how long clients may keep lists and resources */
    void (*observe)(void *self, const struct mcp_event *event); /* or NULL */
    void *observe_self;
};

struct mcp_server;

/*
 * DESCRIPTION outlives the server. What does not change (lists, schemas, serverInfo) is written here, once.
 * Errors: ERR_NOMEM; ERR_INTERNAL for tables that are not well made. The caller frees with mcp_server_free.
 */
int mcp_server_new(const struct mcp_description *description, struct mcp_server **ret_server, struct err *err);
void mcp_server_free(struct mcp_server *server);

/* "2025-11-25"; MCP_VERSION_NONE for an unknown text. */
struct str mcp_version_text(enum mcp_version version);
enum mcp_version mcp_version_of(struct str text);

/* What is remembered of the other side; {.transport = ...} at first. Used by one thread at a time. */
struct mcp_peer {
    enum mcp_transport transport;
    enum mcp_version version; /* negotiated by initialize; NONE before */
};

/* What HTTP says beside the body (values as sent; ptr NULL: absent). NULL on stdio. */
struct mcp_headers {
    struct str version; /* MCP-Protocol-Version */
    struct str method;  /* Mcp-Method */
    struct str name;    /* Mcp-Name */
    bool twice;         /* one of them stood there more than once */
    /* Mcp-Param-NAME; false when absent. */
    bool (*param)(void *self, struct str name, struct str *ret_value);
    void *self;
};

enum mcp_kind {
    MCP_REQUEST,
    MCP_NOTIFICATION, /* or a response: taken note of, never answered */
    MCP_BATCH,        /* 2025-03-26 only */
    MCP_REFUSED,      /* the answer is an error already */
};

struct mcp_message {
    enum mcp_kind kind;
    enum mcp_version version; /* that it is spoken in */
    bool quick;               /* answering takes microseconds */
    bool pure;                /* quick, or done by pure operations alone: its time goes with its length */
    struct str id;            /* of a request: JSON text, to find it again; else empty */
    struct str cancels;       /* notifications/cancelled: the id (JSON text) of what is called off; else empty */
    const void *self;         /* the protocol's */
};

/* BYTES outlive the message, which lives in ARENA. HEADERS NULL: stdio. */
int mcp_read(const struct mcp_server *server, struct mcp_peer *peer, const struct mcp_headers *headers,
             struct str bytes, struct arena *arena, struct mcp_message *ret_message, struct err *err);

/* What an answer may use while it is made. */
struct mcp_exchange {
    struct arena *arena;
    const atomic_bool *cancelled; /* or NULL */
    uint64_t deadline_ns;         /* 0: none */
    /* Sends a notification (progress) before the answer; NULL: nowhere to send it. Serialised by the receiver. */
    void (*notify)(void *self, struct str message);
    void *notify_self;
    struct mcp_event *event; /* how it went is put here, what of it is not static into the arena; or NULL */
};

enum mcp_answer_kind {
    MCP_ANSWER_NONE,  /* nothing is sent (stdio); HTTP: 202 without content */
    MCP_ANSWER_WHOLE, /* OUT is the answer */
    MCP_ANSWER_OPEN,  /* subscriptions/listen: OUT is its first message, `last` what ends it */
};

struct mcp_answer {
    enum mcp_answer_kind kind;
    unsigned http_status; /* 200, 202, 400, 404 ... */
    struct str last;      /* in the arena */
};

/* Appends to OUT. PEER is changed by initialize alone. */
int mcp_answer(const struct mcp_server *server, struct mcp_peer *peer, const struct mcp_message *message,
               const struct mcp_exchange *exchange, struct buf *out, struct mcp_answer *ret_answer, struct err *err);

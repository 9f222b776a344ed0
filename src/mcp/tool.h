/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * mcp/tool.h - what a server offers to agents: tools, resources, prompts, completions.
 *
 * A tool is an operation (its schemas, annotations and decoding come from the descriptor), or, in programs that test
 * protocols, a function with schemas of its own. Providers write JSON themselves, into a writer that stands where their
 * value belongs; lists keep one order for ever. All functions may be called by several threads at once.
 */
#include "data/json_writer.h"
#include "data/node.h"
#include "op/operation.h"

/* What a call may use while it runs. */
struct mcp_call {
    const struct op_ctx *op;           /* deadline, cancelled, arena; its sink sends notifications/progress */
    const struct data_node *arguments; /* an object, or NULL for none */
    void *self;
};

struct mcp_tool {
    const char *name;  /* [A-Za-z0-9_.-], at most 128 */
    const char *title; /* "Check container files" */
    /* The operation; its arguments, by their JSON names, are the tool's. */
    const struct operation *operation;

    /* Or, with `operation` NULL: */
    const char *description;
    const char *input_schema;  /* JSON */
    const char *output_schema; /* JSON, or NULL */
    bool quick;                /* may run on an event loop */
    const char *needs;         /* what the client has to declare ("sampling"), else -32021; or NULL */
    /* Writes the members of the result ("content", "isError", "structuredContent") into the open object RESULT. An
     * error is told as a result with isError. */
    int (*call)(const struct mcp_call *call, struct json_writer *result, struct err *err);
    void *self;
};

/* Texts live as long as the server; title, description and mime_type may be empty. */
struct mcp_resource {
    struct str uri, name, title, description, mime_type;
};

struct mcp_resources {
    size_t (*count)(void *self);
    /* Called while the server is made; ARENA lives as long as it. ERR_NOMEM. */
    int (*describe)(void *self, size_t index, struct arena *arena, struct mcp_resource *ret_resource, struct err *err);
    const struct mcp_resource *templates; /* `uri` is an RFC 6570 template; ends with an empty uri; may be NULL */
    /* Writes one or more objects {uri, mimeType, text|blob} into the open array. ERR_NOT_FOUND. */
    int (*read)(void *self, struct str uri, struct arena *arena, struct json_writer *contents, struct err *err);
    void *self;
};

struct mcp_prompt_argument {
    const char *name, *title, *description;
    bool required;
};

struct mcp_prompt {
    const char *name, *title, *description;
    const struct mcp_prompt_argument *arguments; /* ends with a NULL name */
    /*
     * Writes objects {role, content} into the open array. ARGUMENTS: an object of strings whose required members are
     * there, or NULL. ERR_USAGE: an argument's value makes no sense.
     */
    int (*get)(const struct mcp_prompt *prompt, const struct data_node *arguments, struct arena *arena,
               struct json_writer *messages, struct err *err);
};

enum mcp_reference { MCP_REFERENCE_PROMPT, MCP_REFERENCE_RESOURCE };

/* The question of a completion/complete. */
struct mcp_completion {
    enum mcp_reference kind;
    struct str name;               /* of the prompt, or the template's URI */
    struct str argument, value;    /* value: what was typed so far */
    const struct data_node *given; /* context.arguments, or NULL */
};

/* Values in the order to show them, at most MCP_COMPLETIONS_MAX are sent; none for what has no completions. */
typedef int mcp_complete_function(void *self, const struct mcp_completion *completion, struct arena *arena,
                                  struct str_list *ret_values, struct err *err);
#define MCP_COMPLETIONS_MAX 100

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message over either transport: whatever comes, what leaves is one line of valid JSON that answers with the id it
 * was asked with, or nothing.
 *
 * The first line says how it comes: 'h' is HTTP, with "VERSION METHOD NAME PARAM" behind it ('-': not there); anything
 * else is stdio, its first letter minus 'a' the version that was negotiated. The rest is the message.
 */
#include "../unit/mcp_fixture.h"
#include "data/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mcp_server *server;

static void need(bool holds)
{
    if (!holds)
        abort();
}

static bool find_param(void *self, struct str name, struct str *ret_value)
{
    const struct str *param = self;
    if (!param->ptr || !str_eq_fold(name, STR("region")))
        return false;
    *ret_value = *param;
    return true;
}

static const struct data_node *check_line(struct str text, struct arena *arena)
{
    const struct data_node *root = NULL;
    struct err err = ERR_INIT;
    need(!str_has_char(text, '\n') && !str_has_char(text, '\r'));
    need(json_parse(text, arena, &root, &err) == 0);
    return root;
}

static void notify(void *self, struct str message)
{
    check_line(message, self);
}

static struct str field(struct str *rest)
{
    struct str word = STR_NONE;
    return !str_next(rest, ' ', &word) || str_eq(word, STR("-")) ? STR_NONE : word;
}

static void check_answer(const struct mcp_message *message, const struct mcp_answer *answer, struct str text,
                         struct arena *arena)
{
    need((answer->kind == MCP_ANSWER_NONE) == (text.len == 0));
    need(message->kind != MCP_NOTIFICATION || answer->kind == MCP_ANSWER_NONE);
    if (text.len == 0)
        return;
    const struct data_node *root = check_line(text, arena);
    need(root->kind == (message->kind == MCP_BATCH ? DATA_ARRAY : DATA_OBJECT));
    if (answer->kind == MCP_ANSWER_OPEN)
        root = check_line(answer->last, arena);
    if (message->kind != MCP_REQUEST)
        return;
    need(!data_get(root, "result") != !data_get(root, "error"));
    const struct data_node *id = data_get(root, "id");
    CLEANUP_BUF struct buf key = BUF_INIT;
    if (id->kind == DATA_STRING)
        json_quote(&key, id->value);
    else
        buf_add_str(&key, id->value);
    need(str_eq(buf_str(&key), message->id));
}

static void run(const struct mcp_headers *headers, enum mcp_version version, struct str bytes)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct mcp_peer peer = {headers ? MCP_HTTP : MCP_STDIO, version};
    struct mcp_message message;
    struct mcp_answer answer;
    struct err err = ERR_INIT;
    need(mcp_read(server, &peer, headers, bytes, &arena, &message, &err) == 0);
    const struct mcp_exchange exchange = {.arena = &arena, .notify = notify, .notify_self = &arena};
    need(mcp_answer(server, &peer, &message, &exchange, &out, &answer, &err) == 0);
    check_answer(&message, &answer, buf_str(&out), &arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = str_of((const char *)data, size), line = STR_NONE;
    struct err err = ERR_INIT;
    if (!server && mcp_server_new(&mcp_fixture_whole, &server, &err) != 0)
        abort();
    if (!str_next(&bytes, '\n', &line) || line.len == 0)
        return 0;
    if (*line.ptr == 'h') {
        struct str param = STR_NONE;
        struct mcp_headers headers = {.param = find_param, .self = &param};
        line = str_skip(line, 1);
        headers.version = field(&line);
        headers.method = field(&line);
        headers.name = field(&line);
        param = field(&line);
        run(&headers, MCP_VERSION_NONE, bytes);
    } else {
        unsigned version = (unsigned)(unsigned char)*line.ptr - 'a';
        run(NULL, version < MCP_2026_07_28 ? (enum mcp_version)version : MCP_VERSION_NONE, bytes);
    }
    return 0;
}

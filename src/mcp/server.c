/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written once: who we are, what we can do, the lists.
 */
#include "base/alloc.h"
#include "mcp/internal.h"

static void write_info(const struct mcp_description *description, enum mcp_version version, struct json_writer *json)
{
    json_object(json);
    json_field_str(json, "name", description->name);
    if (version >= MCP_2025_06_18 && description->title.len > 0)
        json_field_str(json, "title", description->title);
    json_field_str(json, "version", description->version);
    if (version >= MCP_2025_11_25 && description->website.len > 0)
        json_field_str(json, "websiteUrl", description->website);
    json_end(json);
}

static void write_capabilities(const struct mcp_description *description, enum mcp_version version,
                               struct json_writer *json)
{
    const struct {
        const char *name;
        bool offered;
    } capabilities[] = {
        {"completions", description->complete && version >= MCP_2025_03_26},
        {"prompts", description->prompts},
        {"resources", description->resources},
        {"tools", description->tools},
    };
    json_field_object(json, "capabilities");
    for (size_t i = 0; i < ARRAY_LEN(capabilities); i++) {
        if (!capabilities[i].offered)
            continue;
        json_field_object(json, capabilities[i].name);
        if (str_eq_z(STR("resources"), capabilities[i].name) && !mcp_is_modern(version))
            json_field_bool(json, "subscribe", true); /* subscribe.c says what that means here */
        json_end(json);
    }
    json_end(json);
}

static int keep(struct mcp_server *server, struct json_writer *json, struct str *ret_text, struct err *err)
{
    int r = json_writer_check(json, err);
    if (r != 0)
        return r;
    mcp_one_line(json->out, 0);
    *ret_text = arena_buf(&server->arena, json->out);
    return ret_text->ptr ? 0 : err_nomem(err);
}

static int write_meta(struct mcp_server *server, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &text, JSON_COMPACT);
    json_object(&json);
    json_key(&json, MCP_META_SERVER_INFO);
    write_info(server->description, MCP_2026_07_28, &json);
    json_end(&json);
    return keep(server, &json, &server->meta, err);
}

static int write_initialize(struct mcp_server *server, enum mcp_version version, struct err *err)
{
    const struct mcp_description *description = server->description;
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &text, JSON_COMPACT);
    json_object(&json);
    json_field_str(&json, "protocolVersion", mcp_version_text(version));
    write_capabilities(description, version, &json);
    json_key(&json, "serverInfo");
    write_info(description, version, &json);
    if (description->instructions.len > 0)
        json_field_str(&json, "instructions", description->instructions);
    json_end(&json);
    return keep(server, &json, &server->initialize[version], err);
}

static int write_discover(struct mcp_server *server, struct err *err)
{
    const struct mcp_description *description = server->description;
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &text, JSON_COMPACT);
    json_object(&json);
    json_field_z(&json, "resultType", "complete");
    json_key(&json, "supportedVersions");
    mcp_versions_write(&json);
    write_capabilities(description, MCP_2026_07_28, &json);
    if (description->instructions.len > 0)
        json_field_str(&json, "instructions", description->instructions);
    json_field_u64(&json, "ttlMs", description->list_ttl_ms);
    json_field_z(&json, "cacheScope", "public");
    json_key(&json, "_meta");
    json_raw(&json, server->meta);
    json_end(&json);
    return keep(server, &json, &server->discover, err);
}

static int make(struct mcp_server *server, struct err *err)
{
    int r = write_meta(server, err);
    for (enum mcp_version version = MCP_2024_11_05; r == 0 && version < MCP_2026_07_28; version++)
        r = write_initialize(server, version, err);
    if (r == 0)
        r = write_discover(server, err);
    return r == 0 ? mcp_lists_make(server, err) : r;
}

int mcp_server_new(const struct mcp_description *description, struct mcp_server **ret_server, struct err *err)
{
    struct mcp_server *server = mem_calloc(1, sizeof(*server));
    if (!server)
        return err_nomem(err);
    server->description = description;
    server->arena = ARENA_INIT;
    int r = make(server, err);
    if (r == 0)
        *ret_server = server;
    else
        mcp_server_free(server);
    return r;
}

void mcp_server_free(struct mcp_server *server)
{
    if (!server)
        return;
    arena_done(&server->arena);
    mem_free(server);
}

int mcp_answer_initialize(struct mcp_turn *turn, struct err *err UNUSED)
{
    turn->peer->version = turn->request->version;
    buf_add_str(turn->out, turn->server->initialize[turn->request->version]);
    return 0;
}

int mcp_answer_ping(struct mcp_turn *turn, struct err *err UNUSED)
{
    buf_add_z(turn->out, "{}");
    return 0;
}

int mcp_answer_discover(struct mcp_turn *turn, struct err *err UNUSED)
{
    buf_add_str(turn->out, turn->server->discover);
    return 0;
}

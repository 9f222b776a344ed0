/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/list, resources/list, resources/templates/list, prompts/list: every page in every form is written when the
 * server is made, so that an answer is a copy. A cursor is the name of a page, with a sum over all that the list
 * holds: replicas of one build take each other's, and one of another list or build is refused.
 */
#include "mcp/internal.h"

static const char *const members[MCP_LISTS] = {
    [MCP_LIST_TOOLS] = "tools",
    [MCP_LIST_RESOURCES] = "resources",
    [MCP_LIST_TEMPLATES] = "resourceTemplates",
    [MCP_LIST_PROMPTS] = "prompts",
};

static size_t count_items(const struct mcp_server *server, enum mcp_list_kind kind)
{
    const struct mcp_description *description = server->description;
    const struct mcp_resources *resources = description->resources;
    size_t count = 0;
    switch (kind) {
    case MCP_LIST_TOOLS:
        return server->offer_count;
    case MCP_LIST_RESOURCES:
        return resources ? resources->count(resources->self) : 0;
    case MCP_LIST_TEMPLATES:
        while (resources && resources->templates && resources->templates[count].uri.len > 0)
            count++;
        break;
    case MCP_LIST_PROMPTS:
        while (description->prompts && description->prompts[count].name)
            count++;
        break;
    case MCP_LISTS:
        break;
    }
    return count;
}

static void write_text(struct json_writer *json, const char *key, struct str text)
{
    if (text.len > 0)
        json_field_str(json, key, text);
}

static void write_resource(const struct mcp_resource *resource, const char *uri, enum mcp_form form,
                           struct json_writer *json)
{
    json_object(json);
    json_field_str(json, uri, resource->uri);
    json_field_str(json, "name", resource->name);
    if (form >= MCP_FORM_2025_06_18)
        write_text(json, "title", resource->title);
    write_text(json, "description", resource->description);
    write_text(json, "mimeType", resource->mime_type);
    json_end(json);
}

static void write_prompt(const struct mcp_prompt *prompt, enum mcp_form form, struct json_writer *json)
{
    json_object(json);
    json_field_z(json, "name", prompt->name);
    if (form >= MCP_FORM_2025_06_18)
        write_text(json, "title", str_z(prompt->title));
    write_text(json, "description", str_z(prompt->description));
    if (prompt->arguments && prompt->arguments->name) {
        json_field_array(json, "arguments");
        for (const struct mcp_prompt_argument *argument = prompt->arguments; argument->name; argument++) {
            json_object(json);
            json_field_z(json, "name", argument->name);
            if (form >= MCP_FORM_2025_06_18)
                write_text(json, "title", str_z(argument->title));
            write_text(json, "description", str_z(argument->description));
            json_field_bool(json, "required", argument->required);
            json_end(json);
        }
        json_end(json);
    }
    json_end(json);
}

static int write_item(struct mcp_server *server, enum mcp_list_kind kind, size_t index, enum mcp_form form,
                      struct json_writer *json, struct err *err)
{
    const struct mcp_resources *resources = server->description->resources;
    struct mcp_resource resource = {0};
    int r = 0;
    switch (kind) {
    case MCP_LIST_TOOLS:
        return mcp_tool_describe(&server->offers[index], form, json, err);
    case MCP_LIST_RESOURCES:
        r = resources->describe(resources->self, index, &server->arena, &resource, err);
        if (r == 0)
            write_resource(&resource, "uri", form, json);
        break;
    case MCP_LIST_TEMPLATES:
        write_resource(&resources->templates[index], "uriTemplate", form, json);
        break;
    case MCP_LIST_PROMPTS:
        write_prompt(&server->description->prompts[index], form, json);
        break;
    case MCP_LISTS:
        break;
    }
    return r;
}

/* The items FROM up to TO as the page's result; NEXT is the cursor behind it, or empty. */
static int write_page(struct mcp_server *server, enum mcp_list_kind kind, size_t from, size_t to, enum mcp_form form,
                      struct str next, struct str *ret_text, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct json_writer json;
    bool modern = form == MCP_FORM_2026_07_28;
    int r = 0;
    json_writer_init(&json, &text, JSON_COMPACT);
    json_object(&json);
    if (modern)
        json_field_z(&json, "resultType", "complete");
    json_field_array(&json, members[kind]);
    for (size_t i = from; i < to && r == 0; i++)
        r = write_item(server, kind, i, form, &json, err);
    json_end(&json);
    if (next.len > 0)
        json_field_str(&json, "nextCursor", next);
    if (modern) {
        json_field_u64(&json, "ttlMs", server->description->list_ttl_ms);
        json_field_z(&json, "cacheScope", "public");
        json_key(&json, "_meta");
        json_raw(&json, server->meta);
    }
    json_end(&json);
    if (r == 0)
        r = json_writer_check(&json, err);
    if (r != 0)
        return r;
    mcp_one_line(&text, 0);
    *ret_text = arena_buf(&server->arena, &text);
    return ret_text->ptr ? 0 : err_nomem(err);
}

/* FNV-1a, 32 bits: nothing here has to resist an attacker, who may ask for each page anyway. */
static uint32_t sum_of(struct str text)
{
    uint32_t sum = 2166136261U;
    for (size_t i = 0; i < text.len; i++)
        sum = (sum ^ (unsigned char)text.ptr[i]) * 16777619U;
    return sum;
}

static int name_pages(struct mcp_server *server, enum mcp_list_kind kind, struct mcp_list *list, struct err *err)
{
    struct str whole;
    int r = write_page(server, kind, 0, count_items(server, kind), MCP_FORM_2025_06_18, STR_NONE, &whole, err);
    for (size_t i = 1; r == 0 && i < list->count; i++) {
        list->pages[i].cursor = str_z(arena_printf(&server->arena, "%08x%04zx", sum_of(whole), i));
        if (!list->pages[i].cursor.ptr)
            r = err_nomem(err);
    }
    return r;
}

static int make_list(struct mcp_server *server, enum mcp_list_kind kind, struct err *err)
{
    struct mcp_list *list = &server->lists[kind];
    size_t count = count_items(server, kind);
    size_t size = server->description->page_size ? server->description->page_size : count + 1;
    list->count = count == 0 ? 1 : (count + size - 1) / size;
    list->pages = ARENA_ARRAY(&server->arena, list->count, struct mcp_page);
    if (!list->pages)
        return err_nomem(err);
    int r = list->count > 1 ? name_pages(server, kind, list, err) : 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t to = (i + 1) * size < count ? (i + 1) * size : count;
        struct str next = i + 1 < list->count ? list->pages[i + 1].cursor : STR_NONE;
        for (enum mcp_form form = 0; r == 0 && form < MCP_FORMS; form++)
            r = write_page(server, kind, i * size, to, form, next, &list->pages[i].result[form], err);
    }
    return r;
}

static bool is_tool_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_alnum(name.ptr[i]) && name.ptr[i] != '_' && name.ptr[i] != '.' && name.ptr[i] != '-')
            return false;
    return name.len > 0 && name.len <= 128;
}

static int make_offers(struct mcp_server *server, struct err *err)
{
    const struct mcp_tool *tools = server->description->tools;
    size_t count = 0;
    while (tools && tools[count].name)
        count++;
    server->offers = ARENA_ARRAY(&server->arena, count + 1, struct mcp_offer);
    if (!server->offers)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        const struct mcp_tool *tool = &tools[i];
        struct mcp_offer *offer = &server->offers[i];
        struct str name = str_z(tool->name);
        if (!is_tool_name(name) || mcp_offer_find(server, name))
            return err_set(err, ERR_INTERNAL, "tool name '%s' is not well made, or there twice", tool->name);
        if (!tool->operation && (!tool->call || !tool->input_schema))
            return err_set(err, ERR_INTERNAL, "tool '%s' has no operation and no function", tool->name);
        *offer = (struct mcp_offer){.tool = tool, .name = name};
        offer->quick = tool->operation ? tool->operation->quick : tool->quick;
        server->offer_count++;
        int r = tool->operation ? 0 : mcp_mirrored_find(offer, &server->arena, err);
        if (r != 0)
            return r;
    }
    return 0;
}

const struct mcp_offer *mcp_offer_find(const struct mcp_server *server, struct str name)
{
    for (size_t i = 0; i < server->offer_count; i++)
        if (str_eq(server->offers[i].name, name))
            return &server->offers[i];
    return NULL;
}

int mcp_lists_make(struct mcp_server *server, struct err *err)
{
    int r = make_offers(server, err);
    for (enum mcp_list_kind kind = 0; r == 0 && kind < MCP_LISTS; kind++)
        r = make_list(server, kind, err);
    return r;
}

static int answer_list(struct mcp_turn *turn, enum mcp_list_kind kind, struct err *err)
{
    const struct mcp_list *list = &turn->server->lists[kind];
    const struct data_node *cursor = data_get(turn->request->params, "cursor");
    const struct mcp_page *page = cursor ? NULL : &list->pages[0];
    if (cursor && cursor->kind != DATA_STRING)
        return mcp_refuse_params(turn, err, "Invalid cursor: it is %s, not a string", data_kind_name(cursor->kind));
    for (size_t i = 1; cursor && i < list->count; i++)
        if (str_eq(list->pages[i].cursor, cursor->value))
            page = &list->pages[i];
    if (!page)
        return mcp_refuse_params(turn, err, "Invalid cursor: no page of this list has it; begin without a cursor");
    buf_add_str(turn->out, page->result[mcp_form_of(turn->request->version)]);
    return 0;
}

int mcp_answer_tools_list(struct mcp_turn *turn, struct err *err)
{
    return answer_list(turn, MCP_LIST_TOOLS, err);
}

int mcp_answer_resources_list(struct mcp_turn *turn, struct err *err)
{
    return answer_list(turn, MCP_LIST_RESOURCES, err);
}

int mcp_answer_templates_list(struct mcp_turn *turn, struct err *err)
{
    return answer_list(turn, MCP_LIST_TEMPLATES, err);
}

int mcp_answer_prompts_list(struct mcp_turn *turn, struct err *err)
{
    return answer_list(turn, MCP_LIST_PROMPTS, err);
}

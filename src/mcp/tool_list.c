/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a tool is described: schemas, annotations, and the arguments that HTTP fields repeat.
 */
#include "data/json.h"
#include "mcp/internal.h"
#include "op/schema.h"

/* "judge files." of "judge files": a sentence. */
static int write_description(const struct mcp_tool *tool, struct json_writer *json, struct err *err)
{
    if (!tool->operation) {
        if (tool->description)
            json_field_z(json, "description", tool->description);
        return 0;
    }
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct str summary = str_z(tool->operation->summary);
    if (summary.len > 0)
        buf_add_char(&text, (char)(summary.ptr[0] - (summary.ptr[0] >= 'a' && summary.ptr[0] <= 'z' ? 'a' - 'A' : 0)));
    buf_add_str(&text, str_skip(summary, 1));
    buf_add_char(&text, '.');
    if (tool->operation->description)
        buf_addf(&text, "\n\n%s", tool->operation->description);
    json_field_str(json, "description", buf_str(&text));
    return buf_check(&text, err);
}

/* What an agent may assume before it asks its user. */
static void write_annotations(const struct mcp_tool *tool, struct json_writer *json)
{
    if (!tool->operation)
        return;
    bool writes = tool->operation->effects & OP_WRITES_FILES;
    json_field_object(json, "annotations");
    if (tool->title)
        json_field_z(json, "title", tool->title);
    json_field_bool(json, "readOnlyHint", !writes);
    json_field_bool(json, "destructiveHint", writes);
    json_field_bool(json, "idempotentHint", !writes);
    json_field_bool(json, "openWorldHint", tool->operation->effects & OP_NETWORK);
    json_end(json);
}

int mcp_tool_describe(const struct mcp_offer *offer, enum mcp_form form, struct json_writer *json, struct err *err)
{
    const struct mcp_tool *tool = offer->tool;
    json_object(json);
    json_field_z(json, "name", tool->name);
    if (form >= MCP_FORM_2025_06_18 && tool->title)
        json_field_z(json, "title", tool->title);
    int r = write_description(tool, json, err);
    json_key(json, "inputSchema");
    if (tool->operation)
        op_schema_input(tool->operation, json);
    else
        json_raw(json, str_z(tool->input_schema));
    if (form >= MCP_FORM_2025_06_18 && (tool->operation || tool->output_schema)) {
        json_key(json, "outputSchema");
        if (tool->operation)
            op_schema_output(tool->operation, json);
        else
            json_raw(json, str_z(tool->output_schema));
    }
    if (form >= MCP_FORM_2025_03_26)
        write_annotations(tool, json);
    json_end(json);
    return r;
}

/* RFC 9110, section 5.6.2. */
static bool is_token(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!char_is_alnum(text.ptr[i]) && !str_has_char(STR("!#$%&'*+-.^_`|~"), text.ptr[i]))
            return false;
    return text.len > 0;
}

struct mirror {
    struct mcp_offer *offer;
    struct arena *arena;
    struct mcp_mirrored *items; /* room for each value of the schema */
};

static bool mirrored_kind(const struct data_node *schema, enum data_kind *ret_kind)
{
    struct str type = STR_NONE;
    if (data_str(data_get(schema, "type"), &type, NULL) != 0)
        return false;
    if (str_eq(type, STR("string")))
        *ret_kind = DATA_STRING;
    else if (str_eq(type, STR("integer")))
        *ret_kind = DATA_NUMBER;
    else if (str_eq(type, STR("boolean")))
        *ret_kind = DATA_BOOL;
    else
        return false;
    return true;
}

/* The way from the root: each second node above is a `properties`. */
static int set_path(struct mirror *mirror, const struct data_node *schema, struct mcp_mirrored *item, struct err *err)
{
    size_t depth = 0;
    for (const struct data_node *at = schema; at->parent; at = at->parent->parent) {
        if (!str_eq(at->parent->key, STR("properties")) || !at->parent->parent)
            return err_set(err, ERR_INTERNAL, "tool '%s': 'x-mcp-header' stands below what is no 'properties'",
                           mirror->offer->tool->name);
        depth++;
    }
    struct str *path = ARENA_ARRAY(mirror->arena, depth + 1, struct str);
    if (!path)
        return err_nomem(err);
    item->path = path;
    item->depth = depth;
    for (const struct data_node *at = schema; at->parent; at = at->parent->parent) {
        path[--depth] = arena_str(mirror->arena, at->key);
        if (!path[depth].ptr)
            return err_nomem(err);
    }
    return 0;
}

static int add_mirrored(struct mirror *mirror, const struct data_node *mark, struct err *err)
{
    struct mcp_mirrored item = {0};
    const char *tool = mirror->offer->tool->name;
    if (mark->kind != DATA_STRING || !is_token(mark->value) || !mirrored_kind(mark->parent, &item.kind))
        return err_set(err, ERR_INTERNAL, "tool '%s': an 'x-mcp-header' is not well made", tool);
    for (size_t i = 0; i < mirror->offer->mirrored_count; i++)
        if (str_eq_fold(mirror->items[i].name, mark->value))
            return err_set(err, ERR_INTERNAL, "tool '%s': an 'x-mcp-header' is there twice", tool);
    item.name = arena_str(mirror->arena, mark->value);
    if (!item.name.ptr)
        return err_nomem(err);
    int r = set_path(mirror, mark->parent, &item, err);
    if (r == 0)
        mirror->items[mirror->offer->mirrored_count++] = item;
    return r;
}

/* The node behind NODE in document order. */
static const struct data_node *following(const struct data_node *node)
{
    if (node->first)
        return node->first;
    while (node && !node->next)
        node = node->parent;
    return node ? node->next : NULL;
}

int mcp_mirrored_find(struct mcp_offer *offer, struct arena *arena, struct err *err)
{
    CLEANUP_ARENA struct arena own = ARENA_INIT;
    const struct data_node *root = NULL;
    size_t count = 0;
    int r = json_parse(str_z(offer->tool->input_schema), &own, &root, err);
    if (r != 0)
        return r == -ERR_NOMEM
                   ? r
                   : err_set(err, ERR_INTERNAL, "tool '%s': its input schema is not JSON", offer->tool->name);
    for (const struct data_node *node = root; node; node = following(node))
        count += str_eq(node->key, STR("x-mcp-header"));
    struct mirror mirror = {offer, arena, ARENA_ARRAY(arena, count + 1, struct mcp_mirrored)};
    if (!mirror.items)
        return err_nomem(err);
    offer->mirrored = mirror.items;
    for (const struct data_node *node = root; r == 0 && node; node = following(node))
        if (str_eq(node->key, STR("x-mcp-header")))
            r = add_mirrored(&mirror, node, err);
    return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "fixtures.h"

/* --- resources -------------------------------------------------------------------------------------------------- */

static const struct mcp_resource resources[] = {
    {
        .uri = STR_INIT("test://static-text"),
        .name = STR_INIT("static-text"),
        .title = STR_INIT("Static text"),
        .description = STR_INIT("a text that stays"),
        .mime_type = STR_INIT("text/plain"),
    },
    {
        .uri = STR_INIT("test://static-binary"),
        .name = STR_INIT("static-binary"),
        .title = STR_INIT("Static bytes"),
        .description = STR_INIT("an image that stays"),
        .mime_type = STR_INIT("image/png"),
    },
    {
        .uri = STR_INIT("test://watched-resource"),
        .name = STR_INIT("watched-resource"),
        .description = STR_INIT("a text that could change, and never does"),
        .mime_type = STR_INIT("text/plain"),
    },
};

static const struct mcp_resource templates[] = {
    {
        .uri = STR_INIT("test://template/{id}/data"),
        .name = STR_INIT("template"),
        .title = STR_INIT("Template"),
        .description = STR_INIT("tells its id"),
        .mime_type = STR_INIT("application/json"),
    },
    {.uri = STR_INIT("")},
};

static size_t count(void *self UNUSED)
{
    return ARRAY_LEN(resources);
}

static int describe(void *self UNUSED, size_t index, struct arena *arena UNUSED, struct mcp_resource *ret_resource,
                    struct err *err UNUSED)
{
    *ret_resource = resources[index];
    return 0;
}

/* The id of test://template/ID/data; false when URI is none. */
static bool template_id(struct str uri, struct str *ret_id)
{
    static const struct str before = STR_INIT("test://template/"), behind = STR_INIT("/data");
    if (uri.len <= before.len + behind.len || !str_starts(uri, before) || !str_ends(uri, behind))
        return false;
    *ret_id = str_head(str_skip(uri, before.len), uri.len - before.len - behind.len);
    return !str_has_char(*ret_id, '/');
}

static int template_text(struct str id, struct buf *out, struct err *err)
{
    CLEANUP_BUF struct buf data = BUF_INIT;
    struct json_writer json;
    buf_addf(&data, "Data for ID: %.*s", STR_ARG(id));
    json_writer_init(&json, out, JSON_COMPACT);
    json_object(&json);
    json_field_str(&json, "id", id);
    json_field_bool(&json, "templateTest", true);
    json_field_str(&json, "data", buf_str(&data));
    json_end(&json);
    int rc = buf_check(&data, err);
    return rc ? rc : json_writer_check(&json, err);
}

static int read(void *self UNUSED, struct str uri, struct arena *arena UNUSED, struct json_writer *contents,
                struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct str id, type;
    bool is_template = template_id(uri, &id), is_binary = str_eq(uri, resources[1].uri);
    int rc = 0;
    if (is_template)
        rc = template_text(id, &text, err);
    else if (is_binary)
        buf_add_str(&text, FIXTURE_PNG);
    else if (str_eq(uri, resources[0].uri))
        buf_add_z(&text, "This is the content of the static text resource.");
    else if (str_eq(uri, resources[2].uri))
        buf_add_z(&text, "Nothing happened.");
    else
        rc = err_set(err, ERR_NOT_FOUND, "there is no resource '%.*s'", STR_ARG(uri));
    rc = rc ? rc : buf_check(&text, err);
    if (rc)
        return rc;
    type = is_template ? STR("application/json") : is_binary ? STR("image/png") : STR("text/plain");
    json_object(contents);
    json_field_str(contents, "uri", uri);
    json_field_str(contents, "mimeType", type);
    json_field_str(contents, is_binary ? "blob" : "text", buf_str(&text));
    json_end(contents);
    return 0;
}

const struct mcp_resources fixture_resources = {
    .count = count,
    .describe = describe,
    .templates = templates,
    .read = read,
};

/* --- prompts ---------------------------------------------------------------------------------------------------- */

static struct str argument(const struct data_node *arguments, const char *name)
{
    const struct data_node *node = data_get(arguments, name);
    return node ? node->value : STR("");
}

static void message_begin(struct json_writer *messages)
{
    json_object(messages);
    json_field_z(messages, "role", "user");
    json_key(messages, "content");
}

static int simple_get(const struct mcp_prompt *prompt UNUSED, const struct data_node *arguments UNUSED,
                      struct arena *arena UNUSED, struct json_writer *messages, struct err *err UNUSED)
{
    message_begin(messages);
    fixture_text(messages, STR("This is a simple prompt for testing."));
    json_end(messages);
    return 0;
}

static int arguments_get(const struct mcp_prompt *prompt UNUSED, const struct data_node *arguments, struct arena *arena,
                         struct json_writer *messages, struct err *err)
{
    const char *text = arena_printf(arena, "Prompt with arguments: arg1='%.*s', arg2='%.*s'",
                                    STR_ARG(argument(arguments, "arg1")), STR_ARG(argument(arguments, "arg2")));
    if (!text)
        return err_nomem(err);
    message_begin(messages);
    fixture_text(messages, str_z(text));
    json_end(messages);
    return 0;
}

static int resource_get(const struct mcp_prompt *prompt UNUSED, const struct data_node *arguments,
                        struct arena *arena UNUSED, struct json_writer *messages, struct err *err UNUSED)
{
    message_begin(messages);
    fixture_resource(messages, argument(arguments, "resourceUri"), "text/plain",
                     STR("Embedded resource content for testing."));
    json_end(messages);
    message_begin(messages);
    fixture_text(messages, STR("Please process the embedded resource above."));
    json_end(messages);
    return 0;
}

static int image_get(const struct mcp_prompt *prompt UNUSED, const struct data_node *arguments UNUSED,
                     struct arena *arena UNUSED, struct json_writer *messages, struct err *err UNUSED)
{
    message_begin(messages);
    fixture_data(messages, "image", FIXTURE_PNG, "image/png");
    json_end(messages);
    message_begin(messages);
    fixture_text(messages, STR("Please analyze the image above."));
    json_end(messages);
    return 0;
}

static const struct mcp_prompt_argument two_arguments[] = {
    {"arg1", NULL, "First test argument", true},
    {"arg2", NULL, "Second test argument", true},
    {NULL, NULL, NULL, false},
};
static const struct mcp_prompt_argument uri_argument[] = {
    {"resourceUri", NULL, "URI of the resource to embed", true},
    {NULL, NULL, NULL, false},
};
static const struct mcp_prompt_argument no_arguments[] = {{NULL, NULL, NULL, false}};

const struct mcp_prompt fixture_prompts[] = {
    {"test_simple_prompt", NULL, "a simple prompt without arguments", no_arguments, simple_get},
    {"test_prompt_with_arguments", NULL, "a prompt with arguments", two_arguments, arguments_get},
    {"test_prompt_with_embedded_resource", NULL, "a prompt with a resource in it", uri_argument, resource_get},
    {"test_prompt_with_image", NULL, "a prompt with an image", no_arguments, image_get},
    {.name = NULL},
};

/* --- completion ------------------------------------------------------------------------------------------------- */

int fixture_complete(void *self UNUSED, const struct mcp_completion *completion, struct arena *arena UNUSED,
                     struct str_list *ret_values, struct err *err UNUSED)
{
    static const struct str words[] = {STR_INIT("paris"), STR_INIT("park"), STR_INIT("party")};
    bool asked = completion->kind == MCP_REFERENCE_PROMPT &&
                 str_eq(completion->name, STR("test_prompt_with_arguments")) &&
                 str_starts(STR("par"), completion->value);
    *ret_values = (struct str_list){asked ? words : NULL, asked ? ARRAY_LEN(words) : 0};
    return 0;
}

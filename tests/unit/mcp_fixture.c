/* SPDX-License-Identifier: Apache-2.0 */
#include "mcp_fixture.h"

#include <stdio.h>
#include <string.h>

/* --- operations ------------------------------------------------------------------------------------------------- */

struct greet_args {
    struct str name;
    int64_t times;
    int tone;
};
struct greet_result {
    struct str greeting, raw;
    uint64_t times;
};

static const struct op_choice tones[] = {{"plain", NULL}, {"warm", NULL}, {NULL, NULL}};
static const struct op_param greet_params[] = {
    {.name = "name",
     .type = OP_STRING,
     .flags = OP_POSITIONAL | OP_REQUIRED,
     .summary = "whom",
     OP_AT(struct greet_args, name)},
    {.name = "times",
     .type = OP_INTEGER,
     .min = 1,
     .max = 3,
     .default_text = "1",
     .summary = "how often",
     OP_AT(struct greet_args, times)},
    {.name = "tone",
     .type = OP_ENUM,
     .choices = tones,
     .default_text = "plain",
     .summary = "how",
     OP_AT(struct greet_args, tone)},
    {.name = NULL},
};
static const struct op_field greet_fields[] = {
    {.name = "greeting", .type = OP_F_STR, .summary = "the text", OP_AT(struct greet_result, greeting)},
    {.name = "times", .type = OP_F_U64, .summary = "how often", OP_AT(struct greet_result, times)},
    {.name = "raw", .type = OP_F_JSON, .optional = true, .summary = "any JSON", OP_AT(struct greet_result, raw)},
    {.name = NULL},
};
static const struct op_record greet_record = {"greet", greet_fields, sizeof(struct greet_result)};

static int greet(const struct op_services *services UNUSED, const struct op_ctx *ctx, const void *arguments,
                 void *ret_result, struct err *err)
{
    const struct greet_args *args = arguments;
    struct greet_result *result = ret_result;
    if (str_eq(args->name, STR("nobody"))) {
        err_set(err, ERR_NOT_FOUND, "there is no 'nobody'");
        return err_hint(err, "greet \"somebody\"");
    }
    if (str_eq(args->name, STR("bug")))
        return err_set(err, ERR_INTERNAL, "a table is not well made");
    if (str_eq(args->name, STR("memory")))
        return err_nomem(err);
    if (str_eq(args->name, STR("late")))
        return err_set(err, ERR_DEADLINE, "the time is up");
    if (str_eq(args->name, STR("off")))
        return err_set(err, ERR_CANCELLED, "called off");
    if (str_eq(args->name, STR("raw")))
        result->raw = STR("{\n  \"a\": [1,\r\n 2]\n}");
    result->greeting =
        str_z(arena_printf(ctx->arena, "%s, %.*s", args->tone == 1 ? "dear" : "hello", STR_ARG(args->name)));
    result->times = (uint64_t)args->times;
    return result->greeting.ptr ? 0 : err_nomem(err);
}

static const struct operation greet_operation = {
    .name = "greet",
    .group = "Tests",
    .summary = "greet somebody",
    .description = "Says hello.\n\nMore than once, if asked.",
    .params = greet_params,
    .args_size = sizeof(struct greet_args),
    .result = &greet_record,
    .effects = OP_PURE,
    .quick = true,
    .run = greet,
};

/* Tells of progress in two phases that count differently, then of one that stands still, and one that shrinks. */
static int store(const struct op_services *services UNUSED, const struct op_ctx *ctx, const void *arguments UNUSED,
                 void *result UNUSED, struct err *err UNUSED)
{
    op_progress(ctx, STR("reading"), STR("a"), 0, 10);
    op_progress(ctx, STR("reading"), STR("b\n"), 5, 10);
    op_progress(ctx, STR("reading"), STR("b"), 5, 10);
    op_progress_items(ctx, STR("writing"), STR(""), 0, 0);
    op_progress_items(ctx, STR("writing"), STR(""), 1, 2);
    op_progress_items(ctx, STR("writing"), STR(""), 0, 2);
    op_progress_items(ctx, STR("writing"), STR(""), 2, 1);
    op_warn(ctx, "nobody hears of %s", "this");
    return 0;
}

static const struct op_param no_params[] = {{.name = NULL}};
static const struct op_field no_fields[] = {{.name = NULL}};
static const struct op_record store_record = {"store", no_fields, 1};
static const struct operation store_operation = {
    .name = "store",
    .group = "Tests",
    .summary = "store",
    .params = no_params,
    .args_size = 1,
    .result = &store_record,
    .effects = OP_WRITES_FILES | OP_NETWORK,
    .run = store,
};

static int run(void *self UNUSED, const struct operation *operation, const struct op_ctx *ctx, const void *args,
               void *result, struct err *err)
{
    return operation->run(NULL, ctx, args, result, err);
}

/* --- a function ------------------------------------------------------------------------------------------------- */

static int mirror(const struct mcp_call *call, struct json_writer *result, struct err *err)
{
    if (data_get(call->arguments, "fail"))
        return err_set(err, ERR_USAGE, "'fail' was asked for");
    json_field_array(result, "content");
    json_object(result);
    json_field_z(result, "type", "text");
    json_field_z(result, "text", call->self);
    json_end(result);
    json_end(result);
    return 0;
}

static char mirror_self[] = "mirrored";

static const struct mcp_tool tools[] = {
    {.name = "greet", .title = "Greet", .operation = &greet_operation},
    {.name = "store", .title = "Store", .operation = &store_operation},
    {.name = "mirror",
     .description = "Repeats arguments in headers.",
     .input_schema =
         "{\"type\":\"object\",\n\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"},"
         "\"deep\":{\"type\":\"object\",\"properties\":{\"level\":{\"type\":\"integer\",\"x-mcp-header\":"
         "\"Level\"}}},\"flag\":{\"type\":\"boolean\",\"x-mcp-header\":\"Flag\"}}}",
     .quick = true,
     .call = mirror,
     .self = mirror_self},
    {.name = "asks",
     .description = "Needs a client that can be asked.",
     .input_schema = "{\"type\":\"object\"}",
     .needs = "elicitation",
     .quick = true,
     .call = mirror,
     .self = mirror_self},
    {.name = NULL},
};

/* --- resources -------------------------------------------------------------------------------------------------- */

static size_t count_resources(void *self UNUSED)
{
    return 3;
}

static int describe_resource(void *self UNUSED, size_t index, struct arena *arena, struct mcp_resource *ret_resource,
                             struct err *err)
{
    *ret_resource = (struct mcp_resource){.uri = str_z(arena_printf(arena, "test://%zu", index)), .name = STR("n")};
    if (index == 0) {
        ret_resource->title = STR("First");
        ret_resource->description = STR("the \"first\"");
        ret_resource->mime_type = STR("text/plain");
    }
    return ret_resource->uri.ptr ? 0 : err_nomem(err);
}

static int read_resource(void *self UNUSED, struct str uri, struct arena *arena UNUSED, struct json_writer *contents,
                         struct err *err)
{
    if (str_eq(uri, STR("test://broken")))
        return err_set(err, ERR_IO, "the disk is gone");
    if (!str_eq(uri, STR("test://0")))
        return err_set(err, ERR_NOT_FOUND, "there is no '%.*s'", STR_ARG(uri));
    json_object(contents);
    json_field_str(contents, "uri", uri);
    json_field_z(contents, "mimeType", "text/plain");
    json_field_z(contents, "text", "one\ntwo");
    json_end(contents);
    return 0;
}

static const struct mcp_resource templates[] = {
    {.uri = STR_INIT("test://{id}"), .name = STR_INIT("any"), .title = STR_INIT("Any")},
    {.uri = {NULL, 0}},
};

static const struct mcp_resources resources = {
    .count = count_resources, .describe = describe_resource, .templates = templates, .read = read_resource};

/* --- prompts ---------------------------------------------------------------------------------------------------- */

static int get_prompt(const struct mcp_prompt *prompt, const struct data_node *arguments, struct arena *arena UNUSED,
                      struct json_writer *messages, struct err *err)
{
    struct str code = str_z(prompt->name);
    data_str(data_get(arguments, "code"), &code, NULL);
    if (str_eq(code, STR("bad"))) {
        err_set(err, ERR_USAGE, "'bad' is no code");
        return err_hint(err, "give good code");
    }
    if (str_eq(code, STR("memory")))
        return err_nomem(err);
    json_object(messages);
    json_field_z(messages, "role", "user");
    json_field_object(messages, "content");
    json_field_z(messages, "type", "text");
    json_field_str(messages, "text", code);
    json_end(messages);
    json_end(messages);
    return 0;
}

static const struct mcp_prompt_argument review_arguments[] = {
    {"code", "Code", "what to review", true}, {"style", NULL, NULL, false}, {NULL, NULL, NULL, false}};

static const struct mcp_prompt prompts[] = {
    {"review", "Review", "Review code", review_arguments, get_prompt},
    {"plain", NULL, NULL, NULL, get_prompt},
    {.name = NULL},
};

/* --- completions ------------------------------------------------------------------------------------------------ */

static int complete(void *self UNUSED, const struct mcp_completion *completion, struct arena *arena,
                    struct str_list *ret_values, struct err *err)
{
    size_t count = completion->kind == MCP_REFERENCE_PROMPT ? 2 : 150;
    if (str_eq(completion->value, STR("none")))
        count = 0;
    struct str *values = ARENA_ARRAY(arena, count + 1, struct str);
    if (!values)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        values[i] =
            str_z(arena_printf(arena, "%.*s%zu%s", STR_ARG(completion->value), i, completion->given ? "+" : ""));
        if (!values[i].ptr)
            return err_nomem(err);
    }
    *ret_values = (struct str_list){values, count};
    return 0;
}

/* --- the servers ------------------------------------------------------------------------------------------------ */

struct mcp_event mcp_fixture_event;

static void observe(void *self UNUSED, const struct mcp_event *event)
{
    static char error[32];
    mcp_fixture_event = *event;
    (void)snprintf(error, sizeof(error), "%.*s", STR_ARG(event->error));
    mcp_fixture_event.error = str_z(error);
}

#define FIXTURE                                                                                                        \
    .name = STR_INIT("test"), .title = STR_INIT("Test"), .version = STR_INIT("1"),                                     \
    .website = STR_INIT("https://example.org/"), .runner = {run, NULL}, .list_ttl_ms = 60000, .observe = observe

const struct mcp_description mcp_fixture_whole = {
    FIXTURE,
    .instructions = STR_INIT("Be kind."),
    .tools = tools,
    .resources = &resources,
    .prompts = prompts,
    .complete = complete,
    .page_size = 100,
};

const struct mcp_description mcp_fixture_pages = {FIXTURE, .tools = tools, .resources = &resources, .prompts = prompts,
                                                  .page_size = 1};

const struct mcp_description mcp_fixture_bare = {.name = STR_INIT("bare"), .version = STR_INIT("1")};

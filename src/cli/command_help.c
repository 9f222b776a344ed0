/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"
#include "base/vec.h"
#include "cli/commands.h"
#include "cli/reference.h"
#include "op/schema.h"
#include "op/text.h"

struct help_args {
    struct str topic;
    bool man, markdown, file_schema;
};

struct help_operation {
    struct str name, summary, input_schema, output_schema;
    struct str_list effects;
};

struct help_result {
    struct str topic; /* empty: the program */
    const struct op_table *table;
    const struct operation *operation;
    struct str version;
    enum reference_style style;
    struct str file_schema; /* instead of all that */
    VEC(struct help_operation) operations;
};

static const struct op_field operation_fields[] = {
    {.name = "name", .type = OP_F_STR, .summary = "name of the command", OP_AT(struct help_operation, name)},
    {.name = "summary", .type = OP_F_STR, .summary = "what it does", OP_AT(struct help_operation, summary)},
    {.name = "effects",
     .type = OP_F_STRS,
     .summary = "what it touches: reads-files, writes-files, network, runs-processes",
     OP_AT(struct help_operation, effects)},
    {.name = "input_schema",
     .type = OP_F_JSON,
     .summary = "JSON Schema of its arguments",
     OP_AT(struct help_operation, input_schema)},
    {.name = "output_schema",
     .type = OP_F_JSON,
     .summary = "JSON Schema of its answer",
     OP_AT(struct help_operation, output_schema)},
    {.name = NULL},
};

static const struct op_record operation_record = {"operation", operation_fields, sizeof(struct help_operation)};

static const struct op_field fields[] = {
    {.name = "operations",
     .type = OP_F_OBJECTS,
     .record = &operation_record,
     .summary = "the commands asked for",
     OP_AT(struct help_result, operations)},
    {.name = NULL},
};

static const struct op_record record = {"help", fields, sizeof(struct help_result)};

static const struct op_param params[] = {
    {.name = "command",
     .type = OP_STRING,
     .flags = OP_POSITIONAL,
     .metavar = "COMMAND",
     .summary = "the command to tell about; without it, all of them",
     OP_AT(struct help_args, topic)},
    {.name = "man", .type = OP_BOOL, .summary = "write the manual page (man 7)", OP_AT(struct help_args, man)},
    {.name = "markdown",
     .type = OP_BOOL,
     .summary = "write the page of the reference",
     OP_AT(struct help_args, markdown)},
    {.name = "file-schema",
     .type = OP_BOOL,
     .summary = "write the JSON Schema of the file that can say a command's options",
     OP_AT(struct help_args, file_schema)},
    {.name = NULL},
};

typedef void schema_writer(const struct operation *operation, struct json_writer *json);

static int make_schema(schema_writer *write, const struct operation *operation, struct arena *arena,
                       struct str *ret_schema, struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    write(operation, &json);
    int rc = json_writer_check(&json, err);
    if (rc)
        return rc;
    *ret_schema = arena_buf(arena, &out);
    return ret_schema->ptr ? 0 : err_nomem(err);
}

static int describe(const struct operation *operation, struct arena *arena, struct help_operation *out, struct err *err)
{
    enum { EFFECTS_MAX = 4 };
    const char *names[EFFECTS_MAX];
    size_t count = op_effect_names(operation->effects, names);
    struct str *effects = ARENA_ARRAY(arena, EFFECTS_MAX, struct str);
    if (!effects)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++)
        effects[i] = str_z(names[i]);
    out->name = str_z(operation->name);
    out->summary = str_z(operation->summary);
    out->effects = (struct str_list){effects, count};
    int rc = make_schema(op_schema_input, operation, arena, &out->input_schema, err);
    return rc ? rc : make_schema(op_schema_output, operation, arena, &out->output_schema, err);
}

static int find_topic(const struct op_table *table, struct str topic, const struct operation **ret_operation,
                      struct err *err)
{
    *ret_operation = topic.len > 0 ? op_table_find(table, topic) : NULL;
    if (topic.len == 0 || *ret_operation)
        return 0;
    struct suggest suggest = suggest_begin(topic);
    for (const struct operation *const *item = table->items; *item; item++)
        suggest_offer(&suggest, str_z((*item)->name));
    err_set(err, ERR_USAGE, "unknown command '%.*s'", STR_ARG(topic));
    if (suggest.best.len > 0)
        return err_hint(err, "did you mean '%.*s'? see 'barehull --help'", STR_ARG(suggest.best));
    return err_hint(err, "see 'barehull --help'");
}

static int write_file_schema(struct help_result *help, struct arena *arena, struct err *err)
{
    if (!help->operation || !help->operation->file_schema) {
        err_set(err, ERR_USAGE, "no file can say the options of %s",
                help->operation ? help->operation->name : "all commands");
        return err_hint(err, "see 'barehull help build --file-schema'");
    }
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_INDENTED);
    help->operation->file_schema(&json);
    int rc = json_writer_check(&json, err);
    if (rc)
        return rc;
    help->file_schema = arena_buf(arena, &out);
    return help->file_schema.ptr ? 0 : err_nomem(err);
}

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *arguments, void *result,
               struct err *err)
{
    const struct help_args *args = arguments;
    struct help_result *help = result;
    if (args->man + args->markdown + args->file_schema > 1)
        return err_set(err, ERR_USAGE, "options '--man', '--markdown' and '--file-schema' exclude each other");
    int rc = find_topic(services->operations, args->topic, &help->operation, err);
    if (rc)
        return rc;
    help->table = services->operations;
    help->version = services->version;
    help->style = args->man ? REFERENCE_MAN : args->markdown ? REFERENCE_MARKDOWN : REFERENCE_HELP;
    rc = args->file_schema ? write_file_schema(help, ctx->arena, err) : 0;
    if (rc)
        return rc;
    size_t count = 0;
    while (help->table->items[count])
        count++;
    help->operations.ptr = ARENA_ARRAY(ctx->arena, count + 1, struct help_operation);
    if (!help->operations.ptr)
        return err_nomem(err);
    for (const struct operation *const *item = help->table->items; *item && !rc; item++) {
        if (!help->operation || help->operation == *item)
            rc = describe(*item, ctx->arena, &help->operations.ptr[help->operations.len++], err);
    }
    return rc;
}

static void render(const void *result, struct text_out *out)
{
    const struct help_result *help = result;
    if (help->file_schema.ptr) {
        buf_add_str(out->buf, help->file_schema); /* as it is: no style, no folding */
        buf_add_char(out->buf, '\n');
        return;
    }
    struct text_out page = *out;
    page.width = 80;
    reference_write(&page, help->style, help->table, help->operation, help->version.ptr);
}

static const struct op_example examples[] = {
    {"barehull help version", "how to use a command"},
    {"barehull help --man | man -l -", "the manual page, without installing it"},
    {"barehull help --format json", "all commands with the JSON Schemas of what they take and give"},
    {NULL, NULL},
};

static const char *const see_also[] = {"completion", "version", NULL};

const struct operation cli_help_operation = {
    .name = "help",
    .group = "About barehull",
    .summary = "explain a command, or all",
    .description = "Tells what a command does, the options that it takes, and the exit statuses that it ends with. "
                   "'barehull COMMAND --help' is the same.",
    .params = params,
    .args_size = sizeof(struct help_args),
    .result = &record,
    .effects = OP_PURE,
    .examples = examples,
    .see_also = see_also,
    .run = run,
    .render = render,
};

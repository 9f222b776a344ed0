/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve_result.h"

#include "op/text.h"

enum { STATUS_USAGE = 2 };

static const struct op_choice sources[] = {{"default", NULL}, {"environment", NULL}, {NULL, NULL}};
static const struct op_choice types[] = {
    [SERVICE_TEXT] = {"text", NULL},         [SERVICE_BOOL] = {"boolean", NULL},
    [SERVICE_HOST] = {"host", NULL},         [SERVICE_PORT] = {"port", NULL},
    [SERVICE_DURATION] = {"duration", NULL}, [SERVICE_SIZE] = {"size", NULL},
    [SERVICE_INTEGER] = {"integer", NULL},   [SERVICE_CHOICE] = {"choice", NULL},
    [SERVICE_ORIGINS] = {"origins", NULL},   [SERVICE_HOSTS] = {"hosts", NULL},
    [SERVICE_HOSTS + 1] = {NULL, NULL},
};
static const struct op_choice severities[] = {{"error", NULL}, {"warning", NULL}, {NULL, NULL}};
static const struct op_choice modes[] = {{"http", NULL}, {"stdio", NULL}, {NULL, NULL}};

static const struct op_field variable_fields[] = {
    {.name = "variable", .type = OP_F_STR, .summary = "its name", OP_AT(struct serve_variable, variable)},
    {.name = "value",
     .type = OP_F_STR,
     .summary = "its effective value, as it would be written; empty when there is none",
     OP_AT(struct serve_variable, value)},
    {.name = "source",
     .type = OP_F_STR,
     .choices = sources,
     .summary = "where the value comes from",
     OP_AT(struct serve_variable, source)},
    {.name = "type",
     .type = OP_F_STR,
     .choices = types,
     .summary = "what its values are",
     OP_AT(struct serve_variable, type)},
    {.name = "default",
     .type = OP_F_STR,
     .optional = true,
     .summary = "its value when it is not set",
     OP_AT(struct serve_variable, default_text)},
    {.name = "minimum",
     .type = OP_F_STR,
     .optional = true,
     .summary = "the least that it may be",
     OP_AT(struct serve_variable, minimum)},
    {.name = "maximum",
     .type = OP_F_STR,
     .optional = true,
     .summary = "the most that it may be",
     OP_AT(struct serve_variable, maximum)},
    {.name = "example", .type = OP_F_STR, .summary = "a value that is right", OP_AT(struct serve_variable, example)},
    {.name = "summary", .type = OP_F_STR, .summary = "what it is for", OP_AT(struct serve_variable, summary)},
    {.name = "details",
     .type = OP_F_STR,
     .optional = true,
     .summary = "more about it, in paragraphs",
     OP_AT(struct serve_variable, details)},
    {.name = NULL},
};
static const struct op_record variable_record = {"variable", variable_fields, sizeof(struct serve_variable)};

static const struct op_field problem_fields[] = {
    {.name = "severity",
     .type = OP_F_STR,
     .choices = severities,
     .summary = "error: the service does not start",
     OP_AT(struct serve_problem, severity)},
    {.name = "variable", .type = OP_F_STR, .summary = "the variable", OP_AT(struct serve_problem, variable)},
    {.name = "message", .type = OP_F_STR, .summary = "what is wrong with it", OP_AT(struct serve_problem, message)},
    {.name = "example",
     .type = OP_F_STR,
     .optional = true,
     .summary = "a value that is right",
     OP_AT(struct serve_problem, example)},
    {.name = NULL},
};
static const struct op_record problem_record = {"problem", problem_fields, sizeof(struct serve_problem)};

static const struct op_field fields[] = {
    {.name = "valid", .type = OP_F_BOOL, .summary = "the service would start", OP_AT(struct serve_result, valid)},
    {.name = "mode",
     .type = OP_F_STR,
     .choices = modes,
     .summary = "what it would serve",
     OP_AT(struct serve_result, mode)},
    {.name = "variables",
     .type = OP_F_OBJECTS,
     .record = &variable_record,
     .summary = "the configuration, in the order of the documentation",
     OP_AT(struct serve_result, variables)},
    {.name = "problems",
     .type = OP_F_OBJECTS,
     .record = &problem_record,
     .summary = "what is wrong with the environment, or odd",
     OP_AT(struct serve_result, problems)},
    {.name = NULL},
};
const struct op_record serve_result_record = {"serve", fields, sizeof(struct serve_result)};

static struct str bound(const struct service_var *var, uint64_t number, struct arena *arena)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    if (var->max == 0)
        return STR_NONE;
    service_config_format_number(var, number, &text);
    return arena_buf(arena, &text);
}

/* What the table says of it. */
static void describe(const struct service_var *var, struct arena *arena, struct serve_variable *item)
{
    item->variable = str_z(var->name);
    item->type = str_z(types[var->type].name);
    item->default_text = str_z(var->default_text);
    item->minimum = bound(var, var->min, arena);
    item->maximum = bound(var, var->max, arena);
    item->example = str_z(var->example);
    item->summary = str_z(var->summary);
    item->details = str_z(var->details);
}

static int fill_variables(enum service_mode mode, const struct service_config *config, struct arena *arena,
                          struct serve_result *result, struct err *err)
{
    size_t count = 0;
    while (service_vars[count].name)
        count++;
    struct serve_variable *items = ARENA_ARRAY(arena, count, struct serve_variable);
    if (!items)
        return err_nomem(err);
    result->variables.ptr = items;
    for (const struct service_var *var = service_vars; var->name; var++) {
        if (mode == SERVICE_STDIO && var->http_only)
            continue;
        CLEANUP_BUF struct buf text = BUF_INIT;
        service_config_format(config, var, &text);
        struct serve_variable *item = &items[result->variables.len++];
        describe(var, arena, item);
        item->value = arena_buf(arena, &text);
        item->source = service_config_is_set(config, var) ? STR("environment") : STR("default");
        if (!item->value.ptr || (var->max > 0 && !item->maximum.ptr))
            return err_nomem(err);
    }
    return 0;
}

int serve_result_fill(enum service_mode mode, const struct service_config *config,
                      const struct service_problems *problems, struct arena *arena, struct serve_result *ret_result,
                      struct err *err)
{
    struct serve_problem *items = ARENA_ARRAY(arena, problems->len + 1, struct serve_problem);
    if (!items)
        return err_nomem(err);
    for (size_t i = 0; i < problems->len; i++) {
        const struct service_problem *problem = &problems->ptr[i];
        items[i].severity = problem->warning ? STR("warning") : STR("error");
        items[i].variable = problem->variable;
        items[i].message = problem->message;
        items[i].example = problem->example.len > 0 ? problem->example : STR_NONE;
    }
    *ret_result = (struct serve_result){.shown = true, .valid = problems->errors == 0};
    ret_result->mode = mode == SERVICE_HTTP ? STR("http") : STR("stdio");
    ret_result->problems.ptr = items;
    ret_result->problems.len = problems->len;
    return fill_variables(mode, config, arena, ret_result, err);
}

static void render_problem(const struct serve_problem *problem, struct text_out *out)
{
    bool error = str_eq_z(problem->severity, "error");
    text_styled(out, error ? TEXT_RED : TEXT_YELLOW, error ? "error:" : "warning:");
    text_z(out, " ");
    text_str(out, problem->variable);
    text_z(out, ": ");
    text_str(out, problem->message);
    text_z(out, "\n");
    if (problem->example.len > 0)
        text_f(out, "  for example: %.*s=%.*s\n", STR_ARG(problem->variable), STR_ARG(problem->example));
}

/* Values are of no use while one of them is wrong: then problems stand alone. */
void serve_result_render(const void *result, struct text_out *out)
{
    const struct serve_result *serve = result;
    if (!serve->shown)
        return;
    if (serve->valid) {
        struct text_table table;
        text_table_begin(&table, out, 0, "lll");
        for (size_t i = 0; i < serve->variables.len; i++) {
            text_table_str(&table, serve->variables.ptr[i].variable);
            text_table_str(&table, serve->variables.ptr[i].source);
            text_table_str(&table, serve->variables.ptr[i].value);
        }
        text_table_end(&table);
    }
    for (size_t i = 0; i < serve->problems.len; i++)
        render_problem(&serve->problems.ptr[i], out);
    text_f(out, "the configuration is %s\n", serve->valid ? "valid" : "not valid");
}

int serve_result_status(const void *result)
{
    const struct serve_result *serve = result;
    return !serve->shown || serve->valid ? 0 : STATUS_USAGE;
}

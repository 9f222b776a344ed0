/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/rules.h"

#include "check/policy.h"
#include "op/services.h"
#include "op/text.h"
#include "ops_pure/rule_result.h"

struct rules_args {
    int surface, profile; /* 0 is any, then the enumerations of rules/rule.h */
};

struct rules_result {
    OP_LIST(struct rule_info) rules;
};

static const struct op_field fields[] = {
    {.name = "rules",
     .type = OP_F_OBJECTS,
     .record = &rule_info_record,
     .summary = "in the order of the documentation",
     OP_AT(struct rules_result, rules)},
    {.name = NULL},
};
static const struct op_record record = {"rules", fields, sizeof(struct rules_result)};

static const struct op_choice surfaces[] = {{"any", NULL},        {"dockerfile", NULL}, {"compose", NULL},
                                            {"kubernetes", NULL}, {"image", NULL},      {NULL, NULL}};
static const struct op_choice profiles[] = {
    {"any", NULL}, {"standard", NULL}, {"pss-baseline", NULL}, {"pss-restricted", NULL}, {NULL, NULL}};

_Static_assert(ARRAY_LEN(surfaces) == SURFACES + 2, "each surface can be named");
_Static_assert(ARRAY_LEN(profiles) == PROFILES + 2, "each profile can be named");

static const struct op_param params[] = {
    {.name = "surface",
     .type = OP_ENUM,
     .choices = surfaces,
     .default_text = "any",
     .summary = "only rules that are judged on this kind of file",
     OP_AT(struct rules_args, surface)},
    {.name = "profile",
     .type = OP_ENUM,
     .choices = profiles,
     .default_text = "any",
     .summary = "only rules of this profile",
     OP_AT(struct rules_args, profile)},
    {.name = NULL},
};

static bool is_asked(const struct rule *rule, const struct rules_args *args)
{
    return (args->surface == 0 || (rule->surfaces & 1U << (args->surface - 1))) &&
           (args->profile == 0 || (rule->profiles & 1U << (args->profile - 1)));
}

static int run(const struct op_services *services UNUSED, const struct op_ctx *ctx, const void *arguments, void *result,
               struct err *err)
{
    const struct rules_args *args = arguments;
    struct rules_result *list = result;
    size_t count = 0;
    while (rules[count])
        count++;
    struct rule_info *infos = ARENA_ARRAY(ctx->arena, count + 1, struct rule_info);
    if (!infos)
        return err_nomem(err);
    list->rules.ptr = infos;
    int rc = 0;
    for (size_t i = 0; i < count && !rc; i++)
        if (is_asked(rules[i], args))
            rc = rule_info_fill(rules[i], true, ctx->arena, &infos[list->rules.len++], err);
    return rc;
}

static void add_names(struct text_table *table, const struct str_list *names)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < names->len; i++)
        buf_addf(&text, "%s%.*s", i > 0 ? "," : "", STR_ARG(names->ptr[i]));
    text_table_str(table, buf_str(&text));
    table->cells.failed = table->cells.failed || text.failed;
}

static void render(const void *result, struct text_out *out)
{
    const struct rules_result *list = result;
    struct text_table table;
    text_table_begin(&table, out, 0, "lllll");
    for (size_t i = 0; i < list->rules.len; i++) {
        const struct rule_info *rule = &list->rules.ptr[i];
        text_table_str(&table, rule->id);
        text_table_str(&table, rule->severity);
        add_names(&table, &rule->surfaces);
        add_names(&table, &rule->profiles);
        text_table_str(&table, rule->fix);
    }
    text_table_end(&table);
}

static int write_config_schema(const void *result UNUSED, struct buf *out, struct err *err)
{
    struct json_writer json;
    json_writer_init(&json, out, JSON_INDENTED);
    policy_schema_write(&json);
    buf_add_char(out, '\n');
    return json_writer_check(&json, err);
}

static const struct op_format formats[] = {
    {"config-schema", "application/schema+json",
     "the JSON Schema of .barehull.yaml, which knows all rules and their parameters", write_config_schema},
    {.name = NULL},
};

static const struct op_example examples[] = {
    {"barehull rules --format config-schema=barehull.schema.json", "for editors of .barehull.yaml"},
    {"barehull rules --format json", "everything that a program needs to know of the rules"},
    {"barehull rules --profile pss-restricted", "the rules of a Pod Security Standard"},
    {NULL, NULL},
};

static const char *const see_also[] = {"check", "explain", NULL};

const struct operation rules_operation = {
    .name = "rules",
    .group = "Checks",
    .summary = "list the rules of the standard",
    .description = "Lists the rules in short: id, severity, the kinds of files that each is judged on, the profiles "
                   "that it is part of, and how it is mended; in JSON what it holds and its parameters, too. "
                   "'explain' tells the whole of one rule.",
    .params = params,
    .args_size = sizeof(struct rules_args),
    .result = &record,
    .effects = OP_PURE,
    .quick = true,
    .examples = examples,
    .see_also = see_also,
    .run = run,
    .render = render,
    .formats = formats,
};

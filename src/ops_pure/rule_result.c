/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/rule_result.h"

#include "base/suggest.h"

static const struct op_choice severities[] = {{"error", NULL}, {"warning", NULL}, {"note", NULL}, {NULL, NULL}};
static const struct op_choice fixes[] = {
    {"none", "it is mended by hand"},
    {"safe", "only the posture changes"},
    {"asks", "behaviour may change"},
    {NULL, NULL},
};

static const struct op_field source_fields[] = {
    {.name = "title", .type = OP_F_STR, .summary = "what it is", OP_AT(struct rule_source_info, title)},
    {.name = "url", .type = OP_F_STR, .summary = "where it is", OP_AT(struct rule_source_info, url)},
    {.name = NULL},
};
static const struct op_record source_record = {"source", source_fields, sizeof(struct rule_source_info)};

static const struct op_field remedy_fields[] = {
    {.name = "surface",
     .type = OP_F_STR,
     .summary = "dockerfile, compose or kubernetes",
     OP_AT(struct rule_remedy_info, surface)},
    {.name = "text",
     .type = OP_F_STR,
     .summary = "one or two sentences, with the key to write",
     OP_AT(struct rule_remedy_info, text)},
    {.name = NULL},
};
static const struct op_record remedy_record = {"remedy", remedy_fields, sizeof(struct rule_remedy_info)};

static const struct op_field example_fields[] = {
    {.name = "surface",
     .type = OP_F_STR,
     .summary = "dockerfile, compose or kubernetes",
     OP_AT(struct rule_example_info, surface)},
    {.name = "bad", .type = OP_F_STR, .summary = "a file that breaks the rule", OP_AT(struct rule_example_info, bad)},
    {.name = "good", .type = OP_F_STR, .summary = "one that keeps it", OP_AT(struct rule_example_info, good)},
    {.name = NULL},
};
static const struct op_record example_record = {"example", example_fields, sizeof(struct rule_example_info)};

static const struct op_field param_fields[] = {
    {.name = "name", .type = OP_F_STR, .summary = "key in .barehull.yaml", OP_AT(struct rule_param_info, name)},
    {.name = "type",
     .type = OP_F_STR,
     .summary = "number, size, boolean or strings",
     OP_AT(struct rule_param_info, type)},
    {.name = "summary", .type = OP_F_STR, .summary = "what it sets", OP_AT(struct rule_param_info, summary)},
    {.name = "default",
     .type = OP_F_STR,
     .optional = true,
     .summary = "as YAML",
     OP_AT(struct rule_param_info, fallback)},
    {.name = NULL},
};
static const struct op_record param_record = {"param", param_fields, sizeof(struct rule_param_info)};

static const struct op_field fields[] = {
    {.name = "id", .type = OP_F_STR, .summary = "name of the rule; never changes", OP_AT(struct rule_info, id)},
    {.name = "severity",
     .type = OP_F_STR,
     .choices = severities,
     .summary = "unless the configuration says otherwise",
     OP_AT(struct rule_info, severity)},
    {.name = "surfaces",
     .type = OP_F_STRS,
     .summary = "what it is judged on: dockerfile, compose, kubernetes, image",
     OP_AT(struct rule_info, surfaces)},
    {.name = "profiles",
     .type = OP_F_STRS,
     .summary = "that it is part of: standard, pss-baseline, pss-restricted",
     OP_AT(struct rule_info, profiles)},
    {.name = "fix", .type = OP_F_STR, .choices = fixes, .summary = "how it is mended", OP_AT(struct rule_info, fix)},
    {.name = "summary", .type = OP_F_STR, .summary = "what it holds, in one line", OP_AT(struct rule_info, summary)},
    {.name = "rationale",
     .type = OP_F_STR,
     .optional = true,
     .summary = "why it is there",
     OP_AT(struct rule_info, rationale)},
    {.name = "remedies",
     .type = OP_F_OBJECTS,
     .optional = true,
     .record = &remedy_record,
     .summary = "what to do, for each of surfaces in their order",
     OP_AT(struct rule_info, remedies)},
    {.name = "params",
     .type = OP_F_OBJECTS,
     .record = &param_record,
     .summary = "what the configuration may set",
     OP_AT(struct rule_info, params)},
    {.name = "sources",
     .type = OP_F_OBJECTS,
     .optional = true,
     .record = &source_record,
     .summary = "where it comes from",
     OP_AT(struct rule_info, sources)},
    {.name = "examples",
     .type = OP_F_OBJECTS,
     .optional = true,
     .record = &example_record,
     .summary = "for each surface",
     OP_AT(struct rule_info, examples)},
    {.name = NULL},
};
const struct op_record rule_info_record = {"rule", fields, sizeof(struct rule_info)};

static const char *surface_of_bit(unsigned bit)
{
    return surface_name((enum surface)bit);
}

static const char *profile_of_bit(unsigned bit)
{
    return profile_name((enum profile)bit);
}

static bool fill_bits(unsigned bits, unsigned count, const char *(*name)(unsigned bit), struct arena *arena,
                      struct str_list *ret)
{
    struct str *names = ARENA_ARRAY(arena, count, struct str);
    size_t len = 0;
    for (unsigned bit = 0; names && bit < count; bit++)
        if (bits & 1U << bit)
            names[len++] = str_z(name(bit));
    *ret = (struct str_list){names, len};
    return names;
}

static bool fill_params(const struct rule *rule, struct arena *arena, struct rule_info *info)
{
    static const char *const types[] = {"number", "size", "boolean", "strings"};
    size_t count = 0;
    while (rule->params && rule->params[count].name)
        count++;
    struct rule_param_info *params = ARENA_ARRAY(arena, count + 1, struct rule_param_info);
    for (size_t i = 0; params && i < count; i++)
        params[i] = (struct rule_param_info){
            .name = str_z(rule->params[i].name),
            .type = str_z(types[rule->params[i].type]),
            .summary = str_z(rule->params[i].summary),
            .fallback = rule->params[i].default_text ? str_z(rule->params[i].default_text) : STR_NONE,
        };
    info->params.ptr = params;
    info->params.len = count;
    return params;
}

static bool fill_remedies(const struct rule *rule, struct arena *arena, struct rule_info *info)
{
    struct rule_remedy_info *remedies = ARENA_ARRAY(arena, SURFACES, struct rule_remedy_info);
    size_t count = 0;
    for (unsigned bit = 0; remedies && bit < SURFACES; bit++)
        if (rule->surfaces & 1U << bit)
            remedies[count++] = (struct rule_remedy_info){str_z(surface_name((enum surface)bit)),
                                                          str_z(rule_remedy(rule, (enum surface)bit))};
    info->remedies.ptr = remedies;
    info->remedies.len = count;
    return remedies;
}

static bool fill_sources(const struct rule *rule, struct arena *arena, struct rule_info *info)
{
    size_t count = 0;
    while (rule->sources && rule->sources[count].title)
        count++;
    struct rule_source_info *sources = ARENA_ARRAY(arena, count + 1, struct rule_source_info);
    for (size_t i = 0; sources && i < count; i++)
        sources[i] = (struct rule_source_info){str_z(rule->sources[i].title), str_z(rule->sources[i].url)};
    info->sources.ptr = sources;
    info->sources.len = count;
    return sources;
}

static bool fill_examples(const struct rule *rule, struct arena *arena, struct rule_info *info)
{
    size_t count = 0;
    while (rule->examples && rule->examples[count].bad)
        count++;
    struct rule_example_info *examples = ARENA_ARRAY(arena, count + 1, struct rule_example_info);
    for (size_t i = 0; examples && i < count; i++)
        examples[i] = (struct rule_example_info){str_z(surface_name(rule->examples[i].surface)),
                                                 str_z(rule->examples[i].bad), str_z(rule->examples[i].good)};
    info->examples.ptr = examples;
    info->examples.len = count;
    return examples;
}

int rule_info_fill(const struct rule *rule, bool short_form, struct arena *arena, struct rule_info *ret_info,
                   struct err *err)
{
    struct rule_info info = {
        .id = str_z(rule->id),
        .severity = str_z(severity_name(rule->severity)),
        .fix = str_z(fixes[rule->fix].name),
        .summary = str_z(rule->summary),
        .rationale = short_form ? STR_NONE : str_z(rule->rationale),
    };
    bool filled = fill_bits(rule->surfaces, SURFACES, surface_of_bit, arena, &info.surfaces) &&
                  fill_bits(rule->profiles, PROFILES, profile_of_bit, arena, &info.profiles) &&
                  fill_params(rule, arena, &info);
    if (filled && !short_form)
        filled =
            fill_remedies(rule, arena, &info) && fill_sources(rule, arena, &info) && fill_examples(rule, arena, &info);
    if (!filled)
        return err_nomem(err);
    *ret_info = info;
    return 0;
}

const char *rule_candidate(size_t index)
{
    return rules[index] ? rules[index]->id : NULL;
}

int rule_find_or_suggest(struct str id, const struct rule **ret_rule, struct err *err)
{
    const struct rule *rule = rule_find(id);
    if (rule) {
        *ret_rule = rule;
        return 0;
    }
    struct suggest suggest = suggest_begin(id);
    for (size_t i = 0; rules[i]; i++)
        suggest_offer(&suggest, str_z(rules[i]->id));
    err_set(err, ERR_USAGE, "unknown rule '%.*s'", STR_ARG(id));
    if (suggest.best.len > 0)
        return err_hint(err, "did you mean '%.*s'? 'barehull explain' lists all", STR_ARG(suggest.best));
    return err_hint(err, "'barehull explain' lists all");
}

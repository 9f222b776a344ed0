/* SPDX-License-Identifier: Apache-2.0 */
#include "service/catalogue.h"

#include "service/catalogue_text.h"

/* The standard is the first of the list; the rules follow in their order. */
static size_t count(void *self UNUSED)
{
    size_t n = 0;
    while (rules[n])
        n++;
    return n + 1;
}

static int describe(void *self UNUSED, size_t index, struct arena *arena, struct mcp_resource *ret_resource,
                    struct err *err)
{
    if (index == 0) {
        *ret_resource = (struct mcp_resource){
            .uri = CATALOGUE_STANDARD_URI,
            .name = STR("standard"),
            .title = STR("The barehull standard"),
            .description = STR("what the standard asks of images and workloads, its profiles, and the list of rules"),
            .mime_type = CATALOGUE_MARKDOWN,
        };
        return 0;
    }
    const struct rule *rule = rules[index - 1];
    char *uri = arena_printf(arena, "%.*s%s", STR_ARG(CATALOGUE_RULES_PREFIX), rule->id);
    if (!uri)
        return err_nomem(err);
    *ret_resource = (struct mcp_resource){
        .uri = str_z(uri),
        .name = str_z(rule->id),
        .description = str_z(rule->summary),
        .mime_type = CATALOGUE_MARKDOWN,
    };
    return 0;
}

static const struct mcp_resource templates[] = {
    {
        .uri = STR_INIT("barehull://rules/{id}"),
        .name = STR_INIT("rule"),
        .title = STR_INIT("A rule of the standard"),
        .description = STR_INIT("what a rule holds, why, what to do about a finding, bad and good examples, sources"),
        .mime_type = STR_INIT("text/markdown"),
    },
    {.uri = STR_INIT("")},
};

static int read(void *self UNUSED, struct str uri, struct arena *arena UNUSED, struct json_writer *contents,
                struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    const struct rule *rule = NULL;
    if (str_starts(uri, CATALOGUE_RULES_PREFIX))
        rule = rule_find(str_skip(uri, CATALOGUE_RULES_PREFIX.len));
    if (rule)
        catalogue_rule(rule, &text);
    else if (str_eq(uri, CATALOGUE_STANDARD_URI))
        catalogue_standard(&text);
    else
        return err_set(err, ERR_NOT_FOUND, "there is no resource '%.*s'", STR_ARG(uri));
    int rc = buf_check(&text, err);
    if (rc)
        return rc;
    json_object(contents);
    json_field_str(contents, "uri", uri);
    json_field_str(contents, "mimeType", CATALOGUE_MARKDOWN);
    json_field_str(contents, "text", buf_str(&text));
    json_end(contents);
    return 0;
}

const struct mcp_resources catalogue_resources = {
    .count = count,
    .describe = describe,
    .templates = templates,
    .read = read,
};

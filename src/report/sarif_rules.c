/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sarif_rules.h"

#include "report/rule_page.h"

const char *sarif_level(enum severity severity)
{
    static const char *const levels[] = {"none", "note", "warning", "error"};
    return levels[severity];
}

size_t sarif_rule_index(const struct rule *rule)
{
    for (size_t i = 0; rules[i]; i++)
        if (rules[i] == rule)
            return i;
    return SIZE_MAX;
}

void sarif_text(struct json_writer *json, const char *key, const char *text)
{
    json_field_object(json, key);
    json_field_z(json, "text", text);
    json_end(json);
}

/* "no-shell" as "NoShell": the specification wants a name in Pascal case. */
static void write_name(struct json_writer *json, const struct rule *rule, struct buf *scratch)
{
    bool upper = true;
    buf_truncate(scratch, 0);
    for (const char *c = rule->id; *c; c++) {
        if (*c != '-')
            buf_add_char(scratch, upper && *c >= 'a' && *c <= 'z' ? (char)(*c - ('a' - 'A')) : *c);
        upper = *c == '-';
    }
    json_field_str(json, "name", buf_str(scratch));
}

static void write_properties(struct json_writer *json, const struct rule *rule)
{
    static const char *const fixes[] = {"none", "safe", "asks"};
    json_field_object(json, "properties");
    json_field_array(json, "tags");
    json_z(json, "security");
    json_z(json, "containers");
    for (unsigned bit = 0; bit < SURFACES; bit++)
        if (rule->surfaces & 1U << bit)
            json_z(json, surface_name((enum surface)bit));
    json_end(json);
    json_field_array(json, "profiles");
    for (unsigned bit = 0; bit < PROFILES; bit++)
        if (rule->profiles & 1U << bit)
            json_z(json, profile_name((enum profile)bit));
    json_end(json);
    json_field_z(json, "fix", fixes[rule->fix]);
    json_field_z(json, "precision", "very-high");
    json_field_z(json, "problem.severity",
                 rule->severity == SEVERITY_ERROR     ? "error"
                 : rule->severity == SEVERITY_WARNING ? "warning"
                                                      : "recommendation");
    json_end(json);
}

static void write_rule(struct json_writer *json, const struct rule *rule, struct buf *scratch)
{
    json_object(json);
    json_field_z(json, "id", rule->id);
    write_name(json, rule, scratch);
    sarif_text(json, "shortDescription", rule->summary);
    sarif_text(json, "fullDescription", rule->rationale);
    json_field_object(json, "help");
    buf_truncate(scratch, 0);
    rule_page_remedies(rule, scratch);
    json_field_str(json, "text", buf_str(scratch));
    buf_truncate(scratch, 0);
    rule_page_markdown(rule, RULE_PAGE_HELP, scratch);
    json_field_str(json, "markdown", buf_str(scratch));
    json_end(json);
    if (rule->sources && rule->sources->title)
        json_field_z(json, "helpUri", rule->sources->url);
    json_field_object(json, "defaultConfiguration");
    json_field_z(json, "level", sarif_level(rule->severity));
    json_end(json);
    write_properties(json, rule);
    json_end(json);
}

void sarif_driver_write(struct json_writer *json, struct str version, struct buf *scratch)
{
    json_field_object(json, "driver");
    json_field_z(json, "name", "barehull");
    json_field_str(json, "version", version);
    json_field_str(json, "semanticVersion", version);
    json_field_array(json, "rules");
    for (size_t i = 0; rules[i]; i++)
        write_rule(json, rules[i], scratch);
    json_end(json);
    json_field_array(json, "notifications");
    json_object(json);
    json_field_z(json, "id", "not-judged");
    sarif_text(json, "shortDescription", "a file could not be judged");
    sarif_text(json, "fullDescription", "Nothing is known about the file, so the run is not a pass.");
    json_field_object(json, "defaultConfiguration");
    json_field_z(json, "level", "warning");
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

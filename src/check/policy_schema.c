/* SPDX-License-Identifier: Apache-2.0 */
#include "check/policy.h"
#include "check/policy_keys.h"

const struct policy_key_name policy_keys[] = {
    [POLICY_KEY_PROFILE] = {"profile", "the standard to judge by"},
    [POLICY_KEY_KUBERNETES] = {"kubernetes", "version of the Pod Security Standards, 1.N"},
    [POLICY_KEY_FAIL_ON] = {"fail-on", "the least severity that makes a run a failure"},
    [POLICY_KEY_FAIL_ON_UNKNOWN] = {"fail-on-unknown", "a value that can't be known makes a run incomplete"},
    [POLICY_KEY_ALLOWED_BASES] = {"allowed-bases", "images that a final stage may be based on besides distroless ones"},
    [POLICY_KEY_EXCLUDE] = {"exclude", "files that are passed over, as lines of .gitignore"},
    [POLICY_KEY_RULES] = {"rules", "severity and parameters of rules"},
    [POLICY_KEY_WAIVERS] = {"waivers", "exceptions by rule and path, each with a reason"},
    [POLICY_KEY_POLICY] = {"policy", "what holds for waivers in the checked files"},
    [POLICY_KEYS] = {NULL, NULL},
};

const struct policy_key_name policy_waiver_keys[] = {
    {"rule", "the id of a rule, a list of ids, or *"},
    {"paths", "patterns of paths, relative to this file; a directory ends with a slash"},
    {"reason", "why"},
    {"expires", "the day from which on the waiver is no more"},
    {NULL, NULL},
};

static void typed(struct json_writer *json, const char *key, const char *type, const char *summary)
{
    json_field_object(json, key);
    json_field_z(json, "type", type);
    json_field_z(json, "description", summary);
    json_end(json);
}

static void choices(struct json_writer *json, const char *key, const char *const *names, const char *summary)
{
    json_field_object(json, key);
    json_field_z(json, "description", summary);
    json_field_array(json, "enum");
    for (size_t i = 0; names[i]; i++)
        json_z(json, names[i]);
    json_end(json);
    json_end(json);
}

/* A text, or a list of texts. */
static void texts(struct json_writer *json, const char *key, const char *summary)
{
    json_field_object(json, key);
    json_field_z(json, "description", summary);
    json_field_array(json, "type");
    json_z(json, "string");
    json_z(json, "array");
    json_end(json);
    json_field_object(json, "items");
    json_field_z(json, "type", "string");
    json_end(json);
    json_end(json);
}

static const char *const severities[] = {"off", "note", "warning", "error", NULL};

static void rule_params(struct json_writer *json, const struct rule *rule)
{
    static const char *const types[] = {[RULE_PARAM_NUMBER] = "integer", [RULE_PARAM_BOOL] = "boolean"};
    for (const struct rule_param *param = rule->params; param && param->name; param++) {
        if (param->type == RULE_PARAM_STRINGS)
            texts(json, param->name, param->summary);
        else if (param->type == RULE_PARAM_SIZE) {
            json_field_object(json, param->name);
            json_field_z(json, "description", param->summary);
            json_field_array(json, "type");
            json_z(json, "string");
            json_z(json, "integer");
            json_end(json);
            json_end(json);
        } else
            typed(json, param->name, types[param->type], param->summary);
    }
}

static void rule_schema(struct json_writer *json, const struct rule *rule)
{
    json_field_object(json, rule->id);
    json_field_z(json, "description", rule->summary);
    json_field_array(json, "oneOf");
    json_object(json);
    json_field_array(json, "enum");
    for (size_t i = 0; severities[i]; i++)
        json_z(json, severities[i]);
    json_end(json);
    json_end(json);
    json_object(json);
    json_field_z(json, "type", "object");
    json_field_bool(json, "additionalProperties", false);
    json_field_object(json, "properties");
    choices(json, "severity", severities, "how much a finding weighs");
    rule_params(json, rule);
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

static void rules_schema(struct json_writer *json)
{
    json_field_object(json, policy_keys[POLICY_KEY_RULES].name);
    json_field_z(json, "type", "object");
    json_field_z(json, "description", policy_keys[POLICY_KEY_RULES].summary);
    json_field_bool(json, "additionalProperties", false);
    json_field_object(json, "properties");
    for (size_t i = 0; rules[i]; i++)
        rule_schema(json, rules[i]);
    json_end(json);
    json_end(json);
}

static void waivers_schema(struct json_writer *json)
{
    json_field_object(json, policy_keys[POLICY_KEY_WAIVERS].name);
    json_field_z(json, "type", "array");
    json_field_z(json, "description", policy_keys[POLICY_KEY_WAIVERS].summary);
    json_field_object(json, "items");
    json_field_z(json, "type", "object");
    json_field_bool(json, "additionalProperties", false);
    json_field_array(json, "required");
    json_z(json, "rule");
    json_z(json, "reason");
    json_end(json);
    json_field_object(json, "properties");
    texts(json, "rule", policy_waiver_keys[0].summary);
    texts(json, "paths", policy_waiver_keys[1].summary);
    typed(json, "reason", "string", policy_waiver_keys[2].summary);
    json_field_object(json, "expires");
    json_field_z(json, "type", "string");
    json_field_z(json, "format", "date");
    json_field_z(json, "description", policy_waiver_keys[3].summary);
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

void policy_schema_write(struct json_writer *json)
{
    static const char *const profiles[] = {"standard", "pss-baseline", "pss-restricted", NULL};
    static const char *const fail_on[] = {"error", "warning", "note", "never", NULL};
    json_object(json);
    json_field_z(json, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_field_z(json, "title", ".barehull.yaml");
    json_field_z(json, "type", "object");
    json_field_bool(json, "additionalProperties", false);
    json_field_object(json, "properties");
    choices(json, "profile", profiles, policy_keys[POLICY_KEY_PROFILE].summary);
    json_field_object(json, "kubernetes");
    json_field_array(json, "type");
    json_z(json, "string");
    json_z(json, "number");
    json_end(json);
    json_field_z(json, "pattern", "^(v?1\\.[0-9]+|latest)$");
    json_field_z(json, "description", policy_keys[POLICY_KEY_KUBERNETES].summary);
    json_end(json);
    choices(json, "fail-on", fail_on, policy_keys[POLICY_KEY_FAIL_ON].summary);
    typed(json, "fail-on-unknown", "boolean", policy_keys[POLICY_KEY_FAIL_ON_UNKNOWN].summary);
    texts(json, "allowed-bases", policy_keys[POLICY_KEY_ALLOWED_BASES].summary);
    texts(json, "exclude", policy_keys[POLICY_KEY_EXCLUDE].summary);
    rules_schema(json);
    waivers_schema(json);
    json_field_object(json, "policy");
    json_field_z(json, "type", "object");
    json_field_bool(json, "additionalProperties", false);
    json_field_z(json, "description", policy_keys[POLICY_KEY_POLICY].summary);
    json_field_object(json, "properties");
    typed(json, "locked", "boolean", "waivers inside the checked files have no power");
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check/policy.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/suggest.h"
#include "check/policy_date.h"
#include "check/policy_keys.h"
#include "data/yaml.h"

#include <string.h>

struct reading {
    struct policy *policy;
    struct arena *arena;
    struct buf problems;
    size_t problem_count;
    bool nomem;
};

/* What is wrong is told all at once; the rest is counted. */
static void complain(struct reading *reading, struct data_span span, const char *format, ...) PRINTF_LIKE(3, 4);
static void complain(struct reading *reading, struct data_span span, const char *format, ...)
{
    struct data_position at = data_position_of(reading->policy->source.bytes, span.offset);
    if (reading->problem_count++ >= POLICY_PROBLEMS_TOLD)
        return;
    va_list args;
    va_start(args, format);
    buf_addf(&reading->problems, "%sline %u, column %u: ", reading->problem_count > 1 ? "; " : "", at.line, at.column);
    buf_addv(&reading->problems, format, args);
    va_end(args);
}

static bool want(struct reading *reading, const struct data_node *node, enum data_kind kind, const char *what)
{
    if (node->kind == kind)
        return true;
    complain(reading, node->span.len ? node->span : node->key_span, "'%.*s' is to be %s and not %s",
             STR_ARG(str_head(node->key, 40)), what, data_kind_name(node->kind));
    return false;
}

static void unknown_key(struct reading *reading, const struct data_node *node, struct suggest suggest)
{
    if (suggest.best.len)
        complain(reading, node->key_span, "there is no key '%.*s' here: did you mean '%.*s'?",
                 STR_ARG(str_head(node->key, 40)), STR_ARG(suggest.best));
    else
        complain(reading, node->key_span, "there is no key '%.*s' here", STR_ARG(str_head(node->key, 40)));
}

/* The index of NODE's text in NAMES (ends with NULL), or -1 with a problem. */
static int choice(struct reading *reading, const struct data_node *node, const char *const *names)
{
    struct suggest suggest = suggest_begin(node->value);
    for (int i = 0; names[i]; i++) {
        if (node->kind != DATA_OBJECT && node->kind != DATA_ARRAY && str_eq_z(node->value, names[i]))
            return i;
        suggest_offer(&suggest, str_z(names[i]));
    }
    struct str shown = data_span_text(reading->policy->source.bytes, node->span);
    struct buf all CLEANUP_BUF = BUF_INIT;
    for (int i = 0; names[i]; i++)
        buf_addf(&all, "%s%s", i ? ", " : "", names[i]);
    complain(reading, node->span, "'%.*s' is none of %.*s", STR_ARG(str_head(shown, 40)), STR_ARG(buf_str(&all)));
    return -1;
}

/* A string, or a list of strings. */
static struct rule_strings strings(struct reading *reading, const struct data_node *node)
{
    size_t count = node->kind == DATA_ARRAY ? node->count : 1;
    struct str *items = ARENA_ARRAY(reading->arena, count + 1, struct str);
    if (!items) {
        reading->nomem = true;
        return (struct rule_strings){NULL, 0};
    }
    if (node->kind != DATA_ARRAY) {
        items[0] = node->value;
        return (struct rule_strings){items, want(reading, node, DATA_STRING, "a text or a list of texts") ? 1 : 0};
    }
    size_t filled = 0;
    DATA_EACH(child, node)
    {
        if (child->kind == DATA_STRING)
            items[filled++] = child->value;
        else
            complain(reading, child->span, "an item of '%.*s' is to be a text and not %s",
                     STR_ARG(str_head(node->key, 40)), data_kind_name(child->kind));
    }
    return (struct rule_strings){items, filled};
}

static void boolean(struct reading *reading, const struct data_node *node, bool *ret)
{
    if (want(reading, node, DATA_BOOL, "true or false"))
        (void)data_bool(node, ret, NULL);
}

/* --- rules -------------------------------------------------------------------------------------------------- */

static const char *const severities[] = {"off", "note", "warning", "error", NULL};

static void severity(struct reading *reading, const struct data_node *node, struct rule_settings *settings)
{
    int index = choice(reading, node, severities);
    settings->has_severity = index >= 0;
    settings->severity = index >= 0 ? (enum severity)index : SEVERITY_OFF;
}

static void param(struct reading *reading, const struct data_node *node, const struct rule_param *param,
                  struct rule_value *value)
{
    struct err err = ERR_INIT;
    int r = rule_value_read(param, node, reading->arena, value, &err);
    if (r == -(int)ERR_NOMEM)
        reading->nomem = true;
    else if (r != 0)
        complain(reading, node->span.len ? node->span : node->key_span, "'%s' %s", param->name, err.message);
}

static void params(struct reading *reading, const struct data_node *node, const struct rule *rule,
                   struct rule_settings *settings)
{
    DATA_EACH(member, node)
    {
        struct suggest suggest = suggest_begin(member->key);
        suggest_offer(&suggest, STR("severity"));
        const struct rule_param *found = NULL;
        for (const struct rule_param *one = rule->params; one && one->name; one++) {
            suggest_offer(&suggest, str_z(one->name));
            if (str_eq_z(member->key, one->name))
                found = one;
        }
        if (found)
            param(reading, member, found, &settings->values[found - rule->params]);
        else if (str_eq_z(member->key, "severity"))
            severity(reading, member, settings);
        else
            unknown_key(reading, member, suggest);
    }
}

/* The index of the rule ID, or -1 with a problem at SPAN. */
static int rule_index(struct reading *reading, struct str id, struct data_span span)
{
    struct suggest suggest = suggest_begin(id);
    for (int i = 0; rules[i]; i++) {
        if (str_eq_z(id, rules[i]->id))
            return i;
        suggest_offer(&suggest, str_z(rules[i]->id));
    }
    if (suggest.best.len)
        complain(reading, span, "there is no rule '%.*s': did you mean '%.*s'?", STR_ARG(str_head(id, 40)),
                 STR_ARG(suggest.best));
    else
        complain(reading, span, "there is no rule '%.*s'", STR_ARG(str_head(id, 40)));
    return -1;
}

static void read_rules(struct reading *reading, const struct data_node *node)
{
    if (!want(reading, node, DATA_OBJECT, "a mapping of rules"))
        return;
    DATA_EACH(member, node)
    {
        int index = rule_index(reading, member->key, member->key_span);
        if (index < 0)
            continue;
        if (member->kind == DATA_OBJECT)
            params(reading, member, rules[index], &reading->policy->settings[index]);
        else
            severity(reading, member, &reading->policy->settings[index]);
    }
}

/* --- waivers ------------------------------------------------------------------------------------------------ */

static void read_waiver(struct reading *reading, const struct data_node *node, struct policy_waiver *waiver)
{
    DATA_EACH(member, node)
    {
        struct suggest suggest = suggest_begin(member->key);
        for (size_t i = 0; policy_waiver_keys[i].name; i++)
            suggest_offer(&suggest, str_z(policy_waiver_keys[i].name));
        if (str_eq_z(member->key, "rule"))
            waiver->rules = strings(reading, member);
        else if (str_eq_z(member->key, "paths"))
            waiver->paths = strings(reading, member);
        else if (str_eq_z(member->key, "reason") && want(reading, member, DATA_STRING, "a text"))
            waiver->reason = str_trim(member->value);
        else if (str_eq_z(member->key, "expires")) {
            if (!policy_date_parse(member->value, &waiver->expires_day))
                complain(reading, member->span, "'expires' is to be a day such as 2027-01-31");
        } else if (!str_eq_z(member->key, "reason"))
            unknown_key(reading, member, suggest);
    }
    for (size_t i = 0; i < waiver->rules.count; i++)
        if (!str_eq_z(waiver->rules.items[i], "*"))
            (void)rule_index(reading, waiver->rules.items[i], node->span);
    if (waiver->rules.count == 0)
        complain(reading, node->span, "a waiver needs 'rule'");
    if (waiver->reason.len == 0)
        complain(reading, node->span, "a waiver needs a 'reason'");
}

static void read_waivers(struct reading *reading, const struct data_node *node)
{
    if (!want(reading, node, DATA_ARRAY, "a list"))
        return;
    struct policy_waiver *waivers = ARENA_ARRAY(reading->arena, node->count + 1, struct policy_waiver);
    if (!waivers) {
        reading->nomem = true;
        return;
    }
    size_t count = 0;
    DATA_EACH(item, node)
    {
        if (item->kind != DATA_OBJECT) {
            complain(reading, item->span, "a waiver is to be a mapping with 'rule' and 'reason'");
            continue;
        }
        waivers[count].at = (struct place){&reading->policy->source, item->span};
        read_waiver(reading, item, &waivers[count++]);
    }
    reading->policy->waivers = waivers;
    reading->policy->waiver_count = count;
}

/* --- the file ----------------------------------------------------------------------------------------------- */

static void read_lock(struct reading *reading, const struct data_node *node)
{
    if (!want(reading, node, DATA_OBJECT, "a mapping"))
        return;
    DATA_EACH(member, node)
    {
        struct suggest suggest = suggest_begin(member->key);
        suggest_offer(&suggest, STR("locked"));
        if (str_eq_z(member->key, "locked"))
            boolean(reading, member, &reading->policy->locked);
        else
            unknown_key(reading, member, suggest);
    }
}

static void read_kubernetes(struct reading *reading, const struct data_node *node)
{
    struct err err = ERR_INIT;
    if (node->kind == DATA_OBJECT || node->kind == DATA_ARRAY ||
        policy_kubernetes_minor(node->value, &reading->policy->standard.kubernetes_minor, &err) != 0)
        complain(reading, node->span, "'kubernetes' is to be a version from 1.0 to 1.%d", KUBERNETES_MINOR_NEWEST);
}

static void read_member(struct reading *reading, const struct data_node *node, enum policy_key key)
{
    static const char *const profiles[] = {"standard", "pss-baseline", "pss-restricted", NULL};
    static const char *const fail_on[] = {"error", "warning", "note", "never", NULL};
    struct policy *policy = reading->policy;
    int index;
    switch (key) {
    case POLICY_KEY_PROFILE:
        if ((index = choice(reading, node, profiles)) >= 0)
            policy->standard.profile = (enum profile)index;
        break;
    case POLICY_KEY_KUBERNETES:
        read_kubernetes(reading, node);
        break;
    case POLICY_KEY_FAIL_ON:
        if ((index = choice(reading, node, fail_on)) >= 0)
            policy->fail_on = (enum fail_on)index;
        break;
    case POLICY_KEY_FAIL_ON_UNKNOWN:
        boolean(reading, node, &policy->fail_on_unknown);
        break;
    case POLICY_KEY_ALLOWED_BASES:
        policy->standard.allowed_bases = strings(reading, node);
        break;
    case POLICY_KEY_EXCLUDE:
        policy->exclude = strings(reading, node);
        break;
    case POLICY_KEY_RULES:
        read_rules(reading, node);
        break;
    case POLICY_KEY_WAIVERS:
        read_waivers(reading, node);
        break;
    case POLICY_KEY_POLICY:
        read_lock(reading, node);
        break;
    case POLICY_KEYS:
        break;
    }
}

static void read_root(struct reading *reading, const struct data_node *root)
{
    if (root->kind == DATA_NULL)
        return;
    if (root->kind != DATA_OBJECT) {
        complain(reading, root->span, "the document is to be a mapping and not %s", data_kind_name(root->kind));
        return;
    }
    DATA_EACH(member, root)
    {
        struct suggest suggest = suggest_begin(member->key);
        size_t key = 0;
        for (; key < POLICY_KEYS && !str_eq_z(member->key, policy_keys[key].name); key++)
            suggest_offer(&suggest, str_z(policy_keys[key].name));
        if (key == POLICY_KEYS)
            unknown_key(reading, member, suggest);
        else if (member->kind != DATA_NULL)
            read_member(reading, member, (enum policy_key)key);
    }
}

static int conclude(struct reading *reading, struct str name, struct err *err)
{
    if (reading->nomem || buf_check(&reading->problems, NULL) != 0)
        return err_nomem(err);
    if (reading->problem_count == 0)
        return 0;
    if (reading->problem_count > POLICY_PROBLEMS_TOLD)
        buf_addf(&reading->problems, "; and %zu more", reading->problem_count - POLICY_PROBLEMS_TOLD);
    err_set(err, ERR_INVALID, "'%.*s': %.*s", STR_ARG(str_head(name, 200)), STR_ARG(buf_str(&reading->problems)));
    return err_hint(err, "docs/check.md describes the file; 'barehull rules' lists the rules");
}

int policy_read(struct str name, struct str bytes, struct arena *arena, struct policy *ret_policy, struct err *err)
{
    if (bytes.len > LIMIT_POLICY_BYTES)
        return err_set(err, ERR_LIMIT, "'%.*s' is larger than a configuration may be", STR_ARG(name));
    struct policy *policy = ARENA_NEW(arena, struct policy); /* places view its source, so that it stays */
    const struct data_node *root = NULL;
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    bool more = false;
    if (!policy)
        return err_nomem(err);
    int r = policy_default(arena, policy, err);
    if (r == 0)
        r = yaml_reader_new(bytes, NULL, &reader, err);
    if (r == 0)
        r = yaml_next_document(reader, arena, &root, &more, err);
    if (r != 0)
        return err_wrap(err, "'%.*s'", STR_ARG(str_head(name, 200)));
    policy->source = (struct source){name, bytes, 0, 1};
    struct reading reading = {.policy = policy, .arena = arena, .problems = BUF_INIT};
    if (root)
        read_root(&reading, root);
    if (more)
        complain(&reading, (struct data_span){(uint32_t)bytes.len, 0}, "a second document is not read");
    r = conclude(&reading, name, err);
    buf_done(&reading.problems);
    if (r != 0)
        return r;
    *ret_policy = *policy;
    policy_bind(ret_policy);
    return 0;
}

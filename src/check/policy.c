/* SPDX-License-Identifier: Apache-2.0 */
#include "check/policy.h"

#include "base/num.h"
#include "base/path.h"

static size_t rule_count(void)
{
    size_t count = 0;
    while (rules[count])
        count++;
    return count;
}

static const struct rule_settings *settings_of(const struct policy *policy, const struct rule *rule)
{
    for (size_t i = 0; rules[i]; i++)
        if (rules[i] == rule)
            return &policy->settings[i];
    return NULL;
}

static enum severity policy_severity(const struct standard *standard, const struct rule *rule)
{
    const struct rule_settings *settings = settings_of(standard->self, rule);
    return settings && settings->has_severity ? settings->severity : rule->severity;
}

static const struct rule_value *policy_values(const struct standard *standard, const struct rule *rule)
{
    const struct rule_settings *settings = settings_of(standard->self, rule);
    return settings ? settings->values : NULL;
}

int policy_default(struct arena *arena, struct policy *ret_policy, struct err *err)
{
    struct rule_settings *settings = ARENA_ARRAY(arena, rule_count() + 1, struct rule_settings);
    if (!settings)
        return err_nomem(err);
    for (size_t i = 0; rules[i]; i++) {
        int r = rule_values_default(rules[i], arena, &settings[i].values, err);
        if (r != 0)
            return r;
    }
    *ret_policy = (struct policy){
        .fail_on = FAIL_ON_WARNING,
        .settings = settings,
        .standard = {.profile = PROFILE_STANDARD,
                     .kubernetes_minor = KUBERNETES_MINOR_NEWEST,
                     .values = policy_values,
                     .severity = policy_severity},
    };
    policy_bind(ret_policy);
    return 0;
}

void policy_bind(struct policy *policy)
{
    policy->standard.self = policy;
}

bool policy_waiver_covers(const struct policy *policy, const struct policy_waiver *waiver, struct str path)
{
    if (waiver->expires_day != 0 && policy->today >= waiver->expires_day)
        return false;
    for (size_t i = 0; i < waiver->paths.count; i++) {
        struct str pattern = waiver->paths.items[i];
        bool directory = str_ends(pattern, STR("/"));
        if (directory ? path_is_below(path, str_head(pattern, pattern.len - 1)) : path_glob(pattern, path))
            return true;
    }
    return waiver->paths.count == 0;
}

int policy_kubernetes_minor(struct str text, unsigned *ret_minor, struct err *err)
{
    uint32_t minor = 0;
    struct str rest = str_starts(text, STR("v")) ? str_skip(text, 1) : text;
    if (str_eq_z(text, "latest"))
        minor = KUBERNETES_MINOR_NEWEST;
    else if (!str_starts(rest, STR("1.")) || !num_parse_u32(str_skip(rest, 2), &minor) ||
             minor > KUBERNETES_MINOR_NEWEST) {
        err_set(err, ERR_USAGE, "'%.*s' is no version of the Pod Security Standards that is known here",
                STR_ARG(str_head(text, 40)));
        return err_hint(err, "give 1.0 to 1.%d, or latest", KUBERNETES_MINOR_NEWEST);
    }
    *ret_minor = minor;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/check_options.h"

#include "base/suggest.h"

const struct op_choice check_profile_choices[] = {
    {"configured", "what .barehull.yaml says; standard without one"},
    {"standard", "all rules of the standard"},
    {"pss-baseline", "the Pod Security Standards, profile baseline"},
    {"pss-restricted", "the Pod Security Standards, profile restricted"},
    {NULL, NULL},
};

const struct op_choice check_fail_on_choices[] = {
    {"configured", "what .barehull.yaml says; warning without one"},
    {"error", NULL},
    {"warning", NULL},
    {"note", NULL},
    {"never", "findings are told, and the status is 0"},
    {NULL, NULL},
};

const struct op_choice check_as_choices[] = {
    {"auto", "by name and content"},
    {"dockerfile", "a Dockerfile or Containerfile"},
    {"compose", "a Compose file"},
    {"kubernetes", "Kubernetes manifests, YAML or JSON"},
    {NULL, NULL},
};

static int unknown_rule(struct str id, struct err *err)
{
    struct suggest suggest = suggest_begin(id);
    for (size_t i = 0; rules[i]; i++)
        suggest_offer(&suggest, str_z(rules[i]->id));
    err_set(err, ERR_USAGE, "there is no rule '%.*s'", STR_ARG(id));
    if (suggest.best.len)
        return err_hint(err, "did you mean '%.*s'?", STR_ARG(suggest.best));
    return err_hint(err, "'barehull rules' lists them all");
}

static int select_rules(const struct str_list *only, struct policy *policy, struct err *err)
{
    for (size_t i = 0; i < only->len; i++)
        if (!rule_find(only->ptr[i]))
            return unknown_rule(only->ptr[i], err);
    for (size_t i = 0; rules[i]; i++) {
        bool chosen = false;
        for (size_t o = 0; o < only->len; o++)
            chosen |= str_eq_z(only->ptr[o], rules[i]->id);
        if (!chosen) {
            policy->settings[i].has_severity = true;
            policy->settings[i].severity = SEVERITY_OFF;
        }
    }
    return 0;
}

int check_options_apply(const struct check_options *options, struct policy *policy, struct err *err)
{
    if (options->profile > 0)
        policy->standard.profile = (enum profile)(options->profile - 1);
    if (options->fail_on > 0)
        policy->fail_on = (enum fail_on)(options->fail_on - 1);
    policy->fail_on_unknown |= options->fail_on_unknown;
    if (options->kubernetes.len) {
        int r = policy_kubernetes_minor(options->kubernetes, &policy->standard.kubernetes_minor, err);
        if (r != 0)
            return r;
    }
    return options->only.len ? select_rules(&options->only, policy, err) : 0;
}

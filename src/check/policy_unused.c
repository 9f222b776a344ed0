/* SPDX-License-Identifier: Apache-2.0 */
#include "check/outcome.h"
#include "rules/families.h"

/* Whether any of the waiver's rules is judged by: what is not judged can't need it. */
static bool is_judged(const struct outcome *outcome, const struct policy_waiver *waiver)
{
    bool judged = false;
    for (size_t i = 0; i < waiver->rules.count; i++) {
        const struct rule *rule = rule_find(waiver->rules.items[i]);
        judged |= !rule || outcome_judges(outcome, rule);
    }
    return judged;
}

static const char *complaint(const struct outcome *outcome, size_t index, bool met, bool used)
{
    const struct policy *policy = outcome->policy;
    const struct policy_waiver *waiver = &policy->waivers[index];
    if (waiver->expires_day != 0 && policy->today >= waiver->expires_day)
        return "the waiver has expired";
    return met && !used && is_judged(outcome, waiver) ? "nothing needs the waiver any more" : NULL;
}

int outcome_policy(struct outcome *outcome, const bool *met, const bool *used, struct err *err)
{
    const struct policy *policy = outcome->policy;
    enum severity severity = policy->standard.severity(&policy->standard, &valid_waivers_rule);
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct findings findings = {0};
    for (size_t i = 0; severity != SEVERITY_OFF && i < policy->waiver_count; i++) {
        const char *message = complaint(outcome, i, met[i], used[i]);
        struct finding *finding = message ? findings_add(&findings, &arena, err) : NULL;
        if (message && !finding)
            return err_nomem(err);
        if (finding)
            *finding = (struct finding){
                .rule = &valid_waivers_rule,
                .severity = severity,
                .at = policy->waivers[i].at,
                .message = message,
                .remedy = "remove it, or mend what it waived",
            };
    }
    return outcome_settle(outcome, &findings, NULL, err);
}

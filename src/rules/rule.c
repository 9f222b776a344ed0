/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rule.h"

const struct rule *rule_find(struct str id)
{
    for (size_t i = 0; rules[i]; i++)
        if (str_eq_z(id, rules[i]->id))
            return rules[i];
    return NULL;
}

const char *rule_remedy(const struct rule *rule, enum surface surface)
{
    const char *own = rule->remedies[surface];
    return own ? own : rule->remedy;
}

bool rule_has_one_remedy(const struct rule *rule)
{
    const char *first = NULL;
    for (unsigned bit = 0; bit < SURFACES; bit++) {
        if (!(rule->surfaces & 1U << bit))
            continue;
        const char *remedy = rule_remedy(rule, (enum surface)bit);
        first = first ? first : remedy;
        if (remedy != first)
            return false;
    }
    return true;
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"off", "note", "warning", "error"};
    return names[severity];
}

const char *profile_name(enum profile profile)
{
    static const char *const names[PROFILES] = {"standard", "pss-baseline", "pss-restricted"};
    return names[profile];
}

const char *surface_name(enum surface surface)
{
    static const char *const names[SURFACES] = {"dockerfile", "compose", "kubernetes", "image"};
    return names[surface];
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rule.h"

const struct rule *rule_find(struct str id)
{
    for (size_t i = 0; rules[i]; i++)
        if (str_eq_z(id, rules[i]->id))
            return rules[i];
    return NULL;
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

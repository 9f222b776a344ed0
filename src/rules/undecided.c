/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/undecided.h"

bool fact_undecided(struct judge *judge, const struct fact *fact, const char *name)
{
    if (fact->state == FACT_UNKNOWN) {
        judge_unknown(judge, fact->at, "'%s' hangs on a variable that is not known here", name);
        return true;
    }
    if (fact->state == FACT_INVALID) {
        if (!judge_by_standard(judge))
            judge_unknown(judge, fact->at, "'%s' has a value that the platform does not take", name);
        return true;
    }
    return false;
}

bool fact_own(const struct workload *workload, const struct fact *fact, const struct fact *from_pod)
{
    if (workload->kind == WORKLOAD_SERVICE)
        return true;
    if (fact->state == FACT_INHERITED)
        return false;
    return fact->at.source != from_pod->at.source || fact->at.span.offset != from_pod->at.span.offset;
}

bool profile_without_type(const struct fact *fact, const char *key)
{
    return fact->state == FACT_ABSENT && fact->holder && str_eq_z(fact->holder->key, key);
}

bool name_among(struct str text, const char *const *names)
{
    for (; *names; names++)
        if (str_eq_z(text, *names))
            return true;
    return false;
}

bool judge_restricted(const struct judge *judge)
{
    return judge_standard(judge)->profile == PROFILE_PSS_RESTRICTED;
}

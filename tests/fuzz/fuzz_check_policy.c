/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes are a policy or an error with a message; a policy that was read is bound to itself and answers for every
 * rule.
 */
#include "check/policy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct policy policy;
    struct err err = ERR_INIT;
    int r = policy_read(STR("policy"), str_of((const char *)data, size), &arena, &policy, &err);
    if (r != 0) {
        if (err.message[0] == '\0' || str_utf8_valid(str_z(err.message)) != str_z(err.message).len)
            abort();
        return 0;
    }
    if (policy.standard.self != &policy || policy.standard.kubernetes_minor > KUBERNETES_MINOR_NEWEST)
        abort();
    for (size_t i = 0; rules[i]; i++) {
        if (policy.standard.severity(&policy.standard, rules[i]) > SEVERITY_ERROR)
            abort();
        if ((rules[i]->params != NULL) != (policy.standard.values(&policy.standard, rules[i]) != NULL))
            abort();
    }
    for (size_t i = 0; i < policy.waiver_count; i++) {
        if (policy.waivers[i].reason.len == 0 || policy.waivers[i].rules.count == 0)
            abort();
        (void)policy_waiver_covers(&policy, &policy.waivers[i], STR("a/b/c.yaml"));
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check/policy_keys.h - the keys of .barehull.yaml: what reads them and what describes them agree on these tables.
 */

enum policy_key {
    POLICY_KEY_PROFILE,
    POLICY_KEY_KUBERNETES,
    POLICY_KEY_FAIL_ON,
    POLICY_KEY_FAIL_ON_UNKNOWN,
    POLICY_KEY_ALLOWED_BASES,
    POLICY_KEY_EXCLUDE,
    POLICY_KEY_RULES,
    POLICY_KEY_WAIVERS,
    POLICY_KEY_POLICY,
    POLICY_KEYS,
};

struct policy_key_name {
    const char *name;
    const char *summary;
};

extern const struct policy_key_name policy_keys[];        /* in the order of enum policy_key; ends with a NULL name */
extern const struct policy_key_name policy_waiver_keys[]; /* ends with a NULL name */

#define POLICY_PROBLEMS_TOLD 6 /* what one message holds */

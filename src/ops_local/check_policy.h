/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/check_policy.h - finds and reads the .barehull.yaml that holds for a check.
 *
 * It is the nearest one at or above the current directory, up to the directory that holds .git (or the root). Its
 * paths are relative to its own directory.
 */
#include "base/op.h"
#include "check/policy.h"

struct check_policy_choice {
    struct str config; /* --config: this file, relative to the current directory; empty: look for one */
    struct str policy; /* --policy: this file instead, and locked */
    bool none;         /* --no-config */
};

/*
 * *RET_BASE is the absolute directory that the policy's paths are relative to (the current one without a policy).
 * Everything lives in ARENA. Errors: those of reading and of policy_read; ERR_USAGE for choices that exclude each
 * other.
 */
int check_policy_load(const struct check_policy_choice *choice, struct arena *arena, struct policy *ret_policy,
                      struct str *ret_base, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/check_options.h - what every "check" may be told about the standard, over named texts and over paths alike.
 *
 * A structure of arguments holds a struct check_options, and its table of parameters CHECK_OPTION_PARAMS.
 */
#include "check/check.h"
#include "op/operation.h"
#include "ops_pure/rule_result.h"

struct check_options {
    int profile; /* index into check_profile_choices: 0 is the policy's */
    int fail_on; /* index into check_fail_on_choices: 0 is the policy's */
    struct str kubernetes;
    struct str_list only;
    bool fail_on_unknown;
};

extern const struct op_choice check_as_choices[]; /* in the order of enum look_as (classify/look.h) */
extern const struct op_choice check_profile_choices[];
extern const struct op_choice check_fail_on_choices[];

/* clang-format off */
#define CHECK_OPTION_PARAMS(args, member)                                                                             \
    {.name = "profile",                                                                                                \
     .type = OP_ENUM,                                                                                                  \
     .choices = check_profile_choices,                                                                                 \
     .default_text = "configured",                                                                                     \
     .summary = "the standard to judge by",                                                                            \
     OP_AT(args, member.profile)},                                                                                    \
    {.name = "kubernetes",                                                                                             \
     .type = OP_STRING,                                                                                                \
     .metavar = "1.N",                                                                                                 \
     .summary = "version of the Pod Security Standards (default: the newest that is known)",                           \
     OP_AT(args, member.kubernetes)},                                                                                 \
    {.name = "only",                                                                                                   \
     .type = OP_STRING,                                                                                                \
     .flags = OP_REPEATED,                                                                                             \
     .metavar = "RULE",                                                                                                \
     .candidate = rule_candidate,                                                                                      \
     .summary = "judge by this rule alone",                                                                            \
     OP_AT(args, member.only)},                                                                                       \
    {.name = "fail-on",                                                                                                \
     .type = OP_ENUM,                                                                                                  \
     .choices = check_fail_on_choices,                                                                                 \
     .default_text = "configured",                                                                                     \
     .summary = "the least severity that makes the run a failure",                                                     \
     OP_AT(args, member.fail_on)},                                                                                    \
    {.name = "fail-on-unknown",                                                                                        \
     .type = OP_BOOL,                                                                                                  \
     .summary = "what can't be judged for an unresolved variable makes the run incomplete",                            \
     OP_AT(args, member.fail_on_unknown)}
/* clang-format on */

/* Lets OPTIONS override POLICY. Errors: ERR_USAGE with a did-you-mean; ERR_NOMEM. */
int check_options_apply(const struct check_options *options, struct policy *policy, struct err *err);

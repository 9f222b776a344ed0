/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check/policy.h - .barehull.yaml: the standard in force, and what it does not judge.
 *
 *     profile: standard                # standard | pss-baseline | pss-restricted
 *     kubernetes: 1.34                 # version of the Pod Security Standards
 *     fail-on: warning                 # error | warning | note | never
 *     fail-on-unknown: false
 *     allowed-bases: [registry.example/base]
 *     exclude: ["charts/", "*.tmpl.yaml"]   # as lines of .gitignore
 *     rules:
 *       image-labels: off              # or a severity
 *       size-budget: {severity: error, budget: 10MB}
 *     waivers:
 *       - rule: read-only-root         # one, a list, or "*"
 *         paths: [legacy/]
 *         reason: until the rewrite
 *         expires: 2027-01-31          # optional: from this day on the waiver is no more
 *     policy: {locked: true}           # waivers inside the checked files are powerless
 *
 * Everything is checked at once against the table of keys and the rules' descriptors, with did-you-mean: every problem
 * with its place. Paths are relative to the directory of the file, '/'-separated.
 * JSON Schema: check_policy_schema (docs/schema). Errors of reading: ERR_INVALID with all problems in one message
 * (each "line L, column C: ..."), ERR_NOMEM, ERR_LIMIT (LIMIT_POLICY_BYTES).
 */
#include "base/err.h"
#include "data/json_writer.h"
#include "rules/judge.h"

enum fail_on { FAIL_ON_ERROR, FAIL_ON_WARNING, FAIL_ON_NOTE, FAIL_ON_NEVER };

struct policy_waiver {
    struct rule_strings rules; /* ids, or "*" */
    struct rule_strings paths; /* empty: everywhere */
    struct str reason;
    int64_t expires_day; /* days since 1970-01-01; 0: never */
    struct place at;
};

struct policy {
    struct standard standard; /* standard.self is this policy */
    enum fail_on fail_on;
    bool locked;
    bool fail_on_unknown; /* an unknown fact makes the run incomplete */
    struct rule_strings exclude;
    const struct policy_waiver *waivers;
    size_t waiver_count;
    int64_t today;                  /* days since 1970-01-01, the caller's; 0: waivers don't expire */
    struct source source;           /* where it was read; bytes empty for the default */
    struct rule_settings *settings; /* of each rule, in the order of `rules` */
};

struct rule_settings {
    bool has_severity;
    enum severity severity;
    struct rule_value *values; /* of its parameters, in their order; NULL when it has none */
};

#define KUBERNETES_MINOR_NEWEST 37 /* the newest version of the Pod Security Standards that is known here: 1.37 */

/* A policy holds a pointer to itself (standard.self): call this behind a copy. */
void policy_bind(struct policy *policy);

/* The policy without a file: profile standard, newest Kubernetes, fail on warnings. */
int policy_default(struct arena *arena, struct policy *ret_policy, struct err *err);
/* NAME for messages. BYTES must outlive the policy. */
int policy_read(struct str name, struct str bytes, struct arena *arena, struct policy *ret_policy, struct err *err);
/* True when WAIVER holds for the file PATH (relative to the policy's directory) today. */
bool policy_waiver_covers(const struct policy *policy, const struct policy_waiver *waiver, struct str path);
/* Writes the JSON Schema of the file. */
void policy_schema_write(struct json_writer *json);
/* "1.34" to 34. Errors: ERR_USAGE, with the range that is known. */
int policy_kubernetes_minor(struct str text, unsigned *ret_minor, struct err *err);

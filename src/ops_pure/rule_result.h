/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/rule_result.h - a rule's descriptor in answers: what "explain" and "rules" tell of it in JSON.
 */
#include "base/arena.h"
#include "op/operation.h"
#include "rules/rule.h"

struct rule_source_info {
    struct str title, url;
};

struct rule_example_info {
    struct str surface, bad, good;
};

struct rule_param_info {
    struct str name, type, summary, fallback;
};

struct rule_remedy_info {
    struct str surface, text;
};

struct rule_info {
    struct str id, severity, fix, summary, rationale;
    struct str_list surfaces, profiles;
    OP_LIST(struct rule_param_info) params;
    OP_LIST(struct rule_remedy_info) remedies;  /* one for each of surfaces; absent in the short form */
    OP_LIST(struct rule_source_info) sources;   /* absent in the short form */
    OP_LIST(struct rule_example_info) examples; /* absent in the short form */
};

extern const struct op_record rule_info_record;

/* SHORT_FORM leaves rationale, remedies, sources and examples out. Errors: ERR_NOMEM. */
int rule_info_fill(const struct rule *rule, bool short_form, struct arena *arena, struct rule_info *ret_info,
                   struct err *err);

/* Ids of rules, for completions. */
const char *rule_candidate(size_t index);

/* The rule ID, or ERR_USAGE with a did-you-mean. */
int rule_find_or_suggest(struct str id, const struct rule **ret_rule, struct err *err);

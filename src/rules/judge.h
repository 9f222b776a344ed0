/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/judge.h - how a rule tells what it found, and what it is told of the standard in force.
 *
 *     judge_fail(judge, fact->at, "'%s' gives back every capability", name);
 *     judge_expect(judge, "drop: [ALL]");
 *     judge_related(judge, other, "set here");
 *
 * A message says what was found; `expect` what belongs there; the remedy is the rule's own unless judge_remedy says it
 * better. Messages: as base/err.h (lower case, no full stop, subject in single quotes); remedies are sentences. The
 * container or stage is told apart from it (judge's subject). Two findings are never one fact told twice: a rule that
 * sees one cause behind several symptoms tells the cause.
 *
 * Memory: everything told lives in the judge's arena. Failures of memory are the judge's (sticky).
 */
#include "base/op.h"
#include "rules/rule.h"

enum finding_kind {
    FINDING_FAILS,
    FINDING_UNKNOWN, /* the rule can't say: the fact hangs on what can't be known here */
};

struct finding_related {
    struct place at;
    const char *message; /* "the variable is set here" */
};

struct finding {
    const struct rule *rule;
    enum finding_kind kind;
    enum severity severity;
    struct place at;
    const char *message;
    const char *expected;           /* or NULL */
    const char *remedy;             /* or NULL: the rule's for the surface */
    const char *subject;            /* "container 'web' of Deployment 'api'", "service 'db'", "stage 'final'" */
    const struct data_node *object; /* whose annotations may waive it; NULL otherwise */
    struct str waived_why;          /* another file says the name that is judged, and waives it; ptr NULL: none does */
    struct finding_related *related;
    size_t related_count;
    const struct fact *fact; /* for a fix: what is missing or wrong; or NULL */
};

/* One value of a rule's parameter, or of the standard. */
struct rule_strings {
    const struct str *items;
    size_t count;
};

/* The value of a parameter in force: `number` of NUMBER, SIZE and BOOL, `strings` of STRINGS. */
struct rule_value {
    uint64_t number;
    struct rule_strings strings;
};

/*
 * The values of RULE's parameters when nobody sets them, in the order of rule->params; *RET_VALUES is NULL for a rule
 * without any. Lives in ARENA. Errors: ERR_NOMEM.
 */
int rule_values_default(const struct rule *rule, struct arena *arena, struct rule_value **ret_values, struct err *err);
/* The value that NODE gives PARAM. Errors: ERR_INVALID when it is of the wrong kind ("is to be a list of texts"),
 * ERR_NOMEM. */
int rule_value_read(const struct rule_param *param, const struct data_node *node, struct arena *arena,
                    struct rule_value *ret_value, struct err *err);

/* The standard in force; check/policy.h makes it from the configuration. Read-only, shared by threads. */
struct standard {
    enum profile profile;
    unsigned kubernetes_minor;         /* 1.N */
    struct rule_strings allowed_bases; /* patterns of image names: '*' within a component, '**' across */
    /* The values of the rule's parameters, in the order of rule->params. */
    const struct rule_value *(*values)(const struct standard *standard, const struct rule *rule);
    /* SEVERITY_OFF: the rule is not judged. */
    enum severity (*severity)(const struct standard *standard, const struct rule *rule);
    size_t findings_max; /* of one check; the rest is left unjudged, and that is told. 0: any number */
    const void *self;
};

struct judge; /* rules/judge.c; one thread at a time */

/* What rules ask. */
const struct standard *judge_standard(const struct judge *judge);
struct arena *judge_arena(struct judge *judge);
uint64_t judge_param_number(const struct judge *judge, const char *name); /* NUMBER, SIZE, BOOL */
struct rule_strings judge_param_strings(const struct judge *judge, const char *name);
/* The profile is not pss-*, so that the rule judges by our own standard. */
bool judge_by_standard(const struct judge *judge);
/* The profile is a Pod Security one and its version is 1.MINOR or newer. */
bool judge_pss_since(const struct judge *judge, unsigned minor);

/* What rules tell. FACT may be NULL. */
void judge_fail(struct judge *judge, struct place at, const char *format, ...) PRINTF_LIKE(3, 4);
void judge_fail_as(struct judge *judge, enum severity severity, struct place at, const char *format, ...)
    PRINTF_LIKE(4, 5); /* for a case that weighs less than the rule as a whole; the configuration's severity wins */
void judge_unknown(struct judge *judge, struct place at, const char *format, ...) PRINTF_LIKE(3, 4);
/* About the finding that was told last. */
void judge_expect(struct judge *judge, const char *format, ...) PRINTF_LIKE(2, 3);
void judge_remedy(struct judge *judge, const char *format, ...) PRINTF_LIKE(2, 3);
void judge_related(struct judge *judge, struct place at, const char *format, ...) PRINTF_LIKE(3, 4);
/* Of what is missing: a key that means it, and that the platform passes over, is told as related. */
void judge_fact(struct judge *judge, const struct fact *fact);
/* That key of the container that is judged, of its pod or of what is around it; NULL: there is none. */
const struct key_problem *judge_missed(const struct judge *judge, const struct fact *fact);
/* Memory was short while the rule looked: the judging as a whole fails with ERR_NOMEM. */
void judge_nomem(struct judge *judge);
/* place_shown in the judge's arena; never NULL. */
const char *judge_shown(struct judge *judge, struct place place);
/* Another subject than the container, pod or final stage that is judged: a builder stage. */
void judge_subject(struct judge *judge, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Runs every rule of the profile over one build or one pod with its containers. Findings are added to *FINDINGS in the
 * order of rules; sorting is the caller's. Errors: ERR_NOMEM, and what op_check says of CTX (may be NULL).
 */
struct findings {
    struct finding *items;
    size_t count, cap;
    bool full; /* the standard's findings_max was reached, and more was to be told */
};
int judge_build(const struct op_ctx *ctx, const struct standard *standard, const struct build *build,
                struct arena *arena, struct findings *findings, struct err *err);
int judge_pod(const struct op_ctx *ctx, const struct standard *standard, const struct pod *pod, struct arena *arena,
              struct findings *findings, struct err *err);
/* A finding that no facts lead to (syntax, templates): the engine's own. */
struct finding *findings_add(struct findings *findings, struct arena *arena, struct err *err);

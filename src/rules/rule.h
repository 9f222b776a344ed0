/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/rule.h - one principle of the standard, with all that is said of it, and how it is judged.
 *
 * A rule is a constant descriptor: `barehull explain`, docs/rules/, SARIF's help, the JSON of the list and the schema
 * of .barehull.yaml come from it. It reads facts (facts/fact.h), never documents or files, and tells what it finds
 * through rules/judge.h. One file per family, each opening with its descriptors; rules/table.c lists them all.
 *
 * Ids are lower case words joined by '-'; they and the names of parameters never change once released. Texts are
 * static, UTF-8; `summary` is one line without a full stop; `rationale` is a paragraph. A remedy is one or two short
 * sentences in the imperative, with the exact key or instruction to write: it is read where the finding is, so that it
 * speaks of that surface alone.
 */
#include "facts/build.h"
#include "facts/pod.h"

enum severity { SEVERITY_OFF, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

enum rule_surface {
    RULE_DOCKERFILE = 1 << SURFACE_DOCKERFILE,
    RULE_COMPOSE = 1 << SURFACE_COMPOSE,
    RULE_KUBERNETES = 1 << SURFACE_KUBERNETES,
    RULE_IMAGE = 1 << SURFACE_IMAGE,
};

enum profile { PROFILE_STANDARD, PROFILE_PSS_BASELINE, PROFILE_PSS_RESTRICTED, PROFILES };

enum rule_profile {
    RULE_IN_STANDARD = 1 << PROFILE_STANDARD,
    RULE_IN_BASELINE = 1 << PROFILE_PSS_BASELINE,
    RULE_IN_RESTRICTED = 1 << PROFILE_PSS_RESTRICTED,
};

enum rule_fix { RULE_FIX_NONE, RULE_FIX_SAFE, RULE_FIX_ASKS };

/* A good and a bad text of one surface, whole files. They are fixtures too: the bad one fires, the good one does not.
 */
struct rule_example {
    enum surface surface;
    const char *bad;
    const char *good;
};

struct rule_source {
    const char *title;
    const char *url;
};

enum rule_param_type { RULE_PARAM_NUMBER, RULE_PARAM_SIZE, RULE_PARAM_BOOL, RULE_PARAM_STRINGS };

/* What .barehull.yaml may set for the rule. */
struct rule_param {
    const char *name; /* "budget" */
    enum rule_param_type type;
    const char *summary;
    const char *default_text; /* as YAML; NULL: none */
};

struct judge;

struct rule {
    const char *id;
    enum severity severity;
    unsigned surfaces; /* enum rule_surface */
    unsigned profiles; /* enum rule_profile */
    enum rule_fix fix;
    const char *summary;
    const char *rationale;
    const char *remedies[SURFACES];      /* by surface; NULL: */
    const char *remedy;                  /* that of every other surface; NULL when each has its own */
    const struct rule_source *sources;   /* ends with a NULL title */
    const struct rule_example *examples; /* ends with a NULL bad */
    const struct rule_param *params;     /* ends with a NULL name; NULL: none */

    /* Each may be NULL. `workload` is called for each container, behind the `pod` call of its pod. */
    void (*build)(struct judge *judge, const struct build *build);
    void (*pod)(struct judge *judge, const struct pod *pod);
    void (*workload)(struct judge *judge, const struct workload *workload);
};

/* All rules, in the order of the documentation; ends with NULL. */
extern const struct rule *const rules[];

const struct rule *rule_find(struct str id);

/* What to do on SURFACE; never NULL for one that RULE judges. */
const char *rule_remedy(const struct rule *rule, enum surface surface);
/* RULE says the same of each surface that it judges. */
bool rule_has_one_remedy(const struct rule *rule);

/* "error", "warning", "note", "off" / "standard", "pss-baseline" ... / "dockerfile", "compose" ... */
const char *severity_name(enum severity severity);
const char *profile_name(enum profile profile);
const char *surface_name(enum surface surface);

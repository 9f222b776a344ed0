/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/catalogue_words.h - what the arguments of the prompts may be: for the prompts, which refuse what makes no
 * sense or give advice, and for completion, which offers it.
 */
#include "rules/rule.h"

struct catalogue_language {
    const char *name;
    const char *advice; /* which image, and what it needs to be so */
};

/* In the order of the alphabet; ends with a NULL name. Others may be named too: there is no advice for them. */
extern const struct catalogue_language catalogue_languages[];

/* "both", "compose", "kubernetes"; ends with NULL. */
extern const char *const catalogue_platforms[];

/* True when RULE (NULL: any) is judged on SURFACE. */
bool catalogue_is_judged(const struct rule *rule, enum surface surface);

/* The surface of that name; false when there is none. */
bool catalogue_surface_of(struct str name, enum surface *ret_surface);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * compose/interpolate.h - variables in the values of Compose files and `.env` files.
 *
 * Implements "Interpolation" of the Compose specification, in doubt as compose-go does: $V ${V} ${V:-d} ${V-d} ${V:?e}
 * ${V?e} ${V:+r} ${V+r}, `$$` for a dollar sign; what stands behind an operator is itself interpolated, but only when
 * it is used, and goes to the '}' that balances the braces in it. Names are ASCII letters, digits and '_'; a '$' before
 * anything else stays as it is.
 *
 * A variable that nobody sets is unknown, for the environment of whoever deploys may set it: $V makes the value
 * unknown. The default of ${V:-d} counts as known all the same, and ${V:+r} as empty: they are what the author chose
 * for the case that nobody does. ${V:?e} is a problem then.
 */
#include "base/arena.h"
#include "base/limits.h"
#include "data/node.h"

struct compose_variable {
    struct str name;
    struct str value;          /* the text as written when unknown */
    bool unknown;              /* set, but it hangs on a variable that is not */
    struct data_origin origin; /* the value as it is written, with its quotes */
};

/* Who knows the variables, and what may be spent on them. */
struct compose_lookup {
    /* The variable NAME; NULL when nobody sets it. It outlives the interpolation. */
    const struct compose_variable *(*find)(const void *self, struct str name);
    const void *self;
    uint64_t *budget; /* bytes that variables may yet bring, of all values: LIMIT_COMPOSE_EXPANDED_BYTES at first */
};

/* What is wrong with a text. */
struct compose_fault {
    const char *message; /* style of base/err.h; NULL: nothing */
    const char *hint;    /* may be NULL */
    bool required;       /* ${V:?e} without a value */
    size_t offset, len;  /* in the text */
};

struct compose_interpolation {
    struct str text; /* as written when unknown */
    bool changed;    /* the text is not what is written: variables were put in, or `$$` */
    bool unknown;    /* hangs on a variable that nobody sets, or has a fault */
    struct compose_fault fault;
    const struct data_origin *origins; /* where the variables in it are set: each once, LIMIT_COMPOSE_ORIGINS at most */
    size_t origin_count;
};

/* Errors: ERR_NOMEM only. Time is in proportion to the text, its variables' values and the depth of its nesting. */
int compose_interpolate(struct str text, const struct compose_lookup *lookup, struct arena *arena,
                        struct compose_interpolation *ret_result, struct err *err);

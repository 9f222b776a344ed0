/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * dockerfile/expand.h - variables in the words of instructions.
 *
 * Implements "Environment replacement" of the Dockerfile reference: $V ${V} and the modifiers :- - :+ + :? ? # ## % %%
 * / and //, nested; quotes go, the escape character takes the next byte as it is, nothing is expanded in single quotes.
 *
 * Where it happens: ADD, ARG, COPY, ENV, EXPOSE, FROM, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR, the flags of these and
 * --mount of RUN, bodies of COPY's and ADD's heredocs whose delimiter is not quoted. Not in RUN, CMD, ENTRYPOINT,
 * HEALTHCHECK, SHELL (dockerfile_kind_expands).
 *
 * A value is unknown when it hangs on a variable that nobody can know from the file: a predefined one, an ARG without
 * a default, one that the base image may set. Build arguments count as not given, so that ${V:-d} of an ARG without a
 * default is known to be d. An unknown value's text is the word as written.
 */
#include "base/limits.h"
#include "dockerfile/instruction.h"

enum dockerfile_state {
    DOCKERFILE_STATE_ABSENT,    /* nobody set it in this file */
    DOCKERFILE_STATE_KNOWN,     /* set here */
    DOCKERFILE_STATE_INHERITED, /* set in a stage that this one starts from */
    DOCKERFILE_STATE_UNKNOWN,   /* set, but to what can't be known */
};

struct dockerfile_value {
    enum dockerfile_state state;
    bool optional; /* of a variable, UNKNOWN: unset unless somebody outside the file sets it */
    uint32_t origin_count;
    const struct data_span *origins; /* the word itself, then what defined the variables in it; each once, at most
                                        LIMIT_DOCKERFILE_ORIGINS, the nearest first */
    struct str text;
};

/* A variable that the word names. */
struct dockerfile_use {
    struct str name;
    struct data_span span; /* "$V" or "${V...}"; the whole word's when a continuation runs through it */
    enum dockerfile_state state;
    bool optional; /* as in struct dockerfile_value */
};

struct dockerfile_expansion {
    struct dockerfile_value value; /* KNOWN or UNKNOWN */
    const struct dockerfile_use *uses;
    uint32_t use_count;
    const char *problem; /* NULL, or what is wrong with the word; the value is unknown then */
};

/* What all expansions of one file may cost together; what goes beyond is unknown, with a problem. */
struct dockerfile_budget {
    uint64_t bytes;
    uint64_t steps; /* of pattern matching */
};
#define DOCKERFILE_BUDGET_INIT                                                                                         \
    ((struct dockerfile_budget){LIMIT_DOCKERFILE_EXPANDED_BYTES, LIMIT_DOCKERFILE_PATTERN_STEPS})

struct dockerfile_scope {
    /* The variable NAME; ABSENT when it is unset. What it points to outlives the expansion. */
    struct dockerfile_value (*lookup)(void *self, struct str name);
    void *self;
    char escape;
    bool heredoc; /* the word is a heredoc's body: quotes and escapes stay */
    struct dockerfile_budget *budget;
};

/* Errors: ERR_NOMEM only. */
int dockerfile_expand(const struct dockerfile_word *word, const struct dockerfile_scope *scope, struct arena *arena,
                      struct dockerfile_expansion *ret_expansion, struct err *err);

/* True when variables in the arguments of KIND are expanded by the builder. */
bool dockerfile_kind_expands(enum dockerfile_kind kind);

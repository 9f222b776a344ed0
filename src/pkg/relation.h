/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/relation.h - relations between binary packages: Depends, Pre-Depends, Conflicts, Breaks, Provides.
 *
 * Implements Debian policy 7.1: "name[:qualifier] [(op version)]", alternatives with '|', groups with ','. Views into
 * the field; nothing is allocated. The field may be folded over lines. Empty groups (a trailing comma) are passed
 * over, as in apt. Lists of architectures [..] and of build profiles <..> belong to source packages and are refused.
 *
 * Errors: ERR_INVALID, which quote what is wrong. Threads: no state.
 */
#include "base/err.h"
#include "base/str.h"

enum relation_op {
    RELATION_ANY,           /* no version is asked for */
    RELATION_EARLIER,       /* << */
    RELATION_EARLIER_EQUAL, /* <= and the old < */
    RELATION_EQUAL,         /* = */
    RELATION_LATER_EQUAL,   /* >= and the old > */
    RELATION_LATER,         /* >> */
};

struct relation {
    struct str name;
    struct str qualifier; /* "any", "native", an architecture; empty when there is none */
    enum relation_op op;
    struct str version; /* empty with RELATION_ANY */
    bool or_next;       /* the next relation is an alternative to this one */
};

/* Takes the next relation off *REST. At the end ret_relation->name is empty. */
int relation_next(struct str *rest, struct relation *ret_relation, struct err *err);

/* True when VERSION meets the relation. An empty VERSION (an unversioned Provides) meets RELATION_ANY alone. */
bool relation_matches(const struct relation *relation, struct str version);

/* "<<", "<=", "=", ">=", ">>", or "" for RELATION_ANY. Static storage. */
const char *relation_op_text(enum relation_op op);

/* Appends "name:qualifier (op version)", for messages. */
struct buf;
void relation_print(struct buf *out, const struct relation *relation);

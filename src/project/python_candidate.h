/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/python_candidate.h - the modules that an application may be started with, and the choice among them.
 *
 * The first tier that has any decides. In it what a server is installed for comes first, then the level, then the name
 * that is the project's own; files of one directory are in the order of the names that people give them. What is equal
 * after that is for a person to choose.
 */
#include "base/vec.h"
#include "project/python_entry.h"

enum python_tier {
    PYTHON_TIER_OBJECT,           /* makes an application object, in a conventional place */
    PYTHON_TIER_RUN,              /* a program in a conventional place */
    PYTHON_TIER_OBJECT_ELSEWHERE, /* makes an object, anywhere */
    PYTHON_TIER_CONSOLE,          /* a console script of the project's own distribution */
    PYTHON_TIER_RUN_ELSEWHERE,    /* a program under a name of its own */
    PYTHON_TIER_PLAIN,            /* conventional name, nothing else speaks for it; or the only module */
    PYTHON_TIER_NONE,
};

struct python_candidate {
    enum python_tier tier;
    bool unserved; /* no server for its interface is installed */
    unsigned level, order;
    bool foreign; /* not in the directory that has the project's name */
    struct python_located located;
    struct python_framework framework;
    struct str console; /* CONSOLE: the function, "main", "App.run" */
};

struct python_candidates {
    const struct op_ctx *ctx;
    const struct python_app *app;
    VEC(struct python_candidate) list;
};

/* All of the project, and of its own installed distribution. */
int python_candidates_find(struct python_candidates *candidates, struct err *err);

/* The best; NULL when there is none, or several, of which *RET_RIVAL is the second. */
const struct python_candidate *python_candidates_choose(const struct python_candidates *candidates,
                                                        const struct python_candidate **ret_rival);

/* Appends why it is one, "makes a FastAPI application". */
void python_candidate_tell(const struct python_candidate *candidate, struct buf *out);

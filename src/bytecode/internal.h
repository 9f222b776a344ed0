/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * bytecode/internal.h - the two halves of bytecode/compile.h: groups of modules in the store (cache.c), and
 * interpreters at work (batch.c).
 */
#include "bytecode/compile.h"

/* One source on its way. SOURCE is the caller's, written by the thread that called bytecode_compile alone. */
struct bytecode_item {
    struct bytecode_source *source;
    struct buf result; /* of a batch: the .pyc, or the problem */
    bool compiled;     /* RESULT is a .pyc */
    bool done;
    bool fresh; /* done just now */
    bool lost;  /* the interpreter died of it: another day it might not */
};

/* Modules that are kept in one file of the store. */
struct bytecode_group {
    struct str name;
    struct bytecode_item **items; /* by place */
    size_t count, cap;
    char key[80];
    struct str pack; /* mapped; empty: not there */
};

/* Groups ITEMS; all in ARENA. Same sources, same groups, in whatever order they come. */
int bytecode_group_all(struct bytecode_item *items, size_t count, struct arena *arena,
                       struct bytecode_group **ret_groups, size_t *ret_count, struct err *err);

/* Sets the key, and maps the pack when it is there and whole. Any thread. */
void bytecode_group_find(struct store *store, struct str identity, unsigned version, struct bytecode_group *group);
/* Takes what the pack has, and unmaps it. False, with nothing taken, when that is not what is asked for. */
int bytecode_group_take(struct bytecode_group *group, struct arena *arena, bool *ret_taken, struct err *err);
/* Keeps a finished group, unless a source of it was lost. */
int bytecode_group_keep(struct store *store, const struct bytecode_group *group, struct err *err);

struct bytecode_progress {
    atomic_size_t done;
    size_t total;
    atomic_size_t lost;  /* sources that an interpreter died of */
    atomic_size_t bytes; /* of all .pyc files */
};

/* Compiles all of ITEMS, one after the other; on failure some are done. Any thread. */
int bytecode_batch_run(const struct op_ctx *ctx, const struct bytecode_interpreter *interpreter,
                       struct bytecode_item **items, size_t count, struct bytecode_progress *progress, struct err *err);

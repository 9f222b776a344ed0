/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/op.h - the context of one operation: how long it may take, whether it was called off, whom it tells of its
 * progress, and its memory.
 *
 * Every long-running function takes a `const struct op_ctx *`. Loops call op_check at least every few milliseconds
 * of work. Threads: op_check, op_progress and op_warn may be called from any thread of the operation (the sink
 * serialises itself); the arena belongs to the thread that started it.
 */
#include "base/arena.h"
#include "base/err.h"

#include <stdatomic.h>

struct op_sink {
    /* PHASE is a short present participle ("downloading"); ITEM may be empty; TOTAL 0 when unknown. Units: bytes. */
    void (*progress)(void *self, struct str phase, struct str item, uint64_t done, uint64_t total);
    /* As progress, with DONE and TOTAL in items. */
    void (*progress_items)(void *self, struct str phase, struct str item, uint64_t done, uint64_t total);
    /* One complete sentence in the style of err.h, without "warning:". */
    void (*warning)(void *self, struct str message);
    void *self;
};

struct op_ctx {
    uint64_t deadline_ns;         /* clock_monotonic_ns; 0 is none */
    const atomic_bool *cancelled; /* NULL: can't be cancelled */
    const struct op_sink *sink;   /* NULL: nobody listens */
    struct arena *arena;          /* lives until the operation's result was used */
    const struct op_ctx *parent;  /* of a part that runs beside the rest: what calls the whole off calls it off too */
};

/* 0, or ERR_CANCELLED / ERR_DEADLINE. */
int op_check(const struct op_ctx *ctx, struct err *err);

/* What of DONE and TOTAL: bytes / items. */
void op_progress(const struct op_ctx *ctx, struct str phase, struct str item, uint64_t done, uint64_t total);
void op_progress_items(const struct op_ctx *ctx, struct str phase, struct str item, uint64_t done, uint64_t total);
void op_warn(const struct op_ctx *ctx, const char *format, ...) PRINTF_LIKE(2, 3);

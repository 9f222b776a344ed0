/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/pool.h - a bounded pool of worker threads.
 *
 * Jobs start in the order of submission. A job that needs another job's result must have been submitted after it.
 * Threads start on the first submission, so that an unused pool costs nothing. With one core (or when threads can't
 * be had) jobs run inside pool_submit.
 */
#include "base/err.h"

struct pool_job {
    void (*run)(struct pool_job *job); /* must not block on later jobs */
    struct pool_job *next;             /* the pool's */
    bool done;                         /* the pool's; read with pool_wait_job */
};

/* THREADS 0: as many as there are processors that this process may use, at most 16. Owner frees with pool_free. */
int pool_new(unsigned threads, struct pool **ret_pool, struct err *err);

/* Finishes all submitted jobs, then frees. NULL is fine. */
void pool_free(struct pool *pool);
void pool_cleanup(struct pool **pool);
#define CLEANUP_POOL CLEANUP(pool_cleanup)

/* Threads that work (or would). */
unsigned pool_threads(const struct pool *pool);

/* JOB belongs to the caller and stays where it is until it is done. */
void pool_submit(struct pool *pool, struct pool_job *job);

/* Returns when JOB is done; the caller's thread takes queued jobs meanwhile. */
void pool_wait_job(struct pool *pool, struct pool_job *job);

/* Processors that this process may use (its affinity mask), at least 1. */
unsigned pool_processors(void);

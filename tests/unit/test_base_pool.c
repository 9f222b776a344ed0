/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { JOBS = 500 };

struct counted {
    struct pool_job job;
    atomic_int *total;
    int runs;
    int order; /* the number of jobs that had begun before */
};

static void count(struct pool_job *job)
{
    struct counted *counted = (struct counted *)job;
    counted->runs++;
    counted->order = atomic_fetch_add(counted->total, 1);
}

static void run_many(unsigned threads)
{
    static struct counted jobs[JOBS];
    atomic_int total = 0;
    struct pool *pool = NULL;
    assert_int_equal(pool_new(threads, &pool, NULL), 0);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct counted){.job.run = count, .total = &total, .order = -1};
        pool_submit(pool, &jobs[i].job);
    }
    for (int i = JOBS; i-- > 0;) {
        pool_wait_job(pool, &jobs[i].job);
        assert_int_equal(jobs[i].runs, 1);
    }
    assert_int_equal(total, JOBS);
    if (threads == 1)
        for (int i = 0; i < JOBS; i++)
            assert_int_equal(jobs[i].order, i);
    pool_wait_job(pool, &jobs[0].job); /* done is done */
    pool_free(pool);
}

static void test_all_run_once(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 3, 16};
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        run_many(threads[i]);
}

static void test_free_finishes(void **state)
{
    (void)state;
    static struct counted jobs[JOBS];
    atomic_int total = 0;
    struct pool *pool = NULL;
    assert_int_equal(pool_new(4, &pool, NULL), 0);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct counted){.job.run = count, .total = &total};
        pool_submit(pool, &jobs[i].job);
    }
    pool_free(pool);
    assert_int_equal(total, JOBS);
    pool_free(NULL);
}

struct named {
    struct pool_job job;
    pthread_t thread;
};

static void note_thread(struct pool_job *job)
{
    ((struct named *)job)->thread = pthread_self();
}

static void test_one_thread_is_the_callers(void **state)
{
    (void)state;
    CLEANUP_POOL struct pool *pool = NULL;
    assert_int_equal(pool_new(1, &pool, NULL), 0);
    struct named named = {.job.run = note_thread};
    pool_submit(pool, &named.job);
    assert_true(pthread_equal(named.thread, pthread_self()));
}

static void test_sizes(void **state)
{
    (void)state;
    CLEANUP_POOL struct pool *pool = NULL;
    assert_true(pool_processors() >= 1);
    assert_int_equal(pool_new(0, &pool, NULL), 0);
    assert_int_equal(pool_threads(pool), pool_processors() < 16 ? pool_processors() : 16);
    pool_free(pool);
    assert_int_equal(pool_new(1000, &pool, NULL), 0);
    assert_int_equal(pool_threads(pool), 16);
    struct err err = ERR_INIT;
    struct pool *none = NULL;
    fault_arm(FAULT_ALLOC, 1);
    assert_int_equal(pool_new(2, &none, &err), -ERR_NOMEM);
    fault_disarm();
    assert_null(none);
}

/* Who waits takes part: with both workers held up, the waiting thread runs what is queued. */
struct gate {
    struct pool_job job;
    atomic_int *open;
};

static void hold(struct pool_job *job)
{
    while (!atomic_load(((struct gate *)job)->open))
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static void open_gate(struct pool_job *job)
{
    atomic_store(((struct gate *)job)->open, 1);
}

static void test_waiter_helps(void **state)
{
    (void)state;
    atomic_int open = 0;
    CLEANUP_POOL struct pool *pool = NULL;
    assert_int_equal(pool_new(2, &pool, NULL), 0);
    struct gate gates[3] = {{{.run = hold}, &open}, {{.run = hold}, &open}, {{.run = open_gate}, &open}};
    for (size_t i = 0; i < 3; i++)
        pool_submit(pool, &gates[i].job);
    for (size_t i = 0; i < 3; i++)
        pool_wait_job(pool, &gates[2 - i].job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_run_once),
        cmocka_unit_test(test_free_finishes),
        cmocka_unit_test(test_one_thread_is_the_callers),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_waiter_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

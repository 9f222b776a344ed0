/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include "base/alloc.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#define POOL_THREADS_MAX 16U

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work; /* a job was queued, or the pool stops */
    pthread_cond_t done; /* a job ended */
    struct pool_job *first;
    struct pool_job *last;
    unsigned wanted;
    unsigned started;
    bool stopping;
    pthread_t threads[POOL_THREADS_MAX];
};

unsigned pool_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

int pool_new(unsigned threads, struct pool **ret_pool, struct err *err)
{
    struct pool *pool = mem_calloc(1, sizeof(*pool));
    if (!pool)
        return err_nomem(err);
    pool->wanted = threads ? threads : pool_processors();
    if (pool->wanted > POOL_THREADS_MAX)
        pool->wanted = POOL_THREADS_MAX;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    *ret_pool = pool;
    return 0;
}

/* Takes the first queued job; the lock is held. */
static struct pool_job *take(struct pool *pool)
{
    struct pool_job *job = pool->first;
    if (job) {
        pool->first = job->next;
        if (!pool->first)
            pool->last = NULL;
    }
    return job;
}

/* Runs JOB without the lock, then marks it done under the lock. */
static void run_unlocked(struct pool *pool, struct pool_job *job)
{
    pthread_mutex_unlock(&pool->lock);
    job->run(job);
    pthread_mutex_lock(&pool->lock);
    job->done = true;
    pthread_cond_broadcast(&pool->done);
}

static void *work(void *argument)
{
    struct pool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        struct pool_job *job = take(pool);
        if (job)
            run_unlocked(pool, job);
        else if (pool->stopping)
            break;
        else
            pthread_cond_wait(&pool->work, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Starts the workers with all signals blocked, so that signals reach the thread that handles them. */
static void start_threads(struct pool *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->started < pool->wanted) {
        if (pthread_create(&pool->threads[pool->started], NULL, work, pool) != 0) {
            pool->wanted = pool->started;
            break;
        }
        pool->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->started; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool);
}

void pool_cleanup(struct pool **pool)
{
    pool_free(*pool);
}

unsigned pool_threads(const struct pool *pool)
{
    return pool->wanted ? pool->wanted : 1;
}

void pool_submit(struct pool *pool, struct pool_job *job)
{
    job->next = NULL;
    job->done = false;
    pthread_mutex_lock(&pool->lock);
    if (pool->wanted > 1 && pool->started == 0)
        start_threads(pool);
    if (pool->started == 0) {
        run_unlocked(pool, job);
    } else {
        if (pool->last)
            pool->last->next = job;
        else
            pool->first = job;
        pool->last = job;
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
}

void pool_wait_job(struct pool *pool, struct pool_job *job)
{
    pthread_mutex_lock(&pool->lock);
    while (!job->done) {
        struct pool_job *other = take(pool);
        if (other)
            run_unlocked(pool, other);
        else
            pthread_cond_wait(&pool->done, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

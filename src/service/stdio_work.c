/* SPDX-License-Identifier: Apache-2.0 */
#include "service/stdio_work.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#define INTERNAL_ERROR (-32603)

/* Requests in the order in which they came; those that a thread has taken stand before the others. */
struct stdio_work {
    const struct mcp_server *mcp;
    struct line_output *out;
    pthread_mutex_t lock;
    pthread_cond_t queued; /* a job came, or all ends */
    pthread_cond_t empty;  /* the last job went */
    struct stdio_job *first;
    unsigned count, waiting, idle, started, wanted, queue; /* count: all of them */
    bool ending;
    pthread_t threads[];
};

void stdio_refuse(struct line_output *out, struct str id, int code, const char *message)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":%d,\"message\":\"%s\"}}",
             STR_ARG(id.len > 0 ? id : STR("null")), code, message);
    if (!text.failed)
        line_output_send(out, buf_str(&text));
    else
        line_output_send(out, STR("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32603,\"message\":"
                                  "\"Internal error: out of memory\"}}"));
}

void stdio_job_free(struct stdio_job *job)
{
    if (!job)
        return;
    arena_done(&job->arena);
    mem_free(job->bytes);
    mem_free(job);
}

int stdio_work_new(const struct mcp_server *mcp, struct line_output *out, unsigned threads, unsigned queue,
                   struct stdio_work **ret_work, struct err *err)
{
    struct stdio_work *work = mem_calloc(1, sizeof(*work) + threads * sizeof(work->threads[0]));
    pthread_condattr_t monotonic;
    if (!work)
        return err_nomem(err);
    work->mcp = mcp;
    work->out = out;
    work->wanted = threads;
    work->queue = queue;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->queued, NULL);
    pthread_cond_init(&work->empty, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *ret_work = work;
    return 0;
}

static void notify(void *self, struct str message)
{
    struct stdio_job *job = self;
    if (!atomic_load_explicit(&job->cancelled, memory_order_relaxed))
        line_output_send(job->work->out, message);
}

static void run_job(struct stdio_work *work, struct stdio_job *job)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct mcp_answer answer = {.kind = MCP_ANSWER_NONE};
    struct err err = ERR_INIT;
    const struct mcp_exchange exchange = {
        .arena = &job->arena, .cancelled = &job->cancelled, .notify = notify, .notify_self = job};
    if (atomic_load(&job->cancelled))
        return;
    int rc = mcp_answer(work->mcp, &job->peer, &job->message, &exchange, &out, &answer, &err);
    if (atomic_load(&job->cancelled))
        return;
    if (rc)
        stdio_refuse(work->out, job->message.id, INTERNAL_ERROR, "Internal error: out of memory");
    else if (answer.kind != MCP_ANSWER_NONE)
        line_output_send(work->out, buf_str(&out));
}

/* The first that nobody has taken; the lock is held. */
static struct stdio_job *take(struct stdio_work *work)
{
    struct stdio_job *job = work->first;
    while (job && job->taken)
        job = job->next;
    if (job) {
        job->taken = true;
        work->waiting--;
    }
    return job;
}

static void forget(struct stdio_work *work, struct stdio_job *job)
{
    struct stdio_job **at = &work->first;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    work->count--;
    if (!work->first)
        pthread_cond_broadcast(&work->empty);
}

static void *thread_main(void *argument)
{
    struct stdio_work *work = argument;
    pthread_mutex_lock(&work->lock);
    for (;;) {
        struct stdio_job *job = take(work);
        if (job) {
            pthread_mutex_unlock(&work->lock);
            run_job(work, job);
            pthread_mutex_lock(&work->lock);
            forget(work, job);
            stdio_job_free(job);
        } else if (work->ending) {
            break;
        } else {
            work->idle++;
            pthread_cond_wait(&work->queued, &work->lock);
            work->idle--;
        }
    }
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

/* Signals are for the reader's descriptor, not for these. */
static void start_thread(struct stdio_work *work)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&work->threads[work->started], NULL, thread_main, work) == 0)
        work->started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

bool stdio_work_add(struct stdio_work *work, struct stdio_job *job)
{
    pthread_mutex_lock(&work->lock);
    if (work->idle <= work->waiting && work->started < work->wanted)
        start_thread(work);
    bool room = work->started > 0 && work->count < work->started + work->queue;
    if (room) {
        struct stdio_job **end = &work->first;
        while (*end)
            end = &(*end)->next;
        job->work = work;
        *end = job;
        work->waiting++;
        work->count++;
        pthread_cond_signal(&work->queued);
    }
    pthread_mutex_unlock(&work->lock);
    return room;
}

/* The lock is held. */
static struct stdio_job *find(struct stdio_work *work, struct str id)
{
    for (struct stdio_job *job = work->first; job; job = job->next) {
        if (job->message.id.len > 0 && str_eq(job->message.id, id) && !atomic_load(&job->cancelled))
            return job;
    }
    return NULL;
}

bool stdio_work_has(struct stdio_work *work, struct str id)
{
    pthread_mutex_lock(&work->lock);
    bool has = find(work, id);
    pthread_mutex_unlock(&work->lock);
    return has;
}

bool stdio_work_cancel(struct stdio_work *work, struct str id)
{
    pthread_mutex_lock(&work->lock);
    struct stdio_job *job = find(work, id);
    if (job)
        atomic_store(&job->cancelled, true);
    pthread_mutex_unlock(&work->lock);
    return job;
}

/* Until nothing is in work; the lock is held. */
static bool wait_until_empty(struct stdio_work *work, uint64_t limit_ms)
{
    uint64_t end_ns = clock_monotonic_ns() + limit_ms * 1000000U;
    struct timespec end = {.tv_sec = (time_t)(end_ns / 1000000000U), .tv_nsec = (long)(end_ns % 1000000000U)};
    int rc = 0;
    while (work->first && rc == 0)
        rc = pthread_cond_timedwait(&work->empty, &work->lock, &end);
    return !work->first;
}

bool stdio_work_end(struct stdio_work *work, uint64_t grace_ms, uint64_t limit_ms)
{
    pthread_mutex_lock(&work->lock);
    bool empty = wait_until_empty(work, grace_ms);
    for (struct stdio_job *job = work->first; job; job = job->next)
        atomic_store(&job->cancelled, true);
    empty = empty || wait_until_empty(work, limit_ms);
    work->ending = true;
    pthread_cond_broadcast(&work->queued);
    pthread_mutex_unlock(&work->lock);
    if (!empty)
        return false;
    for (unsigned i = 0; i < work->started; i++)
        pthread_join(work->threads[i], NULL);
    pthread_cond_destroy(&work->queued);
    pthread_cond_destroy(&work->empty);
    pthread_mutex_destroy(&work->lock);
    mem_free(work);
    return true;
}

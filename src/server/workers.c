/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that run operations, and the bounded queue before them. */
#include "base/alloc.h"
#include "base/pool.h"
#include "server/internal.h"

#include <signal.h>
#include <sys/socket.h>

/* Sends what the application answered, as far as the peer takes it; the loop sees to the rest. */
static void send_answer(struct worker *worker, struct server_exchange *exchange)
{
    if (!answer_admit(exchange)) {
        exchange->kind = ANSWER_NONE;
        exchange->overfull = true;
        return;
    }
    if (!answer_write(exchange, &worker->date, &exchange->out)) {
        exchange->broken = "no-memory";
        return;
    }
    struct str head = str_skip(buf_str(&exchange->out), exchange->out_sent);
    ssize_t sent = socket_send(exchange->connection->fd, head, exchange->answer);
    if (sent < 0) {
        exchange->broken = "reset";
        return;
    }
    exchange->answer_bytes += (uint64_t)sent;
    size_t of_head = (size_t)sent < head.len ? (size_t)sent : head.len;
    exchange->out_sent += of_head;
    exchange->answer = str_skip(exchange->answer, (size_t)sent - of_head);
}

static void work_off(struct worker *worker, struct server_exchange *exchange)
{
    const struct server_application *application = worker->server->application;
    exchange->on_worker = true;
    if (!atomic_load(&exchange->cancelled))
        application->handle(application->self, exchange, true);
    if (exchange->kind == ANSWER_WHOLE)
        send_answer(worker, exchange);
    else if (exchange->kind == ANSWER_STREAM && !exchange->parked)
        stream_finish(exchange, STR_NONE);
    exchange->on_worker = false;
}

/* The next exchange; NULL when the workers stop. */
static struct server_exchange *take(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    while (!workers->first && !workers->stopping) {
        workers->waiting++;
        pthread_cond_wait(&workers->work, &workers->lock);
        workers->waiting--;
    }
    struct server_exchange *exchange = workers->first;
    if (exchange) {
        workers->first = exchange->next;
        if (!workers->first)
            workers->last = NULL;
        exchange->next = NULL;
        atomic_fetch_sub(&workers->queued, 1);
        atomic_fetch_add(&workers->working, 1);
    }
    pthread_mutex_unlock(&workers->lock);
    return exchange;
}

static void *worker_run(void *argument)
{
    struct worker *worker = argument;
    struct workers *workers = &worker->server->workers;
    for (struct server_exchange *exchange; (exchange = take(workers));) {
        work_off(worker, exchange);
        atomic_fetch_sub(&workers->working, 1);
        loop_post(exchange->connection->loop, exchange);
    }
    return NULL;
}

bool workers_submit(struct server_exchange *exchange)
{
    struct workers *workers = &exchange->server->workers;
    exchange->next = NULL;
    pthread_mutex_lock(&workers->lock);
    bool room = atomic_load(&workers->queued) < exchange->server->options.queue;
    bool wake = false;
    if (room) {
        if (workers->last)
            workers->last->next = exchange;
        else
            workers->first = exchange;
        workers->last = exchange;
        atomic_fetch_add(&workers->queued, 1);
        wake = workers->waiting > 0;
    }
    pthread_mutex_unlock(&workers->lock);
    if (wake)
        pthread_cond_signal(&workers->work);
    return room;
}

int workers_start(struct server *server, struct err *err)
{
    struct workers *workers = &server->workers;
    unsigned count = server->options.workers ? server->options.workers : pool_processors();
    workers->count = count < SERVER_WORKERS_MAX ? count : SERVER_WORKERS_MAX;
    workers->threads = mem_calloc(workers->count, sizeof(*workers->threads));
    if (!workers->threads)
        return err_nomem(err);
    for (unsigned i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->threads[i];
        worker->server = server;
        int failed = pthread_create(&worker->thread, NULL, worker_run, worker);
        if (failed)
            return err_errno(err, failed, "can't start worker %u", i + 1);
        worker->started = true;
    }
    return 0;
}

void workers_stop(struct server *server)
{
    struct workers *workers = &server->workers;
    pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    pthread_cond_broadcast(&workers->work);
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; workers->threads && i < workers->count; i++)
        if (workers->threads[i].started)
            pthread_join(workers->threads[i].thread, NULL);
    mem_free(workers->threads);
    workers->threads = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "server/server.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/pool.h"
#include "server/internal.h"

#include <signal.h>

static int make_loops(struct server *server, struct err *err)
{
    unsigned count = server->options.loops ? server->options.loops : pool_processors();
    count = count < SERVER_LOOPS_MAX ? count : SERVER_LOOPS_MAX;
    server->loops = mem_calloc(count, sizeof(*server->loops));
    if (!server->loops)
        return err_nomem(err);
    server->loop_count = count;
    for (unsigned i = 0; i < count; i++)
        server->loops[i].epoll_fd = server->loops[i].wake_fd = server->loops[i].reserve_fd = -1;
    for (unsigned i = 0; i < count; i++) {
        int failed = loop_init(&server->loops[i], server, err);
        if (failed)
            return failed;
    }
    return 0;
}

static int start_loops(struct server *server, struct err *err)
{
    for (unsigned i = 0; i < server->loop_count; i++) {
        struct server_loop *loop = &server->loops[i];
        pthread_mutex_lock(&server->lock);
        server->running++;
        pthread_mutex_unlock(&server->lock);
        int failed = pthread_create(&loop->thread, NULL, loop_run, loop);
        if (failed) {
            pthread_mutex_lock(&server->lock);
            server->running--;
            pthread_mutex_unlock(&server->lock);
            return err_errno(err, failed, "can't start event loop %u", i + 1);
        }
        loop->started = true;
    }
    return 0;
}

static int start_threads(struct server *server, struct err *err)
{
    /* Signals are for the thread that waits for them. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = workers_start(server, err);
    if (!failed)
        failed = start_loops(server, err);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

int server_start(const struct server_options *options, const struct server_application *application,
                 struct server **ret_server, struct err *err)
{
    struct server *server = mem_calloc(1, sizeof(*server));
    if (!server)
        return err_nomem(err);
    server->options = *options;
    server->application = application;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->emptied, NULL);
    pthread_mutex_init(&server->workers.lock, NULL);
    pthread_cond_init(&server->workers.work, NULL);
    int failed = make_loops(server, err);
    if (!failed)
        failed = listeners_open(server, err);
    if (!failed)
        failed = start_threads(server, err);
    if (failed) {
        server_free(server);
        return failed;
    }
    *ret_server = server;
    return 0;
}

uint16_t server_port(const struct server *server, size_t index)
{
    return server->ports[index];
}

void server_drain(struct server *server, uint64_t deadline_ns)
{
    atomic_store(&server->drain_deadline_ns, deadline_ns);
    atomic_store(&server->draining, true);
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_wake(&server->loops[i]);
}

bool server_wait(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    while (server->running > 0)
        pthread_cond_wait(&server->emptied, &server->lock);
    pthread_mutex_unlock(&server->lock);
    return !atomic_load(&server->was_cut);
}

void server_free(struct server *server)
{
    if (!server)
        return;
    server_drain(server, 0);
    (void)server_wait(server);
    for (unsigned i = 0; i < server->loop_count; i++)
        if (server->loops[i].started)
            pthread_join(server->loops[i].thread, NULL);
    workers_stop(server);
    for (unsigned i = 0; i < server->loop_count; i++) {
        listeners_close(server, &server->loops[i]);
        loop_done(&server->loops[i]);
    }
    mem_free(server->loops);
    mem_free(server->addresses);
    mem_free(server->ports);
    pthread_cond_destroy(&server->workers.work);
    pthread_mutex_destroy(&server->workers.lock);
    pthread_cond_destroy(&server->emptied);
    pthread_mutex_destroy(&server->lock);
    mem_free(server);
}

struct server_counts server_counts(const struct server *server)
{
    struct server_counts counts = {.connections = atomic_load(&server->connections),
                                   .streams = atomic_load(&server->streams),
                                   .queued = atomic_load(&server->workers.queued),
                                   .working = atomic_load(&server->workers.working),
                                   .memory_bytes = atomic_load(&server->memory_bytes)};
    for (unsigned i = 0; i < server->loop_count; i++) {
        counts.idle += atomic_load(&server->loops[i].idle);
        counts.accepted += atomic_load(&server->loops[i].accepted);
        counts.refused += atomic_load(&server->loops[i].refusals);
    }
    return counts;
}

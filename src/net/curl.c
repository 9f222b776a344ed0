/* SPDX-License-Identifier: Apache-2.0 */
#include "net/curl.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "net/internal.h"

#include <signal.h>
#include <string.h>

enum { POLL_MS = 50, PROGRESS_INTERVAL_MS = 100 };

struct run {
    struct curl_transport *transport;
    struct transfer *jobs;
    size_t count, running, done;
    const struct op_ctx *ctx;
    uint64_t shown_ns;
};

static void finish(struct run *run, struct transfer *job)
{
    job->state = TRANSFER_DONE;
    run->done++;
    if (job->fetch->finished)
        job->fetch->finished(job->fetch);
}

static void start(struct run *run, struct transfer *job)
{
    if (transfer_start(job) != 0) {
        transfer_drop(job);
        finish(run, job);
        return;
    }
    job->state = TRANSFER_RUNNING;
    run->running++;
}

/* Starts what may start; returns how long to wait at most for the next one, in milliseconds. */
static int start_waiting(struct run *run)
{
    uint64_t now = clock_monotonic_ns();
    uint64_t soonest = now + POLL_MS * 1000000ULL;
    for (size_t i = 0; i < run->count && run->running < LIMIT_DOWNLOADS_AT_ONCE; i++) {
        struct transfer *job = &run->jobs[i];
        if (job->state != TRANSFER_WAITING)
            continue;
        if (job->not_before_ns <= now)
            start(run, job);
        else if (job->not_before_ns < soonest)
            soonest = job->not_before_ns;
    }
    return (int)((soonest - now) / 1000000) + 1;
}

/* How many ended. */
static size_t take_ended(struct run *run)
{
    size_t ended = 0;
    struct curl_transport *own = run->transport;
    int left = 0;
    for (CURLMsg *msg; (msg = own->lib.curl_multi_info_read(own->multi, &left));) {
        if (msg->msg != CURLMSG_DONE)
            continue;
        CURLcode code = msg->data.result; /* MSG dies with the handle */
        struct transfer *job = NULL;
        if (own->lib.curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &job) != CURLE_OK || !job)
            continue;
        ended++;
        run->running--;
        if (transfer_end(job, code))
            job->state = TRANSFER_WAITING;
        else
            finish(run, job);
    }
    return ended;
}

static void show(struct run *run, bool last)
{
    uint64_t now = clock_monotonic_ns();
    if (!run->ctx->sink || (!last && now - run->shown_ns < PROGRESS_INTERVAL_MS * 1000000ULL))
        return;
    run->shown_ns = now;
    uint64_t done = 0, total = 0;
    bool known = true;
    for (size_t i = 0; i < run->count; i++) {
        const struct transfer *job = &run->jobs[i];
        uint64_t expected = job->state == TRANSFER_DONE ? job->received : job->total;
        if (job->state == TRANSFER_WAITING && expected == 0)
            expected = job->fetch->expect_bytes;
        known = known && (expected > 0 || job->state == TRANSFER_DONE);
        done += job->received;
        total += expected > job->received ? expected : job->received;
    }
    struct str item = run->count == 1 ? run->jobs[0].fetch->label : STR_NONE;
    op_progress(run->ctx, STR("downloading"), item, done, known ? total : 0);
}

static int loop(struct run *run, struct err *err)
{
    struct curl_transport *own = run->transport;
    while (run->done < run->count) {
        int rc = op_check(run->ctx, err);
        if (rc != 0)
            return rc;
        int timeout_ms = start_waiting(run);
        int running = 0;
        CURLMcode code = own->lib.curl_multi_perform(own->multi, &running);
        if (take_ended(run) == 0 && code == CURLM_OK && run->done < run->count)
            code = own->lib.curl_multi_poll(own->multi, NULL, 0, timeout_ms, NULL);
        if (code != CURLM_OK)
            return err_set(err, code == CURLM_OUT_OF_MEMORY ? ERR_NOMEM : ERR_INTERNAL, "libcurl: %s",
                           own->lib.curl_multi_strerror(code));
        show(run, false);
    }
    show(run, true);
    return 0;
}

static int open_library(struct curl_transport *own, struct err *err)
{
    if (own->multi)
        return 0;
    int rc = libcurl_load(&own->lib, err);
    if (rc != 0)
        return rc;
    own->multi = own->lib.curl_multi_init();
    if (!own->multi)
        return err_nomem(err);
    own->lib.curl_multi_setopt(own->multi, CURLMOPT_MAXCONNECTS, (long)LIMIT_DOWNLOADS_AT_ONCE);
    return 0;
}

static int curl_run(struct transport *transport, struct transport_fetch *fetches, size_t count,
                    const struct op_ctx *ctx, struct err *err)
{
    struct curl_transport *own = (struct curl_transport *)transport;
    int rc = open_library(own, err);
    if (rc != 0)
        return rc;
    struct transfer *jobs = mem_calloc(count ? count : 1, sizeof(*jobs));
    if (!jobs)
        return err_nomem(err);
    struct run run = {.transport = own, .jobs = jobs, .count = count, .ctx = ctx};
    for (size_t i = 0; i < count; i++)
        jobs[i] = (struct transfer){.owner = own, .fetch = &fetches[i]};
    /* libcurl leaves SIGPIPE to the program once it was told not to use signals; TLS may raise one. */
    sigset_t pipe_only, before;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    rc = loop(&run, err);
    while (sigtimedwait(&pipe_only, NULL, &(struct timespec){0}) == SIGPIPE)
        ;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    for (size_t i = 0; i < count; i++)
        transfer_drop(&jobs[i]);
    mem_free(jobs);
    return rc;
}

static void transport_done(struct transport *transport)
{
    struct curl_transport *own = (struct curl_transport *)transport;
    if (own->multi)
        own->lib.curl_multi_cleanup(own->multi);
    mem_free(own->user_agent);
    mem_free(own->proxy);
    mem_free(own->ca_file);
    mem_free(own->netrc_file);
    mem_free(own);
}

static const struct transport_ops curl_ops = {.run = curl_run, .free = transport_done};

/* A copy of TEXT; false when memory is short. */
static bool keep(char **out, const char *text)
{
    if (!text)
        return true;
    *out = mem_dup(text, strlen(text));
    return *out != NULL;
}

int curl_transport_new(const struct curl_options *options, struct transport **ret_transport, struct err *err)
{
    static const struct curl_options defaults = {0};
    if (!options)
        options = &defaults;
    struct curl_transport *own = mem_calloc(1, sizeof(*own));
    if (!own)
        return err_nomem(err);
    own->base.ops = &curl_ops;
    own->connect_timeout_ms = options->connect_timeout_ms ? (long)options->connect_timeout_ms : 15000;
    own->stall_timeout_s = options->stall_timeout_ms ? ((long)options->stall_timeout_ms + 999) / 1000 : 30;
    own->attempts = options->attempts ? options->attempts : 4;
    own->first_wait_ms = options->first_wait_ms ? options->first_wait_ms : 250;
    if (!keep(&own->user_agent, options->user_agent) || !keep(&own->proxy, options->proxy) ||
        !keep(&own->ca_file, options->ca_file) || !keep(&own->netrc_file, options->netrc_file)) {
        transport_done(&own->base);
        return err_nomem(err);
    }
    *ret_transport = &own->base;
    return 0;
}

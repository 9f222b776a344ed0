/* SPDX-License-Identifier: Apache-2.0 */
#include "bytecode/compile.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/pool.h"
#include "bytecode/internal.h"
#include "io/file.h"

/* Sources of one interpreter: to start one takes as long as to compile some 20 KB. */
#define BATCH_BYTES_MIN (256U << 10)
#define BATCH_BYTES_MAX (1U << 20)

struct work {
    const struct op_ctx *ctx;
    struct store *store;
    struct pool *pool;
    struct str identity;
    unsigned version;
    struct bytecode_item *items;
    size_t count;
    struct bytecode_group *groups;
    size_t group_count;
};

struct find_job {
    struct pool_job job;
    const struct work *work;
    size_t first, step; /* groups FIRST, FIRST + STEP, ... */
};

struct batch_job {
    struct pool_job job;
    struct op_ctx ctx;
    const struct bytecode_interpreter *interpreter;
    struct bytecode_item **items;
    size_t count;
    struct bytecode_progress *progress;
    atomic_bool *failed;
    int result;
    struct err err;
};

static void run_find(struct pool_job *job)
{
    struct find_job *find = (struct find_job *)job;
    const struct work *work = find->work;
    for (size_t i = find->first; i < work->group_count; i += find->step)
        if (op_check(work->ctx, NULL) == 0)
            bytecode_group_find(work->store, work->identity, work->version, &work->groups[i]);
}

static void run_batch(struct pool_job *job)
{
    struct batch_job *batch = (struct batch_job *)job;
    batch->result =
        bytecode_batch_run(&batch->ctx, batch->interpreter, batch->items, batch->count, batch->progress, &batch->err);
    if (batch->result < 0)
        atomic_store(batch->failed, true);
}

/* Looks up all groups, several at a time, and takes what is there. */
static int take_cached(const struct work *work, struct err *err)
{
    size_t threads = pool_threads(work->pool);
    struct find_job *jobs = mem_calloc(threads, sizeof(*jobs));
    if (!jobs)
        return err_nomem(err);
    for (size_t i = 0; i < threads; i++) {
        jobs[i] = (struct find_job){.job = {.run = run_find}, .work = work, .first = i, .step = threads};
        pool_submit(work->pool, &jobs[i].job);
    }
    for (size_t i = 0; i < threads; i++)
        pool_wait_job(work->pool, &jobs[i].job);
    mem_free(jobs);
    int r = op_check(work->ctx, err);
    for (size_t i = 0; i < work->group_count; i++) {
        bool taken;
        if (r == 0)
            r = bytecode_group_take(&work->groups[i], work->ctx->arena, &taken, err);
        else if (work->groups[i].pack.len)
            file_unmap(work->groups[i].pack);
    }
    return r;
}

/* The sources that have to be compiled; those that can't be are done. */
static size_t missing(const struct work *work, struct bytecode_item **ret_items, uint64_t *ret_bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < work->group_count; i++)
        for (size_t j = 0; j < work->groups[i].count; j++) {
            struct bytecode_item *item = work->groups[i].items[j];
            if (item->done)
                continue;
            if (item->source->text.len > LIMIT_PYTHON_SOURCE_BYTES) {
                item->source->problem = STR("it is larger than 16 MiB");
                continue;
            }
            ret_items[count++] = item;
            *ret_bytes += item->source->text.len;
        }
    return count;
}

/* How many of ITEMS one interpreter gets. */
static size_t batch_length(struct bytecode_item *const *items, size_t count, uint64_t bytes_max)
{
    uint64_t bytes = 0;
    size_t length = 0;
    while (length < count && (length == 0 || bytes + items[length]->source->text.len <= bytes_max))
        bytes += items[length++]->source->text.len;
    return length;
}

/* The first failure that isn't our own calling off. */
static int first_failure(const struct batch_job *jobs, size_t count, struct err *err)
{
    const struct batch_job *failed = NULL;
    for (size_t i = 0; i < count; i++)
        if (jobs[i].result < 0 && (!failed || (failed->result == -ERR_CANCELLED && jobs[i].result != -ERR_CANCELLED)))
            failed = &jobs[i];
    if (!failed)
        return 0;
    if (err)
        *err = failed->err;
    return failed->result;
}

static int run_batches(const struct work *work, const struct bytecode_interpreter *interpreter,
                       struct bytecode_item **items, size_t count, uint64_t bytes, struct err *err)
{
    atomic_bool failed = false;
    struct bytecode_progress progress = {.total = count};
    uint64_t bytes_max = bytes / (2 * pool_threads(work->pool)) + 1;
    bytes_max = bytes_max < BATCH_BYTES_MIN   ? BATCH_BYTES_MIN
                : bytes_max > BATCH_BYTES_MAX ? BATCH_BYTES_MAX
                                              : bytes_max;
    struct batch_job *jobs = mem_calloc(count, sizeof(*jobs));
    if (!jobs)
        return err_nomem(err);
    size_t job_count = 0;
    for (size_t at = 0; at < count; job_count++) {
        size_t length = batch_length(items + at, count - at, bytes_max);
        jobs[job_count] = (struct batch_job){
            .job = {.run = run_batch},
            .ctx = {.deadline_ns = work->ctx->deadline_ns,
                    .cancelled = &failed,
                    .sink = work->ctx->sink,
                    .parent = work->ctx},
            .interpreter = interpreter,
            .items = items + at,
            .count = length,
            .progress = &progress,
            .failed = &failed,
        };
        pool_submit(work->pool, &jobs[job_count].job);
        at += length;
    }
    for (size_t i = 0; i < job_count; i++)
        pool_wait_job(work->pool, &jobs[i].job);
    int r = first_failure(jobs, job_count, err);
    mem_free(jobs);
    return r;
}

/* Hands on what batches made, and keeps the groups. */
static int finish(const struct work *work, struct bytecode_item **items, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct str result = arena_take_buf(work->ctx->arena, &items[i]->result);
        if (!result.ptr)
            return err_nomem(err);
        items[i]->fresh = true;
        if (items[i]->compiled)
            items[i]->source->pyc = result;
        else
            items[i]->source->problem = result.len ? result : STR("it can't be compiled");
    }
    int r = 0;
    for (size_t i = 0; r == 0 && i < work->group_count; i++) {
        bool fresh = false;
        for (size_t j = 0; j < work->groups[i].count; j++)
            fresh |= work->groups[i].items[j]->fresh;
        if (fresh)
            r = bytecode_group_keep(work->store, &work->groups[i], err);
    }
    return r;
}

static int compile_missing(const struct work *work,
                           int (*open)(void *self, struct bytecode_interpreter *ret_interpreter, struct err *err),
                           void *self, struct err *err)
{
    uint64_t bytes = 0;
    struct bytecode_item **items = ARENA_ARRAY(work->ctx->arena, work->count + 1, struct bytecode_item *);
    if (!items)
        return err_nomem(err);
    size_t count = missing(work, items, &bytes);
    if (count == 0)
        return 0;
    struct bytecode_interpreter interpreter = {0};
    int r = open(self, &interpreter, err);
    if (r == 0)
        r = run_batches(work, &interpreter, items, count, bytes, err);
    return r == 0 ? finish(work, items, count, err) : r;
}

int bytecode_compile(const struct op_ctx *ctx, struct store *store, struct pool *pool, struct str identity,
                     unsigned version,
                     int (*open)(void *self, struct bytecode_interpreter *ret_interpreter, struct err *err), void *self,
                     struct bytecode_source *sources, size_t count, struct err *err)
{
    struct work work = {.ctx = ctx, .store = store, .pool = pool, .identity = identity, .version = version};
    if (count == 0)
        return 0;
    work.items = ARENA_ARRAY(ctx->arena, count, struct bytecode_item);
    if (!work.items)
        return err_nomem(err);
    work.count = count;
    for (size_t i = 0; i < count; i++) {
        sources[i].pyc = sources[i].problem = STR_NONE;
        work.items[i].source = &sources[i];
    }
    int r = bytecode_group_all(work.items, count, ctx->arena, &work.groups, &work.group_count, err);
    if (r == 0)
        r = take_cached(&work, err);
    if (r == 0)
        r = compile_missing(&work, open, self, err);
    for (size_t i = 0; i < count; i++)
        buf_done(&work.items[i].result);
    return r;
}

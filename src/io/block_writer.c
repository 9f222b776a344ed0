/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of slots, each with one block of input and its output. `filled` slots have been handed
 * to the pool since the start, `written` of them have left again, in order: slot number N is slots[N % slot_count].
 * The slot that is being filled is slots[filled % slot_count]; filled - written < slot_count always.
 */
#include "base/alloc.h"
#include "base/pool.h"
#include "io/internal.h"
#include "io/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define SLOTS_A_THREAD 4U /* one at work, the others waiting, so that no thread waits for the writer */

struct block_writer;

struct slot {
    struct pool_job job; /* first: a job is its slot */
    bool submitted;      /* to the pool, which tells when it is done */
    bool starved;        /* no memory for a compressor's state */
    struct block_writer *owner;
    char *in;
    size_t in_size;
    char *out;
    size_t out_size; /* 0 after a failure */
};

struct block_writer {
    struct writer base;
    const struct block_codec *codec;
    int level;
    struct pool *pool; /* NULL: compress in the caller */
    struct writer *below;
    uint64_t filled;
    uint64_t written;
    size_t held;           /* bytes in the slot that is being filled */
    atomic_bool cancelled; /* jobs that still wait have nothing to do */
    pthread_mutex_t lock;  /* of the idle states: as many as threads ever compressed at once */
    void **idle;
    unsigned idle_count;
    unsigned slot_count;
    struct slot slots[];
};

/* A state that nobody uses; the tables of one take half a megabyte, so they are not kept with the slots. */
static void *take_state(struct block_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    void *state = writer->idle_count > 0 ? writer->idle[--writer->idle_count] : NULL;
    pthread_mutex_unlock(&writer->lock);
    return state ? state : writer->codec->state_new(writer->level);
}

static void give_state(struct block_writer *writer, void *state)
{
    pthread_mutex_lock(&writer->lock);
    writer->idle[writer->idle_count++] = state; /* never more than slots at work */
    pthread_mutex_unlock(&writer->lock);
}

static void run_slot(struct pool_job *job)
{
    struct slot *slot = (struct slot *)job;
    struct block_writer *writer = slot->owner;
    const struct block_codec *codec = writer->codec;
    slot->out_size = 0;
    slot->starved = false;
    if (atomic_load_explicit(&writer->cancelled, memory_order_relaxed))
        return;
    void *state = take_state(writer);
    slot->starved = !state;
    if (!state)
        return;
    slot->out_size = codec->compress(state, slot->in, slot->in_size, slot->out, codec->bound(codec->block_bytes));
    give_state(writer, state);
}

/* The slot to fill; its memory comes on first use, so that small streams take one block only. */
static struct slot *current_slot(struct block_writer *writer)
{
    struct slot *slot = &writer->slots[writer->filled % writer->slot_count];
    if (slot->out)
        return slot;
    const struct block_codec *codec = writer->codec;
    if (!slot->in)
        slot->in = mem_alloc(codec->block_bytes);
    if (!slot->in)
        return NULL;
    slot->out = mem_alloc(codec->bound(codec->block_bytes));
    return slot->out ? slot : NULL;
}

/* Sends the oldest block's output down. */
static int write_oldest(struct block_writer *writer, struct err *err)
{
    struct slot *slot = &writer->slots[writer->written % writer->slot_count];
    if (slot->submitted)
        pool_wait_job(writer->pool, &slot->job);
    writer->written++;
    if (slot->starved)
        return err_nomem(err);
    if (slot->out_size == 0)
        return err_set(err, ERR_INTERNAL, "compression failed");
    return writer_write(writer->below, slot->out, slot->out_size, err);
}

/* Has the block that was filled compressed, HERE in this thread or in the pool, and makes room for the next. */
static int finish_block(struct block_writer *writer, struct slot *slot, bool here, struct err *err)
{
    slot->in_size = writer->held;
    slot->submitted = !here && writer->pool;
    writer->held = 0;
    writer->filled++;
    if (slot->submitted)
        pool_submit(writer->pool, &slot->job);
    else
        run_slot(&slot->job);
    return writer->filled - writer->written == writer->slot_count ? write_oldest(writer, err) : 0;
}

static int block_write(struct writer *base, const void *data, size_t size, struct err *err)
{
    struct block_writer *writer = (struct block_writer *)base;
    size_t block = writer->codec->block_bytes;
    const char *at = data;
    while (size > 0) {
        struct slot *slot = current_slot(writer);
        if (!slot)
            return err_nomem(err);
        size_t part = size < block - writer->held ? size : block - writer->held;
        memcpy(slot->in + writer->held, at, part);
        writer->held += part;
        at += part;
        size -= part;
        int r = writer->held == block ? finish_block(writer, slot, false, err) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

/* Waits for the jobs that are at work and frees all but what is below. */
static void release(struct block_writer *writer)
{
    atomic_store(&writer->cancelled, true);
    for (; writer->written < writer->filled; writer->written++) {
        struct slot *slot = &writer->slots[writer->written % writer->slot_count];
        if (slot->submitted)
            pool_wait_job(writer->pool, &slot->job);
    }
    for (unsigned i = 0; i < writer->slot_count; i++) {
        struct slot *slot = &writer->slots[i];
        mem_free(slot->in);
        mem_free(slot->out);
    }
    while (writer->idle_count > 0)
        writer->codec->state_free(writer->idle[--writer->idle_count]);
    pthread_mutex_destroy(&writer->lock);
    mem_free(writer->idle);
    mem_free(writer);
}

/* The last block, which the caller compresses as it would only wait, and all that is still in the ring. */
static int flush(struct block_writer *writer, struct err *err)
{
    int r = 0;
    if (writer->held > 0 || writer->filled == 0) {
        struct slot *slot = current_slot(writer);
        r = slot ? finish_block(writer, slot, true, err) : err_nomem(err);
    }
    while (r == 0 && writer->written < writer->filled)
        r = write_oldest(writer, err);
    return r;
}

static int block_close(struct writer *base, struct err *err)
{
    struct block_writer *writer = (struct block_writer *)base;
    struct writer *below = writer->below;
    int r = flush(writer, err);
    release(writer);
    if (r < 0) {
        writer_cancel(below);
        return r;
    }
    return writer_close(below, err);
}

static void block_cancel(struct writer *base)
{
    struct block_writer *writer = (struct block_writer *)base;
    struct writer *below = writer->below;
    release(writer);
    writer_cancel(below);
}

static const struct writer_ops block_ops = {block_write, block_close, block_cancel};

int block_writer_new(const struct block_codec *codec, int level, struct pool *pool, struct writer *below,
                     struct writer **ret_writer, struct err *err)
{
    unsigned threads = pool ? pool_threads(pool) : 1;
    unsigned slots = threads > 1 ? threads * SLOTS_A_THREAD : 1;
    struct block_writer *writer = mem_calloc(1, sizeof(*writer) + slots * sizeof(writer->slots[0]));
    void **idle = writer ? mem_calloc(slots, sizeof(*idle)) : NULL;
    if (!idle) {
        mem_free(writer);
        return err_nomem(err);
    }
    writer->idle = idle;
    pthread_mutex_init(&writer->lock, NULL);
    writer->base.ops = &block_ops;
    writer->codec = codec;
    writer->level = level;
    writer->pool = threads > 1 ? pool : NULL;
    writer->below = below;
    writer->slot_count = slots;
    for (unsigned i = 0; i < slots; i++) {
        writer->slots[i].job.run = run_slot;
        writer->slots[i].owner = writer;
    }
    *ret_writer = &writer->base;
    return 0;
}

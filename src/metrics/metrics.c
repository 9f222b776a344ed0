/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/limits.h"
#include "metrics/internal.h"

#include <sched.h>
#include <string.h>

enum { SLOTS = 2 * LIMIT_METRIC_SERIES };
_Static_assert((SLOTS & (SLOTS - 1)) == 0, "the slots are found by a mask");
_Static_assert((METRIC_STRIPES & (METRIC_STRIPES - 1)) == 0, "the stripe is found by a mask");

#define US 1000ULL
#define MS (1000 * US)
#define S  (1000 * MS)
const uint64_t metric_buckets_duration[] = {
    25 * US, 50 * US,  100 * US, 250 * US, 500 * US, 1 * MS,    2500 * US, 5 * MS, 10 * MS, 25 * MS,
    50 * MS, 100 * MS, 250 * MS, 500 * MS, 1 * S,    2500 * MS, 5 * S,     10 * S, 30 * S,  0,
};
_Static_assert(ARRAY_LEN(metric_buckets_duration) - 1 <= METRIC_BUCKETS_MAX, "buckets of a histogram");

static unsigned count_labels(const struct metric_family *family)
{
    unsigned count = 0;
    while (count < METRIC_LABELS_MAX && family->labels[count])
        count++;
    return count;
}

static unsigned count_buckets(const struct metric_family *family)
{
    unsigned count = 0;
    while (family->type == METRIC_HISTOGRAM && count < METRIC_BUCKETS_MAX && family->buckets_ns[count])
        count++;
    return count;
}

static size_t round_to_line(size_t size)
{
    return (size + METRIC_LINE - 1) & ~(size_t)(METRIC_LINE - 1);
}

/* A series in one block: the structure, its cells on lines of their own, the texts of its labels. */
static struct metric *series_new(const struct metric_family *family, unsigned labels, const struct str *values,
                                 uint64_t hash)
{
    unsigned buckets = count_buckets(family);
    unsigned cells = family->type == METRIC_HISTOGRAM ? METRIC_CELL_BUCKETS + buckets + 1 : 1;
    size_t stride = round_to_line(cells * sizeof(uint64_t)), head = round_to_line(sizeof(struct metric));
    unsigned stripes = family->type == METRIC_GAUGE ? 1 : METRIC_STRIPES;
    size_t texts = 0;
    for (unsigned i = 0; i < labels; i++)
        texts += values[i].len;
    void *block = mem_calloc(1, METRIC_LINE + head + stripes * stride + texts);
    if (!block)
        return NULL;
    char *at = (char *)block + (METRIC_LINE - (uintptr_t)block % METRIC_LINE);
    struct metric *metric = (struct metric *)(void *)at;
    at += head;
    *metric = (struct metric){.family = family,
                              .block = block,
                              .hash = hash,
                              .buckets = buckets,
                              .stripes = stripes,
                              .stride = (unsigned)(stride / sizeof(uint64_t)),
                              .cells = (void *)at};
    at += stripes * stride;
    for (unsigned i = 0; i < labels; i++) {
        if (values[i].len)
            memcpy(at, values[i].ptr, values[i].len);
        metric->values[i] = str_of(at, values[i].len);
        at += values[i].len;
    }
    return metric;
}

static void series_free(struct metric *metric)
{
    if (metric)
        mem_free(metric->block);
}

static uint64_t hash_values(const struct str *values, unsigned count)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < count; i++)
        hash = (hash ^ str_hash(values[i])) * 0x9E3779B97F4A7C15ULL;
    return hash ^ hash >> 32;
}

static bool series_is(const struct metric *metric, uint64_t hash, const struct str *values, unsigned count)
{
    if (metric->hash != hash)
        return false;
    for (unsigned i = 0; i < count; i++)
        if (!str_eq(metric->values[i], values[i]))
            return false;
    return true;
}

static int table_init(struct metric_table *table, const struct metric_family *family, struct err *err)
{
    static const struct str others[METRIC_LABELS_MAX] = {
        STR_INIT("other"), STR_INIT("other"), STR_INIT("other"),
        STR_INIT("other"), STR_INIT("other"), STR_INIT("other"),
    };
    table->family = family;
    table->labels = count_labels(family);
    uint64_t hash = hash_values(others, table->labels);
    table->others = series_new(family, table->labels, others, hash);
    if (!table->others)
        return err_nomem(err);
    if (table->labels == 0)
        return 0;
    table->slots = mem_calloc(SLOTS, sizeof(*table->slots));
    if (!table->slots)
        return err_nomem(err);
    atomic_store_explicit(&table->slots[hash & (SLOTS - 1)].series, table->others, memory_order_relaxed);
    return 0;
}

int metrics_new(const struct metric_family *families, struct metrics **ret_metrics, struct err *err)
{
    size_t count = 0;
    while (families[count].name)
        count++;
    struct metrics *metrics = mem_calloc(1, sizeof(*metrics) + count * sizeof(metrics->tables[0]));
    if (!metrics)
        return err_nomem(err);
    metrics->count = count;
    for (size_t i = 0; i < count; i++) {
        int result = table_init(&metrics->tables[i], &families[i], err);
        if (result < 0) {
            metrics_free(metrics);
            return result;
        }
    }
    *ret_metrics = metrics;
    return 0;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (size_t i = 0; i < metrics->count; i++) {
        struct metric_table *table = &metrics->tables[i];
        struct metric *next = atomic_load(&table->latest);
        while (next) {
            struct metric *metric = next;
            next = metric->next;
            series_free(metric);
        }
        series_free(table->others);
        mem_free(table->slots);
    }
    mem_free(metrics);
}

/* What can't stand in the page, or is no name: never a label of its own. */
static bool values_are_fit(const struct str *values, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (values[i].len > LIMIT_METRIC_LABEL_BYTES || str_utf8_valid(values[i]) < values[i].len)
            return false;
    return true;
}

/* Counts one more series; false when the family is full. */
static bool take_place(struct metric_table *table)
{
    uint32_t count = atomic_load_explicit(&table->count, memory_order_relaxed);
    do {
        if (count + 1 >= LIMIT_METRIC_SERIES) /* with the one of others */
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&table->count, &count, count + 1, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

/* Puts a new series at SLOT, where nothing was, or behind it. Another thread may be doing the same. */
static struct metric *insert(struct metric_table *table, const struct str *values, uint64_t hash, uint64_t slot)
{
    if (!values_are_fit(values, table->labels) || !take_place(table))
        return table->others;
    struct metric *made = series_new(table->family, table->labels, values, hash);
    struct metric *found = NULL;
    while (made && !atomic_compare_exchange_strong_explicit(&table->slots[slot & (SLOTS - 1)].series, &found, made,
                                                            memory_order_acq_rel, memory_order_acquire)) {
        if (series_is(found, hash, values, table->labels)) {
            series_free(made);
            atomic_fetch_sub_explicit(&table->count, 1, memory_order_relaxed);
            return found;
        }
        found = NULL;
        slot++;
    }
    if (!made) {
        atomic_fetch_sub_explicit(&table->count, 1, memory_order_relaxed);
        return table->others;
    }
    struct metric *latest = atomic_load_explicit(&table->latest, memory_order_relaxed);
    do
        made->next = latest;
    while (!atomic_compare_exchange_weak_explicit(&table->latest, &latest, made, memory_order_release,
                                                  memory_order_relaxed));
    return made;
}

struct metric *metrics_series(struct metrics *metrics, size_t family, const struct str *values)
{
    struct metric_table *table = &metrics->tables[family];
    if (table->labels == 0)
        return table->others;
    uint64_t hash = hash_values(values, table->labels), slot = hash;
    for (;; slot++) { /* ends: there are twice as many slots as series */
        struct metric *metric = atomic_load_explicit(&table->slots[slot & (SLOTS - 1)].series, memory_order_acquire);
        if (!metric)
            return insert(table, values, hash, slot);
        if (series_is(metric, hash, values, table->labels))
            return metric;
    }
}

struct str metric_label(const struct metric *metric, size_t index)
{
    return metric->values[index];
}

static _Atomic uint64_t *stripe(struct metric *metric)
{
    unsigned processor = metric->stripes > 1 ? (unsigned)sched_getcpu() : 0; /* -1 is a number like another */
    return metric->cells + (size_t)(processor & (metric->stripes - 1)) * metric->stride;
}

void metric_add(struct metric *metric, uint64_t count)
{
    atomic_fetch_add_explicit(stripe(metric), count, memory_order_relaxed);
}

void metric_change(struct metric *metric, int64_t difference)
{
    atomic_fetch_add_explicit(metric->cells, (uint64_t)difference, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    atomic_store_explicit(metric->cells, (uint64_t)value, memory_order_relaxed);
}

void metric_observe(struct metric *metric, uint64_t ns)
{
    _Atomic uint64_t *cells = stripe(metric);
    const uint64_t *bounds = metric->family->buckets_ns;
    unsigned bucket = 0;
    while (bucket < metric->buckets && ns > bounds[bucket])
        bucket++;
    atomic_fetch_add_explicit(&cells[METRIC_CELL_BUCKETS + bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&cells[METRIC_CELL_NS], ns, memory_order_relaxed);
}

uint64_t metric_sum(const struct metric *metric, unsigned cell)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < metric->stripes; i++)
        sum += atomic_load_explicit(&metric->cells[(size_t)i * metric->stride + cell], memory_order_relaxed);
    return sum;
}

uint64_t metric_value(const struct metric *metric)
{
    if (metric->family->type != METRIC_HISTOGRAM)
        return metric_sum(metric, METRIC_CELL_VALUE);
    uint64_t count = 0;
    for (unsigned i = 0; i <= metric->buckets; i++)
        count += metric_sum(metric, METRIC_CELL_BUCKETS + i);
    return count;
}

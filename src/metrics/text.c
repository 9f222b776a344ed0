/* SPDX-License-Identifier: Apache-2.0 */
/* The Prometheus text format 0.0.4. Series are sorted by the values of their labels: a page never depends on timing. */
#include "base/alloc.h"
#include "base/limits.h"
#include "metrics/internal.h"

#include <stdlib.h>

static void add_escaped(struct buf *out, struct str text, bool quoted)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n')
            buf_add_z(out, "\\n");
        else if (c == '\\' || (c == '"' && quoted))
            buf_addf(out, "\\%c", c);
        else
            buf_add_char(out, c);
    }
}

/* Nanoseconds as seconds, exactly and without trailing zeros: "0.000025", "30". */
static void add_seconds(struct buf *out, uint64_t ns)
{
    buf_add_u64(out, ns / 1000000000);
    uint64_t rest = ns % 1000000000;
    if (rest == 0)
        return;
    char digits[9];
    size_t len = sizeof(digits);
    for (size_t i = len; i-- > 0; rest /= 10)
        digits[i] = (char)('0' + rest % 10);
    while (digits[len - 1] == '0')
        len--;
    buf_add_char(out, '.');
    buf_add(out, digits, len);
}

/* NAME, SUFFIX and the labels; BOUND_NS: a bucket's "le", UINT64_MAX for "+Inf"; NULL: none. */
static void add_sample(struct buf *out, const struct metric *metric, const char *suffix, const uint64_t *bound_ns)
{
    const struct metric_family *family = metric->family;
    buf_add_z(out, family->name);
    buf_add_z(out, suffix);
    char separator = '{';
    for (unsigned i = 0; i < METRIC_LABELS_MAX && family->labels[i]; i++) {
        buf_add_char(out, separator);
        buf_add_z(out, family->labels[i]);
        buf_add_z(out, "=\"");
        add_escaped(out, metric->values[i], true);
        buf_add_char(out, '"');
        separator = ',';
    }
    if (bound_ns) {
        buf_add_char(out, separator);
        buf_add_z(out, "le=\"");
        if (*bound_ns == UINT64_MAX)
            buf_add_z(out, "+Inf");
        else
            add_seconds(out, *bound_ns);
        buf_add_char(out, '"');
        separator = ',';
    }
    buf_add_z(out, separator == ',' ? "} " : " ");
}

static void add_count(struct buf *out, uint64_t count)
{
    buf_add_u64(out, count);
    buf_add_char(out, '\n');
}

static void add_histogram(struct buf *out, const struct metric *metric)
{
    uint64_t count = 0, above = UINT64_MAX, ns = metric_sum(metric, METRIC_CELL_NS);
    for (unsigned i = 0; i <= metric->buckets; i++) {
        count += metric_sum(metric, METRIC_CELL_BUCKETS + i);
        add_sample(out, metric, "_bucket", i < metric->buckets ? &metric->family->buckets_ns[i] : &above);
        add_count(out, count);
    }
    add_sample(out, metric, "_sum", NULL);
    add_seconds(out, ns);
    buf_add_char(out, '\n');
    add_sample(out, metric, "_count", NULL);
    add_count(out, count);
}

static void add_series(struct buf *out, const struct metric *metric)
{
    if (metric->family->type == METRIC_HISTOGRAM) {
        add_histogram(out, metric);
        return;
    }
    uint64_t value = metric_value(metric);
    add_sample(out, metric, "", NULL);
    if (metric->family->type == METRIC_GAUGE && (int64_t)value < 0) {
        buf_add_char(out, '-');
        value = 0 - value;
    }
    add_count(out, value);
}

static int compare(const void *a, const void *b)
{
    const struct metric *one = *(const struct metric *const *)a, *other = *(const struct metric *const *)b;
    for (unsigned i = 0; i < METRIC_LABELS_MAX; i++) {
        int order = str_cmp(one->values[i], other->values[i]);
        if (order)
            return order;
    }
    return 0;
}

static void add_labelled(struct buf *out, const struct metric_table *table)
{
    const struct metric *latest = atomic_load_explicit(&table->latest, memory_order_acquire);
    size_t room = 1, count = 0;
    for (const struct metric *metric = latest; metric; metric = metric->next)
        room++;
    const struct metric **sorted = mem_calloc(room, sizeof(const struct metric *));
    if (!sorted) {
        out->failed = true;
        return;
    }
    for (const struct metric *metric = latest; metric; metric = metric->next)
        sorted[count++] = metric;
    if (metric_value(table->others) > 0) /* a series only once it was needed */
        sorted[count++] = table->others;
    qsort(sorted, count, sizeof(const struct metric *), compare);
    for (size_t i = 0; i < count; i++)
        add_series(out, sorted[i]);
    mem_free(sorted);
}

void metrics_write(struct metrics *metrics, struct buf *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric_table *table = &metrics->tables[i];
        buf_addf(out, "# HELP %s ", table->family->name);
        add_escaped(out, str_z(table->family->help), false);
        buf_addf(out, "\n# TYPE %s %s\n", table->family->name, types[table->family->type]);
        if (table->labels)
            add_labelled(out, table);
        else
            add_series(out, table->others);
    }
}

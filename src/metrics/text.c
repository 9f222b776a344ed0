/* SPDX-License-Identifier: Apache-2.0 */
/* The Prometheus text format 0.0.4. Series are sorted by the values of their labels: a page never depends on timing. */
#include "base/alloc.h"
#include "base/limits.h"
#include "metrics/internal.h"

#include <stdlib.h>

static void add_escaped(struct buf *out, struct str text, bool quoted)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c != '\n' && c != '\\' && !(c == '"' && quoted))
            continue;
        buf_add(out, text.ptr + from, i - from);
        buf_add_char(out, '\\');
        buf_add_char(out, c == '\n' ? 'n' : c);
        from = i + 1;
    }
    buf_add_str(out, str_skip(text, from));
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

/* `a="x",b="y"`, once for all lines of a series: a histogram has some twenty. */
static void add_labels(struct buf *out, const struct metric *metric)
{
    const struct metric_family *family = metric->family;
    for (unsigned i = 0; i < METRIC_LABELS_MAX && family->labels[i]; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        buf_add_z(out, family->labels[i]);
        buf_add(out, "=\"", 2);
        add_escaped(out, metric->values[i], true);
        buf_add_char(out, '"');
    }
}

/* A line but for its value. */
static void add_name(struct buf *out, const struct metric *metric, struct str suffix, struct str labels)
{
    buf_add_z(out, metric->family->name);
    buf_add_str(out, suffix);
    if (labels.len > 0) {
        buf_add_char(out, '{');
        buf_add_str(out, labels);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ' ');
}

static void add_count(struct buf *out, uint64_t count)
{
    buf_add_u64(out, count);
    buf_add_char(out, '\n');
}

/* BOUND_NS UINT64_MAX: "+Inf". */
static void add_bucket(struct buf *out, const struct metric *metric, struct str labels, uint64_t bound_ns)
{
    buf_add_z(out, metric->family->name);
    buf_add_str(out, STR("_bucket{"));
    if (labels.len > 0) {
        buf_add_str(out, labels);
        buf_add_char(out, ',');
    }
    buf_add_str(out, STR("le=\""));
    if (bound_ns == UINT64_MAX)
        buf_add_str(out, STR("+Inf"));
    else
        add_seconds(out, bound_ns);
    buf_add_str(out, STR("\"} "));
}

static void add_histogram(struct buf *out, const struct metric *metric, struct str labels)
{
    uint64_t count = 0, ns = metric_sum(metric, METRIC_CELL_NS);
    for (unsigned i = 0; i <= metric->buckets; i++) {
        count += metric_sum(metric, METRIC_CELL_BUCKETS + i);
        add_bucket(out, metric, labels, i < metric->buckets ? metric->family->buckets_ns[i] : UINT64_MAX);
        add_count(out, count);
    }
    add_name(out, metric, STR("_sum"), labels);
    add_seconds(out, ns);
    buf_add_char(out, '\n');
    add_name(out, metric, STR("_count"), labels);
    add_count(out, count);
}

/* LABELS is room that is used again and again. */
static void add_series(struct buf *out, const struct metric *metric, struct buf *labels)
{
    buf_reset(labels);
    add_labels(labels, metric);
    out->failed |= labels->failed;
    if (metric->family->type == METRIC_HISTOGRAM) {
        add_histogram(out, metric, buf_str(labels));
        return;
    }
    uint64_t value = metric_value(metric);
    add_name(out, metric, STR_NONE, buf_str(labels));
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

static void add_labelled(struct buf *out, const struct metric_table *table, struct buf *labels)
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
        add_series(out, sorted[i], labels);
    mem_free(sorted);
}

void metrics_write(struct metrics *metrics, struct buf *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    CLEANUP_BUF struct buf labels = BUF_INIT;
    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric_table *table = &metrics->tables[i];
        buf_addf(out, "# HELP %s ", table->family->name);
        add_escaped(out, str_z(table->family->help), false);
        buf_addf(out, "\n# TYPE %s %s\n", table->family->name, types[table->family->type]);
        if (table->labels)
            add_labelled(out, table, &labels);
        else
            add_series(out, table->others, &labels);
    }
}

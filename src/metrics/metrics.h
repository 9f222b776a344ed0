/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * metrics/metrics.h - counters, gauges and histograms, written in the Prometheus text format 0.0.4.
 *
 * Families are a static table; a series (a family with values for its labels) is made when it is first asked for and
 * lives as long as the metrics. Label values come from closed sets of the caller (routes, methods, rules): never from a
 * peer. Still, a family holds at most LIMIT_METRIC_SERIES series: beyond that everything goes to one whose label values
 * are "other".
 *
 * Threads: any; adding is one relaxed atomic addition, finding a series is a lock-free walk of its family's table
 * (keep the pointer where it matters). Writing sees each number torn from none, all numbers from about the same time.
 * Histograms measure durations: added in nanoseconds, written in seconds.
 */
#include "base/buf.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

enum { METRIC_LABELS_MAX = 6, METRIC_BUCKETS_MAX = 20 };

struct metric_family {
    const char *name; /* "http_server_request_duration_seconds" */
    const char *help; /* one line */
    enum metric_type type;
    const char *labels[METRIC_LABELS_MAX + 1]; /* ends with NULL */
    const uint64_t *buckets_ns;                /* histograms: upper bounds, rising, ends with 0 */
};

struct metrics;
struct metric; /* one series */

/* FAMILIES ends with a NULL name and outlives the metrics. The caller frees with metrics_free. Errors: ERR_NOMEM. */
int metrics_new(const struct metric_family *families, struct metrics **ret_metrics, struct err *err);
void metrics_free(struct metrics *metrics);

/*
 * The series of families[FAMILY] with VALUES for its labels, in their order (NULL for a family without). Never NULL:
 * where memory is short or the family is full it is the family's series of others.
 */
struct metric *metrics_series(struct metrics *metrics, size_t family, const struct str *values);

/* The value of its label INDEX, as long as the metrics live. */
struct str metric_label(const struct metric *metric, size_t index);

void metric_add(struct metric *metric, uint64_t count);        /* counters */
void metric_change(struct metric *metric, int64_t difference); /* gauges */
void metric_set(struct metric *metric, int64_t value);         /* gauges; counters that are counted elsewhere */
void metric_observe(struct metric *metric, uint64_t ns);       /* histograms */
uint64_t metric_value(const struct metric *metric);            /* of a histogram: how many were observed */

/* Bounds that suit both a 20 microsecond answer and a 30 second one. */
extern const uint64_t metric_buckets_duration[];

/* Appends all families in the order of the table, those without a series too (HELP and TYPE). Memory: buf_check. */
void metrics_write(struct metrics *metrics, struct buf *out);

/* The media type of that. */
#define METRICS_MEDIA_TYPE STR("text/plain; version=0.0.4; charset=utf-8")

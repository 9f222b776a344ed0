/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * metrics/internal.h - how a series lies in memory; shared by the counting (metrics.c) and the writing (text.c).
 *
 * A series of a counter or histogram is striped: each processor adds to a stripe of its own (as far as there are
 * stripes), on cache lines of its own, so that loops that answer the same route do not pull one line to and fro. A
 * reader adds the stripes up.
 */
#include "metrics/metrics.h"

#include <stdatomic.h>

enum {
    METRIC_LINE = 64,   /* bytes of a cache line */
    METRIC_STRIPES = 4, /* a power of two; loops and workers of a small machine */
};

/* Cells of a stripe. A counter and a gauge have METRIC_CELL_VALUE alone; a histogram a cell for each bucket behind. */
enum { METRIC_CELL_VALUE, METRIC_CELL_NS = METRIC_CELL_VALUE, METRIC_CELL_BUCKETS };

struct metric {
    const struct metric_family *family;
    struct metric *next; /* the series made before it, for the writer */
    void *block;         /* what was allocated: the series lies in it on a line's begin */
    uint64_t hash;
    struct str values[METRIC_LABELS_MAX];
    unsigned buckets; /* bounds of a histogram; the bucket of all that is above comes behind them */
    unsigned stripes, stride;
    _Atomic uint64_t *cells;
};

struct metric_slot {
    struct metric *_Atomic series;
};

struct metric_table {
    const struct metric_family *family;
    unsigned labels;
    struct metric *others;         /* or the only series, of a family without labels */
    struct metric_slot *slots;     /* open addressing; NULL without labels */
    struct metric *_Atomic latest; /* of all but `others` */
    _Atomic uint32_t count;
};

struct metrics {
    size_t count;
    struct metric_table tables[];
};

/* The sum of CELL over the stripes. */
uint64_t metric_sum(const struct metric *metric, unsigned cell);

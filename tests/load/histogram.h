/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * load/histogram.h - durations in buckets of at most 1.6% width, whatever their size.
 */
#include "base/forward.h"

enum { HISTOGRAM_BITS = 6, HISTOGRAM_BUCKETS = (64 - HISTOGRAM_BITS) << HISTOGRAM_BITS };

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t count, sum, max;
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* The value that a SHARE of all values does not exceed: the upper end of its bucket, at most the largest one. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);

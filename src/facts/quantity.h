/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/quantity.h - amounts as people write them: Kubernetes quantities, Compose's byte sizes and CPUs, durations.
 *
 * Each function takes the whole text or fails; nothing overflows. Arithmetic is exact in integers to 19 significant
 * digits. What lies between two units of the result is rounded as the platform does it: quantities and CPUs away from
 * zero, byte sizes and durations towards it.
 */
#include "data/node.h"

enum quantity_unit {
    QUANTITY_WHOLE, /* bytes, counts */
    QUANTITY_MILLI, /* CPUs in thousandths */
};

/*
 * Kubernetes' resource.Quantity: a decimal number with sign, and behind it Ki Mi Gi Ti Pi Ei, or n u m k M G T P E, or
 * an exponent (1e3, 1E-2). Beyond 64 bits it is the largest number, as the platform caps it.
 */
bool quantity_parse(struct str text, enum quantity_unit unit, int64_t *ret_value);
/* The same of a YAML or JSON value: a string, or a number in any of YAML's notations. */
bool quantity_of_node(const struct data_node *node, enum quantity_unit unit, int64_t *ret_value);

/* Compose: "64m", "1gb", "1.5 GiB", "300"; powers of 1024 up to p; in any case; never negative. */
bool byte_size_parse(struct str text, int64_t *ret_bytes);
/* Compose: "0.5", "2", "1e-1", never negative; in thousandths. */
bool cpus_parse(struct str text, int64_t *ret_milli);

enum duration_units {
    DURATION_GO,      /* Dockerfile: ns us µs ms s m h */
    DURATION_COMPOSE, /* and d, w */
};
/* "1m30s", "1.5h", "0", "-2s"; in nanoseconds. */
bool duration_parse(struct str text, enum duration_units units, int64_t *ret_ns);

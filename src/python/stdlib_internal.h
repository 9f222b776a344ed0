/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/stdlib_internal.h - the table of names.
 */
#include "python/stdlib.h"

struct stdlib_name {
    const char *name;
    uint8_t origin_old, origin_new; /* enum python_stdlib_origin of 3.11, of 3.13 */
};

extern const struct stdlib_name stdlib_names[];
extern const size_t stdlib_name_count;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/value_map.h - where the bytes of a decoded scalar are written.
 *
 * A value is not its source text: quotes, escapes, folded lines, the indentation of block scalars, `$$` and variables
 * that were put in stand between them. A map knows the way back for stretches of the value, so that a finding can
 * point at one word of a command or one part of a port. A stretch that can't be traced (the inside of a variable, an
 * odd escape, the copy that an alias made) is the whole value's place: never a wrong one.
 */
#include "facts/fact.h"

struct value_map {
    const struct source *source;
    struct place whole;
    size_t len;              /* of the value */
    size_t base;             /* of the first byte, when the value stands in the source as it is */
    const uint32_t *offsets; /* else of each byte, and of what is behind the last; VALUE_MAP_LOST: not known */
};

#define VALUE_MAP_LOST UINT32_MAX

/* Memory goes with the value's length, and only where it is not written as it is. Errors: ERR_NOMEM. */
int value_map_init(struct value_map *map, const struct sources *sources, const struct data_node *node,
                   struct arena *arena, struct err *err);

/* Where bytes [OFFSET, OFFSET+LEN) of the value are written. */
struct place value_map_place(const struct value_map *map, size_t offset, size_t len);

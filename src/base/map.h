/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/map.h - from bytes to a pointer: an open-addressing hash table that keeps the order of insertion.
 *
 * Keys are views that the map does not copy: they must outlive it (an arena is the usual owner). Values are the
 * caller's. There is no removal. Iterate with `for (size_t i = 0; i < map.len; i++) map.entries[i]`: insertion
 * order, so that output never depends on hashes. One thread at a time.
 */
#include "base/str.h"

struct map_entry {
    struct str key;
    void *value;
    uint64_t hash;
};

struct map {
    struct map_entry *entries;
    size_t len;
    size_t cap;
    uint32_t *slots; /* index into entries + 1; 0 is free */
    size_t slot_count;
};

#define MAP_INIT    ((struct map){0})
#define CLEANUP_MAP CLEANUP(map_done)

void map_done(struct map *map);

/* The value of KEY, or NULL. */
void *map_get(const struct map *map, struct str key);
bool map_has(const struct map *map, struct str key);

/* Sets KEY to VALUE, replacing. False when memory is short (the map is unchanged). */
bool map_set(struct map *map, struct str key, void *value) MUST_CHECK;

/*
 * The place of KEY's value, made (NULL value, KEY stored as given) if absent. NULL when memory is short.
 * Valid until the next insertion.
 */
void **map_slot(struct map *map, struct str key) MUST_CHECK;

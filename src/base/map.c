/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "base/alloc.h"

void map_done(struct map *map)
{
    mem_free(map->entries);
    mem_free(map->slots);
    *map = MAP_INIT;
}

/* The slot that holds KEY, or the free one where it belongs. The table is never full. */
static size_t probe(const struct map *map, struct str key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    size_t at = (size_t)hash & mask;
    while (map->slots[at]) {
        const struct map_entry *entry = &map->entries[map->slots[at] - 1];
        if (entry->hash == hash && str_eq(entry->key, key))
            break;
        at = (at + 1) & mask;
    }
    return at;
}

static bool rehash(struct map *map)
{
    size_t count = map->slot_count ? map->slot_count * 2 : 16;
    uint32_t *slots = mem_calloc(count, sizeof(*slots));
    if (!slots)
        return false;
    mem_free(map->slots);
    map->slots = slots;
    map->slot_count = count;
    for (size_t i = 0; i < map->len; i++)
        slots[probe(map, map->entries[i].key, map->entries[i].hash)] = (uint32_t)(i + 1);
    return true;
}

void *map_get(const struct map *map, struct str key)
{
    if (map->len == 0)
        return NULL;
    uint32_t index = map->slots[probe(map, key, str_hash(key))];
    return index ? map->entries[index - 1].value : NULL;
}

bool map_has(const struct map *map, struct str key)
{
    return map->len != 0 && map->slots[probe(map, key, str_hash(key))] != 0;
}

void **map_slot(struct map *map, struct str key)
{
    if ((map->len + 1) * 4 > map->slot_count * 3 && (map->len >= UINT32_MAX - 1 || !rehash(map)))
        return NULL;
    uint64_t hash = str_hash(key);
    size_t at = probe(map, key, hash);
    if (map->slots[at])
        return &map->entries[map->slots[at] - 1].value;
    if (map->len == map->cap) {
        size_t cap = map->cap ? map->cap * 2 : 8;
        struct map_entry *entries = mem_realloc(map->entries, cap, sizeof(*entries));
        if (!entries)
            return NULL;
        map->entries = entries;
        map->cap = cap;
    }
    map->entries[map->len] = (struct map_entry){.key = key, .value = NULL, .hash = hash};
    map->len++;
    map->slots[at] = (uint32_t)map->len;
    return &map->entries[map->len - 1].value;
}

bool map_set(struct map *map, struct str key, void *value)
{
    void **place = map_slot(map, key);
    if (!place)
        return false;
    *place = value;
    return true;
}

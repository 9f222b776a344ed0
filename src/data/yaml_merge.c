/* SPDX-License-Identifier: Apache-2.0 */
/* Aliases, merge keys and duplicate keys. */
#include "data/internal.h"

enum { FEW_KEYS = 16 }; /* compared with each other; more go through a map */

static int fill_copy(struct yaml_build *build, struct data_node *copy, const struct data_node *from,
                     struct data_span use)
{
    if (++build->expanded_count > LIMIT_YAML_EXPANDED_NODES) {
        return yaml_fail_at(build, use.offset, ERR_LIMIT, "an alias of an alias multiplies: write the values out",
                            "the aliases stand for more than %u values", LIMIT_YAML_EXPANDED_NODES);
    }
    struct data_extra *extra = ARENA_NEW(build->arena, struct data_extra);
    if (!extra)
        return err_nomem(build->err);
    if (from->extra)
        *extra = *from->extra;
    extra->origin = data_origin(from);
    extra->use_span = use;
    copy->kind = from->kind;
    copy->style = from->style;
    copy->flags = (uint16_t)((from->flags & ~DATA_ANCHORED) | DATA_ALIASED);
    copy->span = from->span;
    copy->count = from->count;
    copy->value = from->value;
    copy->extra = extra;
    return 0;
}

static int copy_child(struct yaml_build *build, struct data_node *parent, const struct data_node *from,
                      struct data_span use, struct data_node **ret_copy)
{
    struct data_node *copy = yaml_node_new(build);
    if (!copy)
        return -(int)build->err->code;
    int r = fill_copy(build, copy, from, use);
    if (r != 0)
        return r;
    copy->parent = parent;
    copy->key = from->key;
    copy->key_span = from->key_span;
    *ret_copy = copy;
    return 0;
}

int yaml_copy_alias(struct yaml_build *build, struct data_node *node, const struct data_node *target,
                    struct data_span use)
{
    uint16_t own = node->flags;
    int r = fill_copy(build, node, target, use);
    /* Whether the anchored node was merged, or is a merge key's value, is its own matter. */
    node->flags = (uint16_t)((node->flags & ~DATA_MERGED) | own);
    const struct data_node *from = target;
    struct data_node *to = node;
    for (size_t depth = build->depth; r == 0;) {
        if (from->first) {
            if (++depth > LIMIT_YAML_DEPTH) {
                return yaml_fail_at(build, use.offset, ERR_LIMIT, NULL,
                                    "the aliases nest the document deeper than %d levels", LIMIT_YAML_DEPTH);
            }
            from = from->first;
            r = copy_child(build, to, from, use, &to->first);
            to = to->first;
            continue;
        }
        for (; from != target && !from->next; from = from->parent, to = to->parent)
            depth--;
        if (from == target)
            return 0;
        from = from->next;
        r = copy_child(build, to->parent, from, use, &to->next);
        to = to->next;
    }
    return r;
}

/* SECOND has the key of FIRST, which goes. */
static int duplicate(struct yaml_build *build, struct data_node *first, const struct data_node *second)
{
    if (build->options->list_duplicates) {
        struct yaml_duplicate found = {first->parent, first->key, first->key_span, second->key_span};
        if (!VEC_PUSH(&build->duplicates, found))
            return err_nomem(build->err);
        first->flags |= YAML_FLAG_DROPPED;
        return 0;
    }
    struct str chunk = str_of(build->source.ptr + build->chunk.start, build->chunk.end - build->chunk.start);
    uint32_t line = data_position_of(chunk, first->key_span.offset - build->chunk.start).line + build->chunk.line - 1;
    struct str shown = str_head(first->key, 200);
    shown.len = str_utf8_valid(shown);
    return yaml_fail_at(build, second->key_span.offset, ERR_INVALID, "keep one of the two",
                        "the key '%.*s' was given on line %u already", STR_ARG(shown), line);
}

static int check_many_keys(struct yaml_build *build, struct data_node *object)
{
    CLEANUP_MAP struct map seen = MAP_INIT;
    for (struct data_node *child = object->first; child; child = child->next) {
        void **slot = map_slot(&seen, child->key);
        if (!slot)
            return err_nomem(build->err);
        int r = *slot ? duplicate(build, *slot, child) : 0;
        if (r != 0)
            return r;
        *slot = child;
    }
    return 0;
}

static int check_keys(struct yaml_build *build, struct data_node *object)
{
    if (object->count > FEW_KEYS)
        return check_many_keys(build, object);
    for (const struct data_node *child = object->first; child; child = child->next) {
        for (struct data_node *other = object->first; other != child; other = other->next) {
            if ((other->flags & YAML_FLAG_DROPPED) != 0 || !str_eq(other->key, child->key))
                continue;
            int r = duplicate(build, other, child);
            if (r != 0)
                return r;
        }
    }
    return 0;
}

/* The members of a mapping as they are put together anew. */
struct members {
    struct data_node *object;
    struct data_node **tail;
    struct map own; /* keys that are taken; empty while nothing is merged */
};

static void put(struct members *members, struct data_node *child)
{
    child->parent = members->object;
    child->next = NULL;
    *members->tail = child;
    members->tail = &child->next;
    members->object->count++;
}

/* Members are moved out of what is merged: of an anchored node, which later aliases need whole, a copy is taken. */
static int own_copy(struct yaml_build *build, const struct data_node **value)
{
    if (!((*value)->flags & DATA_ANCHORED))
        return 0;
    struct data_node *copy = yaml_node_new(build);
    int r = copy ? yaml_copy_alias(build, copy, *value, (*value)->span) : -(int)build->err->code;
    if (r == 0)
        *value = copy;
    return r;
}

/* The members of MAP, which '<<' names, as far as their keys are free. */
static int merge_map(struct yaml_build *build, struct members *members, const struct data_node *map)
{
    int r = own_copy(build, &map);
    if (r != 0)
        return r;
    if (map->kind != DATA_OBJECT) {
        return yaml_fail_at(build, data_use_span(map).offset, ERR_INVALID,
                            "merge a mapping or a sequence of mappings, mostly by an alias: '<<: *name'",
                            "'<<' can't merge %s", data_kind_name(map->kind));
    }
    for (struct data_node *child = map->first, *next; child; child = next) {
        next = child->next;
        void **slot = map_slot(&members->own, child->key);
        if (!slot)
            return err_nomem(build->err);
        if (*slot)
            continue;
        *slot = child;
        if (!(child->flags & DATA_ALIASED)) {
            struct data_extra *extra = ARENA_NEW(build->arena, struct data_extra);
            if (!extra)
                return err_nomem(build->err);
            if (child->extra)
                *extra = *child->extra;
            extra->use_span = map->span;
            child->extra = extra;
        }
        child->flags |= DATA_MERGED;
        put(members, child);
    }
    return 0;
}

static int merge_value(struct yaml_build *build, struct members *members, const struct data_node *value)
{
    if (value->kind != DATA_ARRAY)
        return merge_map(build, members, value);
    int r = own_copy(build, &value);
    if (r != 0)
        return r;
    for (const struct data_node *item = value->first, *next; item && r == 0; item = next) {
        next = item->next;
        r = merge_map(build, members, item);
    }
    return r;
}

static int collect_own(struct yaml_build *build, struct members *members)
{
    for (struct data_node *child = members->object->first; child; child = child->next) {
        if (!(child->flags & (YAML_FLAG_DROPPED | YAML_FLAG_MERGE_KEY)) && !map_set(&members->own, child->key, child))
            return err_nomem(build->err);
    }
    return 0;
}

static int rebuild(struct yaml_build *build, struct members *members)
{
    struct data_node *child = members->object->first;
    members->tail = &members->object->first;
    members->object->first = NULL;
    members->object->count = 0;
    int r = 0;
    for (struct data_node *next; child && r == 0; child = next) {
        next = child->next;
        uint16_t flags = child->flags;
        child->flags = (uint16_t)(flags & ~(YAML_FLAG_DROPPED | YAML_FLAG_MERGE_KEY));
        if ((flags & YAML_FLAG_DROPPED) != 0)
            continue;
        if ((flags & YAML_FLAG_MERGE_KEY) != 0)
            r = merge_value(build, members, child);
        else
            put(members, child);
    }
    return r;
}

int yaml_finish_mapping(struct yaml_build *build, struct yaml_level *level)
{
    size_t known = build->duplicates.len;
    int r = check_keys(build, level->container);
    if (r != 0 || (!level->has_merge && build->duplicates.len == known))
        return r;
    struct members members = {.object = level->container, .own = MAP_INIT};
    if (level->has_merge)
        r = collect_own(build, &members);
    if (r == 0)
        r = rebuild(build, &members);
    map_done(&members.own);
    return r;
}

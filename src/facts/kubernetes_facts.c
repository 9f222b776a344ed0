/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes.h"

#include "base/limits.h"

struct kube_scope kube_scope_below(struct kube_reader *reader, const struct kube_scope *scope,
                                   const struct data_node *node, struct str name)
{
    struct kube_scope below = *scope;
    if (data_absent(node))
        return below;
    if (node->kind == DATA_OBJECT) {
        below.holder = node;
        below.skip += name.len + 1;
        below.at = place_of_key(reader->sources, node);
    } else {
        below.missing = kube_is_template(node) ? FACT_UNKNOWN : FACT_INVALID;
        below.at = place_of(reader->sources, node);
    }
    return below;
}

/* The value's place; most nodes are neither copies nor merged. */
static struct place value_place(const struct kube_reader *reader, const struct data_node *node)
{
    if ((node->flags & (DATA_ALIASED | DATA_MERGED)) || node->span.len == 0 || node->source >= reader->sources->count)
        return place_of(reader->sources, node);
    return (struct place){reader->sources->items[node->source], node->span};
}

void kube_fact_written(struct kube_reader *reader, const struct data_node *node, struct fact *fact)
{
    fact->node = node;
    fact->key = place_of_key(reader->sources, node);
    if (node->kind == DATA_NULL) {
        fact->at = fact->key;
        return;
    }
    fact->at = value_place(reader, node);
    fact->state = node->kind == DATA_STRING && kube_is_template(node) ? FACT_UNKNOWN : FACT_KNOWN;
}

struct fact_bool kube_bool(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                           const char *path, enum kube_default otherwise)
{
    struct fact_bool fact = {.fact = kube_fact(reader, scope, node, path)};
    if (fact.fact.state == FACT_ABSENT && otherwise != KUBE_NO_DEFAULT) {
        fact.fact.state = FACT_DEFAULT;
        fact.value = otherwise == KUBE_TRUE;
    } else if (fact.fact.state == FACT_KNOWN && data_bool(node, &fact.value, NULL) != 0) {
        fact.fact.state = FACT_INVALID;
    }
    return fact;
}

struct fact_text kube_text(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                           const char *path, struct str otherwise)
{
    struct fact_text fact = {.fact = kube_fact(reader, scope, node, path)};
    if (fact.fact.state == FACT_ABSENT && otherwise.ptr) {
        fact.fact.state = FACT_DEFAULT;
        fact.value = otherwise;
    } else if (fact.fact.node && fact.fact.state != FACT_ABSENT) {
        fact.value = node->value;
        if (node->kind != DATA_STRING)
            fact.fact.state = FACT_INVALID;
    }
    return fact;
}

struct fact_text kube_port(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                           const char *path)
{
    struct fact_text fact = kube_text(reader, scope, node, path, STR_NONE);
    if (fact.fact.state == FACT_INVALID && node->kind == DATA_NUMBER)
        fact.fact.state = FACT_KNOWN;
    return fact;
}

/* A whole number, also as 1.0 or 1e3, which the platform's JSON takes. */
static bool whole_of(const struct data_node *node, int64_t *ret_value)
{
    int64_t milli = 0;
    if (node->kind != DATA_NUMBER)
        return false;
    if (data_i64(node, ret_value, NULL) == 0)
        return true;
    if (!quantity_of_node(node, QUANTITY_MILLI, &milli) || milli % 1000 != 0 || milli == INT64_MAX)
        return false;
    *ret_value = milli / 1000;
    return true;
}

struct fact_number kube_whole(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                              const char *path)
{
    struct fact_number fact = {.fact = kube_fact(reader, scope, node, path)};
    if (fact.fact.state == FACT_KNOWN && !whole_of(node, &fact.value))
        fact.fact.state = FACT_INVALID;
    return fact;
}

struct fact_number kube_whole_or(struct kube_reader *reader, const struct kube_scope *scope,
                                 const struct data_node *node, const char *path, int64_t otherwise)
{
    struct fact_number fact = kube_whole(reader, scope, node, path);
    if (fact.fact.state == FACT_ABSENT) {
        fact.fact.state = FACT_DEFAULT;
        fact.value = otherwise;
    }
    return fact;
}

struct fact_number kube_quantity(struct kube_reader *reader, const struct kube_scope *scope,
                                 const struct data_node *node, const char *path, enum quantity_unit unit)
{
    struct fact_number fact = {.fact = kube_fact(reader, scope, node, path)};
    if (fact.fact.state == FACT_KNOWN && !quantity_of_node(node, unit, &fact.value))
        fact.fact.state = FACT_INVALID;
    return fact;
}

static struct fact_item *new_items(struct kube_reader *reader, const struct data_node *node)
{
    struct fact_item *items = ARENA_ARRAY(reader->arena, (size_t)node->count + 1, struct fact_item);
    if (!items)
        reader->nomem = true;
    return items;
}

/* An entry of a list has no way of its own: it is changed in the list. */
static struct fact entry_fact(struct kube_reader *reader, const struct data_node *node)
{
    const struct kube_scope scope = {.holder = node->parent};
    struct fact fact = kube_fact(reader, &scope, node, "");
    if (fact.state == FACT_ABSENT)
        fact.state = FACT_INVALID;
    fact.key = (struct place){0};
    return fact;
}

struct fact_list kube_texts(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                            const char *path)
{
    struct fact_list list = {.fact = kube_fact(reader, scope, node, path)};
    if (list.fact.state != FACT_KNOWN)
        return list;
    if (node->kind != DATA_ARRAY) {
        list.fact.state = FACT_INVALID;
        return list;
    }
    struct fact_item *items = new_items(reader, node);
    if (!items)
        return list;
    DATA_EACH(child, node)
    {
        struct fact_text *text = &items[list.count++].text;
        text->fact = entry_fact(reader, child);
        text->value = child->value;
        if (child->kind != DATA_STRING && child->kind != DATA_NUMBER)
            text->fact.state = FACT_INVALID;
    }
    list.items = items;
    return list;
}

struct fact_list kube_map(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                          const char *path)
{
    struct fact_list list = {.fact = kube_fact(reader, scope, node, path)};
    if (list.fact.state != FACT_KNOWN)
        return list;
    if (node->kind != DATA_OBJECT) {
        list.fact.state = FACT_INVALID;
        return list;
    }
    struct fact_item *items = new_items(reader, node);
    if (!items)
        return list;
    DATA_EACH(child, node)
    {
        struct fact_item *item = &items[list.count++];
        struct place key = place_of_key(reader->sources, child);
        item->text = (struct fact_text){
            .fact = {.state = FACT_KNOWN, .at = key, .key = key, .node = child, .holder = node, .path = ""},
            .value = child->key};
        const struct kube_scope below = {.holder = node};
        item->value = kube_text(reader, &below, child, "", STR(""));
    }
    list.items = items;
    return list;
}

_Static_assert(DEVICE_SLOTS == KUBE_PAIR_SLOTS && SYSCTL_SLOTS == KUBE_PAIR_SLOTS, "entries of two members");

struct fact_list kube_pairs(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                            const char *path, const struct kube_pair_shape *shape)
{
    struct fact_list list = {.fact = kube_fact(reader, scope, node, path)};
    if (list.fact.state != FACT_KNOWN)
        return list;
    if (node->kind != DATA_ARRAY)
        list.fact.state = FACT_INVALID;
    struct fact_item *items = new_items(reader, node);
    if (!items)
        return list;
    for (const struct data_node *entry = kube_first(node); entry; entry = kube_next(entry)) {
        const struct data_node *slots[KUBE_PAIR_SLOTS];
        kube_members(reader, entry, shape->keys, slots);
        const struct kube_scope inside = {.holder = entry, .at = kube_name_place(reader, entry, slots[shape->name])};
        struct fact_item *item = &items[list.count++];
        item->text = kube_text(reader, &inside, slots[shape->text], shape->text_path, STR_NONE);
        item->value = kube_text(reader, &inside, slots[shape->value], shape->value_path, STR_NONE);
    }
    list.items = items;
    return list;
}

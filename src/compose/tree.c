/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/internal.h"

struct data_node *compose_member(const struct data_node *object, const char *key)
{
    if (!object || object->kind != DATA_OBJECT)
        return NULL;
    for (struct data_node *child = object->first; child; child = child->next)
        if (str_eq_z(child->key, key))
            return child;
    return NULL;
}

void compose_relink(struct data_node *parent, struct data_node *const *items, size_t count)
{
    struct data_node **tail = &parent->first;
    for (size_t i = 0; i < count; i++) {
        items[i]->parent = parent;
        *tail = items[i];
        tail = &items[i]->next;
    }
    *tail = NULL;
    parent->count = (uint32_t)count;
}

void compose_append(struct data_node *parent, struct data_node *child)
{
    struct data_node **tail = &parent->first;
    while (*tail)
        tail = &(*tail)->next;
    *tail = child;
    child->next = NULL;
    child->parent = parent;
    parent->count++;
}

void compose_remove(struct data_node *parent, const struct data_node *child)
{
    for (struct data_node **link = &parent->first; *link; link = &(*link)->next) {
        if (*link == child) {
            *link = child->next;
            parent->count--;
            return;
        }
    }
}

struct data_node *compose_following(const struct data_node *node, const struct data_node *root)
{
    if (node->first)
        return node->first;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

bool compose_is_reset(const struct data_node *node)
{
    return node->extra && str_eq_z(node->extra->tag, "!reset");
}

bool compose_is_override(const struct data_node *node)
{
    return node->extra && str_eq_z(node->extra->tag, "!override");
}

static struct data_node *copy_node(struct compose_loader *loader, const struct data_node *node)
{
    struct data_node *copy = ARENA_NEW(loader->arena, struct data_node);
    if (!copy)
        return NULL;
    *copy = *node;
    copy->flags |= DATA_INHERITED;
    copy->parent = copy->next = copy->first = NULL;
    copy->count = 0;
    return copy;
}

/* Recursion: trees are LIMIT_YAML_DEPTH deep at most. */
static int copy_children(struct compose_loader *loader, const struct data_node *node, struct data_node *copy)
{
    struct data_node **tail = &copy->first;
    int r = 0;
    for (const struct data_node *child = node->first; child && r == 0; child = child->next) {
        if (compose_is_reset(child))
            continue;
        if (loader->node_budget == 0)
            return 0;
        loader->node_budget--;
        struct data_node *fresh = copy_node(loader, child);
        if (!fresh)
            return err_nomem(loader->err);
        fresh->parent = copy;
        *tail = fresh;
        tail = &fresh->next;
        copy->count++;
        r = copy_children(loader, child, fresh);
    }
    return r;
}

int compose_copy(struct compose_loader *loader, const struct data_node *node, struct data_node **ret_copy)
{
    *ret_copy = NULL;
    struct data_node *copy = copy_node(loader, node);
    if (!copy)
        return err_nomem(loader->err);
    int r = copy_children(loader, node, copy);
    if (r == 0 && loader->node_budget > 0)
        *ret_copy = copy;
    return r;
}

static bool equal_values(const struct data_node *a, const struct data_node *b)
{
    return a->kind == b->kind && a->count == b->count && ((a->flags ^ b->flags) & DATA_UNKNOWN) == 0 &&
           (a->kind == DATA_ARRAY || a->kind == DATA_OBJECT || str_eq(a->value, b->value));
}

bool compose_equal(const struct data_node *a, const struct data_node *b)
{
    if (!equal_values(a, b))
        return false;
    const struct data_node *other = b->first;
    for (const struct data_node *child = a->first; child; child = child->next) {
        /* Mostly members stand in the same order. */
        const struct data_node *twin = other;
        if (a->kind == DATA_OBJECT && (!twin || !str_eq(twin->key, child->key)))
            twin = a->count <= LIMIT_COMPOSE_UNORDERED ? data_get_str(b, child->key) : NULL;
        if (!twin || !compose_equal(child, twin))
            return false;
        other = twin->next;
    }
    return true;
}

void compose_prune(struct data_node *root)
{
    for (struct data_node **link = &root->first; *link;) {
        if (compose_is_reset(*link)) {
            *link = (*link)->next;
            root->count--;
        } else {
            compose_prune(*link);
            link = &(*link)->next;
        }
    }
}

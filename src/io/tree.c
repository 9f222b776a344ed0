/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.c - nodes by path (a hash table), by parent (lists) and in order (an array that is sorted when first asked).
 *
 * A slot is made once for a path and stays in the table; `live` says whether a node is there now. A hard link hangs
 * on the slot of its file, live or not, so that links need no table of their own and removal never allocates.
 */
#include "io/tree.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    struct tree_node node; /* first, so that a node's address is its slot's; path is set for dead slots too */
    bool live;
    struct slot *parent, *first_child, *prev, *next;
    struct slot *file;  /* of a hard link */
    struct slot *links; /* hard links to this path */
    struct slot *link_prev, *link_next;
    struct slot *first_link; /* the least path of links */
};

enum order_state { ORDER_SORTED, ORDER_HOLES, ORDER_UNSORTED };

struct tree {
    struct arena *arena;
    struct map slots; /* path to struct slot */
    struct slot *root;
    size_t live;
    struct str owner; /* the last one, so that nodes of one package share their copy */
    /* All slots. Once sorted, the live ones come first and in order. Readers may be the first to ask: hence a lock. */
    VEC(struct slot *)
    order;
    _Atomic enum order_state order_state;
    pthread_mutex_t order_lock;
};

static const struct tree_node DIR_DEFAULT = {.type = TREE_DIR, .mode = 0755};

/* ---- slots ---- */

static struct slot *slot_find(const struct tree *tree, struct str path)
{
    return map_get(&tree->slots, path);
}

/* PATH must live in the arena. NULL when memory is short. */
static struct slot *slot_make(struct tree *tree, struct str path)
{
    struct slot *slot = ARENA_NEW(tree->arena, struct slot);
    if (!slot || !VEC_PUSH(&tree->order, slot))
        return NULL;
    slot->node.path = path;
    if (!map_set(&tree->slots, path, slot)) {
        tree->order.len--;
        return NULL;
    }
    return slot;
}

/* As slot_make, where the path may exist already and belongs to the caller. */
static struct slot *slot_get(struct tree *tree, struct str path)
{
    struct slot *slot = slot_find(tree, path);
    if (slot)
        return slot;
    struct str copy = arena_str(tree->arena, path);
    return copy.ptr ? slot_make(tree, copy) : NULL;
}

/* The node exists from now on; its parent must be live. */
static void slot_activate(struct tree *tree, struct slot *slot, struct slot *parent)
{
    slot->live = true;
    slot->parent = parent;
    slot->next = parent->first_child;
    if (slot->next)
        slot->next->prev = slot;
    parent->first_child = slot;
    /* Paths that come in order, as most archives have them, need no sorting. */
    bool last =
        tree->order.ptr[tree->live] == slot && str_cmp(tree->order.ptr[tree->live - 1]->node.path, slot->node.path) < 0;
    if (!last || tree->order_state != ORDER_SORTED)
        tree->order_state = ORDER_UNSORTED;
    tree->live++;
}

/* ---- hard links ---- */

static void link_attach(struct slot *slot, struct slot *file)
{
    slot->node.target = file->node.path;
    slot->file = file;
    slot->link_prev = NULL;
    slot->link_next = file->links;
    if (slot->link_next)
        slot->link_next->link_prev = slot;
    file->links = slot;
    if (!file->first_link || str_cmp(slot->node.path, file->first_link->node.path) < 0)
        file->first_link = slot;
}

static void link_detach(struct slot *slot)
{
    struct slot *file = slot->file;
    if (!file)
        return;
    if (slot->link_prev)
        slot->link_prev->link_next = slot->link_next;
    else
        file->links = slot->link_next;
    if (slot->link_next)
        slot->link_next->link_prev = slot->link_prev;
    slot->file = slot->link_prev = slot->link_next = NULL;
    if (file->first_link != slot)
        return;
    file->first_link = file->links;
    for (struct slot *at = file->links; at; at = at->link_next)
        if (str_cmp(at->node.path, file->first_link->node.path) < 0)
            file->first_link = at;
}

/* All links to FROM become links to FILE. */
static void links_move(struct slot *from, struct slot *file)
{
    struct slot *link = from->links;
    from->links = from->first_link = NULL;
    while (link) {
        struct slot *next = link->link_next;
        link_attach(link, file);
        link = next;
    }
}

static bool can_have_links(const struct tree_node *node)
{
    return node->type == TREE_FILE || node->type == TREE_SYMLINK || node->type == TREE_OTHER;
}

/* The file at SLOT is about to go: its first link takes its place. */
static void links_inherit(struct slot *slot)
{
    struct slot *heir = slot->first_link;
    if (!heir || !can_have_links(&slot->node))
        return;
    link_detach(heir);
    struct str path = heir->node.path, owner = heir->node.owner;
    heir->node = slot->node;
    heir->node.path = path;
    heir->node.owner = owner;
    links_move(slot, heir);
}

/* The file behind the hard link SLOT; NULL while there is none. */
static struct slot *link_file(const struct slot *slot)
{
    return slot->file && slot->file->live && can_have_links(&slot->file->node) ? slot->file : NULL;
}

static struct slot *slot_of(const struct tree_node *node)
{
    union {
        const struct tree_node *node;
        struct slot *slot;
    } cast = {.node = node};
    return cast.slot;
}

const struct tree_node *tree_link_file(const struct tree_node *node)
{
    if (node->type != TREE_HARDLINK)
        return node;
    const struct slot *file = link_file(slot_of(node));
    return file ? &file->node : NULL;
}

const struct tree_node *tree_first_link(const struct tree_node *node)
{
    const struct slot *slot = slot_of(node);
    const struct slot *file = node->type == TREE_HARDLINK ? link_file(slot) : slot;
    if (!file || !file->first_link || !can_have_links(&file->node))
        return node;
    return str_cmp(file->first_link->node.path, file->node.path) < 0 ? &file->first_link->node : &file->node;
}

/* ---- removing ---- */

static void slot_drop(struct tree *tree, struct slot *slot)
{
    links_inherit(slot);
    link_detach(slot);
    if (slot->prev)
        slot->prev->next = slot->next;
    else
        slot->parent->first_child = slot->next;
    if (slot->next)
        slot->next->prev = slot->prev;
    slot->prev = slot->next = slot->parent = NULL;
    slot->live = false;
    tree->live--;
    if (tree->order_state == ORDER_SORTED)
        tree->order_state = ORDER_HOLES;
}

static void drop_children(struct tree *tree, struct slot *slot)
{
    struct slot *at = slot;
    for (;;) {
        while (at->first_child)
            at = at->first_child;
        if (at == slot)
            return;
        struct slot *parent = at->parent;
        slot_drop(tree, at);
        at = parent;
    }
}

static void drop_all(struct tree *tree, struct slot *slot)
{
    drop_children(tree, slot);
    if (slot != tree->root)
        slot_drop(tree, slot);
}

void tree_remove(struct tree *tree, struct str path)
{
    struct slot *slot = slot_find(tree, path);
    if (slot && slot->live)
        drop_all(tree, slot);
}

/* ---- adding ---- */

static int check_length(struct str path, const char *what, struct err *err)
{
    if (path.len <= LIMIT_TAR_NAME_BYTES)
        return 0;
    return err_set(err, ERR_LIMIT, "%s '%.*s...' is longer than %d bytes", what, STR_ARG(str_head(path, 64)),
                   LIMIT_TAR_NAME_BYTES);
}

static int check_link(const struct tree_node *node, struct err *err)
{
    int rc = check_length(node->target, "link target", err);
    if (rc)
        return rc;
    if (node->type == TREE_SYMLINK && (node->target.len == 0 || str_has_char(node->target, '\0')))
        return err_set(err, ERR_INVALID, "symbolic link '%.*s' has an empty or broken target", STR_ARG(node->path));
    if (node->type == TREE_HARDLINK && !path_is_clean_relative(node->target))
        return err_set(err, ERR_INVALID, "hard link '%.*s' leads to '%.*s', which is not in normal form",
                       STR_ARG(node->path), STR_ARG(node->target));
    return 0;
}

static int check_node(const struct tree_node *node, struct err *err)
{
    int rc = check_length(node->path, "path", err);
    if (rc)
        return rc;
    if (node->path.len == 0 && node->type != TREE_DIR)
        return err_set(err, ERR_INVALID, "the root of a file system has to be a directory");
    if (node->path.len > 0 && !path_is_clean_relative(node->path))
        return err_set(err, ERR_INVALID, "path '%.*s' is not in normal form", STR_ARG(node->path));
    return node->type == TREE_SYMLINK || node->type == TREE_HARDLINK ? check_link(node, err) : 0;
}

/*
 * Makes what is missing of the directories above PATH and sets *ret_parent. First all slots, then all nodes, so that a
 * failure leaves the tree as it was.
 */
static int make_parents(struct tree *tree, struct str path, struct slot **ret_parent, struct err *err)
{
    struct str at = path;
    struct slot *slot;
    do {
        at = path_dir(at);
        slot = slot_get(tree, at);
        if (!slot)
            return err_nomem(err);
    } while (!slot->live);
    if (slot->node.type != TREE_DIR)
        return err_set(err, ERR_INVALID, "'%.*s' lies below '%.*s', which is no directory", STR_ARG(path), STR_ARG(at));
    while (at.len < path_dir(path).len) {
        size_t from = at.len ? at.len + 1 : 0;
        at = str_head(path, from + str_find_char(str_skip(path, from), '/'));
        struct slot *child = slot_find(tree, at);
        struct str own = child->node.path;
        child->node = DIR_DEFAULT;
        child->node.path = own;
        slot_activate(tree, child, slot);
        slot = child;
    }
    *ret_parent = slot;
    return 0;
}

/* The slot of the file that NODE, to be put at SLOT, is a hard link to; SLOT itself when it is that file already. */
static int find_file(struct tree *tree, const struct slot *slot, const struct tree_node *node, struct slot **ret_file,
                     struct err *err)
{
    struct slot *file = slot_get(tree, node->target);
    if (!file)
        return err_nomem(err);
    if (file->live && file->node.type == TREE_HARDLINK)
        file = file->file;
    bool is_file = file->live && can_have_links(&file->node);
    if ((file == slot && !is_file) || (path_is_below(node->target, node->path) && !str_eq(node->target, node->path)))
        return err_set(err, ERR_INVALID, "hard link '%.*s' leads to itself", STR_ARG(node->path));
    if (file->live && !is_file)
        return err_set(err, ERR_INVALID, "hard link '%.*s' leads to '%.*s', which is no file", STR_ARG(node->path),
                       STR_ARG(node->target));
    *ret_file = file;
    return 0;
}

/* NODE with strings that live in the arena. */
static int copy_node(struct tree *tree, const struct tree_node *node, struct str path, struct tree_node *ret_copy,
                     struct err *err)
{
    struct tree_node copy = {.path = path,
                             .type = node->type,
                             .mode = node->mode & 07777,
                             .uid = node->uid,
                             .gid = node->gid,
                             .mtime = node->mtime};
    if (node->owner.len && str_eq(node->owner, tree->owner))
        copy.owner = tree->owner;
    else if (node->owner.len && !(copy.owner = arena_str(tree->arena, node->owner)).ptr)
        return err_nomem(err);
    if (node->type == TREE_SYMLINK && !(copy.target = arena_str(tree->arena, node->target)).ptr)
        return err_nomem(err);
    if (node->type == TREE_FILE && node->host_path.len) {
        copy.host_path = arena_str(tree->arena, node->host_path);
        if (!copy.host_path.ptr)
            return err_nomem(err);
        copy.size_bytes = node->size_bytes;
        copy.sha256 = node->sha256;
    } else if (node->type == TREE_FILE && node->place) {
        copy.place = node->place;
        copy.size_bytes = node->size_bytes;
    } else if (node->type == TREE_FILE) {
        copy.content = node->content;
        copy.size_bytes = node->content.len;
    }
    tree->owner = copy.owner.len ? copy.owner : tree->owner;
    *ret_copy = copy;
    return 0;
}

static bool same_content(const struct tree_node *a, const struct tree_node *b)
{
    return a->type == TREE_FILE && b->type == TREE_FILE && a->content.ptr == b->content.ptr &&
           a->content.len == b->content.len && a->place == b->place && str_eq(a->host_path, b->host_path);
}

/* Makes room at a live SLOT for a node of another kind or content. */
static void slot_clear(struct tree *tree, struct slot *slot, const struct tree_node *fresh)
{
    if (slot->node.type == TREE_DIR && fresh->type != TREE_DIR)
        drop_children(tree, slot);
    if (!same_content(&slot->node, fresh))
        links_inherit(slot);
    link_detach(slot);
}

int tree_put(struct tree *tree, const struct tree_node *node, struct err *err)
{
    int rc = check_node(node, err);
    if (rc)
        return rc;
    struct slot *slot = slot_get(tree, node->path);
    if (!slot)
        return err_nomem(err);
    struct slot *file = NULL, *parent = NULL;
    if (node->type == TREE_HARDLINK && (rc = find_file(tree, slot, node, &file, err)))
        return rc;
    if (file == slot)
        return 0; /* it is that very file */
    struct tree_node copy;
    rc = copy_node(tree, node, slot->node.path, &copy, err);
    if (!rc && !slot->live)
        rc = make_parents(tree, slot->node.path, &parent, err);
    if (rc)
        return rc;
    bool had_file = file && file->live;
    if (slot->live)
        slot_clear(tree, slot, &copy);
    else
        slot_activate(tree, slot, parent);
    slot->node = copy;
    if (had_file && !file->live) { /* it lay below SLOT: another of its names took its place */
        file = slot_find(tree, node->target);
        file = file->node.type == TREE_HARDLINK ? file->file : file;
    }
    if (file) {
        link_attach(slot, file);
        links_move(slot, file); /* links that were waiting for a file here */
    }
    return 0;
}

int tree_put_dir(struct tree *tree, struct str path, uint32_t mode, struct err *err)
{
    return tree_put(tree, &(struct tree_node){.path = path, .type = TREE_DIR, .mode = mode}, err);
}

int tree_put_file(struct tree *tree, struct str path, uint32_t mode, struct str content, struct err *err)
{
    return tree_put(tree, &(struct tree_node){.path = path, .type = TREE_FILE, .mode = mode, .content = content}, err);
}

int tree_put_link(struct tree *tree, struct str path, struct str target, struct err *err)
{
    return tree_put(tree, &(struct tree_node){.path = path, .type = TREE_SYMLINK, .mode = 0777, .target = target}, err);
}

/* ---- looking ---- */

const struct tree_node *tree_get(const struct tree *tree, struct str path)
{
    const struct slot *slot = slot_find(tree, path);
    return slot && slot->live ? &slot->node : NULL;
}

/* ---- order ---- */

static int compare_slots(const void *a, const void *b)
{
    const struct slot *const *left = a, *const *right = b;
    return str_cmp((*left)->node.path, (*right)->node.path);
}

/* The live slots to the front, their order kept. */
static void order_pack(struct tree *tree)
{
    size_t kept = 0;
    for (size_t i = 0; i < tree->order.len; i++) {
        struct slot *slot = tree->order.ptr[i];
        if (!slot->live)
            continue;
        tree->order.ptr[i] = tree->order.ptr[kept];
        tree->order.ptr[kept++] = slot;
    }
}

static void order_make(struct tree *tree)
{
    if (tree->order_state == ORDER_SORTED)
        return;
    pthread_mutex_lock(&tree->order_lock);
    enum order_state state = tree->order_state;
    if (state != ORDER_SORTED)
        order_pack(tree);
    if (state == ORDER_UNSORTED)
        qsort(tree->order.ptr, tree->live, sizeof(*tree->order.ptr), compare_slots);
    tree->order_state = ORDER_SORTED;
    pthread_mutex_unlock(&tree->order_lock);
}

size_t tree_count(const struct tree *tree)
{
    return tree->live;
}

const struct tree_node *tree_at(const struct tree *tree, size_t i)
{
    union {
        const struct tree *given;
        struct tree *tree;
    } cast = {.given = tree}; /* the order is a cache behind a lock */
    order_make(cast.tree);
    return &tree->order.ptr[i]->node;
}

size_t tree_remove_if(struct tree *tree, bool (*drop)(const struct tree_node *node, void *owner), void *owner)
{
    order_make(tree);
    size_t before = tree->live;
    for (size_t i = 0; i < before; i++) {
        struct slot *slot = tree->order.ptr[i];
        if (slot->live && drop(&slot->node, owner))
            drop_all(tree, slot);
    }
    return before - tree->live;
}

/* ---- life ---- */

int tree_new(struct arena *arena, struct tree **ret_tree, struct err *err)
{
    struct tree *tree = ARENA_NEW(arena, struct tree);
    if (!tree)
        return err_nomem(err);
    tree->arena = arena;
    pthread_mutex_init(&tree->order_lock, NULL);
    tree->root = slot_make(tree, STR(""));
    if (!tree->root) {
        tree_free(tree);
        return err_nomem(err);
    }
    tree->root->node = DIR_DEFAULT;
    tree->root->node.path = STR("");
    tree->root->live = true;
    tree->live = 1;
    *ret_tree = tree;
    return 0;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    map_done(&tree->slots);
    VEC_DONE(&tree->order);
    pthread_mutex_destroy(&tree->order_lock);
}

void tree_cleanup(struct tree **tree)
{
    tree_free(*tree);
    *tree = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree_lookup.c - walks a path through a tree as a kernel would; stands on tree_get alone.
 */
#include "base/limits.h"
#include "base/path.h"
#include "io/tree.h"

#include <string.h>

struct walk {
    const struct tree *tree;
    unsigned links; /* followed so far */
    char path[LIMIT_TAR_NAME_BYTES];
};

/* What NAME is in DIR, hard links followed; NULL when it is not there. */
static const struct tree_node *walk_child(struct walk *walk, const struct tree_node *dir, struct str name)
{
    struct str above = dir->path;
    size_t from = above.len ? above.len + 1 : 0;
    if (from > sizeof(walk->path) || name.len > sizeof(walk->path) - from)
        return NULL;
    if (above.len) {
        memcpy(walk->path, above.ptr, above.len);
        walk->path[above.len] = '/';
    }
    memcpy(walk->path + from, name.ptr, name.len);
    const struct tree_node *node = tree_get(walk->tree, str_of(walk->path, from + name.len));
    return node && node->type != TREE_WHITEOUT ? tree_link_file(node) : NULL;
}

/* The recursion is bounded by LIMIT_LINK_DEPTH. */
static const struct tree_node *walk_path(struct walk *walk, const struct tree_node *at, struct str path)
{
    if (path.len && path.ptr[0] == '/')
        at = tree_get(walk->tree, STR(""));
    struct str name, rest = path;
    while (str_next(&rest, '/', &name)) {
        if (at->type != TREE_DIR)
            return NULL; /* also for "file/" */
        if (name.len == 0 || str_eq(name, STR(".")))
            continue;
        if (str_eq(name, STR(".."))) { /* AT is no link, so that its parent is the one by name */
            at = tree_get(walk->tree, path_dir(at->path));
            continue;
        }
        const struct tree_node *child = walk_child(walk, at, name);
        if (child && child->type == TREE_SYMLINK)
            child = walk->links++ < LIMIT_LINK_DEPTH ? walk_path(walk, at, child->target) : NULL;
        if (!child)
            return NULL;
        at = child;
    }
    return at;
}

const struct tree_node *tree_lookup(const struct tree *tree, struct str path)
{
    struct str relative = path;
    while (relative.len && relative.ptr[0] == '/')
        relative = str_skip(relative, 1);
    const struct tree_node *node = tree_get(tree, relative);
    if (node && (node->type == TREE_FILE || node->type == TREE_DIR))
        return node; /* all above it are directories */
    struct walk walk = {.tree = tree};
    return walk_path(&walk, tree_get(tree, STR("")), relative);
}

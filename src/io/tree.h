/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/tree.h - a file system held in memory: what an image's root or a layer is made of.
 *
 * Paths are relative and in normal form ("usr/lib/x", never "/", "." or ".."); the root itself is "". A node's
 * parents always exist (made as 0755 root directories when missing). Content is a view of bytes that outlive the
 * tree (an arena, a mapped package, a string literal) or names a file of the host that is read when it is written
 * out. Iteration is in byte order of the paths, so that what is made from a tree never depends on how it was made.
 * One thread at a time; any number of readers.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum tree_type { TREE_FILE, TREE_DIR, TREE_SYMLINK, TREE_HARDLINK, TREE_WHITEOUT, TREE_OTHER };

struct tree_node {
    struct str path; /* the tree's own copy */
    enum tree_type type;
    uint32_t mode; /* 07777 */
    uint32_t uid, gid;
    int64_t mtime;        /* seconds */
    struct str target;    /* symbolic link: as written; hard link: path within the tree */
    struct str content;   /* TREE_FILE with host_path empty */
    struct str host_path; /* TREE_FILE: read from here instead; NUL-terminated; size_bytes must match then */
    uint64_t size_bytes;
    struct str owner; /* the package that it came from; empty for generated and application files */
};

struct tree;

/* Everything the tree makes lives in ARENA, which outlives it. */
int tree_new(struct arena *arena, struct tree **ret_tree, struct err *err);
void tree_free(struct tree *tree); /* NULL is fine */
void tree_cleanup(struct tree **tree);
#define CLEANUP_TREE CLEANUP(tree_cleanup)

/*
 * Adds or replaces the node at NODE->path (fields are copied; path, target and owner are copied deeply, content is
 * not). A directory over a directory keeps its children and takes the new mode and owner. Errors: ERR_INVALID for a
 * path that is not in normal form or lies below something that is no directory.
 */
int tree_put(struct tree *tree, const struct tree_node *node, struct err *err);

/* Shorthands with uid 0, gid 0, mtime 0. */
int tree_put_dir(struct tree *tree, struct str path, uint32_t mode, struct err *err);
int tree_put_file(struct tree *tree, struct str path, uint32_t mode, struct str content, struct err *err);
int tree_put_link(struct tree *tree, struct str path, struct str target, struct err *err);

/* The node at exactly PATH (no links followed), or NULL. Valid until the tree changes. */
const struct tree_node *tree_get(const struct tree *tree, struct str path);

/*
 * The node that PATH leads to, following symbolic links inside the tree as a kernel with this tree as its root
 * would (absolute targets restart at the root, ".." stops there). NULL when it is not there or links loop. PATH may
 * start with "/". Hard links lead to their file.
 */
const struct tree_node *tree_lookup(const struct tree *tree, struct str path);

/* Removes a node and what is below it; nothing when it is not there. */
void tree_remove(struct tree *tree, struct str path);

size_t tree_count(const struct tree *tree);
/* The I-th node in byte order of paths, 0 <= I < tree_count. */
const struct tree_node *tree_at(const struct tree *tree, size_t i);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/tree.h - a file system held in memory: what an image's root or a layer is made of.
 *
 * Paths are relative and in normal form ("usr/lib/x", never "/", "." or ".."); the root itself is "", is always there
 * and counts as a node. A node's parents always exist (made as 0755 root directories when missing) and are
 * directories. Content is a view of bytes that outlive the tree (an arena, a mapped package, a string literal) or
 * names a file of the host that is read when it is written out.
 *
 * Iteration is in plain byte order of the whole paths (memcmp, as `LC_ALL=C sort` has it), so that what is made from
 * a tree never depends on how it was made: "a", "a-b", "a/c". A directory precedes what it holds, and what it holds
 * stays together from "a/" on.
 *
 * Hard links behave as in a kernel: a link knows its file, never another link; when the file goes or another takes its
 * place, the link that comes first in order becomes the file and the others follow it. A link whose file isn't in the
 * tree is kept as it is (its file may be in a layer below).
 *
 * One thread at a time; any number of readers.   Limits: LIMIT_TAR_NAME_BYTES, LIMIT_LINK_DEPTH.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum tree_type { TREE_FILE, TREE_DIR, TREE_SYMLINK, TREE_HARDLINK, TREE_WHITEOUT, TREE_OTHER };

struct tree_node {
    struct str path; /* the tree's own copy; it and the other texts have a NUL behind them */
    enum tree_type type;
    uint32_t mode; /* 07777 */
    uint32_t uid, gid;
    int64_t mtime;         /* seconds */
    struct str target;     /* symbolic link: as written; hard link: path within the tree */
    struct str content;    /* TREE_FILE with host_path empty */
    struct str host_path;  /* TREE_FILE: read from here instead; NUL-terminated; size_bytes must match then */
    const void *place;     /* TREE_FILE: the content lies where its maker knows (oci/layer.h); size_bytes counts then */
    uint64_t size_bytes;   /* TREE_FILE; set by the tree where there is content */
    const uint8_t *sha256; /* TREE_FILE: the content's, 32 bytes, where its maker knows it; NULL otherwise */
    struct str owner;      /* the package that it came from; empty for generated and application files */
};

struct tree;

/* Everything the tree makes lives in ARENA, which outlives it. */
int tree_new(struct arena *arena, struct tree **ret_tree, struct err *err);
void tree_free(struct tree *tree); /* NULL is fine */
void tree_cleanup(struct tree **tree);
#define CLEANUP_TREE CLEANUP(tree_cleanup)

/*
 * Adds or replaces the node at NODE->path (fields are copied; path, target, host_path and owner are copied deeply,
 * content and place are not). A directory over a directory keeps its children and takes the new mode and owner;
 * anything else over a directory removes what it held. A file over itself (the same content view, place or host_path)
 * keeps its hard links.
 * Errors: ERR_INVALID for a path that is not in normal form or lies below something that is no directory, for an empty
 * link, a hard link to itself or to what is no file; ERR_LIMIT for a path that is too long. A failed put changes
 * nothing.
 */
int tree_put(struct tree *tree, const struct tree_node *node, struct err *err);

/* Shorthands with uid 0, gid 0, mtime 0. */
int tree_put_dir(struct tree *tree, struct str path, uint32_t mode, struct err *err);
int tree_put_file(struct tree *tree, struct str path, uint32_t mode, struct str content, struct err *err);
int tree_put_link(struct tree *tree, struct str path, struct str target, struct err *err);

/* The node at exactly PATH (no links followed), or NULL. Its fields may change with the next put or remove. */
const struct tree_node *tree_get(const struct tree *tree, struct str path);

/*
 * The node that PATH leads to, following symbolic links inside the tree as a kernel with this tree as its root
 * would (absolute targets restart at the root, ".." stops there). NULL when it is not there, is a whiteout, or links
 * loop. PATH may start with "/". Hard links lead to their file.
 */
const struct tree_node *tree_lookup(const struct tree *tree, struct str path);

/*
 * Of a file and its hard links (NODE is one of them, from this tree) the one that comes first in order: where an
 * archive has to carry the content. NODE itself when it has no links.
 */
const struct tree_node *tree_first_link(const struct tree_node *node);

/* The file behind a hard link, NULL when it isn't in the tree; any other NODE itself. */
const struct tree_node *tree_link_file(const struct tree_node *node);

/* Removes a node and what is below it; nothing when it is not there. The root stays, emptied. */
void tree_remove(struct tree *tree, struct str path);

/*
 * Removes every node for which DROP says true, asking in order; what lies below a removed directory goes unasked. Use
 * this rather than tree_remove in a loop over tree_at. Returns how many nodes went.
 */
size_t tree_remove_if(struct tree *tree, bool (*drop)(const struct tree_node *node, void *owner), void *owner);

/* With the root: an empty tree has 1. */
size_t tree_count(const struct tree *tree);
/* The I-th node in byte order of paths, 0 <= I < tree_count; the root is the first. */
const struct tree_node *tree_at(const struct tree *tree, size_t i);

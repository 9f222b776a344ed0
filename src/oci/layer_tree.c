/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merges layers into one tree. The entries of a layer wait until its archive has ended, so that its whiteouts, which
 * may stand anywhere in it, only ever act on the layers below.
 */
#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"
#include "oci/layer.h"

#define WHITEOUT_PREFIX ".wh."
#define WHITEOUT_META   ".wh..wh." /* notes of the aufs driver; of them only the next means something */
#define WHITEOUT_OPAQUE ".wh..wh..opq"

struct merge {
    struct tree *tree;
    struct arena *arena;
    unsigned flags;
    const struct oci_layer_visitor *visitor; /* may be NULL */
    VEC(struct tree_node) pending;           /* of the layer at hand; strings in the arena */
    struct map links;                        /* symbolic links of the layer at hand, by path */
    struct buf scratch;
};

/* ---- whiteouts */

static int make_opaque(struct merge *merge, const struct tree_node *dir, struct err *err)
{
    struct tree_node kept = *dir;
    tree_remove(merge->tree, kept.path);
    return kept.path.len > 0 ? tree_put(merge->tree, &kept, err) : 0; /* the root stays, emptied */
}

/* Removes what the whiteout at PATH, named BASE, hides of the layers below. */
static int apply_whiteout(struct merge *merge, struct str path, struct str base, struct err *err)
{
    struct str dir = path_dir(path);
    const struct tree_node *parent = tree_get(merge->tree, dir);
    if (!parent || parent->type != TREE_DIR)
        return 0;
    if (str_eq(base, STR(WHITEOUT_OPAQUE)))
        return make_opaque(merge, parent, err);
    struct str name = str_skip(base, sizeof(WHITEOUT_PREFIX) - 1);
    if (str_starts(base, STR(WHITEOUT_META)) || name.len == 0)
        return 0;
    buf_reset(&merge->scratch);
    buf_add_str(&merge->scratch, dir);
    if (dir.len > 0)
        buf_add_char(&merge->scratch, '/');
    buf_add_str(&merge->scratch, name);
    if (buf_check(&merge->scratch, err) != 0)
        return -(int)ERR_NOMEM;
    tree_remove(merge->tree, buf_str(&merge->scratch));
    return 0;
}

/* ---- entries */

/* Passes content on and digests it. */
struct hash_reader {
    struct reader base;
    struct reader *source;
    struct digester digester;
};

static int hash_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    struct hash_reader *reader = (struct hash_reader *)base;
    int r = reader_read(reader->source, data, size, ret_got, err);
    if (r == 0)
        digester_update(&reader->digester, data, *ret_got);
    return r;
}

static void hash_free(struct reader *base)
{
    (void)base; /* lives on the stack */
}

static const struct reader_ops hash_ops = {hash_read, hash_free};

static int visit(struct merge *merge, size_t layer, const struct tar_entry *entry, struct reader *content,
                 struct err *err)
{
    return merge->visitor ? merge->visitor->entry(merge->visitor->self, layer, entry, content, err) : 0;
}

/* Shows the file to the visitor and takes its digest, whatever the visitor reads of it. */
static int visit_hashed(struct merge *merge, size_t layer, const struct tar_entry *entry, struct reader *content,
                        struct oci_file *file, struct err *err)
{
    struct hash_reader hash = {.base = {.ops = &hash_ops}, .source = content};
    char scratch[16384];
    digester_init(&hash.digester, DIGEST_SHA256);
    int r = visit(merge, layer, entry, &hash.base, err);
    for (size_t got = 1; r == 0 && got > 0;)
        r = reader_read(&hash.base, scratch, sizeof(scratch), &got, err);
    if (r == 0) {
        file->sha256 = digester_final(&hash.digester);
        file->has_sha256 = true;
    }
    return r;
}

static int keep_entry(struct merge *merge, const struct tar_entry *entry, const struct oci_file *file, struct err *err)
{
    struct tree_node copy = entry->node;
    copy.place = file;
    copy.path = arena_str(merge->arena, copy.path);
    copy.target = arena_str(merge->arena, copy.target);
    if (!copy.path.ptr || !copy.target.ptr || !VEC_PUSH(&merge->pending, copy))
        return err_nomem(err);
    return 0;
}

/* No file system can hold such a name: it would hide what it is the parent of. */
static int check_parents(const struct tree_node *node, struct err *err)
{
    struct str dir = path_dir(node->path);
    if (!str_starts(dir, STR(WHITEOUT_PREFIX)) && str_find(dir, STR("/" WHITEOUT_PREFIX)) == dir.len)
        return 0;
    return err_set(err, ERR_INVALID, "layer entry '%.*s' lies below the name of a whiteout", STR_ARG(node->path));
}

static int merge_entry(void *self, size_t layer, const struct tar_entry *entry, struct reader *content, struct err *err)
{
    struct merge *merge = self;
    struct oci_file *file = NULL;
    struct str base = path_base(entry->node.path);
    bool whiteout = str_starts(base, STR(WHITEOUT_PREFIX));
    int r = check_parents(&entry->node, err);
    if (r != 0)
        return r;
    if (content && !whiteout) {
        file = ARENA_NEW(merge->arena, struct oci_file);
        if (!file)
            return err_nomem(err);
        file->layer = (uint32_t)layer;
        file->offset_bytes = entry->offset_bytes;
        file->size_bytes = entry->node.size_bytes;
    }
    r = file && (merge->flags & OCI_TREE_DIGESTS) ? visit_hashed(merge, layer, entry, content, file, err)
                                                  : visit(merge, layer, entry, content, err);
    if (r != 0)
        return r;
    return whiteout ? apply_whiteout(merge, entry->node.path, base, err) : keep_entry(merge, entry, file, err);
}

/* ---- the end of a layer */

/* The first part of PATH's parents that is there and is no directory; empty when there is none. */
static struct str blocking_parent(const struct tree *tree, struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] != '/')
            continue;
        const struct tree_node *node = tree_get(tree, str_head(path, i));
        if (!node)
            return STR("");
        if (node->type != TREE_DIR)
            return node->path;
    }
    return STR("");
}

/*
 * Makes sure that the parents of NODE are directories: what is none and comes from a layer below is hidden; a symbolic
 * link of this very layer is followed, as extraction would.
 */
static int clear_parents(struct merge *merge, struct tree_node *node, struct err *err)
{
    struct str blocking = blocking_parent(merge->tree, node->path);
    if (blocking.len == 0)
        return 0;
    if (!map_has(&merge->links, blocking)) {
        tree_remove(merge->tree, blocking);
        return 0;
    }
    const struct tree_node *dir = tree_lookup(merge->tree, path_dir(node->path));
    if (!dir || dir->type != TREE_DIR) {
        return err_set(err, ERR_INVALID, "'%.*s' lies below the link '%.*s', which leads to no directory",
                       STR_ARG(node->path), STR_ARG(blocking));
    }
    buf_reset(&merge->scratch);
    buf_add_str(&merge->scratch, dir->path);
    if (dir->path.len > 0)
        buf_add_char(&merge->scratch, '/');
    buf_add_str(&merge->scratch, path_base(node->path));
    if (buf_check(&merge->scratch, err) != 0)
        return -(int)ERR_NOMEM;
    node->path = buf_str(&merge->scratch);
    return 0;
}

static int put_entry(struct merge *merge, struct tree_node *node, struct err *err)
{
    int r = clear_parents(merge, node, err);
    if (r == 0)
        r = tree_put(merge->tree, node, err);
    if (r != 0)
        return r;
    const struct tree_node *put = tree_get(merge->tree, node->path);
    if (put->type == TREE_HARDLINK && !tree_link_file(put)) {
        return err_set(err, ERR_INVALID, "the hard link '%.*s' leads to '%.*s', which no layer has",
                       STR_ARG(node->path), STR_ARG(node->target));
    }
    union {
        const struct tree_node *node;
        void *value;
    } mark = {.node = put};
    if (put->type == TREE_SYMLINK && !map_set(&merge->links, put->path, mark.value))
        return err_nomem(err);
    return 0;
}

static int end_layer(struct merge *merge, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < merge->pending.len; i++)
        r = put_entry(merge, &merge->pending.ptr[i], err);
    merge->pending.len = 0;
    map_done(&merge->links);
    return r;
}

static int merge_layers(struct merge *merge, struct oci_image *image, const struct op_ctx *ctx, struct err *err)
{
    const struct oci_layer_visitor visitor = {merge_entry, merge};
    int r = 0;
    for (size_t i = 0; r == 0 && i < image->layer_count; i++) {
        r = oci_image_visit_layer(image, i, &visitor, ctx, err);
        if (r != 0)
            break;
        struct err why = ERR_INIT;
        r = end_layer(merge, &why);
        if (r != 0) {
            err_wrap(&why, "layer %zu", i + 1);
            if (err)
                *err = why;
        }
    }
    return r;
}

int oci_image_tree(struct oci_image *image, unsigned flags, const struct oci_layer_visitor *visitor,
                   const struct op_ctx *ctx, struct arena *arena, struct tree **ret_tree, struct err *err)
{
    CLEANUP_TREE struct tree *tree = NULL;
    int r = tree_new(arena, &tree, err);
    if (r != 0)
        return r;
    struct merge merge = {.tree = tree, .arena = arena, .flags = flags, .visitor = visitor};
    r = merge_layers(&merge, image, ctx, err);
    VEC_DONE(&merge.pending);
    map_done(&merge.links);
    buf_done(&merge.scratch);
    if (r == 0)
        *ret_tree = TAKE_PTR(tree);
    return r;
}

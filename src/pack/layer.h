/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/layer.h - a tree becomes a layer: tar, diff ID, compressed blob, digest (OCI image-spec 1.1, layer.md).
 *
 * A finished layer is a view of its compressed bytes: mapped from the cache, or in memory. Same tree, kind and level:
 * same bytes.
 */
#include "base/op.h"
#include "io/compress.h"
#include "io/digest.h"
#include "io/tree.h"

struct store;

struct layer {
    struct str blob; /* compressed; until layer_done */
    enum compression compression;
    struct digest digest;  /* of the blob */
    struct digest diff_id; /* of the tar */
    uint64_t tar_bytes;
    uint64_t unpacked_bytes; /* sum of its files */
    uint64_t files;          /* entries */
    bool mapped;             /* the blob is a mapping */
    bool cached;             /* nothing had to be made */
    char *memory;            /* the blob is this */
};

void layer_done(struct layer *layer); /* frees the blob, leaves zeros */

/* Makes the layer in memory, or in an unnamed file of the store when it is large. */
int layer_make(const struct op_ctx *ctx, struct store *store, struct pool *pool, enum compression compression,
               int level, const struct tree *tree, struct layer *ret_layer, struct err *err);

/*
 * A layer kept in the store under KEY (letters, digits, dots, dashes): layer_load finds blob and facts, checks
 * the blob's digest, and fails softly (false) when anything is missing or damaged. layer_save keeps one.
 */
bool layer_load(struct store *store, const char *key, enum compression compression, struct layer *ret_layer);
int layer_save(struct store *store, const char *key, const struct layer *layer, struct err *err);

/* Sum of the sizes of TREE's files. */
uint64_t layer_tree_bytes(const struct tree *tree);

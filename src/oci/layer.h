/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/layer.h - applies an image's layers, base first, to one tree of what a container would see (image-spec 1.1
 * layer.md "Applying Changesets").
 *
 * Whiteouts (".wh.NAME") and opaque directories (".wh..wh..opq") act on the layers below only, wherever they stand in
 * their layer. As in overlay file systems, a directory of an upper layer hides what is not a directory below it, and
 * the parents that a layer does not name become plain directories.
 * File contents are not kept: node->place of a regular file points at a struct oci_file that says where its bytes lie.
 * Hard links stay links, as io/tree.h has them: one whose target a later layer removes becomes the file.
 * Every stream is read to its end, so that digests and diff IDs are verified when this returns 0.
 */
#include "base/op.h"
#include "io/digest.h"
#include "io/tar.h"
#include "io/tree.h"
#include "oci/image_source.h"

struct oci_file {
    uint32_t layer;        /* index into image->layers */
    uint64_t offset_bytes; /* of the content in the layer's uncompressed tar */
    uint64_t size_bytes;
    bool has_sha256; /* OCI_TREE_DIGESTS was asked for */
    struct digest sha256;
};

struct oci_layer_visitor {
    /*
     * Called for each entry in the order of the layers' archives, whiteouts and entries that a later layer replaces
     * included. CONTENT (NULL unless it is a regular file) may be read or left. An error return ends the walk.
     */
    int (*entry)(void *self, size_t layer, const struct tar_entry *entry, struct reader *content, struct err *err);
    void *self;
};

/* Walks layer I / all layers. Errors: the visitor's, ERR_DIGEST, ERR_INVALID (a broken archive), ERR_LIMIT,
 * cancellation. */
int oci_image_visit_layer(struct oci_image *image, size_t i, const struct oci_layer_visitor *visitor,
                          const struct op_ctx *ctx, struct err *err);
int oci_image_visit(struct oci_image *image, const struct oci_layer_visitor *visitor, const struct op_ctx *ctx,
                    struct err *err);

enum { OCI_TREE_DIGESTS = 1 }; /* compute the SHA-256 of every file */

/*
 * The merged tree, in ARENA. VISITOR (may be NULL) sees the entries on the way. Owner frees with tree_free.
 */
int oci_image_tree(struct oci_image *image, unsigned flags, const struct oci_layer_visitor *visitor,
                   const struct op_ctx *ctx, struct arena *arena, struct tree **ret_tree, struct err *err);

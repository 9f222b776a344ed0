/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/layer_write.h - a tree becomes a layer blob: tar, diff ID, compression and blob digest in one pass.
 *
 * image-spec 1.1 layer.md. The blob depends on the tree, the compression and its level alone.
 */
#include "base/op.h"
#include "io/compress.h"
#include "io/tree.h"
#include "oci/descriptor.h"

struct oci_layer_written {
    struct oci_descriptor descriptor; /* media type of the OCI family, digest and size of the blob */
    struct digest diff_id;
    uint64_t tar_bytes;
};

/*
 * Writes all nodes of TREE but the root. BELOW takes the blob; it is closed here on success and cancelled on failure.
 * POOL (may be NULL) compresses side by side. LEVEL 0: the default of the kind.
 */
int oci_layer_write(const struct tree *tree, enum compression compression, int level, struct pool *pool,
                    const struct op_ctx *ctx, struct writer *below, struct oci_layer_written *ret_written,
                    struct err *err);

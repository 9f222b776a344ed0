/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layer_write.h"

#include "io/tar.h"
#include "oci/media_type.h"

/* Puts the stages on top of *WRITER, which then is the outermost: digest of the tar, compressor, digest of the blob. */
static int stack(enum compression compression, int level, struct pool *pool, struct digester *blob,
                 struct digester *diff, struct writer **writer, struct err *err)
{
    struct writer *top = NULL;
    int r = digest_writer_new(*writer, blob, &top, err);
    if (r != 0)
        return r;
    *writer = top;
    r = compress_writer_new(compression, level, pool, *writer, &top, err);
    if (r != 0)
        return r;
    *writer = top;
    r = digest_writer_new(*writer, diff, &top, err);
    if (r == 0)
        *writer = top;
    return r;
}

int oci_layer_write(const struct tree *tree, enum compression compression, int level, struct pool *pool,
                    const struct op_ctx *ctx, struct writer *below, struct oci_layer_written *ret_written,
                    struct err *err)
{
    CLEANUP_WRITER struct writer *writer = below;
    struct digester blob, diff;
    digester_init(&blob, DIGEST_SHA256);
    digester_init(&diff, DIGEST_SHA256);
    int r = stack(compression, level, pool, &blob, &diff, &writer, err);
    if (r == 0)
        r = tar_write_tree(writer, tree, ctx, err);
    if (r == 0)
        r = writer_close(TAKE_PTR(writer), err);
    if (r != 0)
        return r;
    struct oci_layer_written written = {
        .descriptor = {.media_type = oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_LAYER, compression),
                       .size_bytes = blob.size_bytes},
        .tar_bytes = diff.size_bytes,
    };
    written.descriptor.digest = digester_final(&blob);
    written.diff_id = digester_final(&diff);
    *ret_written = written;
    return 0;
}

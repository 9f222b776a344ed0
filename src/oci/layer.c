/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layer.h"

#include <stdio.h>

/* The content of the entry at hand; lives on the stack of whoever walks. */
struct content_reader {
    struct reader base;
    struct tar_reader *tar;
};

static int content_read(struct reader *base, void *data, size_t size, size_t *ret_got, struct err *err)
{
    return tar_reader_content(((struct content_reader *)base)->tar, data, size, ret_got, err);
}

static void content_free(struct reader *base)
{
    (void)base;
}

static const struct reader_ops content_ops = {content_read, content_free};

/* Reads what stands behind the archive's end, so that the stream's own end is reached and verified. */
static int drain(struct reader *reader, struct err *err)
{
    char scratch[8192];
    for (size_t got = 1; got > 0;) {
        int r = reader_read(reader, scratch, sizeof(scratch), &got, err);
        if (r != 0)
            return r;
    }
    return 0;
}

static int visit_entry(const struct oci_layer_visitor *visitor, size_t layer, const struct tar_entry *entry,
                       struct tar_reader *tar, struct err *err)
{
    struct content_reader content = {.base = {.ops = &content_ops}, .tar = tar};
    return visitor->entry(visitor->self, layer, entry, entry->node.type == TREE_FILE ? &content.base : NULL, err);
}

/*
 * What a damaged layer shows first is its parsing, long before its digest: the digest is the cause, and what is told.
 * True, with ERR set, when the stored bytes or what they unpack to are not what was stated.
 */
static bool is_altered(struct oci_image *image, size_t layer, struct err *err)
{
    int (*const opens[])(struct oci_image *, size_t, struct reader **, struct err *) = {oci_image_blob_open,
                                                                                        oci_image_layer_open};
    for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
        CLEANUP_READER struct reader *reader = NULL;
        struct err why = ERR_INIT;
        int r = opens[i](image, layer, &reader, &why);
        if (r == 0)
            r = drain(reader, &why);
        if (r == -(int)ERR_DIGEST) {
            if (err)
                *err = why;
            return true;
        }
    }
    return false;
}

static int visit_layer(struct oci_image *image, size_t layer, const struct oci_layer_visitor *visitor,
                       const struct op_ctx *ctx, struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    CLEANUP_TAR_READER struct tar_reader *tar = NULL;
    char name[32];
    (void)snprintf(name, sizeof(name), "layer %zu", layer + 1);
    int r = oci_image_layer_open(image, layer, &reader, err);
    if (r == 0)
        r = tar_reader_new(reader, name, &tar, err);
    while (r == 0) {
        struct tar_entry entry;
        bool more = false;
        r = op_check(ctx, err);
        if (r == 0)
            r = tar_reader_next(tar, &entry, &more, err);
        if (r == 0 && !more)
            return drain(reader, err);
        if (r == 0)
            r = visit_entry(visitor, layer, &entry, tar, err);
    }
    return r;
}

int oci_image_visit_layer(struct oci_image *image, size_t layer, const struct oci_layer_visitor *visitor,
                          const struct op_ctx *ctx, struct err *err)
{
    int r = visit_layer(image, layer, visitor, ctx, err);
    return r == -(int)ERR_INVALID && is_altered(image, layer, err) ? -(int)ERR_DIGEST : r;
}

int oci_image_visit(struct oci_image *image, const struct oci_layer_visitor *visitor, const struct op_ctx *ctx,
                    struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < image->layer_count; i++)
        r = oci_image_visit_layer(image, i, visitor, ctx, err);
    return r;
}

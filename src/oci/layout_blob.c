/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blobs that stream into a layout: digested on the way, and made to appear only under the digest that they have.
 */
#include "base/alloc.h"
#include "io/file.h"
#include "oci/internal.h"
#include "oci/layout.h"

#include <string.h>

struct blob_writer {
    struct writer base;
    struct writer *file;
    struct digester digester;
    struct oci_layout *layout;
    struct oci_descriptor *ret_descriptor; /* the digest shows at the end; NULL: it was promised */
    struct digest digest;                  /* promised, with its size */
    uint64_t size_bytes;
};

static int blob_write(struct writer *base, const void *data, size_t size, struct err *err)
{
    struct blob_writer *writer = (struct blob_writer *)base;
    digester_update(&writer->digester, data, size);
    return writer_write(writer->file, data, size, err);
}

static void blob_cancel(struct writer *base)
{
    struct blob_writer *writer = (struct blob_writer *)base;
    writer_cancel(writer->file);
    mem_free(writer);
}

/* Lets the file appear, or drops it when the blob is there already. */
static int settle(struct blob_writer *writer, const struct digest *digest, struct err *err)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    if (oci_layout_has_blob(writer->layout, digest, writer->digester.size_bytes)) {
        writer_cancel(TAKE_PTR(writer->file));
        return 0;
    }
    oci_blob_path(&path, digest);
    int r = buf_check(&path, err);
    if (r == 0)
        r = file_writer_set_path(writer->file, path.ptr, err);
    return r != 0 ? r : writer_close(TAKE_PTR(writer->file), err);
}

int oci_digest_mismatch(const struct digest *wanted, const struct digest *found, const char *what, struct err *err)
{
    char wanted_text[DIGEST_TEXT_MAX], found_text[DIGEST_TEXT_MAX];
    err_set(err, ERR_DIGEST, "%s has digest %s, not %s", what, digest_text(found, found_text),
            digest_text(wanted, wanted_text));
    err_hint(err, "the image is damaged or was tampered with; fetch or build it again");
    return -(int)ERR_DIGEST;
}

static int blob_close(struct writer *base, struct err *err)
{
    struct blob_writer *writer = (struct blob_writer *)base;
    struct digest found = digester_final(&writer->digester);
    uint64_t size_bytes = writer->digester.size_bytes;
    int r = 0;
    if (!writer->ret_descriptor && size_bytes != writer->size_bytes) {
        r = err_set(err, ERR_DIGEST, "the blob has %llu bytes, not %llu", (unsigned long long)size_bytes,
                    (unsigned long long)writer->size_bytes);
    } else if (!writer->ret_descriptor && !digest_eq(&found, &writer->digest)) {
        r = oci_digest_mismatch(&writer->digest, &found, "the blob", err);
    }
    if (r == 0)
        r = settle(writer, &found, err);
    if (r == 0 && writer->ret_descriptor) {
        writer->ret_descriptor->digest = found;
        writer->ret_descriptor->size_bytes = size_bytes;
    }
    blob_cancel(base);
    return r;
}

static const struct writer_ops blob_ops = {blob_write, blob_close, blob_cancel};

static int blob_writer_new(struct oci_layout *layout, enum digest_algorithm algorithm, struct blob_writer **ret_writer,
                           struct err *err)
{
    struct blob_writer *writer = mem_calloc(1, sizeof(*writer));
    if (!writer)
        return err_nomem(err);
    writer->base.ops = &blob_ops;
    writer->layout = layout;
    digester_init(&writer->digester, algorithm);
    /* The name is provisional: settle() gives the real one. */
    int r = file_writer_new(oci_layout_dirfd(layout), "blobs/sha256/new", 0644, &writer->file, err);
    if (r != 0) {
        mem_free(writer);
        return r;
    }
    *ret_writer = writer;
    return 0;
}

int oci_layout_blob_writer(struct oci_layout *layout, const struct digest *digest, uint64_t size_bytes,
                           struct writer **ret_writer, struct err *err)
{
    struct blob_writer *writer = NULL;
    if (digest->algorithm != DIGEST_SHA256)
        return err_set(err, ERR_UNSUPPORTED, "blobs are written under sha256 digests only");
    int r = blob_writer_new(layout, digest->algorithm, &writer, err);
    if (r != 0)
        return r;
    writer->digest = *digest;
    writer->size_bytes = size_bytes;
    *ret_writer = &writer->base;
    return 0;
}

int oci_layout_blob_create(struct oci_layout *layout, struct oci_descriptor *ret_descriptor, struct writer **ret_writer,
                           struct err *err)
{
    struct blob_writer *writer = NULL;
    int r = blob_writer_new(layout, DIGEST_SHA256, &writer, err);
    if (r != 0)
        return r;
    writer->ret_descriptor = ret_descriptor;
    *ret_writer = &writer->base;
    return 0;
}

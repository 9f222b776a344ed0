/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/layout.h - a content-addressed image layout on disk (image-spec 1.1 image-layout.md, version 1.0.0), for
 * writing. Reading is oci/image_source.h.
 *
 * Invariants: a blob appears whole, under its digest, or not at all; index.json is replaced in one step, after the
 * blobs that it names; a layout killed at any moment is a valid layout, perhaps with blobs that nothing names yet. A
 * blob that is there already (same size) is kept as it is.
 * Writers in other processes: blobs need no lock, since equal names mean equal bytes. index.json is read, merged and
 * replaced under flock(2) on the layout's directory, so that no entry is lost: the kernel drops the lock of a process
 * that dies, and no lock file remains. Tools that take no lock (skopeo) can still overwrite one another.
 * Threads: one at a time.
 */
#include "base/op.h"
#include "io/writer.h"
#include "oci/descriptor.h"

struct oci_layout; /* opaque */

/*
 * Opens the layout in directory PATH, making the directory and the layout if CREATE. A directory that holds other
 * things than a layout is refused (ERR_EXISTS), a version other than 1.x too (ERR_UNSUPPORTED). Owner frees with
 * oci_layout_free.
 */
int oci_layout_open(const char *path, bool create, struct oci_layout **ret_layout, struct err *err);
void oci_layout_free(struct oci_layout *layout); /* NULL is fine */

/*
 * After a failure: takes away the layout that oci_layout_open created, unless an image was named in it or another
 * process writes to it. What was there before stays. Only oci_layout_free may follow.
 */
void oci_layout_undo(struct oci_layout *layout);
void oci_layout_cleanup(struct oci_layout **layout);
#define CLEANUP_OCI_LAYOUT CLEANUP(oci_layout_cleanup)

/* True when the blob is there with this size. */
bool oci_layout_has_blob(struct oci_layout *layout, const struct digest *digest, uint64_t size_bytes);

int oci_layout_put_blob(struct oci_layout *layout, const struct digest *digest, struct str bytes, struct err *err);

/*
 * A blob that appears when the writer closes, if the bytes had the digest and size that were promised (else ERR_DIGEST
 * and nothing appears).
 */
int oci_layout_blob_writer(struct oci_layout *layout, const struct digest *digest, uint64_t size_bytes,
                           struct writer **ret_writer, struct err *err);

/*
 * A blob whose digest shows only at the end. *RET_DESCRIPTOR (digest and size, the rest untouched) outlives the
 * writer and is filled by a clean close.
 */
int oci_layout_blob_create(struct oci_layout *layout, struct oci_descriptor *ret_descriptor, struct writer **ret_writer,
                           struct err *err);

/* Names a manifest whose blobs are all there: merges it into index.json (oci_index_merge). */
int oci_layout_add_manifest(struct oci_layout *layout, const struct oci_descriptor *manifest, const struct op_ctx *ctx,
                            struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/index.h - a list of manifests: index.json of a layout, and multi-platform images (image-spec 1.1
 * image-index.md; Docker's manifest list reads the same).
 *
 * Limits: LIMIT_MANIFEST_BYTES, LIMIT_INDEX_MANIFESTS.
 */
#include "oci/descriptor.h"

struct oci_index {
    struct str media_type;
    struct oci_descriptor *manifests;
    size_t manifest_count;
    struct data_pairs annotations;
};

/* BYTES must outlive the result. Errors: ERR_INVALID, ERR_UNSUPPORTED, ERR_LIMIT. */
int oci_index_read(struct str bytes, struct arena *arena, struct oci_index *ret_index, struct err *err);

/* Compact JSON, fixed key order: schemaVersion, mediaType, manifests, annotations. */
int oci_index_write(const struct oci_index *index, struct buf *out, struct err *err);

/*
 * Adds ADDED to the index.json that BYTES holds (empty: a new index) and appends the result to OUT. An entry with the
 * same name (OCI_ANNOTATION_REF_NAME) is replaced, as umoci does; without a name, the nameless entries of the same
 * digest or platform are. All other entries and unknown fields stay byte for byte as they were.
 */
int oci_index_merge(struct str bytes, const struct oci_descriptor *added, struct buf *out, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/manifest.h - an image manifest: its config and its layers (image-spec 1.1 manifest.md; Docker's version 2,
 * schema 2 reads the same).
 *
 * Limits: LIMIT_MANIFEST_BYTES, LIMIT_LAYERS. Reading checks that the type (the field mediaType, or else what the
 * fields show) is that of an image manifest: an index, a schema 1 manifest and an artifact are refused by name.
 */
#include "oci/descriptor.h"

struct oci_manifest {
    struct str media_type;
    struct oci_descriptor config;
    struct oci_descriptor *layers; /* base first */
    size_t layer_count;
    struct data_pairs annotations;
    struct str artifact_type; /* may be empty */
};

/* BYTES must outlive the result. Errors: ERR_INVALID, ERR_UNSUPPORTED, ERR_LIMIT. */
int oci_manifest_read(struct str bytes, struct arena *arena, struct oci_manifest *ret_manifest, struct err *err);

/* Compact JSON, fixed key order: schemaVersion, mediaType, artifactType, config, layers, annotations. */
int oci_manifest_write(const struct oci_manifest *manifest, struct buf *out, struct err *err);

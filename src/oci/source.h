/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/source.h - how oci/image_source.c and the readers of layouts and docker archives share one image. Internal to
 * this module.
 */
#include "oci/files.h"
#include "oci/image_source.h"

struct oci_image_source {
    struct oci_files *files;
    struct arena *arena;
    struct str *layer_names; /* files of the layers' blobs */
};

/* Fill IMAGE but for the layers' diff IDs. */
int oci_source_open_layout(struct oci_image *image, struct str ref, const struct oci_platform *platform,
                           struct err *err);
int oci_source_open_docker(struct oci_image *image, struct str ref, const struct oci_platform *platform,
                           struct err *err);

/* The file NAME, held against its digest (NULL: not known) and size (UINT64_MAX: not known). */
int oci_source_blob_reader(const struct oci_files *files, struct str name, const struct digest *digest,
                           uint64_t size_bytes, struct reader **ret_reader, struct err *err);

/* A small blob, verified, in the arena. */
int oci_source_blob_read(const struct oci_files *files, const struct oci_descriptor *descriptor, uint64_t limit_bytes,
                         struct arena *arena, struct str *ret_bytes, struct err *err);

/* Room for COUNT layers in IMAGE and its source. */
int oci_source_make_layers(struct oci_image *image, size_t count, struct err *err);

/* How well a name that a source gives fits the one that was asked for. */
enum oci_name_match { OCI_MATCH_NONE, OCI_MATCH_NORMALIZED, OCI_MATCH_EXACT };
enum oci_name_match oci_source_match(struct str given, struct str wanted);

/* ERR_NOT_FOUND or ERR_USAGE: COUNT images, LIST names them, the caller must choose. */
int oci_source_choose(size_t count, struct str wanted, const struct oci_platform *platform, const struct buf *list,
                      struct err *err);

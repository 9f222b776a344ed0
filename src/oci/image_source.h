/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/image_source.h - opens an image for reading, wherever it lies: an OCI layout, a tar archive of one, or what
 * `docker save` writes.
 *
 * Nothing is unpacked to disk: archives are indexed once and read at offsets (compressed archives are streamed again
 * for each blob). Every blob is held against its descriptor while it streams: a wrong size or digest is ERR_DIGEST,
 * and a layer's uncompressed bytes must have the diff ID that the config states. The mismatch shows at the end of a
 * stream at the latest: what was read before is not to be trusted until the end was reached.
 * Hostile archives: only regular entries are read, symbolic links are followed inside the archive alone, the first of
 * two equal names is an error, sizes and depths are bounded by base/limits.h.
 * Threads: one at a time.
 */
#include "base/op.h"
#include "io/reader.h"
#include "oci/config.h"
#include "oci/image_name.h"
#include "oci/manifest.h"

struct oci_image_layer {
    struct oci_descriptor descriptor; /* docker archives without OCI blobs: type and size alone */
    bool has_digest;                  /* descriptor.digest is known */
    struct digest diff_id;
};

struct oci_image {
    enum oci_transport transport; /* what was found, never ANY */
    struct data_strs names;       /* that the source gives this image, in its order; may be empty */
    bool in_index;                /* it is one of an image for several machines: */
    struct digest index_digest;   /* that image's, with in_index */
    struct data_strs platforms;   /* that it is there for, "linux/arm64/v8", in the order of the index */
    bool has_manifest;            /* false for docker archives without OCI blobs */
    struct oci_descriptor manifest_descriptor;
    struct oci_manifest manifest;
    struct digest config_digest; /* the image ID */
    struct str config_bytes;
    struct oci_config config;
    struct oci_image_layer *layers; /* base first */
    size_t layer_count;
    struct oci_image_source *source; /* internal */
};

/*
 * Finds, selects and reads the image that NAME means. Several candidates: name->ref chooses by name or digest,
 * PLATFORM by platform; without one (NULL) this machine's is taken out of an index that has it. When several remain the
 * error (ERR_USAGE) lists them.
 * Strings live in ARENA, which outlives the image. Owner frees with oci_image_close.
 */
int oci_image_open(const struct oci_image_name *name, const struct oci_platform *platform, struct arena *arena,
                   struct oci_image **ret_image, struct err *err);
void oci_image_close(struct oci_image *image); /* NULL is fine */
void oci_image_cleanup(struct oci_image **image);
#define CLEANUP_OCI_IMAGE CLEANUP(oci_image_cleanup)

/* The uncompressed tar of layer I; its end is reached only when size, digest and diff ID were right. */
int oci_image_layer_open(struct oci_image *image, size_t i, struct reader **ret_reader, struct err *err);

/* The layer's blob as it is stored, likewise checked. */
int oci_image_blob_open(struct oci_image *image, size_t i, struct reader **ret_reader, struct err *err);

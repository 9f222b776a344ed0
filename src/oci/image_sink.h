/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/image_sink.h - writes a finished image to where it goes: a layout, a tar archive of one, a docker archive. One
 * that is made for several machines goes there with all of them at once, below an index.
 *
 * The image is given once and may be written to several places; the caller keeps everything until then. What is
 * written depends on the image and its names alone (no times, sorted entries, numeric owner 0). A file appears whole
 * or not at all; a layout is changed in one step, at the end (oci/layout.h).
 *
 * A docker archive is written as Docker 25 and later save it: an OCI layout (oci-layout, index.json, blobs/) that
 * also has a manifest.json, so that docker load, podman, skopeo (docker-archive: and oci-archive:) and containerd
 * all take it. Layers compressed with zstd are expanded for it, since Docker before 23 can't read them.
 */
#include "base/op.h"
#include "oci/config.h"
#include "oci/image_name.h"
#include "oci/manifest.h"

/* A finished layer: its blob lies in memory (`bytes`), or else in the file `path`. */
struct oci_layer_input {
    struct oci_descriptor descriptor; /* of the blob as it is: type by its compression, digest, size */
    struct digest diff_id;
    uint64_t tar_bytes; /* uncompressed; 0: not known (then a docker archive expands a zstd layer twice) */
    struct str bytes;
    const char *path;
    bool is_checked; /* the digest was computed of these very bytes, in this process: they are not read again */
};

struct oci_image_input {
    struct oci_config config; /* diff_ids are taken from the layers */
    const struct oci_layer_input *layers;
    size_t layer_count;
    struct data_pairs annotations; /* of the manifest */
};

struct oci_image_output {
    struct oci_image_name name; /* transport must not be ANY; name.ref, when given, is the image's only name */
    struct data_strs tags;      /* else its names, NAME or NAME:TAG each; none: nameless */
    int stdout_fd;              /* for the path "-" */
};

struct oci_image_written {
    struct oci_descriptor manifest; /* its digest is the image's; strings are constants or the output's own */
    struct digest config_digest;    /* the image ID */
};

/* Errors: ERR_USAGE for an output that can't be, ERR_DIGEST when a layer's bytes are not what its descriptor says. */
int oci_image_write(const struct oci_image_input *image, const struct oci_image_output *output,
                    const struct op_ctx *ctx, struct oci_image_written *ret_written, struct err *err);

/*
 * One image for several machines: COUNT images, each for another platform, below an index (image-spec 1.1
 * image-index.md) that the names mean. Each image has the digest that oci_image_write would give it; the index states
 * their platforms, sorted, and ANNOTATIONS. RET_WRITTEN has room for COUNT. The descriptor in *RET_INDEX has no
 * platform. Errors besides those above: ERR_USAGE for two images of one platform, and for a docker archive.
 */
int oci_images_write(const struct oci_image_input *images, size_t count, const struct data_pairs *annotations,
                     const struct oci_image_output *output, const struct op_ctx *ctx,
                     struct oci_image_written *ret_written, struct oci_descriptor *ret_index, struct err *err);

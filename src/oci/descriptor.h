/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/descriptor.h - what points at a blob: media type, digest, size (image-spec 1.1 descriptor.md).
 *
 * Digests are sha256 or sha512. Fields that are unknown here are passed over on reading, so what was read is never
 * written back: the original bytes are what a digest is of.
 */
#include "base/arena.h"
#include "data/decode.h"
#include "data/json_writer.h"
#include "io/digest.h"
#include "oci/platform.h"

struct oci_descriptor {
    struct str media_type;
    struct digest digest;
    uint64_t size_bytes;
    struct oci_platform platform; /* os empty: none */
    struct data_pairs annotations;
    struct str artifact_type; /* may be empty */
};

/* Strings are views of what NODE's tree views. Errors: ERR_INVALID with the path of the field. */
int oci_descriptor_read(const struct data_node *node, struct arena *arena, struct oci_descriptor *ret_descriptor,
                        struct err *err);

/* mediaType, digest, size, annotations, platform, artifactType: those that are there, in this order. */
void oci_descriptor_write(struct json_writer *json, const struct oci_descriptor *descriptor);

/* The descriptor of BYTES, by SHA-256. */
struct oci_descriptor oci_descriptor_of(struct str media_type, struct str bytes);

/* Appends "blobs/sha256/<hex>", the blob's path in a layout. */
void oci_blob_path(struct buf *out, const struct digest *digest);

/* An object of strings in the order given ({"a":"b"}). */
void oci_pairs_write(struct json_writer *json, const struct data_pairs *pairs);

/* Annotation keys that several parts use (image-spec 1.1 annotations.md; containerd's name of an image). */
#define OCI_ANNOTATION_REF_NAME        "org.opencontainers.image.ref.name"
#define OCI_ANNOTATION_CONTAINERD_NAME "io.containerd.image.name"

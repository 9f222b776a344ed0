/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/media_type.h - the media types of images, in one table.
 *
 * OCI image-spec 1.1 media-types.md and Docker's image manifest version 2, schema 2. Types are told apart by what
 * they are for (kind), whose they are (family) and, for layers, how they are compressed. Parameters and upper case
 * never occur in them.
 */
#include "base/str.h"
#include "io/compress.h"

enum oci_media_kind {
    OCI_KIND_OTHER, /* unknown here: artifacts, attestations */
    OCI_KIND_INDEX,
    OCI_KIND_MANIFEST,
    OCI_KIND_CONFIG,
    OCI_KIND_LAYER,
    OCI_KIND_OBSOLETE, /* Docker's schema 1 */
};

enum oci_media_family { OCI_FAMILY_OCI, OCI_FAMILY_DOCKER };

struct oci_media_type {
    struct str text;
    enum oci_media_kind kind;
    enum oci_media_family family;
    enum compression compression; /* layers */
    bool foreign;                 /* a layer that registries need not hold */
};

/* The type's entry; an unknown one gives an entry of OCI_KIND_OTHER with an empty text. Never NULL, static. */
const struct oci_media_type *oci_media_type_of(struct str text);

/* The text for a kind; a layer's by its compression. Empty when the family has none (Docker with xz). */
struct str oci_media_type_text(enum oci_media_family family, enum oci_media_kind kind, enum compression compression);

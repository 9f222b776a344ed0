/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/sink.h - an image on its way out, shared by oci/image_sink.c and oci/archive_write.c. Internal to this module.
 */
#include "base/buf.h"
#include "oci/image_sink.h"

struct oci_sink_name {
    struct str text;       /* as the layout names it */
    struct str normalized; /* "docker.io/library/app:latest"; with has_repository */
    bool has_repository;
};

struct oci_sink_layer {
    const struct oci_layer_input *input;
    struct oci_descriptor descriptor; /* of what is written */
    struct str bytes;                 /* of the blob as it was given */
    bool mapped;
    bool expand; /* what is written is the blob's uncompressed content */
};

/* One image of those that are written. */
struct oci_sink_part {
    const struct oci_image_input *image;
    struct oci_sink_layer *layers;
    struct buf config;
    struct buf manifest;
    struct oci_image_written written;
};

struct oci_sink {
    const struct oci_image_output *output;
    struct arena *arena;
    struct oci_sink_name *names;
    size_t name_count;
    struct oci_sink_part *parts;
    size_t part_count;           /* a docker archive holds one */
    struct buf index;            /* over the parts, as a blob; empty: there is none */
    struct oci_descriptor named; /* what the names mean: the index, or the manifest of the only part */
};

/* The entry for an index.json; NAME NULL: nameless. */
int oci_sink_entry(const struct oci_sink *sink, const struct oci_sink_name *name, struct oci_descriptor *ret_entry,
                   struct err *err);

/* Marks the layers that have to be expanded, with the descriptors that they then have. */
int oci_sink_expand_zstd(struct oci_sink_part *part, const struct op_ctx *ctx, struct err *err);

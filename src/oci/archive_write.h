/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/archive_write.h - an image as one tar archive: a layout, and for docker archives a manifest.json beside it.
 * Internal to this module.
 */
#include "io/writer.h"
#include "oci/sink.h"

/* Writes the whole archive; WRITER stays open. Entries are sorted, owner 0, times 0. */
int oci_archive_write(const struct oci_sink *sink, struct writer *writer, const struct op_ctx *ctx, struct err *err);

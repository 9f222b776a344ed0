/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/internal.h - what the parts of this module share and nobody else uses.
 */
#include "io/reader.h"
#include "oci/descriptor.h"
#include "oci/media_type.h"

/* Parses one JSON object of at most LIMIT_BYTES. */
int oci_json_read(struct str bytes, uint64_t limit_bytes, struct arena *arena, const struct data_node **ret_root,
                  struct err *err);

/* Checks schemaVersion and that ROOT is of KIND and of no other; *ret_media_type is stated or implied. */
int oci_schema_check(const struct data_node *root, enum oci_media_kind kind, struct str *ret_media_type,
                     struct err *err);

/* An array of at most LIMIT descriptors. */
int oci_descriptors_read(const struct data_node *list, size_t limit, struct arena *arena,
                         struct oci_descriptor **ret_items, size_t *ret_count, struct err *err);

/* The file "oci-layout" (image-layout.md), as written and as checked. */
#define OCI_LAYOUT_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"
int oci_layout_version_check(struct str bytes, struct err *err);

struct oci_layout;
const char *oci_layout_path(const struct oci_layout *layout);
int oci_layout_dirfd(const struct oci_layout *layout);

/* ERR_DIGEST "WHAT has digest FOUND, not WANTED". */
int oci_digest_mismatch(const struct digest *wanted, const struct digest *found, const char *what, struct err *err);

/*
 * Holds SOURCE (taken on success) against DIGEST (NULL: none to hold it against) and SIZE_BYTES (UINT64_MAX: not
 * known); ERR_DIGEST "WHAT ..." on the read that would tell the end, or sooner.
 */
int oci_verify_reader_new(struct reader *source, const struct digest *digest, uint64_t size_bytes, const char *what,
                          struct reader **ret_reader, struct err *err);

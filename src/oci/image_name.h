/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/image_name.h - where an image lies or goes, as people write it:
 *
 *     oci:DIR[:REF]   oci-archive:FILE[:REF]   docker-archive:FILE[:REF]   PATH
 *
 * As in skopeo, the path ends at the first ':' behind the prefix; a bare PATH is taken whole. REF is a name within
 * the layout (oci/reference.h) or "@sha256:..." of a manifest. The path "-" is standard output, for archives.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum oci_transport { OCI_TRANSPORT_ANY, OCI_TRANSPORT_LAYOUT, OCI_TRANSPORT_OCI_ARCHIVE, OCI_TRANSPORT_DOCKER_ARCHIVE };

struct oci_image_name {
    enum oci_transport transport; /* ANY: a bare path */
    const char *path;             /* in the arena */
    struct str ref;               /* may be empty; in the arena */
};

/* Errors: ERR_USAGE (no path, a REF that no layout can hold, another transport such as docker://). */
int oci_image_name_parse(struct str text, struct arena *arena, struct oci_image_name *ret_name, struct err *err);

/* "oci", "oci-archive", "docker-archive"; "image" for ANY. */
const char *oci_transport_name(enum oci_transport transport);

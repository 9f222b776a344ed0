/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/media_type.h"

#define OCI    "application/vnd.oci.image."
#define DOCKER "application/vnd.docker."

static const struct oci_media_type types[] = {
    {STR_INIT(OCI "index.v1+json"), OCI_KIND_INDEX, OCI_FAMILY_OCI, COMPRESS_NONE, false},
    {STR_INIT(OCI "manifest.v1+json"), OCI_KIND_MANIFEST, OCI_FAMILY_OCI, COMPRESS_NONE, false},
    {STR_INIT(OCI "config.v1+json"), OCI_KIND_CONFIG, OCI_FAMILY_OCI, COMPRESS_NONE, false},
    {STR_INIT(OCI "layer.v1.tar"), OCI_KIND_LAYER, OCI_FAMILY_OCI, COMPRESS_NONE, false},
    {STR_INIT(OCI "layer.v1.tar+gzip"), OCI_KIND_LAYER, OCI_FAMILY_OCI, COMPRESS_GZIP, false},
    {STR_INIT(OCI "layer.v1.tar+zstd"), OCI_KIND_LAYER, OCI_FAMILY_OCI, COMPRESS_ZSTD, false},
    {STR_INIT(OCI "layer.nondistributable.v1.tar"), OCI_KIND_LAYER, OCI_FAMILY_OCI, COMPRESS_NONE, true},
    {STR_INIT(OCI "layer.nondistributable.v1.tar+gzip"), OCI_KIND_LAYER, OCI_FAMILY_OCI, COMPRESS_GZIP, true},
    {STR_INIT(OCI "layer.nondistributable.v1.tar+zstd"), OCI_KIND_LAYER, OCI_FAMILY_OCI, COMPRESS_ZSTD, true},
    {STR_INIT(DOCKER "distribution.manifest.list.v2+json"), OCI_KIND_INDEX, OCI_FAMILY_DOCKER, COMPRESS_NONE, false},
    {STR_INIT(DOCKER "distribution.manifest.v2+json"), OCI_KIND_MANIFEST, OCI_FAMILY_DOCKER, COMPRESS_NONE, false},
    {STR_INIT(DOCKER "container.image.v1+json"), OCI_KIND_CONFIG, OCI_FAMILY_DOCKER, COMPRESS_NONE, false},
    {STR_INIT(DOCKER "image.rootfs.diff.tar"), OCI_KIND_LAYER, OCI_FAMILY_DOCKER, COMPRESS_NONE, false},
    {STR_INIT(DOCKER "image.rootfs.diff.tar.gzip"), OCI_KIND_LAYER, OCI_FAMILY_DOCKER, COMPRESS_GZIP, false},
    {STR_INIT(DOCKER "image.rootfs.diff.tar.zstd"), OCI_KIND_LAYER, OCI_FAMILY_DOCKER, COMPRESS_ZSTD, false},
    {STR_INIT(DOCKER "image.rootfs.foreign.diff.tar"), OCI_KIND_LAYER, OCI_FAMILY_DOCKER, COMPRESS_NONE, true},
    {STR_INIT(DOCKER "image.rootfs.foreign.diff.tar.gzip"), OCI_KIND_LAYER, OCI_FAMILY_DOCKER, COMPRESS_GZIP, true},
    {STR_INIT(DOCKER "distribution.manifest.v1+json"), OCI_KIND_OBSOLETE, OCI_FAMILY_DOCKER, COMPRESS_NONE, false},
    {STR_INIT(DOCKER "distribution.manifest.v1+prettyjws"), OCI_KIND_OBSOLETE, OCI_FAMILY_DOCKER, COMPRESS_NONE, false},
};

const struct oci_media_type *oci_media_type_of(struct str text)
{
    static const struct oci_media_type other = {STR_INIT(""), OCI_KIND_OTHER, OCI_FAMILY_OCI, COMPRESS_NONE, false};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(types[i].text, text))
            return &types[i];
    return &other;
}

struct str oci_media_type_text(enum oci_media_family family, enum oci_media_kind kind, enum compression compression)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        const struct oci_media_type *type = &types[i];
        if (type->family == family && type->kind == kind && type->compression == compression && !type->foreign)
            return type->text;
    }
    return STR("");
}

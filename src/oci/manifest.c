/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/manifest.h"

#include "base/limits.h"
#include "data/json.h"
#include "oci/internal.h"
#include "oci/media_type.h"

int oci_json_read(struct str bytes, uint64_t limit_bytes, struct arena *arena, const struct data_node **ret_root,
                  struct err *err)
{
    const struct data_node *root = NULL;
    if (bytes.len > limit_bytes) {
        return err_set(err, ERR_LIMIT, "%zu bytes of JSON are more than the limit of %llu", bytes.len,
                       (unsigned long long)limit_bytes);
    }
    int r = json_parse(bytes, arena, &root, err);
    if (r == 0 && root->kind != DATA_OBJECT)
        r = err_set(err, ERR_INVALID, "this is %s, not an object", data_kind_name(root->kind));
    if (r == 0)
        *ret_root = root;
    return r;
}

int oci_schema_check(const struct data_node *root, enum oci_media_kind kind, struct str *ret_media_type,
                     struct err *err)
{
    uint64_t version = 0;
    struct str media_type = STR("");
    int r = data_u64(data_get(root, "schemaVersion"), &version, err);
    if (r == 0)
        r = data_str(data_get(root, "mediaType"), &media_type, err);
    if (r != 0)
        return r;
    if (version == 1 || oci_media_type_of(media_type)->kind == OCI_KIND_OBSOLETE) {
        err_set(err, ERR_UNSUPPORTED, "this is a Docker manifest of the obsolete schema 1");
        err_hint(err, "push or save the image again with a current engine");
        return -(int)ERR_UNSUPPORTED;
    }
    if (version != 2)
        return err_set(err, ERR_UNSUPPORTED, "'schemaVersion' is %llu, not 2", (unsigned long long)version);
    /* A document that is both an index and a manifest means different things to different readers. */
    bool index = data_get(root, "manifests") != NULL;
    bool manifest = data_get(root, "layers") || data_get(root, "config") || data_get(root, "fsLayers");
    if (index && manifest)
        return err_set(err, ERR_INVALID, "this claims to be an index and a manifest at once");
    if ((kind == OCI_KIND_INDEX) != index || (kind == OCI_KIND_MANIFEST) != manifest) {
        return err_set(err, ERR_INVALID, "this is no image %s", kind == OCI_KIND_INDEX ? "index" : "manifest");
    }
    if (media_type.len > 0 && oci_media_type_of(media_type)->kind != kind) {
        return err_set(err, ERR_INVALID, "'mediaType' is '%.*s', which is no image %s",
                       STR_ARG(str_head(media_type, 200)), kind == OCI_KIND_INDEX ? "index" : "manifest");
    }
    *ret_media_type = media_type.len > 0 ? media_type : oci_media_type_text(OCI_FAMILY_OCI, kind, COMPRESS_NONE);
    return 0;
}

int oci_descriptors_read(const struct data_node *list, size_t limit, struct arena *arena,
                         struct oci_descriptor **ret_items, size_t *ret_count, struct err *err)
{
    int r = data_expect(list, DATA_ARRAY, err);
    if (r != 0)
        return r;
    if (list->count > limit)
        return err_set(err, ERR_LIMIT, "'%.*s' has %u entries, the limit is %zu", STR_ARG(list->key), list->count,
                       limit);
    struct oci_descriptor *items = ARENA_ARRAY(arena, list->count, struct oci_descriptor);
    if (!items)
        return err_nomem(err);
    size_t count = 0;
    DATA_EACH(child, list)
    {
        r = oci_descriptor_read(child, arena, &items[count++], err);
        if (r != 0)
            return r;
    }
    *ret_items = items;
    *ret_count = count;
    return 0;
}

int oci_manifest_read(struct str bytes, struct arena *arena, struct oci_manifest *ret_manifest, struct err *err)
{
    struct oci_manifest manifest = {0};
    const struct data_node *root = NULL, *config = NULL, *layers = NULL;
    int r = oci_json_read(bytes, LIMIT_MANIFEST_BYTES, arena, &root, err);
    if (r == 0)
        r = oci_schema_check(root, OCI_KIND_MANIFEST, &manifest.media_type, err);
    if (r == 0)
        r = data_need(root, "config", &config, err);
    if (r == 0)
        r = oci_descriptor_read(config, arena, &manifest.config, err);
    if (r == 0)
        r = data_need(root, "layers", &layers, err);
    if (r == 0)
        r = oci_descriptors_read(layers, LIMIT_LAYERS, arena, &manifest.layers, &manifest.layer_count, err);
    if (r == 0)
        r = data_pairs(data_get(root, "annotations"), arena, &manifest.annotations, err);
    if (r == 0)
        r = data_str(data_get(root, "artifactType"), &manifest.artifact_type, err);
    if (r != 0)
        return r;
    if (oci_media_type_of(manifest.config.media_type)->kind != OCI_KIND_CONFIG) {
        return err_set(err, ERR_UNSUPPORTED, "this is an artifact with a config of type '%.*s', no container image",
                       STR_ARG(str_head(manifest.config.media_type, 200)));
    }
    *ret_manifest = manifest;
    return 0;
}

int oci_manifest_write(const struct oci_manifest *manifest, struct buf *out, struct err *err)
{
    struct json_writer json;
    json_writer_init(&json, out, JSON_COMPACT);
    json_object(&json);
    json_field_u64(&json, "schemaVersion", 2);
    json_field_str(&json, "mediaType", manifest->media_type);
    if (manifest->artifact_type.len > 0)
        json_field_str(&json, "artifactType", manifest->artifact_type);
    json_key(&json, "config");
    oci_descriptor_write(&json, &manifest->config);
    json_field_array(&json, "layers");
    for (size_t i = 0; i < manifest->layer_count; i++)
        oci_descriptor_write(&json, &manifest->layers[i]);
    json_end(&json);
    if (manifest->annotations.count > 0) {
        json_key(&json, "annotations");
        oci_pairs_write(&json, &manifest->annotations);
    }
    json_end(&json);
    return json_writer_check(&json, err);
}

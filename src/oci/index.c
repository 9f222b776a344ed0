/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/index.h"

#include "base/limits.h"
#include "oci/internal.h"

int oci_index_read(struct str bytes, struct arena *arena, struct oci_index *ret_index, struct err *err)
{
    struct oci_index index = {0};
    const struct data_node *root = NULL, *list = NULL;
    int r = oci_json_read(bytes, LIMIT_MANIFEST_BYTES, arena, &root, err);
    if (r == 0)
        r = oci_schema_check(root, OCI_KIND_INDEX, &index.media_type, err);
    if (r != 0)
        return r;
    list = data_get(root, "manifests");
    if (!data_absent(list)) /* Go writes an empty list as null */
        r = oci_descriptors_read(list, LIMIT_INDEX_MANIFESTS, arena, &index.manifests, &index.manifest_count, err);
    if (r == 0)
        r = data_pairs(data_get(root, "annotations"), arena, &index.annotations, err);
    if (r == 0)
        *ret_index = index;
    return r;
}

static void begin_index(struct json_writer *json, struct str media_type)
{
    json_object(json);
    json_field_u64(json, "schemaVersion", 2);
    json_field_str(json, "mediaType", media_type);
}

int oci_index_write(const struct oci_index *index, struct buf *out, struct err *err)
{
    struct json_writer json;
    json_writer_init(&json, out, JSON_COMPACT);
    begin_index(&json, index->media_type);
    json_field_array(&json, "manifests");
    for (size_t i = 0; i < index->manifest_count; i++)
        oci_descriptor_write(&json, &index->manifests[i]);
    json_end(&json);
    if (index->annotations.count > 0) {
        json_key(&json, "annotations");
        oci_pairs_write(&json, &index->annotations);
    }
    json_end(&json);
    return json_writer_check(&json, err);
}

static struct str name_of(const struct oci_descriptor *descriptor)
{
    const struct str *name = data_pairs_get(&descriptor->annotations, STR(OCI_ANNOTATION_REF_NAME));
    return name ? *name : STR("");
}

/* True when ADDED takes the place of OLD. */
static bool replaces(const struct oci_descriptor *added, const struct oci_descriptor *old)
{
    struct str name = name_of(added);
    if (!str_eq(name, name_of(old)))
        return false;
    return name.len > 0 || digest_eq(&added->digest, &old->digest) ||
           (added->platform.os.len > 0 && oci_platform_matches(&old->platform, &added->platform));
}

/* Writes the entries that stay as their own bytes, ADDED where the first one that it replaces stood, or at the end. */
static void merge_manifests(struct json_writer *json, struct str bytes, const struct data_node *list,
                            const struct oci_descriptor *old, const struct oci_descriptor *added)
{
    bool written = false;
    size_t i = 0;
    json_field_array(json, "manifests");
    DATA_EACH(entry, list)
    {
        if (!replaces(added, &old[i++]))
            json_raw(json, data_span_text(bytes, entry->span));
        else if (!written) {
            oci_descriptor_write(json, added);
            written = true;
        }
    }
    if (!written)
        oci_descriptor_write(json, added);
    json_end(json);
}

static int merge_into(struct str bytes, const struct oci_descriptor *added, struct json_writer *json,
                      struct arena *arena, struct err *err)
{
    struct oci_index index = {0};
    const struct data_node *root = NULL;
    int r = oci_index_read(bytes, arena, &index, err);
    if (r == 0)
        r = oci_json_read(bytes, LIMIT_MANIFEST_BYTES, arena, &root, err);
    if (r != 0)
        return r;
    if (index.manifest_count >= LIMIT_INDEX_MANIFESTS)
        return err_set(err, ERR_LIMIT, "the index has %zu entries already", index.manifest_count);
    json_object(json);
    DATA_EACH(member, root)
    {
        if (str_eq(member->key, STR("manifests"))) {
            merge_manifests(json, bytes, member, index.manifests, added);
            continue;
        }
        json_key_str(json, member->key);
        json_raw(json, data_span_text(bytes, member->span));
    }
    json_end(json);
    return 0;
}

int oci_index_merge(struct str bytes, const struct oci_descriptor *added, struct buf *out, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct json_writer json;
    size_t before = out->len;
    json_writer_init(&json, out, JSON_COMPACT);
    int r = 0;
    if (bytes.len > 0) {
        r = merge_into(bytes, added, &json, &arena, err);
    } else {
        begin_index(&json, oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_INDEX, COMPRESS_NONE));
        merge_manifests(&json, bytes, NULL, NULL, added);
        json_end(&json);
    }
    if (r == 0)
        r = json_writer_check(&json, err);
    if (r != 0)
        buf_truncate(out, before);
    return r;
}

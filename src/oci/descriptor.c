/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/descriptor.h"

static int read_digest(const struct data_node *node, struct digest *ret_digest, struct err *err)
{
    struct str text = STR_NONE;
    int r = data_str(node, &text, err);
    if (r != 0)
        return r;
    if (digest_parse(text, ret_digest))
        return 0;
    data_err(err, node, "is no digest: '%.*s'", STR_ARG(str_head(text, 160)));
    err_hint(err, "sha256 and sha512 digests in lower-case hex are known");
    return -(int)ERR_INVALID;
}

int oci_descriptor_read(const struct data_node *node, struct arena *arena, struct oci_descriptor *ret_descriptor,
                        struct err *err)
{
    static const struct data_field fields[] = {
        {"mediaType", DATA_TO_STR, offsetof(struct oci_descriptor, media_type), true},
        {"size", DATA_TO_U64, offsetof(struct oci_descriptor, size_bytes), true},
        {"annotations", DATA_TO_PAIRS, offsetof(struct oci_descriptor, annotations), false},
        {"artifactType", DATA_TO_STR, offsetof(struct oci_descriptor, artifact_type), false},
    };
    struct oci_descriptor descriptor = {0};
    const struct data_node *digest = NULL;
    int r = data_decode(node, fields, ARRAY_LEN(fields), arena, &descriptor, err);
    if (r == 0)
        r = data_need(node, "digest", &digest, err);
    if (r == 0)
        r = read_digest(digest, &descriptor.digest, err);
    if (r == 0)
        r = oci_platform_read(data_get(node, "platform"), &descriptor.platform, err);
    if (r == 0 && descriptor.size_bytes > INT64_MAX)
        r = data_err(err, data_get(node, "size"), "is larger than a file can be");
    if (r == 0)
        *ret_descriptor = descriptor;
    return r;
}

void oci_pairs_write(struct json_writer *json, const struct data_pairs *pairs)
{
    json_object(json);
    for (size_t i = 0; i < pairs->count; i++) {
        json_key_str(json, pairs->items[i].key);
        json_str(json, pairs->items[i].value);
    }
    json_end(json);
}

void oci_descriptor_write(struct json_writer *json, const struct oci_descriptor *descriptor)
{
    char digest[DIGEST_TEXT_MAX];
    json_object(json);
    json_field_str(json, "mediaType", descriptor->media_type);
    json_field_z(json, "digest", digest_text(&descriptor->digest, digest));
    json_field_u64(json, "size", descriptor->size_bytes);
    if (descriptor->annotations.count > 0) {
        json_key(json, "annotations");
        oci_pairs_write(json, &descriptor->annotations);
    }
    if (descriptor->platform.os.len > 0) {
        json_key(json, "platform");
        oci_platform_write(json, &descriptor->platform);
    }
    if (descriptor->artifact_type.len > 0)
        json_field_str(json, "artifactType", descriptor->artifact_type);
    json_end(json);
}

struct oci_descriptor oci_descriptor_of(struct str media_type, struct str bytes)
{
    return (struct oci_descriptor){
        .media_type = media_type, .digest = digest_of(DIGEST_SHA256, bytes), .size_bytes = bytes.len};
}

void oci_blob_path(struct buf *out, const struct digest *digest)
{
    char hex[DIGEST_TEXT_MAX];
    buf_addf(out, "blobs/%s/%s", digest_name(digest->algorithm), digest_hex(digest, hex));
}

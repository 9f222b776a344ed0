/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/archive_write.h"

#include "base/vec.h"
#include "io/compress.h"
#include "io/tar.h"
#include "oci/index.h"
#include "oci/internal.h"

#include <stdlib.h>

struct entry {
    struct str name;
    enum tree_type type;
    struct str bytes;
    const struct oci_sink_layer *expand; /* content is this layer, expanded */
};

struct plan {
    VEC(struct entry) entries;
    struct buf index;    /* index.json */
    struct buf manifest; /* manifest.json */
};

/* ---- layers that have to be expanded */

static int expanded_reader(const struct oci_sink_layer *layer, struct reader **ret_reader, struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    struct reader *top = NULL;
    int r = mem_reader_new(layer->bytes, &reader, err);
    if (r == 0)
        r = decompress_reader_auto(reader, NULL, &top, err);
    if (r != 0)
        return r;
    reader = top;
    r = oci_verify_reader_new(reader, &layer->input->diff_id,
                              layer->input->tar_bytes ? layer->input->tar_bytes : UINT64_MAX, "an expanded layer",
                              ret_reader, err);
    if (r == 0)
        (void)TAKE_PTR(reader);
    return r;
}

static int measure(const struct oci_sink_layer *layer, uint64_t *ret_bytes, struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    CLEANUP_WRITER struct writer *nowhere = NULL;
    int r = expanded_reader(layer, &reader, err);
    if (r == 0)
        r = null_writer_new(&nowhere, err);
    return r != 0 ? r : reader_copy(reader, nowhere, ret_bytes, err);
}

int oci_sink_expand_zstd(struct oci_sink_part *part, const struct op_ctx *ctx, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < part->image->layer_count; i++) {
        struct oci_sink_layer *layer = &part->layers[i];
        if (compression_of(layer->bytes) != COMPRESS_ZSTD)
            continue;
        uint64_t size_bytes = layer->input->tar_bytes;
        r = op_check(ctx, err);
        if (r == 0 && size_bytes == 0)
            r = measure(layer, &size_bytes, err);
        layer->expand = true;
        layer->descriptor.media_type = oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_LAYER, COMPRESS_NONE);
        layer->descriptor.digest = layer->input->diff_id;
        layer->descriptor.size_bytes = size_bytes;
    }
    return r;
}

/* ---- what is in the archive */

static int blob_name(const struct oci_sink *sink, const struct digest *digest, struct str *ret_name, struct err *err)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    oci_blob_path(&path, digest);
    if (path.failed)
        return err_nomem(err);
    *ret_name = arena_buf(sink->arena, &path);
    return ret_name->ptr ? 0 : err_nomem(err);
}

static int add(struct plan *plan, struct entry entry, struct err *err)
{
    return VEC_PUSH(&plan->entries, entry) ? 0 : err_nomem(err);
}

static int add_blob(const struct oci_sink *sink, struct plan *plan, const struct digest *digest, struct str bytes,
                    const struct oci_sink_layer *expand, struct err *err)
{
    struct entry entry = {.type = TREE_FILE, .bytes = bytes, .expand = expand};
    int r = blob_name(sink, digest, &entry.name, err);
    return r != 0 ? r : add(plan, entry, err);
}

/* index.json of an archive: one entry for each name. */
static int make_index(const struct oci_sink *sink, struct plan *plan, struct err *err)
{
    size_t count = sink->name_count > 0 ? sink->name_count : 1;
    struct oci_index index = {
        .media_type = oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_INDEX, COMPRESS_NONE),
        .manifests = ARENA_ARRAY(sink->arena, count, struct oci_descriptor),
        .manifest_count = count,
    };
    if (!index.manifests)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        int r = oci_sink_entry(sink, sink->name_count > 0 ? &sink->names[i] : NULL, &index.manifests[i], err);
        if (r != 0)
            return r;
    }
    return oci_index_write(&index, &plan->index, err);
}

/* manifest.json (moby image/spec v1.2). */
static int make_docker_manifest(const struct oci_sink *sink, struct plan *plan, struct err *err)
{
    struct json_writer json;
    struct str name = STR_NONE;
    const struct oci_sink_part *part = &sink->parts[0];
    int r = blob_name(sink, &part->written.config_digest, &name, err);
    json_writer_init(&json, &plan->manifest, JSON_COMPACT);
    json_array(&json);
    json_object(&json);
    json_field_str(&json, "Config", name);
    json_field_array(&json, "RepoTags");
    for (size_t i = 0; i < sink->name_count; i++)
        json_str(&json, sink->names[i].text);
    json_end(&json);
    json_field_array(&json, "Layers");
    for (size_t i = 0; r == 0 && i < part->image->layer_count; i++) {
        r = blob_name(sink, &part->layers[i].descriptor.digest, &name, err);
        json_str(&json, name);
    }
    json_end(&json);
    json_end(&json);
    json_end(&json);
    return r != 0 ? r : json_writer_check(&json, err);
}

static int compare_entries(const void *a, const void *b)
{
    return str_cmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static int add_part(const struct oci_sink *sink, const struct oci_sink_part *part, struct plan *plan, struct err *err)
{
    int r = add_blob(sink, plan, &part->written.config_digest, buf_str(&part->config), NULL, err);
    if (r == 0)
        r = add_blob(sink, plan, &part->written.manifest.digest, buf_str(&part->manifest), NULL, err);
    for (size_t i = 0; r == 0 && i < part->image->layer_count; i++) {
        const struct oci_sink_layer *layer = &part->layers[i];
        r = add_blob(sink, plan, &layer->descriptor.digest, layer->bytes, layer->expand ? layer : NULL, err);
    }
    return r;
}

static int make_plan(const struct oci_sink *sink, struct plan *plan, struct err *err)
{
    int r = make_index(sink, plan, err);
    if (r == 0)
        r = add(plan, (struct entry){.name = STR("blobs"), .type = TREE_DIR}, err);
    if (r == 0)
        r = add(plan, (struct entry){.name = STR("blobs/sha256"), .type = TREE_DIR}, err);
    if (r == 0)
        r = add(plan, (struct entry){.name = STR("oci-layout"), .type = TREE_FILE, .bytes = STR(OCI_LAYOUT_TEXT)}, err);
    if (r == 0)
        r = add(plan, (struct entry){.name = STR("index.json"), .type = TREE_FILE, .bytes = buf_str(&plan->index)},
                err);
    if (r == 0 && sink->output->name.transport == OCI_TRANSPORT_DOCKER_ARCHIVE) {
        r = make_docker_manifest(sink, plan, err);
        if (r == 0) {
            r = add(plan,
                    (struct entry){.name = STR("manifest.json"), .type = TREE_FILE, .bytes = buf_str(&plan->manifest)},
                    err);
        }
    }
    if (r == 0 && sink->index.len > 0)
        r = add_blob(sink, plan, &sink->named.digest, buf_str(&sink->index), NULL, err);
    for (size_t i = 0; r == 0 && i < sink->part_count; i++)
        r = add_part(sink, &sink->parts[i], plan, err);
    return r;
}

/* ---- writing it */

static int write_expanded(struct writer *writer, const struct oci_sink_layer *layer, struct tree_node *node,
                          struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    node->place = layer;
    node->size_bytes = layer->descriptor.size_bytes;
    int r = tar_write_header(writer, node, err);
    if (r == 0)
        r = expanded_reader(layer, &reader, err);
    if (r == 0)
        r = reader_copy(reader, writer, NULL, err);
    return r != 0 ? r : tar_write_padding(writer, node->size_bytes, err);
}

static int write_entry(struct writer *writer, const struct entry *entry, struct err *err)
{
    struct tree_node node = {.path = entry->name,
                             .type = entry->type,
                             .mode = entry->type == TREE_DIR ? 0755 : 0644,
                             .content = entry->bytes,
                             .size_bytes = entry->bytes.len};
    return entry->expand ? write_expanded(writer, entry->expand, &node, err) : tar_write_node(writer, &node, err);
}

static int write_plan(const struct plan *plan, struct writer *writer, const struct op_ctx *ctx, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < plan->entries.len; i++) {
        if (i > 0 && str_eq(plan->entries.ptr[i].name, plan->entries.ptr[i - 1].name))
            continue; /* layers of equal content are one blob, in several images too */
        r = op_check(ctx, err);
        if (r == 0)
            r = write_entry(writer, &plan->entries.ptr[i], err);
    }
    return r != 0 ? r : tar_write_end(writer, err);
}

int oci_archive_write(const struct oci_sink *sink, struct writer *writer, const struct op_ctx *ctx, struct err *err)
{
    struct plan plan = {.index = BUF_INIT, .manifest = BUF_INIT};
    int r = make_plan(sink, &plan, err);
    if (r == 0)
        qsort(plan.entries.ptr, plan.entries.len, sizeof(*plan.entries.ptr), compare_entries);
    if (r == 0)
        r = write_plan(&plan, writer, ctx, err);
    VEC_DONE(&plan.entries);
    buf_done(&plan.index);
    buf_done(&plan.manifest);
    return r;
}

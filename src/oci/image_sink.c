/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/image_sink.h"

#include "base/limits.h"
#include "io/file.h"
#include "oci/archive_write.h"
#include "oci/index.h"
#include "oci/internal.h"
#include "oci/layout.h"
#include "oci/reference.h"
#include "oci/sink.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* ---- names */

static int bad_name(const struct oci_image_output *output, struct str text, struct err *err)
{
    struct oci_reference reference;
    struct err why = ERR_INIT;
    (void)oci_reference_parse(text, &reference, &why);
    err_set(err, ERR_USAGE, "'%.*s' can't name an image in %s:%s: %s", STR_ARG(text),
            oci_transport_name(output->name.transport), output->name.path, why.message);
    err_hint(err, "%s", why.hint);
    return -(int)ERR_USAGE;
}

static int add_name(struct oci_sink *sink, struct str text, bool verbatim, struct err *err)
{
    struct oci_reference reference = {0};
    struct oci_sink_name *name = &sink->names[sink->name_count];
    bool parsed = oci_reference_parse(text, &reference, NULL) == 0;
    if (!parsed && !(verbatim && oci_ref_name_valid(text)))
        return bad_name(sink->output, text, err);
    CLEANUP_BUF struct buf out = BUF_INIT;
    if (parsed && reference.tag.len == 0 && !reference.has_digest && !verbatim)
        reference.tag = STR("latest");
    /* A bare word as the name in a layout is a tag ("1.0"): it says nothing of the repository. */
    name->has_repository = parsed && (!verbatim || reference.tag.len > 0);
    if (parsed && !verbatim)
        oci_reference_text(&out, &reference);
    else
        buf_add_str(&out, text);
    name->text = arena_buf(sink->arena, &out);
    if (name->has_repository) {
        int r = oci_reference_normalize(&reference, sink->arena, err);
        if (r != 0)
            return r;
        buf_reset(&out);
        oci_reference_text(&out, &reference);
        name->normalized = arena_buf(sink->arena, &out);
    }
    if (out.failed || !name->text.ptr || (name->has_repository && !name->normalized.ptr))
        return err_nomem(err);
    sink->name_count++;
    return 0;
}

static int make_names(struct oci_sink *sink, struct err *err)
{
    const struct oci_image_output *output = sink->output;
    size_t count = output->name.ref.len > 0 ? 1 : output->tags.count;
    sink->names = ARENA_ARRAY(sink->arena, count + 1, struct oci_sink_name);
    if (!sink->names)
        return err_nomem(err);
    if (output->name.ref.len > 0)
        return add_name(sink, output->name.ref, output->name.transport != OCI_TRANSPORT_DOCKER_ARCHIVE, err);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = add_name(sink, output->tags.items[i], false, err);
    return r;
}

/* ---- documents */

static int make_documents(struct arena *arena, struct oci_sink_part *part, struct err *err)
{
    struct oci_config config = part->image->config;
    struct oci_manifest manifest = {
        .media_type = oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_MANIFEST, COMPRESS_NONE),
        .layer_count = part->image->layer_count,
        .annotations = part->image->annotations,
    };
    config.diff_id_count = manifest.layer_count;
    config.diff_ids = ARENA_ARRAY(arena, manifest.layer_count, struct digest);
    manifest.layers = ARENA_ARRAY(arena, manifest.layer_count, struct oci_descriptor);
    if (!config.diff_ids || !manifest.layers)
        return err_nomem(err);
    for (size_t i = 0; i < manifest.layer_count; i++) {
        config.diff_ids[i] = part->image->layers[i].diff_id;
        manifest.layers[i] = part->layers[i].descriptor;
    }
    int r = oci_config_write(&config, &part->config, err);
    if (r != 0)
        return r;
    manifest.config =
        oci_descriptor_of(oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_CONFIG, COMPRESS_NONE), buf_str(&part->config));
    r = oci_manifest_write(&manifest, &part->manifest, err);
    if (r != 0)
        return r;
    part->written.config_digest = manifest.config.digest;
    part->written.manifest = oci_descriptor_of(manifest.media_type, buf_str(&part->manifest));
    part->written.manifest.platform = config.platform;
    return 0;
}

/* The same bytes in whatever order the images were given. */
static int compare_manifests(const void *a, const void *b)
{
    const struct oci_platform *x = &((const struct oci_descriptor *)a)->platform;
    const struct oci_platform *y = &((const struct oci_descriptor *)b)->platform;
    int r = str_cmp(x->os, y->os);
    if (r == 0)
        r = str_cmp(x->architecture, y->architecture);
    return r != 0 ? r : str_cmp(x->variant, y->variant);
}

static int make_index(struct oci_sink *sink, const struct data_pairs *annotations, struct err *err)
{
    struct oci_index index = {
        .media_type = oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_INDEX, COMPRESS_NONE),
        .manifests = ARENA_ARRAY(sink->arena, sink->part_count, struct oci_descriptor),
        .manifest_count = sink->part_count,
        .annotations = *annotations,
    };
    if (!index.manifests)
        return err_nomem(err);
    for (size_t i = 0; i < sink->part_count; i++)
        index.manifests[i] = sink->parts[i].written.manifest;
    qsort(index.manifests, index.manifest_count, sizeof(*index.manifests), compare_manifests);
    for (size_t i = 1; i < index.manifest_count; i++) {
        const struct oci_platform *platform = &index.manifests[i].platform;
        if (oci_platform_matches(&index.manifests[i - 1].platform, platform))
            return err_set(err, ERR_USAGE, "two images are for '%.*s/%.*s'", STR_ARG(platform->os),
                           STR_ARG(platform->architecture));
    }
    int r = oci_index_write(&index, &sink->index, err);
    if (r == 0)
        sink->named = oci_descriptor_of(index.media_type, buf_str(&sink->index));
    return r;
}

/* ---- layers */

static int check_layer(const struct oci_layer_input *input, size_t i, struct str bytes, struct err *err)
{
    if (bytes.len != input->descriptor.size_bytes) {
        return err_set(err, ERR_DIGEST, "layer %zu has %zu bytes, not %llu", i + 1, bytes.len,
                       (unsigned long long)input->descriptor.size_bytes);
    }
    if (input->is_checked)
        return 0;
    struct digest found = digest_of(input->descriptor.digest.algorithm, bytes);
    return digest_eq(&found, &input->descriptor.digest)
               ? 0
               : oci_digest_mismatch(&input->descriptor.digest, &found, "a layer", err);
}

/* Makes the bytes of all layers readable, and believes no descriptor that comes from elsewhere. */
static int load_layers(struct arena *arena, struct oci_sink_part *part, struct err *err)
{
    const struct oci_image_input *image = part->image;
    if (image->layer_count > LIMIT_LAYERS)
        return err_set(err, ERR_LIMIT, "the image has %zu layers, the limit is %d", image->layer_count, LIMIT_LAYERS);
    part->layers = ARENA_ARRAY(arena, image->layer_count, struct oci_sink_layer);
    if (!part->layers)
        return err_nomem(err);
    int r = 0;
    for (size_t i = 0; r == 0 && i < image->layer_count; i++) {
        struct oci_sink_layer *layer = &part->layers[i];
        layer->input = &image->layers[i];
        layer->descriptor = image->layers[i].descriptor;
        layer->bytes = image->layers[i].bytes;
        if (!layer->bytes.ptr && image->layers[i].path) {
            r = file_map(AT_FDCWD, image->layers[i].path, LIMIT_LAYER_BYTES, &layer->bytes, err);
            layer->mapped = r == 0;
        }
        if (r == 0)
            r = check_layer(&image->layers[i], i, layer->bytes, err);
    }
    return r;
}

static void part_done(struct oci_sink_part *part)
{
    for (size_t i = 0; part->layers && i < part->image->layer_count; i++)
        if (part->layers[i].mapped)
            file_unmap(part->layers[i].bytes);
    buf_done(&part->config);
    buf_done(&part->manifest);
}

/* ---- kinds */

int oci_sink_entry(const struct oci_sink *sink, const struct oci_sink_name *name, struct oci_descriptor *ret_entry,
                   struct err *err)
{
    struct oci_descriptor entry = sink->named;
    entry.annotations.items = ARENA_ARRAY(sink->arena, 2, struct data_pair);
    if (!entry.annotations.items)
        return err_nomem(err);
    if (name && name->has_repository)
        entry.annotations.items[entry.annotations.count++] =
            (struct data_pair){STR(OCI_ANNOTATION_CONTAINERD_NAME), name->normalized};
    if (name)
        entry.annotations.items[entry.annotations.count++] =
            (struct data_pair){STR(OCI_ANNOTATION_REF_NAME), name->text};
    *ret_entry = entry;
    return 0;
}

static int put_part(struct oci_layout *layout, const struct oci_sink_part *part, const struct op_ctx *ctx,
                    struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < part->image->layer_count; i++) {
        r = op_check(ctx, err);
        if (r == 0)
            r = oci_layout_put_blob(layout, &part->layers[i].descriptor.digest, part->layers[i].bytes, err);
    }
    if (r == 0)
        r = oci_layout_put_blob(layout, &part->written.config_digest, buf_str(&part->config), err);
    return r != 0 ? r : oci_layout_put_blob(layout, &part->written.manifest.digest, buf_str(&part->manifest), err);
}

static int write_layout(struct oci_sink *sink, const struct op_ctx *ctx, struct err *err)
{
    CLEANUP_OCI_LAYOUT struct oci_layout *layout = NULL;
    int r = oci_layout_open(sink->output->name.path, true, &layout, err);
    for (size_t i = 0; r == 0 && i < sink->part_count; i++)
        r = put_part(layout, &sink->parts[i], ctx, err);
    if (r == 0 && sink->index.len > 0)
        r = oci_layout_put_blob(layout, &sink->named.digest, buf_str(&sink->index), err);
    for (size_t i = 0; r == 0 && (i < sink->name_count || i == 0); i++) {
        struct oci_descriptor entry;
        r = oci_sink_entry(sink, i < sink->name_count ? &sink->names[i] : NULL, &entry, err);
        if (r == 0)
            r = oci_layout_add_manifest(layout, &entry, ctx, err);
    }
    if (r != 0 && layout)
        oci_layout_undo(layout);
    return r;
}

static int write_archive(struct oci_sink *sink, const struct op_ctx *ctx, struct err *err)
{
    const char *path = sink->output->name.path;
    CLEANUP_WRITER struct writer *writer = NULL;
    int r = strcmp(path, "-") == 0 ? fd_writer_new(sink->output->stdout_fd, "standard output", &writer, err)
                                   : file_writer_new(AT_FDCWD, path, 0644, &writer, err);
    if (r == 0)
        r = oci_archive_write(sink, writer, ctx, err);
    return r != 0 ? r : writer_close(TAKE_PTR(writer), err);
}

static int make_part(struct oci_sink *sink, struct oci_sink_part *part, const struct op_ctx *ctx, struct err *err)
{
    int r = load_layers(sink->arena, part, err);
    if (r == 0 && sink->output->name.transport == OCI_TRANSPORT_DOCKER_ARCHIVE)
        r = oci_sink_expand_zstd(part, ctx, err);
    return r != 0 ? r : make_documents(sink->arena, part, err);
}

/* INDEX: the annotations of an index over the parts; NULL: there is one part, and no index. */
static int write_sink(struct oci_sink *sink, const struct data_pairs *index, const struct op_ctx *ctx, struct err *err)
{
    enum oci_transport transport = sink->output->name.transport;
    bool layout = transport == OCI_TRANSPORT_LAYOUT;
    if (transport == OCI_TRANSPORT_ANY || (layout && strcmp(sink->output->name.path, "-") == 0)) {
        err_set(err, ERR_USAGE, "'%s' is no place to write an image to", sink->output->name.path);
        err_hint(err, "write oci:DIR, oci-archive:FILE or docker-archive:FILE");
        return -(int)ERR_USAGE;
    }
    if (index && transport == OCI_TRANSPORT_DOCKER_ARCHIVE) {
        err_set(err, ERR_USAGE, "'%s' would be a docker archive, which holds an image of one machine",
                sink->output->name.path);
        return err_hint(err, "write oci-archive:FILE, or a docker archive for each machine");
    }
    int r = make_names(sink, err);
    for (size_t i = 0; r == 0 && i < sink->part_count; i++)
        r = make_part(sink, &sink->parts[i], ctx, err);
    if (r == 0 && index)
        r = make_index(sink, index, err);
    else if (r == 0)
        sink->named = sink->parts[0].written.manifest;
    if (r != 0)
        return r;
    return layout ? write_layout(sink, ctx, err) : write_archive(sink, ctx, err);
}

int oci_image_write(const struct oci_image_input *image, const struct oci_image_output *output,
                    const struct op_ctx *ctx, struct oci_image_written *ret_written, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct oci_sink_part part = {.image = image};
    struct oci_sink sink = {.output = output, .arena = &arena, .parts = &part, .part_count = 1};
    int r = write_sink(&sink, NULL, ctx, err);
    part_done(&part);
    if (r == 0)
        *ret_written = part.written;
    return r;
}

int oci_images_write(const struct oci_image_input *images, size_t count, const struct data_pairs *annotations,
                     const struct oci_image_output *output, const struct op_ctx *ctx,
                     struct oci_image_written *ret_written, struct oci_descriptor *ret_index, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct oci_sink sink = {.output = output,
                            .arena = &arena,
                            .parts = ARENA_ARRAY(&arena, count + 1, struct oci_sink_part),
                            .part_count = count};
    if (!sink.parts)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++)
        sink.parts[i] = (struct oci_sink_part){.image = &images[i]};
    int r = write_sink(&sink, annotations, ctx, err);
    for (size_t i = 0; i < count; i++) {
        part_done(&sink.parts[i]);
        if (r == 0)
            ret_written[i] = sink.parts[i].written;
    }
    if (r == 0)
        *ret_index = sink.named;
    buf_done(&sink.index);
    return r;
}

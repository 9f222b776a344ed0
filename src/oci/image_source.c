/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/image_source.h"

#include "base/limits.h"
#include "io/compress.h"
#include "oci/files.h"
#include "oci/internal.h"
#include "oci/source.h"

#include <stdio.h>

void oci_image_close(struct oci_image *image)
{
    if (image)
        oci_files_free(image->source->files); /* the rest lives in the caller's arena */
}

void oci_image_cleanup(struct oci_image **image)
{
    oci_image_close(*image);
}

int oci_source_blob_reader(const struct oci_files *files, struct str name, const struct digest *digest,
                           uint64_t size_bytes, struct reader **ret_reader, struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    uint64_t found_bytes = 0;
    int r = oci_files_reader(files, name, &reader, &found_bytes, err);
    if (r != 0)
        return r;
    if (size_bytes != UINT64_MAX && found_bytes != size_bytes) {
        err_set(err, ERR_DIGEST, "'%.*s' has %llu bytes, not %llu", STR_ARG(name), (unsigned long long)found_bytes,
                (unsigned long long)size_bytes);
        err_hint(err, "the image is damaged or was tampered with; fetch or build it again");
        return -(int)ERR_DIGEST;
    }
    char what[256];
    (void)snprintf(what, sizeof(what), "'%.*s'", STR_ARG(str_head(name, sizeof(what) - 3)));
    r = oci_verify_reader_new(reader, digest, size_bytes, what, ret_reader, err);
    if (r == 0)
        (void)TAKE_PTR(reader);
    return r;
}

int oci_source_blob_read(const struct oci_files *files, const struct oci_descriptor *descriptor, uint64_t limit_bytes,
                         struct arena *arena, struct str *ret_bytes, struct err *err)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    CLEANUP_READER struct reader *reader = NULL;
    if (descriptor->size_bytes > limit_bytes) {
        return err_set(err, ERR_LIMIT, "a %.*s of %llu bytes is more than the limit of %llu",
                       STR_ARG(str_head(descriptor->media_type, 100)), (unsigned long long)descriptor->size_bytes,
                       (unsigned long long)limit_bytes);
    }
    oci_blob_path(&path, &descriptor->digest);
    int r = buf_check(&path, err);
    if (r == 0) {
        r = oci_source_blob_reader(files, buf_str(&path), &descriptor->digest, descriptor->size_bytes, &reader, err);
    }
    if (r == 0)
        r = reader_read_all(reader, limit_bytes, &bytes, err);
    if (r != 0)
        return r;
    struct str copy = arena_buf(arena, &bytes);
    if (!copy.ptr)
        return err_nomem(err);
    *ret_bytes = copy;
    return 0;
}

/* Which transport a bare path means. */
static int detect(const struct oci_files *files, enum oci_transport *ret_transport, struct err *err)
{
    bool layout = oci_files_has(files, STR("oci-layout")) && oci_files_has(files, STR("index.json"));
    const char *path = oci_files_path(files);
    if (oci_files_is_directory(files) && layout)
        *ret_transport = OCI_TRANSPORT_LAYOUT;
    else if (layout)
        *ret_transport = OCI_TRANSPORT_OCI_ARCHIVE;
    else if (!oci_files_is_directory(files) && oci_files_has(files, STR("manifest.json")))
        *ret_transport = OCI_TRANSPORT_DOCKER_ARCHIVE;
    else if (!oci_files_is_directory(files) && oci_files_has(files, STR("repositories"))) {
        err_set(err, ERR_UNSUPPORTED, "'%s' was saved by Docker before 1.10", path);
        err_hint(err, "load it into a current engine and save it again");
        return -(int)ERR_UNSUPPORTED;
    } else {
        err_set(err, ERR_INVALID, "'%s' is no image: it holds neither oci-layout and index.json nor manifest.json",
                path);
        err_hint(err, "give an OCI layout, an OCI archive or what docker save wrote");
        return -(int)ERR_INVALID;
    }
    return 0;
}

static int check_kind(const struct oci_image_name *name, const struct oci_files *files, struct err *err)
{
    bool wants_directory = name->transport == OCI_TRANSPORT_LAYOUT;
    if (name->transport == OCI_TRANSPORT_ANY || wants_directory == oci_files_is_directory(files))
        return 0;
    err_set(err, ERR_INVALID, "'%s' is %s", name->path,
            wants_directory ? "a file, not the directory of a layout" : "a directory, not an archive");
    err_hint(err, "write %s:%s", wants_directory ? "oci-archive" : "oci", name->path);
    return -(int)ERR_INVALID;
}

static int check_layout(const struct oci_files *files, struct err *err)
{
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    int r = oci_files_read(files, STR("oci-layout"), LIMIT_MANIFEST_BYTES, &bytes, err);
    return r != 0 ? r : oci_layout_version_check(buf_str(&bytes), err);
}

static int open_image(const struct oci_image_name *name, const struct oci_platform *platform, struct oci_image *image,
                      struct err *err)
{
    const struct oci_files *files = image->source->files;
    int r = check_kind(name, files, err);
    image->transport = name->transport;
    if (r == 0 && image->transport == OCI_TRANSPORT_ANY)
        r = detect(files, &image->transport, err);
    if (r == 0 && image->transport == OCI_TRANSPORT_DOCKER_ARCHIVE)
        return oci_source_open_docker(image, name->ref, platform, err);
    if (r == 0)
        r = check_layout(files, err);
    return r != 0 ? r : oci_source_open_layout(image, name->ref, platform, err);
}

int oci_image_open(const struct oci_image_name *name, const struct oci_platform *platform, struct arena *arena,
                   struct oci_image **ret_image, struct err *err)
{
    struct oci_image *image = ARENA_NEW(arena, struct oci_image);
    struct oci_image_source *source = ARENA_NEW(arena, struct oci_image_source);
    if (!image || !source)
        return err_nomem(err);
    image->source = source;
    source->arena = arena;
    int r = oci_files_open(name->path, &source->files, err);
    if (r != 0)
        return r;
    struct err why = ERR_INIT;
    r = open_image(name, platform, image, &why);
    if (r == 0 && image->layer_count != image->config.diff_id_count) {
        r = err_set(&why, ERR_INVALID, "the manifest has %zu layers, its config %zu diff IDs", image->layer_count,
                    image->config.diff_id_count);
    }
    if (r != 0) {
        if (!str_starts(str_z(why.message), STR("'")) || str_find(str_z(why.message), str_z(name->path)) > 1)
            err_wrap(&why, "'%s'", name->path);
        if (err)
            *err = why;
        oci_image_close(image);
        return r;
    }
    for (size_t i = 0; i < image->layer_count; i++)
        image->layers[i].diff_id = image->config.diff_ids[i];
    *ret_image = image;
    return 0;
}

int oci_image_blob_open(struct oci_image *image, size_t i, struct reader **ret_reader, struct err *err)
{
    const struct oci_image_layer *layer = &image->layers[i];
    return oci_source_blob_reader(image->source->files, image->source->layer_names[i],
                                  layer->has_digest ? &layer->descriptor.digest : NULL, layer->descriptor.size_bytes,
                                  ret_reader, err);
}

int oci_image_layer_open(struct oci_image *image, size_t i, struct reader **ret_reader, struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    struct reader *top = NULL;
    char what[64];
    if (oci_media_type_of(image->layers[i].descriptor.media_type)->kind != OCI_KIND_LAYER) {
        return err_set(err, ERR_UNSUPPORTED, "layer %zu has the type '%.*s', which is no file system layer", i + 1,
                       STR_ARG(str_head(image->layers[i].descriptor.media_type, 200)));
    }
    int r = oci_image_blob_open(image, i, &reader, err);
    if (r != 0)
        return r;
    /* By magic number rather than by type: that is what engines do, and what was stored may have been recompressed. */
    r = decompress_reader_auto(reader, NULL, &top, err);
    if (r != 0)
        return r;
    reader = top;
    (void)snprintf(what, sizeof(what), "layer %zu", i + 1);
    r = bound_reader_new(reader, LIMIT_LAYER_BYTES, what, &top, err);
    if (r != 0)
        return r;
    reader = top;
    (void)snprintf(what, sizeof(what), "the content of layer %zu", i + 1);
    r = oci_verify_reader_new(reader, &image->layers[i].diff_id, UINT64_MAX, what, &top, err);
    if (r != 0)
        return r;
    (void)TAKE_PTR(reader);
    *ret_reader = top;
    return 0;
}

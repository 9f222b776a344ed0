/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds an image in what `docker save` writes: manifest.json lists images as the names of a config file, of layer
 * files, and of tags (moby image/spec v1.2, "Combined Image JSON + Filesystem Changeset Format"). Layers are plain
 * tars, or compressed ones where other tools wrote the archive. Files named after a SHA-256 (blobs/sha256/<hex>,
 * <hex>.json) are held against it; for the rest the diff IDs of the config are what is verified.
 */
#include "base/limits.h"
#include "data/json.h"
#include "oci/internal.h"
#include "oci/source.h"

#define LISTED_MAX 20 /* images that a message names */

/* The digest that a file's name states: <hex>.json for configs, blobs/sha256/<hex> for all. */
static bool digest_of_name(struct str name, struct digest *ret_digest)
{
    const struct str prefix = STR("blobs/sha256/");
    if (str_starts(name, prefix))
        return digest_parse_hex(DIGEST_SHA256, str_skip(name, prefix.len), ret_digest);
    return str_ends(name, STR(".json")) && digest_parse_hex(DIGEST_SHA256, str_head(name, name.len - 5), ret_digest);
}

static bool entry_matches(const struct data_strs *tags, struct str ref)
{
    for (size_t i = 0; i < tags->count; i++)
        if (oci_source_match(tags->items[i], ref) != OCI_MATCH_NONE)
            return true;
    return false;
}

/* True when the config file's digest is the one asked for ("@sha256:..."). */
static bool config_matches(const struct data_node *entry, struct str ref)
{
    struct str config = STR("");
    struct digest wanted, found;
    return str_starts(ref, STR("@")) && data_str(data_get(entry, "Config"), &config, NULL) == 0 &&
           digest_parse(str_skip(ref, 1), &wanted) && digest_of_name(config, &found) && digest_eq(&wanted, &found);
}

static void list_entry(struct buf *out, const struct data_strs *tags, size_t count)
{
    if (count > LISTED_MAX)
        return;
    if (count > 1)
        buf_add_z(out, ", ");
    if (count == LISTED_MAX)
        buf_add_z(out, "...");
    else if (tags->count > 0)
        buf_add_str(out, tags->items[0]);
    else
        buf_add_z(out, "one without a name");
}

static int select_entry(const struct data_node *root, struct str ref, struct arena *arena,
                        const struct data_node **ret_entry, struct data_strs *ret_tags, struct err *err)
{
    CLEANUP_BUF struct buf all = BUF_INIT;
    CLEANUP_BUF struct buf matching = BUF_INIT;
    const struct data_node *found = NULL;
    struct data_strs found_tags = {0};
    size_t total = 0, matches = 0;
    DATA_EACH(entry, root)
    {
        struct data_strs tags = {0};
        int r = data_strs(data_get(entry, "RepoTags"), arena, &tags, err);
        if (r != 0)
            return r;
        list_entry(&all, &tags, ++total);
        if (ref.len > 0 && !entry_matches(&tags, ref) && !config_matches(entry, ref))
            continue;
        list_entry(&matching, &tags, ++matches);
        found = entry;
        found_tags = tags;
    }
    if (matches != 1)
        return oci_source_choose(matches, ref, NULL, matches == 0 ? &all : &matching, err);
    *ret_entry = found;
    *ret_tags = found_tags;
    return 0;
}

static int read_config(struct oci_image *image, const struct data_node *entry, struct err *err)
{
    struct arena *arena = image->source->arena;
    CLEANUP_READER struct reader *reader = NULL;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    const struct data_node *member = NULL;
    struct str name = STR_NONE;
    struct digest digest;
    int r = data_need(entry, "Config", &member, err);
    if (r == 0)
        r = data_str(member, &name, err);
    if (r == 0) {
        r = oci_source_blob_reader(image->source->files, name, digest_of_name(name, &digest) ? &digest : NULL,
                                   UINT64_MAX, &reader, err);
    }
    if (r == 0)
        r = reader_read_all(reader, LIMIT_CONFIG_BYTES, &bytes, err);
    if (r != 0)
        return r;
    image->config_bytes = arena_buf(arena, &bytes);
    if (!image->config_bytes.ptr)
        return err_nomem(err);
    image->config_digest = digest_of(DIGEST_SHA256, image->config_bytes);
    r = oci_config_read(image->config_bytes, arena, &image->config, err);
    if (r != 0)
        err_wrap(err, "the image's config");
    return r;
}

static int read_layer(struct oci_image *image, size_t i, struct str name, struct err *err)
{
    CLEANUP_READER struct reader *reader = NULL;
    struct oci_image_layer *layer = &image->layers[i];
    char head[6];
    size_t got = 0, more = 1;
    int r = oci_files_reader(image->source->files, name, &reader, &layer->descriptor.size_bytes, err);
    while (r == 0 && got < sizeof(head) && more > 0) {
        r = reader_read(reader, head + got, sizeof(head) - got, &more, err);
        got += r == 0 ? more : 0;
    }
    if (r != 0)
        return r;
    enum compression compression = compression_of(str_of(head, got));
    layer->descriptor.media_type = oci_media_type_text(OCI_FAMILY_DOCKER, OCI_KIND_LAYER, compression);
    layer->has_digest = digest_of_name(name, &layer->descriptor.digest);
    image->source->layer_names[i] = name;
    return 0;
}

static int read_layers(struct oci_image *image, const struct data_node *entry, struct err *err)
{
    const struct data_node *member = NULL;
    struct data_strs names = {0};
    int r = data_need(entry, "Layers", &member, err);
    if (r == 0)
        r = data_strs(member, image->source->arena, &names, err);
    if (r == 0 && names.count > LIMIT_LAYERS)
        r = err_set(err, ERR_LIMIT, "the image has %zu layers, the limit is %d", names.count, LIMIT_LAYERS);
    if (r == 0)
        r = oci_source_make_layers(image, names.count, err);
    for (size_t i = 0; r == 0 && i < names.count; i++)
        r = read_layer(image, i, names.items[i], err);
    return r;
}

static int read_list(struct oci_image *image, const struct data_node **ret_root, struct err *err)
{
    struct arena *arena = image->source->arena;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    const struct data_node *root = NULL;
    int r = oci_files_read(image->source->files, STR("manifest.json"), LIMIT_MANIFEST_BYTES, &bytes, err);
    if (r != 0)
        return r;
    struct str copy = arena_buf(arena, &bytes);
    if (!copy.ptr)
        return err_nomem(err);
    r = json_parse(copy, arena, &root, err);
    if (r == 0 && root->kind != DATA_ARRAY)
        r = err_set(err, ERR_INVALID, "this is %s, not a list of images", data_kind_name(root->kind));
    if (r == 0 && root->count > LIMIT_INDEX_MANIFESTS)
        r = err_set(err, ERR_LIMIT, "the list has %u images, the limit is %d", root->count, LIMIT_INDEX_MANIFESTS);
    if (r != 0) {
        err_wrap(err, "'manifest.json'");
        return r;
    }
    *ret_root = root;
    return 0;
}

int oci_source_open_docker(struct oci_image *image, struct str ref, const struct oci_platform *platform,
                           struct err *err)
{
    const struct data_node *root = NULL, *entry = NULL;
    int r = read_list(image, &root, err);
    if (r == 0)
        r = select_entry(root, ref, image->source->arena, &entry, &image->names, err);
    if (r == 0)
        r = read_config(image, entry, err);
    if (r == 0)
        r = read_layers(image, entry, err);
    if (r != 0 || !platform || oci_platform_matches(&image->config.platform, platform))
        return r;
    CLEANUP_BUF struct buf is = BUF_INIT;
    oci_platform_text(&is, &image->config.platform);
    return oci_source_choose(0, ref, platform, &is, err);
}

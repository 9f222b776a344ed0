/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds an image in a layout: the entries of index.json, and those of the indexes that they name, are candidates; a
 * name, a digest and a platform narrow them down until one is left.
 */
#include "base/limits.h"
#include "base/vec.h"
#include "oci/index.h"
#include "oci/internal.h"
#include "oci/reference.h"
#include "oci/source.h"

#define LISTED_MAX 20 /* images that a message names */

struct candidate {
    struct oci_descriptor descriptor;
    struct str name;            /* that index.json gives the entry above */
    struct str containerd_name; /* likewise */
    bool named_by_digest;       /* the entry above is what "@sha256:..." asked for */
    bool in_index;              /* it is one of an index's, not an entry of index.json */
    struct digest index;        /* with in_index: of the one that names it */
    bool dropped;               /* fits not what was asked for */
};

struct known_index {
    struct digest digest;
    struct oci_index index;
};

struct finder {
    struct oci_image *image;
    struct str ref;
    struct digest ref_digest;
    bool by_digest;
    VEC(struct candidate) found;
    size_t left;    /* candidates that are not dropped */
    size_t visited; /* descriptors: a budget against indexes that name each other */
    VEC(struct known_index) indexes;
};

/* True for what build tools store beside an image: signatures, provenance. */
static bool is_attestation(const struct oci_descriptor *descriptor)
{
    return data_pairs_get(&descriptor->annotations, STR("vnd.docker.reference.type")) != NULL;
}

static struct str annotation(const struct oci_descriptor *descriptor, const char *key)
{
    const struct str *value = data_pairs_get(&descriptor->annotations, str_z(key));
    return value ? *value : STR("");
}

static int add_candidate(struct finder *finder, const struct candidate *candidate, struct err *err)
{
    for (size_t i = 0; i < finder->found.len; i++) {
        struct candidate *other = &finder->found.ptr[i];
        if (digest_eq(&other->descriptor.digest, &candidate->descriptor.digest) && str_eq(other->name, candidate->name))
            return 0;
    }
    return VEC_PUSH(&finder->found, *candidate) ? 0 : err_nomem(err);
}

static int collect(struct finder *finder, const struct oci_index *index, const struct candidate *above, unsigned depth,
                   struct err *err);

/* Each index is read once, however many entries name it. */
static int read_index(struct finder *finder, const struct oci_descriptor *descriptor, struct oci_index *ret_index,
                      struct err *err)
{
    struct arena *arena = finder->image->source->arena;
    struct str bytes = STR_NONE;
    struct known_index known = {.digest = descriptor->digest};
    for (size_t i = 0; i < finder->indexes.len; i++) {
        if (!digest_eq(&finder->indexes.ptr[i].digest, &descriptor->digest))
            continue;
        *ret_index = finder->indexes.ptr[i].index;
        return 0;
    }
    int r = oci_source_blob_read(finder->image->source->files, descriptor, LIMIT_MANIFEST_BYTES, arena, &bytes, err);
    if (r == 0)
        r = oci_index_read(bytes, arena, &known.index, err);
    if (r == 0 && !VEC_PUSH(&finder->indexes, known))
        r = err_nomem(err);
    if (r == 0)
        *ret_index = known.index;
    return r;
}

static int collect_index(struct finder *finder, const struct candidate *entry, unsigned depth, struct err *err)
{
    struct oci_index index = {0};
    if (depth == LIMIT_INDEX_DEPTH)
        return err_set(err, ERR_LIMIT, "indexes name indexes more than %d levels deep", LIMIT_INDEX_DEPTH);
    struct candidate above = *entry;
    above.in_index = true;
    above.index = entry->descriptor.digest;
    int r = read_index(finder, &entry->descriptor, &index, err);
    return r != 0 ? r : collect(finder, &index, &above, depth + 1, err);
}

static int collect_one(struct finder *finder, const struct oci_descriptor *descriptor, const struct candidate *above,
                       unsigned depth, struct err *err)
{
    struct candidate entry = {
        .descriptor = *descriptor,
        .name = above ? above->name : annotation(descriptor, OCI_ANNOTATION_REF_NAME),
        .containerd_name = above ? above->containerd_name : annotation(descriptor, OCI_ANNOTATION_CONTAINERD_NAME),
        .named_by_digest = above && above->named_by_digest,
        .in_index = above && above->in_index,
    };
    if (above)
        entry.index = above->index;
    if (finder->by_digest && digest_eq(&descriptor->digest, &finder->ref_digest))
        entry.named_by_digest = true;
    if (++finder->visited > LIMIT_INDEX_MANIFESTS)
        return err_set(err, ERR_LIMIT, "the layout names more than %d manifests", LIMIT_INDEX_MANIFESTS);
    switch (oci_media_type_of(descriptor->media_type)->kind) {
    case OCI_KIND_INDEX:
        return collect_index(finder, &entry, depth, err);
    case OCI_KIND_MANIFEST:
        return is_attestation(descriptor) ? 0 : add_candidate(finder, &entry, err);
    case OCI_KIND_OTHER:
    case OCI_KIND_CONFIG:
    case OCI_KIND_LAYER:
    case OCI_KIND_OBSOLETE:
        break;
    }
    return 0; /* an artifact, or a type that is not an image's */
}

static int collect(struct finder *finder, const struct oci_index *index, const struct candidate *above, unsigned depth,
                   struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < index->manifest_count; i++)
        r = collect_one(finder, &index->manifests[i], above, depth, err);
    return r;
}

enum oci_name_match oci_source_match(struct str given, struct str wanted)
{
    struct oci_reference a, b;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    if (given.len == 0)
        return OCI_MATCH_NONE;
    if (str_eq(given, wanted))
        return OCI_MATCH_EXACT;
    if (oci_reference_parse(given, &a, NULL) != 0 || oci_reference_parse(wanted, &b, NULL) != 0 ||
        oci_reference_normalize(&a, &arena, NULL) != 0 || oci_reference_normalize(&b, &arena, NULL) != 0)
        return OCI_MATCH_NONE;
    bool same = str_eq(a.registry, b.registry) && str_eq(a.repository, b.repository) && str_eq(a.tag, b.tag) &&
                a.has_digest == b.has_digest && (!a.has_digest || digest_eq(&a.digest, &b.digest));
    return same ? OCI_MATCH_NORMALIZED : OCI_MATCH_NONE;
}

static enum oci_name_match match(const struct finder *finder, const struct candidate *candidate)
{
    if (finder->by_digest)
        return candidate->named_by_digest ? OCI_MATCH_EXACT : OCI_MATCH_NONE;
    enum oci_name_match by_name = oci_source_match(candidate->name, finder->ref);
    enum oci_name_match by_containerd = oci_source_match(candidate->containerd_name, finder->ref);
    if (by_name == OCI_MATCH_EXACT)
        return by_name;
    return by_name != OCI_MATCH_NONE || by_containerd != OCI_MATCH_NONE ? OCI_MATCH_NORMALIZED : OCI_MATCH_NONE;
}

static void drop(struct finder *finder, size_t i)
{
    finder->left -= !finder->found.ptr[i].dropped;
    finder->found.ptr[i].dropped = true;
}

/* Drops what fits the name worse than the best does. */
static void narrow_by_name(struct finder *finder)
{
    enum oci_name_match best = OCI_MATCH_NORMALIZED;
    if (finder->ref.len == 0)
        return;
    for (size_t i = 0; best != OCI_MATCH_EXACT && i < finder->found.len; i++)
        if (match(finder, &finder->found.ptr[i]) == OCI_MATCH_EXACT)
            best = OCI_MATCH_EXACT;
    for (size_t i = 0; i < finder->found.len; i++)
        if (match(finder, &finder->found.ptr[i]) != best)
            drop(finder, i);
}

/* Reads a candidate's manifest and config into IMAGE, with what they need in ARENA. */
static int load(struct oci_image *image, const struct candidate *candidate, struct arena *arena, struct err *err)
{
    struct str manifest_bytes = STR_NONE;
    const struct oci_files *files = image->source->files;
    image->manifest_descriptor = candidate->descriptor;
    int r = oci_source_blob_read(files, &candidate->descriptor, LIMIT_MANIFEST_BYTES, arena, &manifest_bytes, err);
    if (r == 0)
        r = oci_manifest_read(manifest_bytes, arena, &image->manifest, err);
    if (r == 0)
        r = oci_source_blob_read(files, &image->manifest.config, LIMIT_CONFIG_BYTES, arena, &image->config_bytes, err);
    if (r != 0)
        return r;
    image->has_manifest = true;
    image->config_digest = image->manifest.config.digest;
    r = oci_config_read(image->config_bytes, arena, &image->config, err);
    if (r != 0)
        err_wrap(err, "the image's config");
    return r;
}

/* What a candidate runs on, from its descriptor or else from its config. */
static int platform_of(struct oci_image *image, struct candidate *candidate, struct err *err)
{
    CLEANUP_ARENA struct arena scratch_arena = ARENA_INIT;
    struct oci_image scratch = {.source = image->source};
    struct arena *arena = image->source->arena;
    if (candidate->descriptor.platform.os.len > 0)
        return 0;
    int r = load(&scratch, candidate, &scratch_arena, err);
    if (r != 0)
        return r;
    const struct oci_platform *found = &scratch.config.platform;
    struct oci_platform copy = {arena_str(arena, found->os), arena_str(arena, found->architecture),
                                arena_str(arena, found->variant), arena_str(arena, found->os_version)};
    if (!copy.os.ptr || !copy.architecture.ptr || !copy.variant.ptr || !copy.os_version.ptr)
        return err_nomem(err);
    candidate->descriptor.platform = copy;
    return 0;
}

static int narrow_by_platform(struct finder *finder, const struct oci_platform *platform, struct err *err)
{
    for (size_t i = 0; platform && i < finder->found.len; i++) {
        struct candidate *candidate = &finder->found.ptr[i];
        if (candidate->dropped)
            continue;
        int r = platform_of(finder->image, candidate, err);
        if (r != 0)
            return r;
        if (!oci_platform_matches(&candidate->descriptor.platform, platform))
            drop(finder, i);
    }
    return 0;
}

static bool same_index(const struct candidate *a, const struct candidate *b)
{
    return a->in_index && b->in_index && digest_eq(&a->index, &b->index);
}

/* One image for several machines, whatever its names are: all that are left are of one index. */
static bool is_one_index(const struct finder *finder)
{
    const struct candidate *first = NULL;
    for (size_t i = 0; i < finder->found.len; i++) {
        const struct candidate *candidate = &finder->found.ptr[i];
        if (candidate->dropped)
            continue;
        if (first && !same_index(first, candidate))
            return false;
        first = first ? first : candidate;
    }
    return first && first->in_index;
}

/* Nobody asked for a platform: of an image for several machines it is this machine's, if there is one. */
static int narrow_to_host(struct finder *finder, struct err *err)
{
    const struct oci_platform host = oci_platform_host();
    bool fits = false;
    if (!is_one_index(finder))
        return 0;
    for (size_t i = 0; i < finder->found.len; i++) {
        struct candidate *candidate = &finder->found.ptr[i];
        int r = candidate->dropped ? 0 : platform_of(finder->image, candidate, err);
        if (r != 0)
            return r;
        fits |= !candidate->dropped && oci_platform_matches(&candidate->descriptor.platform, &host);
    }
    return fits ? narrow_by_platform(finder, &host, err) : 0;
}

/* The first that is left; NULL when none is, or when they are different images (one may have several names). */
static const struct candidate *only_one(const struct finder *finder)
{
    const struct candidate *first = NULL;
    for (size_t i = 0; i < finder->found.len; i++) {
        const struct candidate *candidate = &finder->found.ptr[i];
        if (candidate->dropped)
            continue;
        if (first && !digest_eq(&candidate->descriptor.digest, &first->descriptor.digest))
            return NULL;
        first = first ? first : candidate;
    }
    return first;
}

/* What is left, or all when nothing is. */
static void list_candidates(struct finder *finder, struct buf *out)
{
    size_t listed = 0;
    for (size_t i = 0; i < finder->found.len; i++) {
        struct candidate *candidate = &finder->found.ptr[i];
        char text[DIGEST_TEXT_MAX];
        if (candidate->dropped && finder->left > 0)
            continue;
        if (listed++ > 0)
            buf_add_z(out, ", ");
        if (listed > LISTED_MAX) {
            buf_add_z(out, "...");
            return;
        }
        if (candidate->name.len > 0)
            buf_add_str(out, candidate->name);
        else
            buf_addf(out, "@%s", digest_text(&candidate->descriptor.digest, text));
        if (platform_of(finder->image, candidate, NULL) == 0) {
            buf_add_z(out, " (");
            oci_platform_text(out, &candidate->descriptor.platform);
            buf_add_char(out, ')');
        }
    }
}

int oci_source_choose(size_t count, struct str wanted, const struct oci_platform *platform, const struct buf *list,
                      struct err *err)
{
    CLEANUP_BUF struct buf asked = BUF_INIT;
    if (wanted.len > 0)
        buf_addf(&asked, " named '%.*s'", STR_ARG(wanted));
    if (platform) {
        buf_add_z(&asked, " for ");
        oci_platform_text(&asked, platform);
    }
    if (count == 0) {
        err_set(err, ERR_NOT_FOUND, "there is no image%s", buf_z(&asked));
        if (list->len > 0)
            err_hint(err, "there is: %s", buf_z(list));
        return -(int)ERR_NOT_FOUND;
    }
    err_set(err, ERR_USAGE, "there are %zu images%s: %s", count, buf_z(&asked), buf_z(list));
    err_hint(err, "name one behind the path (:NAME or :@DIGEST), or choose with --platform");
    return -(int)ERR_USAGE;
}

static int narrow(struct finder *finder, const struct oci_platform *platform, struct err *err)
{
    CLEANUP_BUF struct buf list = BUF_INIT;
    finder->left = finder->found.len;
    narrow_by_name(finder);
    int r = narrow_by_platform(finder, platform, err);
    if (r == 0 && !platform && !only_one(finder))
        r = narrow_to_host(finder, err);
    if (r != 0 || only_one(finder))
        return r;
    list_candidates(finder, &list);
    return oci_source_choose(finder->left, finder->ref, platform, &list, err);
}

static int take_names(struct finder *finder, struct err *err)
{
    struct oci_image *image = finder->image;
    image->names.items = ARENA_ARRAY(image->source->arena, finder->found.len, struct str);
    if (!image->names.items)
        return err_nomem(err);
    for (size_t i = 0; i < finder->found.len; i++)
        if (!finder->found.ptr[i].dropped && finder->found.ptr[i].name.len > 0)
            image->names.items[image->names.count++] = finder->found.ptr[i].name;
    return 0;
}

/* What the index that the image is one of has. */
static int take_platforms(struct finder *finder, const struct candidate *chosen, struct err *err)
{
    struct oci_image *image = finder->image;
    struct arena *arena = image->source->arena;
    if (!chosen || !chosen->in_index)
        return 0;
    image->in_index = true;
    image->index_digest = chosen->index;
    image->platforms.items = ARENA_ARRAY(arena, finder->found.len, struct str);
    if (!image->platforms.items)
        return err_nomem(err);
    for (size_t i = 0; i < finder->found.len; i++) {
        struct candidate *candidate = &finder->found.ptr[i];
        if (!same_index(candidate, chosen) || !str_eq(candidate->name, chosen->name))
            continue;
        CLEANUP_BUF struct buf text = BUF_INIT;
        int r = platform_of(image, candidate, err);
        if (r != 0)
            return r;
        oci_platform_text(&text, &candidate->descriptor.platform);
        struct str copy = arena_buf(arena, &text);
        if (text.failed || !copy.ptr)
            return err_nomem(err);
        image->platforms.items[image->platforms.count++] = copy;
    }
    return 0;
}

int oci_source_make_layers(struct oci_image *image, size_t count, struct err *err)
{
    image->layers = ARENA_ARRAY(image->source->arena, count, struct oci_image_layer);
    image->source->layer_names = ARENA_ARRAY(image->source->arena, count, struct str);
    image->layer_count = count;
    return image->layers && image->source->layer_names ? 0 : err_nomem(err);
}

static int take_layers(struct oci_image *image, struct err *err)
{
    int r = oci_source_make_layers(image, image->manifest.layer_count, err);
    for (size_t i = 0; r == 0 && i < image->layer_count; i++) {
        CLEANUP_BUF struct buf path = BUF_INIT;
        image->layers[i].descriptor = image->manifest.layers[i];
        image->layers[i].has_digest = true;
        oci_blob_path(&path, &image->manifest.layers[i].digest);
        image->source->layer_names[i] = arena_buf(image->source->arena, &path);
        if (path.failed || !image->source->layer_names[i].ptr)
            r = err_nomem(err);
    }
    return r;
}

static int find(struct finder *finder, const struct oci_platform *platform, struct err *err)
{
    struct arena *arena = finder->image->source->arena;
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    struct oci_index index = {0};
    int r = oci_files_read(finder->image->source->files, STR("index.json"), LIMIT_MANIFEST_BYTES, &bytes, err);
    struct str copy = r == 0 ? arena_buf(arena, &bytes) : STR_NONE;
    if (r == 0 && !copy.ptr)
        r = err_nomem(err);
    if (r == 0) {
        r = oci_index_read(copy, arena, &index, err);
        if (r != 0)
            err_wrap(err, "'index.json'");
    }
    if (r == 0)
        r = collect(finder, &index, NULL, 0, err);
    if (r == 0)
        r = narrow(finder, platform, err);
    if (r == 0)
        r = take_names(finder, err);
    if (r == 0)
        r = take_platforms(finder, only_one(finder), err);
    return r != 0 ? r : load(finder->image, only_one(finder), arena, err);
}

int oci_source_open_layout(struct oci_image *image, struct str ref, const struct oci_platform *platform,
                           struct err *err)
{
    struct finder finder = {.image = image, .ref = ref};
    if (str_starts(ref, STR("@"))) {
        finder.by_digest = digest_parse(str_skip(ref, 1), &finder.ref_digest);
        if (!finder.by_digest)
            return err_set(err, ERR_USAGE, "'%.*s' is no digest", STR_ARG(ref));
    }
    int r = find(&finder, platform, err);
    VEC_DONE(&finder.found);
    VEC_DONE(&finder.indexes);
    return r != 0 ? r : take_layers(image, err);
}

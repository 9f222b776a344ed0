/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/layer.h"

#include "base/alloc.h"
#include "base/num.h"
#include "io/file.h"
#include "io/store.h"
#include "io/tar.h"
#include "io/writer.h"
#include "oci/layer_write.h"

#include <stdio.h>
#include <unistd.h>

#define LAYER_IN_MEMORY_BYTES (512ULL << 20) /* tar size up to which the compressed layer is kept in memory */

void layer_done(struct layer *layer)
{
    if (layer->mapped)
        file_unmap(layer->blob);
    mem_free(layer->memory);
    *layer = (struct layer){0};
}

uint64_t layer_tree_bytes(const struct tree *tree)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        if (node->type == TREE_FILE)
            bytes += node->size_bytes;
    }
    return bytes;
}

/* Takes BELOW. */
static int write_layer(const struct op_ctx *ctx, struct pool *pool, int level, const struct tree *tree,
                       struct writer *below, struct layer *layer, struct err *err)
{
    struct oci_layer_written written;
    int r = oci_layer_write(tree, layer->compression, level, pool, ctx, below, &written, err);
    if (r < 0)
        return r;
    layer->digest = written.descriptor.digest;
    layer->diff_id = written.diff_id;
    layer->tar_bytes = written.tar_bytes;
    return 0;
}

static int make_in_memory(const struct op_ctx *ctx, struct pool *pool, int level, const struct tree *tree,
                          struct layer *layer, struct err *err)
{
    struct buf blob CLEANUP_BUF = BUF_INIT;
    struct writer *below;
    int r = buf_writer_new(&blob, &below, err);
    if (r == 0)
        r = write_layer(ctx, pool, level, tree, below, layer, err);
    if (r == 0)
        r = buf_check(&blob, err);
    if (r < 0)
        return r;
    size_t len = 0;
    layer->memory = buf_take(&blob, &len);
    layer->blob = str_of(layer->memory, len);
    return 0;
}

static int make_in_store(const struct op_ctx *ctx, struct store *store, struct pool *pool, int level,
                         const struct tree *tree, struct layer *layer, struct err *err)
{
    char key[64];
    (void)snprintf(key, sizeof(key), "part-%ld-%lx", (long)getpid(), (unsigned long)(uintptr_t)tree); /* two at once */
    struct writer *below;
    int r = store_writer_new(store, "layer", key, &below, err);
    if (r == 0)
        r = write_layer(ctx, pool, level, tree, below, layer, err);
    if (r < 0)
        return r;
    layer->mapped = store_map(store, "layer", key, &layer->blob);
    store_remove(store, "layer", key);
    if (!layer->mapped)
        return err_set(err, ERR_IO, "the layer vanished from the cache '%s' while it was made", store_dir(store));
    return 0;
}

int layer_make(const struct op_ctx *ctx, struct store *store, struct pool *pool, enum compression compression,
               int level, const struct tree *tree, struct layer *ret_layer, struct err *err)
{
    struct layer layer = {.compression = compression, .unpacked_bytes = layer_tree_bytes(tree)};
    for (size_t i = 0; i < tree_count(tree); i++)
        layer.files += tree_at(tree, i)->path.len > 0;
    bool small = tar_tree_size(tree) <= LAYER_IN_MEMORY_BYTES;
    int r = small ? make_in_memory(ctx, pool, level, tree, &layer, err)
                  : make_in_store(ctx, store, pool, level, tree, &layer, err);
    if (r < 0) {
        layer_done(&layer);
        return r;
    }
    *ret_layer = layer;
    return 0;
}

/*
 * The facts of a kept layer: one line, "barehull-layer 1 DIGEST DIFF_ID TAR_BYTES UNPACKED_BYTES FILES\n".
 */
static bool parse_facts(struct str text, struct layer *layer)
{
    struct str word[7];
    for (size_t i = 0; i < ARRAY_LEN(word); i++)
        if (!str_next_word(&text, &word[i]))
            return false;
    return str_eq(word[0], STR("barehull-layer")) && str_eq(word[1], STR("1")) &&
           digest_parse(word[2], &layer->digest) && digest_parse(word[3], &layer->diff_id) &&
           num_parse_u64(word[4], &layer->tar_bytes) && num_parse_u64(word[5], &layer->unpacked_bytes) &&
           num_parse_u64(word[6], &layer->files);
}

bool layer_load(struct store *store, const char *key, enum compression compression, struct layer *ret_layer)
{
    struct layer layer = {.compression = compression, .mapped = true, .cached = true};
    char name[256];
    struct str facts;
    (void)snprintf(name, sizeof(name), "%s.facts", key);
    if (!store_map(store, "layer", name, &facts))
        return false;
    bool parsed = parse_facts(facts, &layer);
    file_unmap(facts);
    if (!parsed || !store_map(store, "layer", key, &layer.blob))
        return false;
    struct digest actual = digest_of(layer.digest.algorithm, layer.blob);
    if (!digest_eq(&actual, &layer.digest)) {
        file_unmap(layer.blob);
        return false;
    }
    *ret_layer = layer;
    return true;
}

int layer_save(struct store *store, const char *key, const struct layer *layer, struct err *err)
{
    char digest[DIGEST_TEXT_MAX], diff_id[DIGEST_TEXT_MAX], name[256];
    struct buf facts CLEANUP_BUF = BUF_INIT;
    buf_addf(&facts, "barehull-layer 1 %s %s %llu %llu %llu\n", digest_text(&layer->digest, digest),
             digest_text(&layer->diff_id, diff_id), (unsigned long long)layer->tar_bytes,
             (unsigned long long)layer->unpacked_bytes, (unsigned long long)layer->files);
    (void)snprintf(name, sizeof(name), "%s.facts", key);
    int r = buf_check(&facts, err);
    if (r == 0)
        r = store_put(store, "layer", key, layer->blob, err);
    if (r == 0)
        r = store_put(store, "layer", name, buf_str(&facts), err);
    return r;
}

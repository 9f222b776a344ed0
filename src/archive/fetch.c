/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/download.h"
#include "archive/internal.h"
#include "base/limits.h"
#include "base/path.h"
#include "io/file.h"
#include "io/reader.h"
#include "io/writer.h"

#include <stdio.h>
#include <string.h>

/* One package that is asked for. */
struct want {
    const struct archive *archive;
    const struct package *package;
    char key[DIGEST_TEXT_MAX];
    struct index_block block; /* the cached form */
    bool fetch;
    uint64_t downloaded_bytes;
};

struct batch {
    struct archive *archive;
    struct want *wants;
    struct download *downloads;
    size_t count;
    const struct op_ctx *ctx;
};

static void batch_done(struct batch *batch)
{
    for (size_t i = 0; i < batch->count && batch->wants; i++)
        index_block_done(&batch->wants[i].block);
    mem_free(batch->wants);
    mem_free(batch->downloads);
}

/* The cached form of a package that was fetched and verified earlier. */
static bool find(struct want *want)
{
    struct str bytes;
    if (!store_map(want->archive->options.store, DEB_CACHE_KIND, want->key, &bytes))
        return false;
    want->block = (struct index_block){.bytes = bytes, .mapped = true, .memory = BUF_INIT};
    return true;
}

static int unpack_into(struct str body, const char *name, struct writer *writer, const struct op_ctx *ctx,
                       struct err *err)
{
    struct reader *reader CLEANUP_READER = NULL;
    int rc = mem_reader_new(body, &reader, err);
    if (rc == 0)
        rc = deb_unpack(reader, name, writer, ctx, err);
    if (rc == 0)
        return writer_close(writer, err);
    writer_cancel(writer);
    return rc;
}

static int unpack_to_memory(struct want *want, struct str body, const char *name, const struct op_ctx *ctx,
                            struct err *err)
{
    struct writer *writer = NULL;
    int rc = buf_writer_new(&want->block.memory, &writer, err);
    if (rc == 0)
        rc = unpack_into(body, name, writer, ctx, err);
    if (rc == 0)
        want->block.bytes = buf_str(&want->block.memory);
    return rc;
}

/* Into the store; into memory where there is none, or when it was cleared that very moment. */
static int unpack(struct download *download, struct buf *body, const struct op_ctx *ctx, struct err *err)
{
    struct want *want = download->owner;
    struct store *store = want->archive->options.store;
    struct writer *writer = NULL;
    char name[256];
    (void)snprintf(name, sizeof(name), "%.*s", STR_ARG(download->label));
    want->downloaded_bytes = body->len;
    if (store) {
        int rc = store_writer_new(store, DEB_CACHE_KIND, want->key, &writer, err);
        if (rc == 0)
            rc = unpack_into(buf_str(body), name, writer, ctx, err);
        if (rc != 0 || find(want))
            return rc;
    }
    return unpack_to_memory(want, buf_str(body), name, ctx, err);
}

static int prepare(struct want *want, struct download *download, struct arena *arena, struct err *err)
{
    const struct package *package = want->package;
    const struct indexes *indexes = &want->archive->indexes;
    uint32_t input = package->input < indexes->input_count ? package->input : 0;
    const struct archive_place *place = want->archive->releases.ptr[indexes->input_release[input]].place;
    struct buf url CLEANUP_BUF = BUF_INIT;
    if (!path_is_clean_relative(package->filename))
        return err_set(err, ERR_INVALID, "package '%.*s' has the file name '%.*s', which is not below the archive",
                       STR_ARG(package->name), STR_ARG(package->filename));
    if (package->size_bytes > LIMIT_DEB_BYTES)
        return err_set(err, ERR_LIMIT, "package '%.*s' is larger than %llu bytes", STR_ARG(package->name),
                       LIMIT_DEB_BYTES);
    buf_add_str(&url, place->base_uri);
    download_add_path(&url, package->filename);
    const char *text = url.failed ? NULL : arena_z(arena, buf_str(&url));
    if (!text)
        return err_nomem(err);
    *download = (struct download){
        .url = text,
        .label = path_base(package->filename),
        .size_bytes = package->size_bytes,
        .digest = package->digest,
        .use = unpack,
        .owner = want,
    };
    return 0;
}

static int offline(const struct package *package, struct err *err)
{
    err_set(err, ERR_OFFLINE, "package '%.*s' %.*s is not in the cache", STR_ARG(package->name),
            STR_ARG(package->version));
    return err_hint(err, "run once without --offline, so that it is fetched");
}

static void add_hint(struct err *err)
{
    if (!err || err->hint[0] != '\0')
        return;
    if (err->code == ERR_NOT_FOUND)
        err_hint(err, "the mirror has moved on since its index was fetched: try again, or name another mirror");
    else if (err->code == ERR_NETWORK)
        err_hint(err, "check the connection and the proxy (http_proxy), or name another mirror: --mirror URL");
}

/* Fetches the wants that have FETCH set. */
static int fetch(struct batch *batch, struct err *err)
{
    const struct archive_options *options = &batch->archive->options;
    size_t len = 0;
    int rc = 0;
    for (size_t i = 0; i < batch->count && rc == 0; i++) {
        if (!batch->wants[i].fetch)
            continue;
        if (options->offline)
            return offline(batch->wants[i].package, err);
        rc = prepare(&batch->wants[i], &batch->downloads[len++], batch->ctx->arena, err);
    }
    if (rc == 0 && len > 0)
        rc = downloads_run(batch->downloads, len, options->transport, options->pool, batch->ctx, err);
    if (rc == 0)
        rc = downloads_check(batch->downloads, len, err);
    if (rc != 0)
        add_hint(err);
    return rc;
}

static int open_fetched(struct batch *batch, struct archive_fetched *fetched, struct err *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct want *want = &batch->wants[i];
        if (!want->fetch)
            continue;
        int rc = deb_package_open(want->block.bytes, batch->ctx->arena, &fetched[i].deb, err);
        if (rc != 0)
            return rc;
        fetched[i].downloaded_bytes = want->downloaded_bytes;
    }
    return 0;
}

/* The mappings live as long as the archive. */
static int keep_blocks(struct batch *batch, struct err *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct index_block *block = VEC_ADD(&batch->archive->debs);
        if (!block)
            return err_nomem(err);
        *block = batch->wants[i].block;
        batch->wants[i].block = (struct index_block){.memory = BUF_INIT};
    }
    return 0;
}

/* Opens what is in the cache; what is damaged there is made anew. */
static int look(struct batch *batch, const struct package *packages, struct archive_fetched *fetched, struct err *err)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct want *want = &batch->wants[i];
        char hex[DIGEST_TEXT_MAX];
        want->archive = batch->archive;
        want->package = &packages[i];
        (void)snprintf(want->key, sizeof(want->key), "%s-%s", digest_name(packages[i].digest.algorithm),
                       digest_hex(&packages[i].digest, hex));
        want->fetch = !find(want);
        if (want->fetch)
            continue;
        int rc = deb_package_open(want->block.bytes, batch->ctx->arena, &fetched[i].deb, err);
        if (rc == -ERR_INVALID) {
            index_block_done(&want->block);
            store_remove(batch->archive->options.store, DEB_CACHE_KIND, want->key);
            want->fetch = true;
        } else if (rc != 0) {
            return rc;
        }
        fetched[i].from_cache = !want->fetch;
    }
    return 0;
}

int archive_fetch(struct archive *archive, const struct package *packages, size_t count, const struct op_ctx *ctx,
                  struct archive_fetched *ret_fetched, struct err *err)
{
    struct batch batch CLEANUP(batch_done) = {
        .archive = archive,
        .wants = mem_calloc(count + 1, sizeof(struct want)),
        .downloads = mem_calloc(count + 1, sizeof(struct download)),
        .count = count,
        .ctx = ctx,
    };
    struct archive_fetched *fetched CLEANUP_MEM = mem_calloc(count + 1, sizeof(*fetched));
    if (!batch.wants || !batch.downloads || !fetched)
        return err_nomem(err);
    int rc = look(&batch, packages, fetched, err);
    if (rc == 0)
        rc = fetch(&batch, err);
    if (rc == 0)
        rc = open_fetched(&batch, fetched, err);
    if (rc == 0)
        rc = keep_blocks(&batch, err);
    if (rc != 0)
        return rc;
    memcpy(ret_fetched, fetched, count * sizeof(*fetched));
    return 0;
}

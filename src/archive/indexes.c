/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/indexes.h"

#include "archive/download.h"
#include "archive/index_choice.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "io/file.h"
#include "io/reader.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* One file on its way. */
struct part {
    struct index_file file;
    const char *name; /* for messages */
    struct buf bytes; /* Packages: expanded; Contents: as fetched */
    struct assembly *assembly;
};

/* Both indexes in the making. */
struct assembly {
    const struct archive_options *options;
    const struct inreleases *releases;
    const struct op_ctx *ctx;
    struct index_files package_files, contents_files;
    struct part *parts; /* package_files.len of Packages, then those of Contents */
    size_t part_count;
    bool make_packages, make_sonames;
    atomic_size_t packages_left, contents_left;
    struct buf packages, sonames; /* what was built */
};

void index_block_done(struct index_block *block)
{
    if (block->mapped)
        file_unmap(block->bytes);
    buf_done(&block->memory);
    *block = (struct index_block){.bytes = STR_NONE, .memory = BUF_INIT};
}

static int reader_of(const struct part *part, struct str bytes, struct reader **ret_reader, struct err *err)
{
    struct reader *source CLEANUP_READER = NULL;
    int rc = mem_reader_new(bytes, &source, err);
    if (rc == 0)
        rc = decompress_reader_new(part->file.compression, source, ret_reader, err);
    if (rc == 0)
        (void)TAKE_PTR(source);
    return rc;
}

static int build_packages(struct assembly *assembly, struct err *err)
{
    size_t count = assembly->package_files.len;
    struct packages_input *inputs CLEANUP_MEM = mem_calloc(count + 1, sizeof(*inputs));
    if (!inputs)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        const struct part *part = &assembly->parts[i];
        inputs[i] = (struct packages_input){
            .text = buf_str(&part->bytes),
            .name = part->name,
            .not_automatic = assembly->releases->ptr[part->file.release].release.not_automatic,
        };
    }
    return packages_build(inputs, count, &assembly->packages, err);
}

/* The index is built by whichever job expands the last text. */
static int packages_part_done(struct part *part, struct err *err)
{
    return atomic_fetch_sub(&part->assembly->packages_left, 1) == 1 ? build_packages(part->assembly, err) : 0;
}

static int expand_packages(struct download *download, struct buf *body, const struct op_ctx *ctx, struct err *err)
{
    struct part *part = download->owner;
    struct reader *reader CLEANUP_READER = NULL;
    uint64_t limit = part->file.unpacked_bytes ? part->file.unpacked_bytes : LIMIT_INDEX_BYTES;
    (void)ctx;
    if (limit > LIMIT_INDEX_BYTES)
        return err_set(err, ERR_LIMIT, "'%s' is larger than %llu bytes", part->name, LIMIT_INDEX_BYTES);
    if (part->file.compression == COMPRESS_NONE) {
        part->bytes = *body;
        *body = BUF_INIT;
        return packages_part_done(part, err);
    }
    int rc = reader_of(part, buf_str(body), &reader, err);
    if (rc == 0 && part->file.unpacked_bytes > 0 && !buf_reserve(&part->bytes, (size_t)part->file.unpacked_bytes + 1))
        rc = err_nomem(err);
    if (rc == 0)
        rc = reader_read_all(reader, limit, &part->bytes, err);
    return rc == 0 ? packages_part_done(part, err) : err_wrap(err, "'%s'", part->name);
}

static int feed_contents(const struct part *part, struct sonames_builder *builder, const struct op_ctx *ctx,
                         struct err *err)
{
    enum { PIECE = 1 << 18 };
    struct reader *reader CLEANUP_READER = NULL;
    char *piece CLEANUP_MEM = mem_alloc(PIECE);
    uint64_t total = 0;
    size_t got = 0;
    int rc = piece ? reader_of(part, buf_str(&part->bytes), &reader, err) : err_nomem(err);
    while (rc == 0) {
        rc = reader_read(reader, piece, PIECE, &got, err);
        if (rc != 0 || got == 0)
            break;
        total += got;
        if (total > LIMIT_INDEX_BYTES)
            return err_set(err, ERR_LIMIT, "'%s' is larger than %llu bytes", part->name, LIMIT_INDEX_BYTES);
        rc = sonames_builder_feed(builder, piece, got, err);
        if (rc == 0)
            rc = op_check(ctx, err);
    }
    if (rc == 0)
        rc = sonames_builder_end_text(builder, err);
    return rc == 0 || rc == -ERR_CANCELLED ? rc : err_wrap(err, "'%s'", part->name);
}

static int build_sonames(struct assembly *assembly, struct err *err)
{
    struct sonames_builder *builder CLEANUP_SONAMES_BUILDER = NULL;
    int rc = sonames_builder_new(index_triplet(assembly->options->architecture), &builder, err);
    for (size_t i = assembly->package_files.len; i < assembly->part_count && rc == 0; i++)
        rc = feed_contents(&assembly->parts[i], builder, assembly->ctx, err);
    return rc == 0 ? sonames_builder_finish(builder, &assembly->sonames, err) : rc;
}

/* Contents are expanded in their order, by whichever job sees the last one come. */
static int keep_contents(struct download *download, struct buf *body, const struct op_ctx *ctx, struct err *err)
{
    struct part *part = download->owner;
    (void)ctx;
    part->bytes = *body;
    *body = BUF_INIT;
    if (atomic_fetch_sub(&part->assembly->contents_left, 1) == 1)
        return build_sonames(part->assembly, err);
    return 0;
}

static int prepare_part(struct assembly *assembly, size_t i, bool contents, struct arena *arena,
                        struct download *download, struct err *err)
{
    struct part *part = &assembly->parts[i];
    part->file =
        contents ? assembly->contents_files.ptr[i - assembly->package_files.len] : assembly->package_files.ptr[i];
    part->assembly = assembly;
    *download = (struct download){
        .size_bytes = part->file.file->size_bytes,
        .digest = part->file.file->digest,
        .use = contents ? keep_contents : expand_packages,
        .owner = part,
    };
    if (download->size_bytes > LIMIT_INDEX_BYTES)
        return err_set(err, ERR_LIMIT, "'%.*s' is larger than %llu bytes", STR_ARG(part->file.file->path),
                       LIMIT_INDEX_BYTES);
    const struct inrelease *in = &assembly->releases->ptr[part->file.release];
    part->name = arena_printf(arena, "%.*s of %.*s", STR_ARG(part->file.file->path), STR_ARG(in->place->suite));
    if (!part->name)
        return err_nomem(err);
    download->label = str_z(part->name);
    return index_file_urls(assembly->releases, &part->file, arena, &download->url, &download->other_url, err);
}

static int offline(const struct archive_options *options, const char *what, struct err *err)
{
    err_set(err, ERR_OFFLINE, "the %s of the archive for '%.*s' is not in the cache", what,
            STR_ARG(options->architecture));
    return err_hint(err, "run once without --offline, so that it is fetched");
}

static bool may_be_outdated(const struct download *downloads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (downloads[i].err.code == ERR_NOT_FOUND || downloads[i].err.code == ERR_DIGEST)
            return true;
    return false;
}

/* Downloads and builds what is wanted. */
static int assemble(struct assembly *assembly, struct arena *arena, bool *ret_outdated, struct err *err)
{
    const struct archive_options *options = assembly->options;
    size_t count = assembly->part_count;
    struct download *downloads CLEANUP_MEM = mem_calloc(count + 1, sizeof(*downloads));
    assembly->parts = mem_calloc(count + 1, sizeof(*assembly->parts));
    if (!downloads || !assembly->parts)
        return err_nomem(err);
    if (options->offline)
        return offline(options, assembly->make_packages ? "index of packages" : "index of libraries", err);
    atomic_store(&assembly->packages_left, assembly->package_files.len);
    atomic_store(&assembly->contents_left, assembly->contents_files.len);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = prepare_part(assembly, i, i >= assembly->package_files.len, arena, &downloads[i], err);
    if (rc == 0)
        rc = downloads_run(downloads, count, options->transport, options->pool, assembly->ctx, err);
    if (rc == 0) {
        rc = downloads_check(downloads, count, err);
        *ret_outdated = rc != 0 && may_be_outdated(downloads, count);
    }
    if (rc == 0 && assembly->make_sonames && assembly->contents_files.len == 0)
        rc = build_sonames(assembly, err);
    return rc;
}

/* --- the store ------------------------------------------------------------------------------------------------- */

/* A file beside the index names the one in use, so that its successor can remove it. */
static void forget_previous(const struct archive_options *options, const struct inreleases *releases, const char *kind,
                            const char *key)
{
    struct digester digester;
    char name[DIGEST_TEXT_MAX + 8];
    char hex[DIGEST_TEXT_MAX];
    digester_init(&digester, DIGEST_SHA256);
    for (size_t i = 0; i < releases->len; i++) {
        digester_update(&digester, releases->ptr[i].place->dist_uri.ptr, releases->ptr[i].place->dist_uri.len);
        for (size_t c = 0; c < releases->ptr[i].place->components.len; c++) {
            struct str component = releases->ptr[i].place->components.ptr[c];
            digester_update(&digester, component.ptr, component.len);
        }
    }
    digester_update(&digester, options->architecture.ptr, options->architecture.len);
    struct digest digest = digester_final(&digester);
    (void)snprintf(name, sizeof(name), "%.40s.now", digest_hex(&digest, hex));
    struct str before;
    if (store_map(options->store, kind, name, &before)) {
        char old[DIGEST_TEXT_MAX];
        struct str trimmed = str_trim(before);
        (void)snprintf(old, sizeof(old), "%.*s", STR_ARG(str_head(trimmed, 64)));
        file_unmap(before);
        if (strlen(old) == 64 && strcmp(old, key) != 0)
            store_remove(options->store, kind, old);
    }
    (void)store_put(options->store, kind, name, str_z(key), NULL);
}

static bool from_store(const struct archive_options *options, const char *kind, const char *key,
                       struct index_block *block)
{
    struct str bytes;
    if (!store_map(options->store, kind, key, &bytes))
        return false;
    struct packages packages;
    struct sonames sonames;
    bool fine = strcmp(kind, INDEX_CACHE_KIND) == 0 ? packages_open(bytes, &packages, NULL) == 0
                                                    : sonames_open(bytes, &sonames, NULL) == 0;
    if (!fine) {
        file_unmap(bytes);
        store_remove(options->store, kind, key);
        return false;
    }
    *block = (struct index_block){.bytes = bytes, .mapped = true, .memory = BUF_INIT};
    return true;
}

static int to_store(const struct assembly *assembly, const char *kind, const char *key, struct buf *built,
                    struct index_block *block, struct err *err)
{
    int rc = store_put(assembly->options->store, kind, key, buf_str(built), err);
    if (rc != 0)
        return rc;
    forget_previous(assembly->options, assembly->releases, kind, key);
    block->memory = *built;
    *built = BUF_INIT;
    block->bytes = buf_str(&block->memory);
    return 0;
}

static int note_inputs(const struct index_files *files, struct arena *arena, struct indexes *indexes, struct err *err)
{
    indexes->input_release = ARENA_ARRAY(arena, files->len + 1, uint32_t);
    if (!indexes->input_release)
        return err_nomem(err);
    for (size_t i = 0; i < files->len; i++)
        indexes->input_release[i] = files->ptr[i].release;
    indexes->input_count = files->len;
    return 0;
}

/* Chooses the files, takes from the store what is there, and makes the rest. */
static int get(struct assembly *assembly, struct arena *arena, struct indexes *indexes, bool *ret_outdated,
               struct err *err)
{
    const struct archive_options *options = assembly->options;
    char packages_key[DIGEST_TEXT_MAX] = "", sonames_key[DIGEST_TEXT_MAX] = "";
    int rc = 0;
    if (assembly->make_packages) {
        rc = index_choose_packages(options, assembly->releases, arena, &assembly->package_files, err);
        if (rc == 0)
            rc = note_inputs(&assembly->package_files, arena, indexes, err);
        memcpy(packages_key, assembly->package_files.key, sizeof(packages_key));
        if (rc == 0 && from_store(options, INDEX_CACHE_KIND, packages_key, &indexes->packages)) {
            assembly->make_packages = false;
            assembly->package_files.len = 0;
        }
    }
    if (rc == 0 && assembly->make_sonames) {
        rc = index_choose_contents(options, assembly->releases, arena, &assembly->contents_files, err);
        memcpy(sonames_key, assembly->contents_files.key, sizeof(sonames_key));
        if (rc == 0 && from_store(options, SONAME_CACHE_KIND, sonames_key, &indexes->sonames)) {
            assembly->make_sonames = false;
            assembly->contents_files.len = 0;
        }
    }
    if (rc != 0 || (!assembly->make_packages && !assembly->make_sonames))
        return rc;
    assembly->part_count = assembly->package_files.len + assembly->contents_files.len;
    rc = assemble(assembly, arena, ret_outdated, err);
    if (rc == 0 && assembly->make_packages)
        rc = to_store(assembly, INDEX_CACHE_KIND, packages_key, &assembly->packages, &indexes->packages, err);
    if (rc == 0 && assembly->make_sonames)
        rc = to_store(assembly, SONAME_CACHE_KIND, sonames_key, &assembly->sonames, &indexes->sonames, err);
    return rc;
}

int indexes_get(const struct archive_options *options, const struct inreleases *releases, bool packages, bool sonames,
                struct arena *arena, const struct op_ctx *ctx, struct indexes *ret_indexes, bool *ret_outdated,
                struct err *err)
{
    struct assembly assembly = {
        .options = options,
        .releases = releases,
        .ctx = ctx,
        .make_packages = packages,
        .make_sonames = sonames,
    };
    struct indexes indexes = {0};
    *ret_outdated = false;
    int rc = get(&assembly, arena, &indexes, ret_outdated, err);
    for (size_t i = 0; i < assembly.part_count && assembly.parts; i++)
        buf_done(&assembly.parts[i].bytes);
    mem_free(assembly.parts);
    buf_done(&assembly.packages);
    buf_done(&assembly.sonames);
    if (rc != 0) {
        index_block_done(&indexes.packages);
        index_block_done(&indexes.sonames);
        return rc;
    }
    if (packages) {
        ret_indexes->packages = indexes.packages;
        ret_indexes->input_release = indexes.input_release;
        ret_indexes->input_count = indexes.input_count;
    }
    if (sonames)
        ret_indexes->sonames = indexes.sonames;
    return 0;
}

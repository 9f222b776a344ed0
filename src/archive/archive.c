/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/archive.h"

#include "archive/index_choice.h"
#include "archive/internal.h"
#include "base/alloc.h"

void archive_free(struct archive *archive)
{
    if (!archive)
        return;
    for (size_t i = 0; i < archive->debs.len; i++)
        index_block_done(&archive->debs.ptr[i]);
    VEC_DONE(&archive->debs);
    index_block_done(&archive->indexes.packages);
    index_block_done(&archive->indexes.sonames);
    inreleases_done(&archive->releases);
    arena_done(&archive->arena);
    mem_free(archive);
}

void archive_cleanup(struct archive **archive)
{
    archive_free(*archive);
}

/* --- opening --------------------------------------------------------------------------------------------------- */

static bool any_unasked(const struct inreleases *releases)
{
    for (size_t i = 0; i < releases->len; i++)
        if (releases->ptr[i].used && !releases->ptr[i].asked)
            return true;
    return false;
}

/* Releases and indexes; when an index is gone or changed and the Releases were not just fetched, all of it once more.
 */
static int load(struct archive *archive, const struct op_ctx *ctx, struct err *err)
{
    for (unsigned round = 0;; round++) {
        bool outdated = false;
        int rc = inreleases_get(&archive->options, &archive->places, round > 0, &archive->arena, ctx,
                                &archive->releases, err);
        if (rc == 0)
            rc = indexes_get(&archive->options, &archive->releases, true, archive->options.want_sonames,
                             &archive->arena, ctx, &archive->indexes, &outdated, err);
        if (rc == 0 || !outdated || round > 0 || archive->options.offline || !any_unasked(&archive->releases))
            return rc;
        inreleases_done(&archive->releases);
    }
}

static struct str join_components(struct archive *archive, const struct source_words *words)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < words->len; i++) {
        buf_add_z(&text, i > 0 ? " " : "");
        buf_add_str(&text, words->ptr[i]);
    }
    return text.failed ? STR_NONE : arena_str(&archive->arena, buf_str(&text));
}

static int describe(struct archive *archive, struct err *err)
{
    size_t count = archive->releases.len;
    archive->infos = ARENA_ARRAY(&archive->arena, count + 1, struct archive_release);
    archive->info_of_release = ARENA_ARRAY(&archive->arena, count + 1, uint32_t);
    if (!archive->infos || !archive->info_of_release)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        struct inrelease *in = &archive->releases.ptr[i];
        archive->info_of_release[i] = (uint32_t)archive->info_count;
        if (!in->used)
            continue;
        struct str components = join_components(archive, &in->place->components);
        if (!components.ptr)
            return err_nomem(err);
        archive->infos[archive->info_count++] = (struct archive_release){
            .uri = in->place->name,
            .suite = in->place->suite,
            .codename = in->release.codename,
            .origin = in->release.origin,
            .components = components,
            .date_s = in->release.date_s,
            .valid_until_s = in->release.valid_until_s,
            .signer = str_z(in->record.signer),
            .stale = in->stale,
            .digest = in->text_digest,
        };
    }
    return 0;
}

static void digest_text_field(struct digester *digester, struct str text)
{
    digester_update(digester, text.ptr, text.len);
    digester_update(digester, "", 1);
}

static void identify(struct archive *archive)
{
    struct digester digester;
    char text[DIGEST_TEXT_MAX];
    digester_init(&digester, DIGEST_SHA256);
    digest_text_field(&digester, archive->options.architecture);
    for (size_t i = 0; i < archive->info_count; i++) {
        digest_text_field(&digester, archive->infos[i].suite);
        digest_text_field(&digester, archive->infos[i].components);
        digest_text_field(&digester, str_z(digest_text(&archive->infos[i].digest, text)));
    }
    struct digest digest = digester_final(&digester);
    (void)digest_text(&digest, archive->identity);
}

static int open_indexes(struct archive *archive, struct err *err)
{
    int rc = packages_open(archive->indexes.packages.bytes, &archive->packages, err);
    if (rc == 0 && archive->options.want_sonames) {
        rc = sonames_open(archive->indexes.sonames.bytes, &archive->sonames, err);
        archive->has_sonames = rc == 0;
    }
    return rc;
}

int archive_open(const struct archive_options *options, const struct op_ctx *ctx, struct archive **ret_archive,
                 struct err *err)
{
    if (index_triplet(options->architecture).len == 0)
        return err_set(err, ERR_ARCHITECTURE, "Debian has no architecture '%.*s' that barehull knows",
                       STR_ARG(options->architecture));
    struct archive *archive = mem_calloc(1, sizeof(*archive));
    if (!archive)
        return err_nomem(err);
    archive->options = *options;
    int rc = archive_places_choose(&archive->options, &archive->arena, &archive->places, err);
    if (rc == 0)
        rc = load(archive, ctx, err);
    if (rc == 0)
        rc = describe(archive, err);
    if (rc == 0)
        rc = open_indexes(archive, err);
    if (rc != 0) {
        archive_free(archive);
        return rc;
    }
    identify(archive);
    *ret_archive = archive;
    return 0;
}

/* --- what it is ------------------------------------------------------------------------------------------------ */

const char *archive_identity(const struct archive *archive)
{
    return archive->identity;
}

size_t archive_release_count(const struct archive *archive)
{
    return archive->info_count;
}

const struct archive_release *archive_release_at(const struct archive *archive, size_t i)
{
    return &archive->infos[i];
}

struct packages *archive_packages(struct archive *archive)
{
    return &archive->packages;
}

const struct archive_release *archive_release_of(const struct archive *archive, const struct package *package)
{
    uint32_t input = package->input < archive->indexes.input_count ? package->input : 0;
    return &archive->infos[archive->info_of_release[archive->indexes.input_release[input]]];
}

/* --- libraries ------------------------------------------------------------------------------------------------- */

static int need_sonames(struct archive *archive, const struct op_ctx *ctx, struct err *err)
{
    bool outdated;
    if (archive->has_sonames)
        return 0;
    int rc = indexes_get(&archive->options, &archive->releases, false, true, &archive->arena, ctx, &archive->indexes,
                         &outdated, err);
    if (rc == 0)
        rc = sonames_open(archive->indexes.sonames.bytes, &archive->sonames, err);
    archive->has_sonames = rc == 0;
    return rc;
}

int archive_find_soname(struct archive *archive, struct str name, const struct op_ctx *ctx,
                        const struct soname_hit **ret_hits, size_t *ret_count, struct err *err)
{
    int rc = need_sonames(archive, ctx, err);
    if (rc != 0)
        return rc;
    uint32_t first = 0;
    uint32_t found = sonames_find(&archive->sonames, name, &first);
    struct soname_hit *hits = ARENA_ARRAY(ctx->arena, (size_t)found + 1, struct soname_hit);
    if (!hits)
        return err_nomem(err);
    size_t count = 0;
    for (uint32_t i = 0; i < found; i++)
        if (sonames_get(&archive->sonames, first + i, &hits[count]))
            count++;
    rc = sonames_check(&archive->sonames, err);
    if (rc != 0)
        return rc;
    *ret_hits = hits;
    *ret_count = count;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/inrelease.h"

#include "archive/release_judge.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "io/writer.h"

#include <stdio.h>
#include <string.h>

/* A sink in memory that notes when the first and the last byte came. */
struct timed_sink {
    struct writer base;
    struct buf bytes;
    uint64_t first_ns, last_ns;
};

/* What is done for one place. */
struct work {
    struct inrelease *in;
    const struct archive_options *options;
    const struct op_ctx *ctx;
    char key[DIGEST_TEXT_MAX];
    bool cached; /* in->record holds an accepted one */
    bool noted;  /* a companion that was not there at an earlier run */
    bool fetch;
    struct timed_sink sink;
    struct transport_fetch request;
    char condition[160];
    const char *headers[2];
    bool fresh_bytes; /* sink.bytes is a new InRelease, not verified yet */
    struct buf text;  /* what was signed, when it had to be verified */
    struct pool_job job;
    struct err err;
};

static int sink_write(struct writer *writer, const void *data, size_t size, struct err *err)
{
    struct timed_sink *sink = (struct timed_sink *)writer;
    sink->last_ns = clock_monotonic_ns();
    if (sink->first_ns == 0)
        sink->first_ns = sink->last_ns;
    buf_add(&sink->bytes, data, size);
    return buf_check(&sink->bytes, err);
}

static int sink_close(struct writer *writer, struct err *err)
{
    (void)writer;
    (void)err;
    return 0;
}

static void sink_cancel(struct writer *writer)
{
    (void)writer;
}

static const struct writer_ops sink_ops = {.write = sink_write, .close = sink_close, .cancel = sink_cancel};

static bool is_unsigned_allowed(const struct work *work)
{
    return work->options->allow_unsigned && work->in->place->named;
}

static const char *suite_label(const struct work *work, const char *file, struct arena *arena)
{
    struct str suite = work->in->place->suite;
    return arena_printf(arena, "%s of %.*s", file, STR_ARG(suite));
}

/* --- what is there, what has to be asked ----------------------------------------------------------------------- */

static int prepare(struct work *work, bool fresh, struct arena *arena, struct err *err)
{
    const struct archive_options *options = work->options;
    struct inrelease *in = work->in;
    int rc = trust_load(options, in->place, arena, &in->trust, err);
    if (rc != 0 && !is_unsigned_allowed(work))
        return rc;
    release_record_key(in->place->dist_uri, is_unsigned_allowed(work), work->key);
    work->cached = release_record_load(options->store, work->key, arena, &in->record);
    int64_t age_s = work->cached ? options->now_s - in->record.checked_s : -1;
    bool young = age_s >= 0 && (uint64_t)age_s < options->max_age_s && !fresh;
    if (in->place->companion && !work->cached) {
        age_s = release_absence_age(options->store, work->key, options->now_s);
        work->noted = age_s >= 0;
        young = work->noted && (uint64_t)age_s < options->max_age_s && !fresh;
    }
    work->fetch = !options->offline && !young;
    if (work->cached || work->fetch || in->place->companion)
        return 0;
    err_set(err, ERR_OFFLINE, "the InRelease of '%.*s' is not in the cache", STR_ARG(in->place->name));
    return err_hint(err, "run once without --offline, so that it is fetched");
}

static int prepare_request(struct work *work, const char *file, struct arena *arena, struct err *err)
{
    const char *url = arena_printf(arena, "%.*s%s", STR_ARG(work->in->place->dist_uri), file);
    const char *label = suite_label(work, file, arena);
    if (!url || !label)
        return err_nomem(err);
    buf_reset(&work->sink.bytes);
    work->sink.base = (struct writer){.ops = &sink_ops};
    work->headers[0] = NULL;
    if (work->cached && work->in->record.etag[0] != '\0' && strcmp(file, "InRelease") == 0) {
        (void)snprintf(work->condition, sizeof(work->condition), "If-None-Match: %s", work->in->record.etag);
        work->headers[0] = work->condition;
    }
    work->request = (struct transport_fetch){
        .url = url,
        .headers = work->headers,
        .limit_bytes = LIMIT_RELEASE_BYTES,
        .sink = &work->sink.base,
        .label = str_z(label),
    };
    return 0;
}

/* Runs the requests of those works that have FETCH set. */
static int run_requests(struct work *works, size_t count, const struct op_ctx *ctx, struct err *err)
{
    struct transport_fetch *fetches CLEANUP_MEM = mem_calloc(count + 1, sizeof(*fetches));
    if (!fetches)
        return err_nomem(err);
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        if (works[i].fetch)
            fetches[len++] = works[i].request;
    if (len == 0)
        return 0;
    int rc = transport_run(works[0].options->transport, fetches, len, ctx, err);
    for (size_t i = 0, at = 0; i < count && rc == 0; i++)
        if (works[i].fetch)
            works[i].request = fetches[at++];
    return rc;
}

/*
 * The fastest of the answers, between its first and its last byte, doubled: so short a transfer is still gathering
 * speed when it ends.
 */
static double measure_speed(const struct work *works, size_t count)
{
    double best = 0;
    for (size_t i = 0; i < count; i++) {
        const struct timed_sink *sink = &works[i].sink;
        if (sink->bytes.len == 0)
            continue;
        double speed = 2 * (double)sink->bytes.len / ((double)(sink->last_ns - sink->first_ns + 100000) / 1e9);
        best = speed > best ? speed : best;
    }
    return best;
}

/* --- what came back -------------------------------------------------------------------------------------------- */

static int missing(struct work *work, struct arena *arena, struct err *err)
{
    const struct archive_place *place = work->in->place;
    work->fetch = true;
    int rc = prepare_request(work, "Release", arena, err);
    if (rc == 0)
        rc = run_requests(work, 1, work->ctx, err);
    if (rc != 0)
        return rc;
    if (work->request.err.code == ERR_NONE && is_unsigned_allowed(work)) {
        work->fresh_bytes = true;
        return 0;
    }
    if (work->request.err.code == ERR_NONE) {
        err_set(err, ERR_SIGNATURE, "'%.*s' is not signed: it has a Release, but no InRelease", STR_ARG(place->name));
        return err_hint(err, "name another mirror");
    }
    err_set(err, ERR_NOT_FOUND, "suite '%.*s' is not at '%.*s'", STR_ARG(place->suite), STR_ARG(place->name));
    return err_hint(err, "check the address of the mirror and the name of the suite");
}

static int fall_back(struct work *work, struct err *err)
{
    struct inrelease *in = work->in;
    enum err_code code = work->request.err.code;
    bool absent = code == ERR_NOT_FOUND || code == ERR_PERMISSION;
    if (work->cached && (absent || code == ERR_NETWORK)) {
        in->stale = true;
        op_warn(work->ctx, "%s; the copy in the cache is used", work->request.err.message);
        return 0;
    }
    if (in->place->companion && (absent || (work->noted && code == ERR_NETWORK))) {
        if (absent)
            release_absence_note(work->options->store, work->key, work->options->now_s);
        op_warn(work->ctx, "suite '%.*s' is not at '%.*s' and left out; name its mirror to have it",
                STR_ARG(in->place->suite), STR_ARG(in->place->name));
        in->used = false;
        return 0;
    }
    if (err)
        *err = work->request.err;
    if (code == ERR_NETWORK)
        err_hint(err, "check the connection and the proxy (http_proxy), or name another mirror: --mirror URL");
    return -(int)code;
}

static int take_answer(struct work *work, struct arena *arena, struct err *err)
{
    struct inrelease *in = work->in;
    in->used = work->cached || work->fetch;
    if (!work->fetch)
        return 0;
    if (work->request.err.code == ERR_NOT_FOUND && !work->cached && !in->place->companion)
        return missing(work, arena, err);
    if (work->request.err.code != ERR_NONE)
        return fall_back(work, err);
    in->asked = true;
    work->fresh_bytes = work->request.http_status != 304 || !work->cached;
    return 0;
}

/* --- verification ---------------------------------------------------------------------------------------------- */

/* Takes the dash escapes off a text that nobody vouches for. */
static void unescape(struct str text, struct buf *out)
{
    struct str line;
    while (str_next_line(&text, &line)) {
        buf_add_str(out, str_starts(line, STR("- ")) ? str_skip(line, 2) : line);
        buf_add_char(out, '\n');
    }
}

static int take_unsigned(struct work *work, struct str bytes, struct err *err)
{
    struct str text;
    op_warn(work->ctx, "'%.*s' is not verified, because unsigned archives were allowed",
            STR_ARG(work->in->place->name));
    if (signature_frame(bytes, "InRelease", &text, NULL) == 0)
        unescape(text, &work->text);
    else
        buf_add_str(&work->text, bytes);
    return buf_check(&work->text, err);
}

static struct str bytes_of(const struct work *work)
{
    return work->fresh_bytes ? buf_str(&work->sink.bytes) : work->in->record.in_release;
}

static void verify(struct pool_job *job)
{
    struct work *work = (struct work *)((char *)job - offsetof(struct work, job));
    struct inrelease *in = work->in;
    struct str bytes = bytes_of(work);
    struct gpg_verdict verdict = {0};
    char name[512];
    (void)snprintf(name, sizeof(name), "%.*sInRelease", STR_ARG(in->place->name));
    int rc = signature_verify(bytes, name, &in->trust.keys, work->ctx, &work->text, &verdict, &work->err);
    if (rc == -ERR_SIGNATURE && work->err.hint[0] == '\0')
        err_hint(&work->err, "a proxy or a login page may have answered, or the mirror is not to be trusted");
    if (rc == -ERR_SIGNATURE && is_unsigned_allowed(work))
        rc = take_unsigned(work, bytes, &work->err);
    if (rc != 0)
        return;
    work->err = ERR_INIT;
    (void)snprintf(in->record.signer, sizeof(in->record.signer), "%s", verdict.signer);
}

static bool needs_verification(const struct work *work)
{
    const struct inrelease *in = work->in;
    if (!in->used || work->fresh_bytes)
        return in->used;
    struct digest seal = release_seal(&in->trust.digest, work->options->now_s, in->record.in_release, in->record.text);
    return !digest_eq(&seal, &in->record.seal);
}

static int verify_all(struct work *works, size_t count, struct err *err)
{
    struct pool *pool = works[0].options->pool;
    bool *submitted CLEANUP_MEM = mem_calloc(count, sizeof(bool));
    if (!submitted)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        submitted[i] = needs_verification(&works[i]);
        if (submitted[i] && pool)
            pool_submit(pool, &works[i].job);
        else if (submitted[i])
            verify(&works[i].job);
    }
    int rc = 0;
    for (size_t i = 0; i < count; i++) {
        if (submitted[i] && pool)
            pool_wait_job(pool, &works[i].job);
        if (rc == 0 && works[i].err.code != ERR_NONE) {
            if (err)
                *err = works[i].err;
            rc = -(int)works[i].err.code;
        }
    }
    return rc;
}

/* --- judgement and keeping ------------------------------------------------------------------------------------- */

/* Reads the text, judges it, and keeps it as the accepted one. */
static int accept(struct work *work, struct arena *arena, struct err *err)
{
    struct inrelease *in = work->in;
    struct release_record *record = &in->record;
    bool changed = work->text.len > 0;
    int64_t accepted_s = work->cached ? record->date_s : INT64_MIN;
    if (changed) {
        record->text = arena_buf(arena, &work->text);
        record->in_release = arena_str(arena, bytes_of(work));
        if (!record->text.ptr || !record->in_release.ptr)
            return err_nomem(err);
    }
    int rc = release_parse(record->text, arena, &in->release, err);
    if (rc != 0)
        return err_wrap(err, "'%.*s'", STR_ARG(in->place->name));
    rc = release_judge(&in->release, in->place, work->options, accepted_s, work->ctx, err);
    if (rc == -ERR_ARCHITECTURE && in->place->companion) {
        in->used = false;
        return 0;
    }
    if (rc != 0)
        return rc;
    in->text_digest = digest_of(DIGEST_SHA256, record->text);
    if (!changed && !in->asked)
        return 0;
    record->date_s = in->release.date_s;
    if (in->asked)
        record->checked_s = work->options->now_s;
    if (work->fresh_bytes)
        (void)snprintf(record->etag, sizeof(record->etag), "%s", work->request.etag);
    record->seal = release_seal(&in->trust.digest, work->options->now_s, record->in_release, record->text);
    return release_record_save(work->options->store, work->key, record, err);
}

static int get_all(struct work *works, size_t count, bool fresh, struct arena *arena, const struct op_ctx *ctx,
                   double *ret_speed, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = prepare(&works[i], fresh, arena, err);
        if (rc == 0 && works[i].fetch)
            rc = prepare_request(&works[i], "InRelease", arena, err);
    }
    if (rc == 0)
        rc = run_requests(works, count, ctx, err);
    *ret_speed = measure_speed(works, count);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = take_answer(&works[i], arena, err);
    if (rc == 0)
        rc = verify_all(works, count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        if (works[i].in->used)
            rc = accept(&works[i], arena, err);
    return rc;
}

int inreleases_get(const struct archive_options *options, const struct archive_places *places, bool fresh,
                   struct arena *arena, const struct op_ctx *ctx, struct inreleases *ret_releases, struct err *err)
{
    struct work *works CLEANUP_MEM = mem_calloc(places->len + 1, sizeof(*works));
    struct inreleases releases = {.ptr = ARENA_ARRAY(arena, places->len + 1, struct inrelease), .len = places->len};
    if (!works || !releases.ptr)
        return err_nomem(err);
    for (size_t i = 0; i < places->len; i++) {
        releases.ptr[i].place = &places->ptr[i];
        works[i] = (struct work){.in = &releases.ptr[i], .options = options, .ctx = ctx, .job.run = verify};
    }
    int rc = get_all(works, places->len, fresh, arena, ctx, &releases.bytes_per_second, err);
    for (size_t i = 0; i < places->len; i++) {
        buf_done(&works[i].sink.bytes);
        buf_done(&works[i].text);
    }
    if (rc != 0) {
        inreleases_done(&releases);
        return rc;
    }
    *ret_releases = releases;
    return 0;
}

void inreleases_done(struct inreleases *releases)
{
    for (size_t i = 0; i < releases->len; i++)
        trust_done(&releases->ptr[i].trust);
    releases->len = 0;
}

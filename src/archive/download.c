/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/download.h"

#include "base/alloc.h"
#include "io/writer.h"

static int check_body(const struct download *download, struct err *err)
{
    char from[700];
    (void)transport_public_url(str_z(download->on_other ? download->other_url : download->url), from, sizeof(from));
    if (download->body.len != download->size_bytes)
        return err_set(err, ERR_DIGEST, "'%.*s' from '%s' is %zu bytes long, its index says %llu",
                       STR_ARG(download->label), from, download->body.len, (unsigned long long)download->size_bytes);
    struct digest got = digest_of(download->digest.algorithm, buf_str(&download->body));
    if (digest_eq(&got, &download->digest))
        return 0;
    char expected_text[DIGEST_TEXT_MAX], got_text[DIGEST_TEXT_MAX];
    return err_set(err, ERR_DIGEST, "'%.*s' from '%s' is not what its index says: expected %s, got %s",
                   STR_ARG(download->label), from, digest_text(&download->digest, expected_text),
                   digest_text(&got, got_text));
}

static int hint_mirror(struct err *err)
{
    return err_hint(err,
                    "the mirror is being updated, broken or not to be trusted; try again later or name another one");
}

static void run_job(struct pool_job *job)
{
    struct download *download = (struct download *)((char *)job - offsetof(struct download, job));
    if (op_check(download->ctx, &download->err) == 0) {
        if (check_body(download, &download->err) != 0)
            hint_mirror(&download->err);
        else if (download->use(download, &download->body, download->ctx, &download->err) == 0)
            download->err = ERR_INIT;
    }
    buf_done(&download->body);
}

/* The transport is done with a file: it goes to the pool when it is whole. */
static void on_finished(struct transport_fetch *fetch)
{
    struct download *download = fetch->owner;
    download->err = fetch->err;
    download->begun = download->body.len > 0;
    if (fetch->err.code != ERR_NONE)
        writer_cancel(TAKE_PTR(download->sink));
    else
        (void)writer_close(TAKE_PTR(download->sink), &download->err);
    if (fetch->err.code == ERR_LIMIT) {
        char from[700];
        err_set(&download->err, ERR_DIGEST, "'%.*s' from '%s' is longer than the %llu bytes that its index says",
                STR_ARG(download->label), transport_public_url(str_z(fetch->url), from, sizeof(from)),
                (unsigned long long)download->size_bytes);
        hint_mirror(&download->err);
    }
    if (download->err.code != ERR_NONE)
        return;
    download->submitted = true;
    if (download->pool)
        pool_submit(download->pool, &download->job);
    else
        run_job(&download->job);
}

static void wait_jobs(struct download **batch, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (batch[i]->submitted && batch[i]->pool)
            pool_wait_job(batch[i]->pool, &batch[i]->job);
}

/* Another round may help: the other address, or a body that broke off (the transport retries all else). */
static bool again(struct download *download)
{
    download->rounds++;
    if (download->submitted)
        return false;
    if (download->err.code == ERR_NOT_FOUND && download->other_url && !download->on_other) {
        download->on_other = true;
        return true;
    }
    return download->err.code == ERR_NETWORK && download->begun && download->rounds < DOWNLOAD_ROUNDS;
}

static int prepare(struct download *download, struct transport_fetch *fetch, struct pool *pool,
                   const struct op_ctx *ctx, struct err *err)
{
    buf_reset(&download->body);
    download->err = ERR_INIT;
    download->submitted = false;
    download->ctx = ctx;
    download->pool = pool;
    download->job = (struct pool_job){.run = run_job};
    if (!buf_reserve(&download->body, (size_t)download->size_bytes))
        return err_nomem(err);
    int rc = buf_writer_new(&download->body, &download->sink, err);
    if (rc != 0)
        return rc;
    *fetch = (struct transport_fetch){
        .url = download->on_other ? download->other_url : download->url,
        .limit_bytes = download->size_bytes,
        .expect_bytes = download->size_bytes,
        .sink = download->sink,
        .label = download->label,
        .finished = on_finished,
        .owner = download,
    };
    return 0;
}

static int run_batch(struct download **batch, size_t count, struct transport *transport, struct pool *pool,
                     const struct op_ctx *ctx, struct err *err)
{
    struct transport_fetch *fetches CLEANUP_MEM = mem_calloc(count, sizeof(*fetches));
    int rc = fetches ? 0 : err_nomem(err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = prepare(batch[i], &fetches[i], pool, ctx, err);
    if (rc == 0)
        rc = transport_run(transport, fetches, count, ctx, err);
    wait_jobs(batch, count);
    for (size_t i = 0; i < count; i++) {
        writer_cancel(batch[i]->sink);
        batch[i]->sink = NULL;
        if (rc == 0)
            batch[i]->over = !again(batch[i]);
        if (rc != 0 || batch[i]->over)
            buf_done(&batch[i]->body);
    }
    return rc;
}

int downloads_run(struct download *downloads, size_t count, struct transport *transport, struct pool *pool,
                  const struct op_ctx *ctx, struct err *err)
{
    struct download **batch CLEANUP_MEM = mem_calloc(count + 1, sizeof(struct download *));
    if (!batch)
        return err_nomem(err);
    for (;;) {
        size_t len = 0;
        uint64_t bytes = 0;
        for (size_t i = 0; i < count; i++) {
            struct download *download = &downloads[i];
            if (download->over || (len > 0 && download->size_bytes > DOWNLOAD_BATCH_BYTES - bytes))
                continue;
            batch[len++] = download;
            bytes += download->size_bytes < DOWNLOAD_BATCH_BYTES ? download->size_bytes : DOWNLOAD_BATCH_BYTES;
            if (bytes >= DOWNLOAD_BATCH_BYTES)
                break;
        }
        if (len == 0)
            return 0;
        int rc = run_batch(batch, len, transport, pool, ctx, err);
        if (rc != 0)
            return rc;
    }
}

int downloads_check(const struct download *downloads, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (downloads[i].err.code == ERR_NONE)
            continue;
        if (err)
            *err = downloads[i].err;
        return -(int)downloads[i].err.code;
    }
    return 0;
}

void download_add_path(struct buf *out, struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];
        if (char_is_alnum(c) || (c != '\0' && str_has_char(STR("/._~+-:@,="), c)))
            buf_add_char(out, c);
        else
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

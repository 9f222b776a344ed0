/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include "base/clock.h"
#include "cli/output.h"
#include "cli/render.h"
#include "op/text.h"

enum { REDRAW_NS = 100000000, RATE_AFTER_NS = 500000000, ITEMS_AFTER_NS = 200000000 };

#define WIPE "\r\033[K"

/* Progress is no answer: that it could not be shown fails nothing. */
static void emit(struct cli_progress *progress, struct buf *buf)
{
    bool reader_left = false;
    if (!buf->failed)
        (void)cli_write(progress->fd, "standard error", buf_str(buf), &reader_left, NULL);
}

static void wipe(struct cli_progress *progress, struct buf *out)
{
    if (progress->shown)
        buf_add_z(out, WIPE);
    progress->shown = false;
}

static void add_amount(struct cli_progress *progress, struct text_out *out, uint64_t done, uint64_t total, bool bytes,
                       uint64_t now)
{
    if (!bytes) {
        text_f(out, "  %llu", (unsigned long long)done);
        if (total > 0)
            text_f(out, " of %llu", (unsigned long long)total);
        return;
    }
    text_z(out, "  ");
    text_size(out, done);
    if (total > 0) {
        text_z(out, " of ");
        text_size(out, total);
    }
    uint64_t elapsed = now - progress->started_ns;
    if (elapsed < RATE_AFTER_NS || done < progress->started_at)
        return;
    double rate = (double)(done - progress->started_at) * 1e9 / (double)elapsed;
    text_z(out, ", ");
    text_size(out, (uint64_t)rate);
    text_z(out, "/s");
}

/* Cuts ITEM at its left, where the less telling part of a path stands, to at most ROOM columns. */
static void add_item(struct text_out *out, struct str item, unsigned room)
{
    CLEANUP_BUF struct buf shown = BUF_INIT;
    struct text_out escaped = *out;
    escaped.buf = &shown;
    text_str(&escaped, item);
    struct str rest = buf_str(&shown);
    bool cut = text_columns(rest) > room;
    while (rest.len > 0 && text_columns(rest) + cut > room) {
        rest = str_skip(rest, 1);
        while (rest.len > 0 && ((unsigned char)rest.ptr[0] & 0xc0U) == 0x80U)
            rest = str_skip(rest, 1);
    }
    if (rest.len > 0) {
        text_z(out, cut ? " \342\200\246" : " ");
        buf_add_str(out->buf, rest);
    }
}

static void draw(struct cli_progress *progress, struct str phase, struct str item, uint64_t done, uint64_t total,
                 bool bytes, uint64_t now)
{
    CLEANUP_BUF struct buf amount = BUF_INIT;
    CLEANUP_BUF struct buf line = BUF_INIT;
    struct text_out out = {.buf = &amount, .width = progress->width};
    if (done > 0 || total > 0)
        add_amount(progress, &out, done, total, bytes, now);
    buf_add_z(&line, WIPE);
    out.buf = &line;
    buf_add_str(&line, phase);
    unsigned used = text_columns(phase) + text_columns(buf_str(&amount));
    if (item.len > 0 && used + 4 < progress->width)
        add_item(&out, item, progress->width - used - 2);
    buf_add_str(&line, buf_str(&amount));
    emit(progress, &line);
    progress->shown = true;
    progress->drawn_ns = now;
}

static void take(void *self, struct str phase, struct str item, uint64_t done, uint64_t total, bool bytes)
{
    struct cli_progress *progress = self;
    if (!progress->draw)
        return;
    pthread_mutex_lock(&progress->lock);
    uint64_t now = clock_monotonic_ns();
    uint64_t hash = str_hash(phase);
    if (hash != progress->phase_hash || progress->started_ns == 0) {
        progress->phase_hash = hash;
        progress->started_ns = now;
        progress->started_at = done;
    }
    bool early = !bytes && !progress->shown && now - progress->started_ns < ITEMS_AFTER_NS;
    if (!early && (progress->drawn_ns == 0 || now - progress->drawn_ns >= REDRAW_NS))
        draw(progress, phase, item, done, total, bytes, now);
    pthread_mutex_unlock(&progress->lock);
}

static void take_bytes(void *self, struct str phase, struct str item, uint64_t done, uint64_t total)
{
    take(self, phase, item, done, total, true);
}

static void take_items(void *self, struct str phase, struct str item, uint64_t done, uint64_t total)
{
    take(self, phase, item, done, total, false);
}

static void take_warning(void *self, struct str message)
{
    struct cli_progress *progress = self;
    if (!progress->warn)
        return;
    CLEANUP_BUF struct buf line = BUF_INIT;
    pthread_mutex_lock(&progress->lock);
    wipe(progress, &line);
    cli_render_warning(&line, message, progress->json, progress->color);
    emit(progress, &line);
    pthread_mutex_unlock(&progress->lock);
}

void cli_progress_init(struct cli_progress *progress, const struct cli_common *common, int fd, bool terminal,
                       bool color, unsigned width)
{
    bool json = common->format == CLI_FORMAT_JSON;
    *progress = (struct cli_progress){
        .fd = fd,
        .draw = terminal && !common->quiet && !json,
        .warn = !common->quiet,
        .json = json,
        .color = color,
        .width = width,
        .sink = {.progress = take_bytes, .progress_items = take_items, .warning = take_warning, .self = progress},
    };
    (void)pthread_mutex_init(&progress->lock, NULL);
}

void cli_progress_pause(struct cli_progress *progress)
{
    CLEANUP_BUF struct buf line = BUF_INIT;
    pthread_mutex_lock(&progress->lock);
    wipe(progress, &line);
    emit(progress, &line);
    pthread_mutex_unlock(&progress->lock);
}

void cli_progress_done(struct cli_progress *progress)
{
    cli_progress_pause(progress);
    (void)pthread_mutex_destroy(&progress->lock);
}

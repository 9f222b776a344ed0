/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notifications/progress, for those who asked with a progressToken. Operations count in phases, each from zero; the
 * protocol wants one value that always grows: a phase continues where the one before it was. Not more than BURST at
 * once and RATE a second are sent, the rest is dropped: the next one says more anyway.
 */
#include "base/clock.h"
#include "mcp/internal.h"

#include <string.h>

#define BURST 10U
#define RATE  20U /* a second */

/* Takes leave to send one more. */
static bool may_send(struct mcp_progress *progress)
{
    uint64_t now = clock_monotonic_ns();
    uint64_t fresh = (now - progress->refilled_ns) / (1000000U / RATE); /* thousandths */
    progress->tokens += fresh;
    if (fresh > 0)
        progress->refilled_ns = now;
    if (progress->tokens > BURST * 1000U)
        progress->tokens = BURST * 1000U;
    if (progress->tokens < 1000)
        return false;
    progress->tokens -= 1000;
    return true;
}

static void send(struct mcp_progress *progress, uint64_t value, uint64_t total, struct str phase, struct str item)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    CLEANUP_BUF struct buf message = BUF_INIT;
    buf_add_z(&text, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":");
    buf_add_str(&text, progress->token);
    buf_add_z(&text, ",\"progress\":");
    buf_add_u64(&text, value);
    if (total > 0) {
        buf_add_z(&text, ",\"total\":");
        buf_add_u64(&text, total);
    }
    if (progress->with_message && phase.len > 0) {
        buf_add_str(&message, phase);
        if (item.len > 0)
            buf_addf(&message, " %.*s", STR_ARG(item));
        buf_add_z(&text, ",\"message\":");
        json_quote(&text, buf_str(&message));
    }
    buf_add_z(&text, "}}");
    if (!text.failed && !message.failed) /* without memory a notification is lost, nothing else */
        progress->exchange->notify(progress->exchange->notify_self, buf_str(&text));
}

static bool is_phase(const struct mcp_progress *progress, struct str phase)
{
    return str_eq_z(str_head(phase, sizeof(progress->phase) - 1), progress->phase);
}

static void tell(void *self, struct str phase, struct str item, uint64_t done, uint64_t total)
{
    struct mcp_progress *progress = self;
    pthread_mutex_lock(&progress->lock);
    if (!progress->begun || !is_phase(progress, phase)) {
        struct str head = str_head(phase, sizeof(progress->phase) - 1);
        progress->base = progress->seen;
        memset(progress->phase, 0, sizeof(progress->phase));
        if (head.len > 0)
            memcpy(progress->phase, head.ptr, head.len);
    }
    uint64_t value = progress->base + done;
    progress->begun = true;
    if (value > progress->seen)
        progress->seen = value;
    if ((!progress->any || value > progress->sent) && may_send(progress)) {
        progress->sent = value;
        progress->any = true;
        send(progress, value, total >= done ? (total > 0 ? progress->base + total : 0) : 0, phase, item);
    }
    pthread_mutex_unlock(&progress->lock);
}

static void ignore_warning(void *self UNUSED, struct str message UNUSED)
{
}

int mcp_progress_begin(struct mcp_progress *progress, const struct mcp_turn *turn, const struct op_sink **ret_sink,
                       struct err *err)
{
    *ret_sink = NULL;
    progress->token = STR_NONE;
    if (!turn->exchange->notify || turn->request->progress_token.len == 0)
        return 0;
    memset(progress, 0, sizeof(*progress));
    progress->exchange = turn->exchange;
    progress->with_message = turn->request->version >= MCP_2025_03_26;
    progress->token = turn->request->progress_token;
    if (pthread_mutex_init(&progress->lock, NULL) != 0) {
        progress->token = STR_NONE;
        return err_nomem(err);
    }
    progress->refilled_ns = clock_monotonic_ns();
    progress->tokens = BURST * 1000U;
    progress->sink = (struct op_sink){tell, tell, ignore_warning, progress};
    *ret_sink = &progress->sink;
    return 0;
}

void mcp_progress_end(struct mcp_progress *progress)
{
    if (progress->token.len > 0)
        pthread_mutex_destroy(&progress->lock);
}

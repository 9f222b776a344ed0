/* SPDX-License-Identifier: Apache-2.0 */
#include "base/op.h"

#include "base/clock.h"

#include <stdio.h>

int op_check(const struct op_ctx *ctx, struct err *err)
{
    for (; ctx; ctx = ctx->parent) {
        if (ctx->cancelled && atomic_load_explicit(ctx->cancelled, memory_order_relaxed))
            return err_set(err, ERR_CANCELLED, "interrupted");
        if (ctx->deadline_ns && clock_monotonic_ns() >= ctx->deadline_ns)
            return err_set(err, ERR_DEADLINE, "took longer than its deadline");
    }
    return 0;
}

void op_progress(const struct op_ctx *ctx, struct str phase, struct str item, uint64_t done, uint64_t total)
{
    if (ctx->sink && ctx->sink->progress)
        ctx->sink->progress(ctx->sink->self, phase, item, done, total);
}

void op_progress_items(const struct op_ctx *ctx, struct str phase, struct str item, uint64_t done, uint64_t total)
{
    if (ctx->sink && ctx->sink->progress_items)
        ctx->sink->progress_items(ctx->sink->self, phase, item, done, total);
}

void op_warn(const struct op_ctx *ctx, const char *format, ...)
{
    if (!ctx->sink || !ctx->sink->warning)
        return;
    char text[ERR_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len > 0)
        ctx->sink->warning(ctx->sink->self, str_z(text));
}

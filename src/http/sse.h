/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http/sse.h - server-sent events (HTML, section 9.2): the lines of a text/event-stream.
 *
 * Each function appends one whole block, so that events of several writers never mix when each is sent at once. What
 * the reader of the stream gets as data is DATA with its line ends as LF: CR and CR LF are line ends of the format too.
 */
#include "base/buf.h"

/* What stands beside the data; empty views are left out. */
struct sse_event {
    struct str name; /* "message" for who reads it when empty */
    struct str id;
};

/*
 * "event:", "id:" and a "data:" for each line of DATA. False, and nothing is written, when name or id has a CR, LF or
 * NUL. Memory: buf_check of OUT.
 */
bool sse_add_event(struct buf *out, const struct sse_event *event, struct str data);

/* ": TEXT", which the other side passes over: keeps proxies from closing. False when TEXT has a CR or LF. */
bool sse_add_comment(struct buf *out, struct str text);

/* How long the other side waits before it connects anew. */
void sse_add_retry(struct buf *out, uint64_t retry_ms);

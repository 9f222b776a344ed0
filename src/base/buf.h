/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/buf.h - a growable run of bytes on the heap, with a sticky failure.
 *
 * Invariants: ptr[len] is a NUL as soon as ptr is set, so ptr can be read as a C string; once memory was short,
 * `failed` stays set and every later addition does nothing, so that a writer checks once, at the end (buf_check).
 * Life: BUF_INIT, additions, buf_check, then buf_done (or buf_take). One owner, no threads.
 */
#include "base/err.h"
#include "base/str.h"

struct buf {
    char *ptr;
    size_t len;
    size_t cap; /* bytes at ptr, with room for the NUL */
    bool failed;
};

#define BUF_INIT    ((struct buf){NULL, 0, 0, false})
#define CLEANUP_BUF CLEANUP(buf_done)

void buf_done(struct buf *buf);  /* frees, leaves BUF_INIT */
void buf_reset(struct buf *buf); /* empties and clears the failure, keeps the memory */

/* Makes room for EXTRA more bytes; false (and failed) when memory is short. */
bool buf_reserve(struct buf *buf, size_t extra);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_str(struct buf *buf, struct str s);
void buf_add_z(struct buf *buf, const char *text);
void buf_add_char(struct buf *buf, char c);
void buf_add_fill(struct buf *buf, char c, size_t count);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_addv(struct buf *buf, const char *format, va_list args) PRINTF_LIKE(2, 0);
void buf_add_u64(struct buf *buf, uint64_t value); /* decimal */
void buf_add_hex(struct buf *buf, const void *data, size_t len);

/* Appends LEN uncleared bytes for the caller to fill; NULL when memory is short. */
char *buf_extend(struct buf *buf, size_t len);

/* Cuts to LEN bytes (no-op when it is shorter). */
void buf_truncate(struct buf *buf, size_t len);

static inline struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->ptr, buf->len};
}

/* The bytes as a C string; "" when empty. Valid until the next addition. */
const char *buf_z(const struct buf *buf);

/* 0, or out-of-memory when an addition failed. */
int buf_check(const struct buf *buf, struct err *err);

/* Gives the bytes (NUL behind them) to the caller, who frees with mem_free; NULL when failed or empty. */
char *buf_take(struct buf *buf, size_t *ret_len);

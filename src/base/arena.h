/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/arena.h - memory that belongs to one unit of work (a build, a check, a request) and goes all at once.
 *
 * Allocations are cleared and aligned to 16 bytes. Nothing is freed singly. One thread at a time.
 * All functions return NULL (or the empty view with a NULL pointer) when memory is short.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct arena_chunk;
struct arena_taken;
struct arena {
    struct arena_chunk *chunks;
    struct arena_taken *taken; /* blocks that arena_take_buf took over */
    size_t used_bytes;         /* handed out in all */
};

#define ARENA_INIT    ((struct arena){NULL, NULL, 0})
#define CLEANUP_ARENA CLEANUP(arena_done)

void arena_done(struct arena *arena); /* frees everything, leaves ARENA_INIT */

/* Moves all that FROM holds to ARENA, where it lives on, and leaves FROM empty. */
void arena_adopt(struct arena *arena, struct arena *from);

/* Drops everything but one block of memory, which the next allocations use. */
void arena_reset(struct arena *arena);

void *arena_alloc(struct arena *arena, size_t size) MUST_CHECK;
void *arena_array(struct arena *arena, size_t count, size_t size) MUST_CHECK; /* NULL on overflow too */
#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

/* A copy with a NUL behind it. ret.ptr is NULL only when memory is short (an empty S gives ""). */
struct str arena_str(struct arena *arena, struct str s);
char *arena_z(struct arena *arena, struct str s);

/* A copy of BUF's bytes with a NUL behind it. ret.ptr is NULL when memory is short, or was while BUF was filled. */
struct str arena_buf(struct arena *arena, const struct buf *buf);

/* Takes over the bytes of BUF without copying, and leaves it empty. ret.ptr is NULL only when memory is short. */
struct str arena_take_buf(struct arena *arena, struct buf *buf);

char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

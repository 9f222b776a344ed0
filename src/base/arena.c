/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/alloc.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#define ARENA_ALIGN           16U
#define ARENA_CHUNK_BYTES     (16U * 1024U) /* first chunk; each later one doubles up to the maximum */
#define ARENA_CHUNK_MAX_BYTES (1024U * 1024U)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* bytes of data[] */
    size_t used;
    alignas(ARENA_ALIGN) char data[];
};

struct arena_taken {
    struct arena_taken *next;
    char *block;
};

void arena_done(struct arena *arena)
{
    for (struct arena_taken *taken = arena->taken; taken; taken = taken->next) /* the list itself is in the chunks */
        mem_free(taken->block);
    struct arena_chunk *chunk = arena->chunks;
    while (chunk) {
        struct arena_chunk *next = chunk->next;
        mem_free(chunk);
        chunk = next;
    }
    *arena = ARENA_INIT;
}

void arena_adopt(struct arena *arena, struct arena *from)
{
    /* To the end of FROM's lists: of the two, its are short when many arenas are adopted, one after the other. */
    struct arena_taken **taken = &from->taken;
    while (*taken)
        taken = &(*taken)->next;
    *taken = arena->taken;
    arena->taken = from->taken;
    struct arena_chunk **chunk = &from->chunks;
    while (*chunk)
        chunk = &(*chunk)->next;
    if (arena->chunks) { /* behind our first one, which stays the one to fill */
        *chunk = arena->chunks->next;
        arena->chunks->next = from->chunks;
    } else {
        arena->chunks = from->chunks;
    }
    arena->used_bytes += from->used_bytes;
    *from = ARENA_INIT;
}

void arena_reset(struct arena *arena)
{
    for (struct arena_taken *taken = arena->taken; taken; taken = taken->next)
        mem_free(taken->block);
    struct arena_chunk *keep = arena->chunks;
    struct arena_chunk *chunk = keep ? keep->next : NULL;
    while (chunk) {
        struct arena_chunk *next = chunk->next;
        mem_free(chunk);
        chunk = next;
    }
    *arena = ARENA_INIT;
    if (keep) {
        keep->next = NULL;
        keep->used = 0;
        arena->chunks = keep;
    }
}

static struct arena_chunk *grow(struct arena *arena, size_t size)
{
    size_t want = ARENA_CHUNK_BYTES;
    if (arena->chunks && arena->chunks->size < ARENA_CHUNK_MAX_BYTES)
        want = arena->chunks->size * 2;
    else if (arena->chunks)
        want = ARENA_CHUNK_MAX_BYTES;
    bool dedicated = size > want / 4;
    size_t bytes = dedicated ? size : want;
    struct arena_chunk *chunk = bytes <= SIZE_MAX - sizeof(*chunk) ? mem_alloc(sizeof(*chunk) + bytes) : NULL;
    if (!chunk)
        return NULL;
    chunk->size = bytes;
    chunk->used = 0;
    if (dedicated && arena->chunks) { /* keep filling the current chunk */
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - ARENA_ALIGN)
        return NULL;
    size = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < size)
        chunk = grow(arena, size);
    if (!chunk)
        return NULL;
    char *at = chunk->data + chunk->used;
    chunk->used += size;
    arena->used_bytes += size;
    memset(at, 0, size);
    return at;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_alloc(arena, bytes);
}

char *arena_z(struct arena *arena, struct str s)
{
    char *copy = s.len < SIZE_MAX ? arena_alloc(arena, s.len + 1) : NULL;
    if (copy && s.len)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

struct str arena_str(struct arena *arena, struct str s)
{
    char *copy = arena_z(arena, s);
    return copy ? (struct str){copy, s.len} : STR_NONE;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    char small[256]; /* most texts are paths: written once, then copied */
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), format, args);
    char *text = len >= 0 ? arena_alloc(arena, (size_t)len + 1) : NULL;
    if (text && (size_t)len < sizeof(small))
        memcpy(text, small, (size_t)len);
    else if (text)
        (void)vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

struct str arena_buf(struct arena *arena, const struct buf *buf)
{
    return buf->failed ? STR_NONE : arena_str(arena, buf_str(buf));
}

struct str arena_take_buf(struct arena *arena, struct buf *buf)
{
    if (buf->failed)
        return STR_NONE;
    if (buf->len == 0)
        return STR("");
    struct arena_taken *taken = ARENA_NEW(arena, struct arena_taken);
    if (!taken)
        return STR_NONE;
    size_t len = 0;
    taken->block = buf_take(buf, &len);
    taken->next = arena->taken;
    arena->taken = taken;
    arena->used_bytes += len;
    return str_of(taken->block, len);
}

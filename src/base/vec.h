/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/vec.h - growable arrays, typed by the field that holds them.
 *
 *     struct { struct item *ptr; size_t len, cap; } items = {0};      or   VEC(struct item) items = {0};
 *     struct item *fresh = VEC_ADD(&items);            cleared; NULL when memory is short
 *     VEC_DONE(&items);
 *
 * Pointers into a vec are valid until the next addition.
 */
#include "base/forward.h"

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *ptr;                                                                                                     \
        size_t len;                                                                                                    \
        size_t cap;                                                                                                    \
    }

/* Makes room for one more element and clears it; false when memory is short. Used by VEC_ADD. */
bool vec_grow(void **ptr, size_t *len, size_t *cap, size_t size);

/* Adds a cleared element and points to it; NULL when memory is short. */
#define VEC_ADD(vec)                                                                                                   \
    (vec_grow((void **)&(vec)->ptr, &(vec)->len, &(vec)->cap, sizeof(*(vec)->ptr)) ? &(vec)->ptr[(vec)->len - 1] : NULL)

/* Adds VALUE; false when memory is short. */
#define VEC_PUSH(vec, value)                                                                                           \
    ({                                                                                                                 \
        __typeof__((vec)->ptr) fresh_ = VEC_ADD(vec);                                                                  \
        if (fresh_)                                                                                                    \
            *fresh_ = (value);                                                                                         \
        fresh_ != NULL;                                                                                                \
    })

/* Frees the elements' memory (not what they point to) and leaves an empty vec. */
#define VEC_DONE(vec)                                                                                                  \
    do {                                                                                                               \
        mem_free((vec)->ptr);                                                                                          \
        (vec)->ptr = NULL;                                                                                             \
        (vec)->len = 0;                                                                                                \
        (vec)->cap = 0;                                                                                                \
    } while (0)

#include "base/alloc.h"

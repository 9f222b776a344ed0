/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

void *mem_alloc(size_t size)
{
    if (fault_point(FAULT_ALLOC))
        return NULL;
    return malloc(size ? size : 1);
}

void *mem_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || fault_point(FAULT_ALLOC))
        return NULL;
    return calloc(count ? count : 1, size ? size : 1);
}

void *mem_realloc(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || fault_point(FAULT_ALLOC))
        return NULL;
    return realloc(block, bytes ? bytes : 1);
}

char *mem_dup(const void *data, size_t len)
{
    char *copy = len < SIZE_MAX ? mem_alloc(len + 1) : NULL;
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

void mem_free(void *block)
{
    free(block);
}

void mem_cleanup(void *variable)
{
    free(*(void **)variable);
}

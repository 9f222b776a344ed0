/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/alloc.h - the heap, with a point of failure that tests can trigger (base/fault.h).
 *
 * The only callers of malloc and friends in barehull. All return NULL when memory is short; none aborts.
 */
#include "base/forward.h"

/* SIZE bytes, not cleared; SIZE 0 gives a unique pointer. Owner frees with mem_free. */
void *mem_alloc(size_t size) MUST_CHECK;

/* COUNT * SIZE cleared bytes; NULL when the product overflows. */
void *mem_calloc(size_t count, size_t size) MUST_CHECK;

/* Resizes to COUNT * SIZE bytes; on failure (or overflow) the old block stays valid and NULL returns. */
void *mem_realloc(void *block, size_t count, size_t size) MUST_CHECK;

/* A copy of LEN bytes with a NUL behind them. */
char *mem_dup(const void *data, size_t len) MUST_CHECK;

void mem_free(void *block);

/* For CLEANUP: frees what the pointer variable at VARIABLE holds. */
void mem_cleanup(void *variable);
#define CLEANUP_MEM CLEANUP(mem_cleanup)

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/forward.h - the standard headers and attributes that every header of barehull may rely on.
 *
 * Nothing here allocates or has state. Every other header includes this one or a header that does.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct err;
struct op_ctx;
struct pool;
struct reader;
struct str;
struct writer;

#define PRINTF_LIKE(format_index, first_arg) __attribute__((format(printf, format_index, first_arg)))
#define MUST_CHECK                           __attribute__((warn_unused_result))
#define UNUSED                               __attribute__((unused))
#define NORETURN                             __attribute__((noreturn))

/* Runs FN(&variable) when the variable leaves its scope, on every path. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Number of elements of an array (not of a pointer). */
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* Hands a pointer on to a new owner: evaluates to it and leaves NULL behind, so that a CLEANUP does nothing. */
#define TAKE_PTR(variable)                                                                                             \
    ({                                                                                                                 \
        __typeof__(variable) taken_ = (variable);                                                                      \
        (variable) = NULL;                                                                                             \
        taken_;                                                                                                        \
    })

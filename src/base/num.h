/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/num.h - numbers from text and bytes, without surprises.
 *
 * Parsers take the whole view or fail: no sign, no white space, no overflow.
 */
#include "base/str.h"

#include <string.h>

bool num_parse_u64(struct str text, uint64_t *ret_value); /* decimal digits only */
bool num_parse_u32(struct str text, uint32_t *ret_value);
bool num_parse_octal(struct str text, uint64_t *ret_value);
bool num_parse_hex(struct str text, uint64_t *ret_value);
/*
 * "512", "64k", "10M", "1.5G" with powers of 1000 up to T, "Ki", "Mi" with powers of 1024, "B" behind either, in any
 * case; at most six decimals; in whole bytes, rounded down.
 */
bool num_parse_size(struct str text, uint64_t *ret_bytes);
/* Hex digits (either case) to OUT (SIZE bytes); the view must be exactly 2 * SIZE long. */
bool num_parse_hex_bytes(struct str text, uint8_t *out, size_t size);

static inline uint16_t num_le16(const void *p)
{
    const uint8_t *b = p;
    return (uint16_t)(b[0] | b[1] << 8);
}
static inline uint32_t num_le32(const void *p)
{
    const uint8_t *b = p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
static inline uint64_t num_le64(const void *p)
{
    return (uint64_t)num_le32(p) | (uint64_t)num_le32((const uint8_t *)p + 4) << 32;
}
static inline uint16_t num_be16(const void *p)
{
    return __builtin_bswap16(num_le16(p));
}
static inline uint32_t num_be32(const void *p)
{
    return __builtin_bswap32(num_le32(p));
}
static inline uint64_t num_be64(const void *p)
{
    return __builtin_bswap64(num_le64(p));
}
static inline void num_put_le32(void *p, uint32_t value)
{
    uint8_t *b = p;
    for (unsigned i = 0; i < 4; i++)
        b[i] = (uint8_t)(value >> (8 * i));
}
static inline void num_put_le64(void *p, uint64_t value)
{
    uint8_t *b = p;
    for (unsigned i = 0; i < 8; i++)
        b[i] = (uint8_t)(value >> (8 * i));
}

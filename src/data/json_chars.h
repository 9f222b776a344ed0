/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/json_chars.h - which bytes of a JSON string are more than themselves, eight at a time (RFC 8259, section 7).
 *
 * A word is 8 bytes of text as json_word loads them: the first byte is the lowest. In a mask the top bit of each byte
 * that was looked for is set; of those above the lowest one found, bits may be set that were not looked for, so that
 * only whether a mask is 0 and its lowest bit count (json_mask_first).
 */
#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define JSON_WORD_BYTES 8
#define JSON_WORD_ONES  (UINT64_MAX / 0xFF)
#define JSON_WORD_TOPS  (JSON_WORD_ONES << 7)

static inline uint64_t json_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return le64toh(word);
}

/* The LEN < 8 bytes at AT, with letters behind them. */
static inline uint64_t json_word_tail(const char *at, size_t len)
{
    uint64_t word = JSON_WORD_ONES * 'a';
    switch (len) {
    case 7:
        word = word << 8 | (unsigned char)at[6]; /* fall through */
    case 6:
        word = word << 8 | (unsigned char)at[5]; /* fall through */
    case 5:
        word = word << 8 | (unsigned char)at[4]; /* fall through */
    case 4:
        word = word << 8 | (unsigned char)at[3]; /* fall through */
    case 3:
        word = word << 8 | (unsigned char)at[2]; /* fall through */
    case 2:
        word = word << 8 | (unsigned char)at[1]; /* fall through */
    case 1:
        word = word << 8 | (unsigned char)at[0]; /* fall through */
    default:
        return word;
    }
}

/* '"' and backslash. */
static inline uint64_t json_mask_quotes(uint64_t word)
{
    uint64_t quote = word ^ JSON_WORD_ONES * '"', backslash = word ^ JSON_WORD_ONES * '\\';
    return ((quote - JSON_WORD_ONES) | (backslash - JSON_WORD_ONES)) & ~word & JSON_WORD_TOPS;
}

/* What can't stand in a string as it is: '"', backslash and control characters. */
static inline uint64_t json_mask_special(uint64_t word)
{
    uint64_t controls = (word - JSON_WORD_ONES * 0x20) & ~word & JSON_WORD_TOPS;
    return json_mask_quotes(word) | controls;
}

/* Bytes beyond ASCII. */
static inline uint64_t json_mask_wide(uint64_t word)
{
    return word & JSON_WORD_TOPS;
}

/* How many bytes stand before the first that MASK names; 8 when it names none. */
static inline size_t json_mask_first(uint64_t mask)
{
    return mask ? (size_t)__builtin_ctzll(mask) / 8 : JSON_WORD_BYTES;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "http/chars.h"

#include <string.h>

/* 16 bytes a line: controls and space, then ASCII, then obs-text. */
const uint8_t http_chars[256] = {
    0,  0,  0,  0,  0,  0,  0,  0,  0,  2,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
    0,  0,  0,  2,  15, 2,  3,  15, 3,  15, 15, 14, 14, 15, 15, 14, 31, 15, 14, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
    14, 14, 2,  14, 2,  10, 14, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
    31, 31, 31, 31, 10, 10, 10, 11, 31, 11, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
    31, 31, 31, 31, 31, 31, 31, 10, 11, 10, 15, 0,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
    2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
    2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
    2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
    2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,  2,
};

/* True when one of eight bytes may be no text: certain when false; a tab makes it true as well. */
static bool may_be_bad(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101U, tops = 0x8080808080808080U;
    uint64_t below_space = (word - ones * 0x20) & ~word;
    uint64_t no_delete = word ^ (ones * 0x7f);
    return ((below_space | ((no_delete - ones) & ~no_delete)) & tops) != 0;
}

static bool has_bad(const char *eight)
{
    uint64_t word;
    memcpy(&word, eight, sizeof(word));
    return may_be_bad(word) && http_run(str_of(eight, sizeof(word)), HTTP_TEXT) < sizeof(word);
}

/* The last eight bytes overlap those before them, so that no value but a short one is read byte by byte. */
static bool is_long_text(struct str value)
{
    for (size_t i = 0; i + 8 < value.len; i += 8) {
        if (has_bad(value.ptr + i))
            return false;
    }
    return !has_bad(value.ptr + value.len - 8);
}

enum http_fault http_text_fault(struct str value)
{
    if (value.len >= 8 && is_long_text(value))
        return HTTP_FAULT_NONE;
    size_t good = http_run(value, HTTP_TEXT);
    return good < value.len ? http_bad_byte(value.ptr[good], HTTP_FAULT_CONTROL) : HTTP_FAULT_NONE;
}

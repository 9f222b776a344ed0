/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tar_block.h"

#include <string.h>

uint32_t tar_checksum(const struct tar_block *block, int32_t *ret_signed)
{
    const unsigned char *bytes = (const unsigned char *)block;
    uint32_t sum = 0;
    int32_t high = 0; /* bytes above 127 */
    for (size_t i = 0; i < sizeof(*block); i++) {
        sum += bytes[i];
        high += bytes[i] >> 7;
    }
    int32_t field_high = 0;
    for (size_t i = 0; i < sizeof(block->checksum); i++) {
        sum -= (unsigned char)block->checksum[i];
        field_high += (unsigned char)block->checksum[i] >> 7;
    }
    sum += (uint32_t)(' ' * sizeof(block->checksum));
    *ret_signed = (int32_t)sum - 256 * (high - field_high);
    return sum;
}

static bool parse_base256(const unsigned char *field, size_t size, int64_t *ret_value)
{
    bool negative = (field[0] & 0x40) != 0;
    uint64_t value = negative ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++) {
        unsigned byte = i ? field[i] : (field[0] & 0x3fU) | (negative ? 0xc0U : 0U);
        if (value >> 55 != (negative ? 0x1ffU : 0U)) /* the bits that leave must repeat the sign */
            return false;
        value = value << 8 | byte;
    }
    *ret_value = (int64_t)value;
    return true;
}

bool tar_parse_number(const char *field, size_t size, int64_t *ret_value)
{
    if (field[0] & 0x80)
        return parse_base256((const unsigned char *)field, size, ret_value);
    size_t i = 0;
    while (i < size && field[i] == ' ')
        i++;
    uint64_t value = 0;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
        if (value >> 60)
            return false;
        value = value << 3 | (uint64_t)(field[i] - '0');
    }
    if (i < size && field[i] != ' ' && field[i] != '\0')
        return false;
    *ret_value = (int64_t)value;
    return true;
}

bool tar_format_octal(char *field, size_t size, int64_t value)
{
    if (value < 0 || (3 * (size - 1) < 63 && value >> (3 * (size - 1)) != 0))
        return false;
    uint64_t left = (uint64_t)value;
    field[size - 1] = '\0';
    for (size_t i = size - 1; i-- > 0; left >>= 3)
        field[i] = (char)('0' + (left & 7));
    return true;
}

struct str tar_field(const char *field, size_t size)
{
    return str_of(field, strnlen(field, size));
}

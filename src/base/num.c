/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"

static int digit_value(char c)
{
    if (char_is_digit(c))
        return c - '0';
    c = char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static bool parse_base(struct str text, unsigned base, uint64_t *ret_value)
{
    if (text.len == 0)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)digit_value(text.ptr[i]);
        if (digit >= base || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    *ret_value = value;
    return true;
}

bool num_parse_u64(struct str text, uint64_t *ret_value)
{
    return parse_base(text, 10, ret_value);
}

bool num_parse_u32(struct str text, uint32_t *ret_value)
{
    uint64_t value;
    if (!parse_base(text, 10, &value) || value > UINT32_MAX)
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

bool num_parse_octal(struct str text, uint64_t *ret_value)
{
    return parse_base(text, 8, ret_value);
}

bool num_parse_hex(struct str text, uint64_t *ret_value)
{
    return parse_base(text, 16, ret_value);
}

/* Value of a hex digit plus one, 0 for any other byte: package indexes hold millions of digits. */
static const uint8_t hex_digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool num_parse_hex_bytes(struct str text, uint8_t *out, size_t size)
{
    if (size > SIZE_MAX / 2 || text.len != size * 2)
        return false;
    const uint8_t *digits = (const uint8_t *)text.ptr;
    bool valid = true;
    for (size_t i = 0; i < text.len; i++)
        valid &= hex_digits[digits[i]] != 0;
    for (size_t i = 0; valid && i < size; i++)
        out[i] = (uint8_t)((hex_digits[digits[2 * i]] - 1) << 4 | (hex_digits[digits[2 * i + 1]] - 1));
    return valid;
}

static bool unit_factor(struct str unit, uint64_t *ret_factor)
{
    static const char letters[] = "kmgt";
    *ret_factor = 1;
    if (unit.len == 0 || str_eq_fold(unit, STR("b")))
        return true;
    bool binary = unit.len >= 2 && unit.ptr[1] == 'i';
    struct str tail = str_skip(unit, binary ? 2 : 1);
    if (tail.len && !str_eq_fold(tail, STR("b")))
        return false;
    const char *at = memchr(letters, char_lower(unit.ptr[0]), sizeof(letters) - 1);
    if (!at)
        return false;
    for (const char *letter = letters; letter <= at; letter++)
        *ret_factor *= binary ? 1024 : 1000;
    return true;
}

bool num_parse_size(struct str text, uint64_t *ret_bytes)
{
    size_t whole_len = 0;
    while (whole_len < text.len && char_is_digit(text.ptr[whole_len]))
        whole_len++;
    uint64_t whole;
    if (!num_parse_u64(str_head(text, whole_len), &whole))
        return false;
    struct str rest = str_skip(text, whole_len);
    size_t fraction_len = 0;
    if (rest.len && rest.ptr[0] == '.') {
        rest = str_skip(rest, 1);
        while (fraction_len < rest.len && char_is_digit(rest.ptr[fraction_len]))
            fraction_len++;
        if (fraction_len == 0 || fraction_len > 6)
            return false;
    }
    uint64_t factor;
    uint64_t bytes;
    if (!unit_factor(str_skip(rest, fraction_len), &factor) || __builtin_mul_overflow(whole, factor, &bytes))
        return false;
    uint64_t fraction = 0; /* below 10^6, and factors are at most 2^40 */
    uint64_t weight = 1;
    for (size_t i = 0; i < fraction_len; i++, weight *= 10)
        fraction = fraction * 10 + (uint64_t)(rest.ptr[i] - '0');
    if (__builtin_add_overflow(bytes, fraction * factor / weight, &bytes))
        return false;
    *ret_bytes = bytes;
    return true;
}

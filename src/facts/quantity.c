/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/quantity.h"

#include "base/num.h"

#include <string.h>

__extension__ typedef unsigned __int128 u128;

#define DIGITS_MAX   19     /* times 2^60 they fit in 128 bits */
#define EXPONENT_MAX 100000 /* anything beyond is as good as infinite, or nothing */

/* digits * 10^exponent; `more`: and a little, which the digits left out were worth. */
struct decimal {
    u128 digits;
    int exponent;
    bool negative;
    bool more;
};

enum rounding { ROUND_DOWN, ROUND_UP }; /* towards zero, away from it */

static void add_digit(struct decimal *number, unsigned *kept, unsigned digit, bool fraction)
{
    if (*kept == DIGITS_MAX) {
        number->more = number->more || digit != 0;
        number->exponent += !fraction && number->exponent < EXPONENT_MAX;
        return;
    }
    number->digits = number->digits * 10 + digit;
    number->exponent -= fraction && number->exponent > -EXPONENT_MAX;
    *kept += number->digits != 0;
}

/* Takes "+1.5", ".5", "5." from the front of *TEXT. */
static bool take_decimal(struct str *text, struct decimal *ret_number)
{
    struct decimal number = {0};
    size_t i = 0, digits = 0;
    unsigned kept = 0;
    if (i < text->len && (text->ptr[i] == '+' || text->ptr[i] == '-'))
        number.negative = text->ptr[i++] == '-';
    bool fraction = false;
    for (; i < text->len; i++) {
        char c = text->ptr[i];
        if (c == '.' && !fraction) {
            fraction = true;
        } else if (char_is_digit(c)) {
            add_digit(&number, &kept, (unsigned)(c - '0'), fraction);
            digits++;
        } else {
            break;
        }
    }
    *text = str_skip(*text, i);
    *ret_number = number;
    return digits > 0;
}

/* "e3", "E-2": the whole of TEXT. */
static bool exponent_of(struct str text, int *ret_exponent)
{
    if (text.len < 2 || char_lower(text.ptr[0]) != 'e')
        return false;
    bool negative = text.ptr[1] == '-';
    struct str rest = str_skip(text, negative || text.ptr[1] == '+' ? 2 : 1);
    size_t zeros = 0;
    while (zeros + 1 < rest.len && rest.ptr[zeros] == '0')
        zeros++;
    rest = str_skip(rest, zeros);
    if (rest.len == 0)
        return false;
    int value = 0;
    for (size_t i = 0; i < rest.len; i++) {
        if (!char_is_digit(rest.ptr[i]))
            return false;
        if (value < EXPONENT_MAX)
            value = value * 10 + (rest.ptr[i] - '0');
    }
    *ret_exponent = negative ? -value : value;
    return true;
}

/* NUMBER * 2^shift * 10^scale in whole units; *ret_capped when it does not fit in 64 bits. SHIFT is at most 60. */
static int64_t scaled(const struct decimal *number, unsigned shift, int scale, enum rounding rounding, bool *ret_capped)
{
    u128 value = number->digits << shift;
    bool more = number->more;
    int exponent = number->exponent + scale;
    *ret_capped = false;
    for (; exponent < 0 && value != 0; exponent++) {
        more = more || value % 10 != 0;
        value /= 10;
    }
    for (; exponent > 0 && value != 0 && value <= INT64_MAX; exponent--)
        value *= 10;
    if (value == 0 && number->digits == 0)
        return 0;
    value += rounding == ROUND_UP && more;
    if (value > INT64_MAX) {
        *ret_capped = true;
        value = INT64_MAX;
    }
    return number->negative ? -(int64_t)value : (int64_t)value;
}

struct suffix {
    unsigned shift;
    int scale;
};

static bool binary_suffix_of(char c, unsigned *ret_shift)
{
    static const char letters[] = "KMGTPE";
    const char *found = c ? strchr(letters, c) : NULL;
    if (!found)
        return false;
    *ret_shift = 10 * (unsigned)(found - letters + 1);
    return true;
}

static bool quantity_suffix_of(struct str text, struct suffix *ret_suffix)
{
    static const struct {
        char letter;
        int scale;
    } decimals[] = {{'n', -9}, {'u', -6}, {'m', -3}, {'k', 3}, {'M', 6}, {'G', 9}, {'T', 12}, {'P', 15}, {'E', 18}};
    *ret_suffix = (struct suffix){0};
    if (text.len == 0)
        return true;
    if (text.len == 2 && text.ptr[1] == 'i')
        return binary_suffix_of(text.ptr[0], &ret_suffix->shift);
    for (size_t i = 0; text.len == 1 && i < ARRAY_LEN(decimals); i++) {
        if (decimals[i].letter == text.ptr[0]) {
            ret_suffix->scale = decimals[i].scale;
            return true;
        }
    }
    return exponent_of(text, &ret_suffix->scale);
}

bool quantity_parse(struct str text, enum quantity_unit unit, int64_t *ret_value)
{
    struct decimal number;
    struct suffix suffix;
    if (!take_decimal(&text, &number) || !quantity_suffix_of(text, &suffix))
        return false;
    bool capped;
    *ret_value = scaled(&number, suffix.shift, suffix.scale + (unit == QUANTITY_MILLI ? 3 : 0), ROUND_UP, &capped);
    return true;
}

/* A number's text in JSON: without YAML's '_'. False when it is too long for one. */
static bool plain_number(struct str text, char *out, size_t size, struct str *ret_text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '_')
            continue;
        if (len == size)
            return false;
        out[len++] = text.ptr[i];
    }
    *ret_text = str_of(out, len);
    return true;
}

bool quantity_of_node(const struct data_node *node, enum quantity_unit unit, int64_t *ret_value)
{
    if (!node)
        return false;
    if (node->kind == DATA_STRING)
        return quantity_parse(str_trim(node->value), unit, ret_value);
    if (node->kind != DATA_NUMBER)
        return false;
    int64_t whole = 0;
    if (data_i64(node, &whole, NULL) == 0) {
        struct decimal number = {.negative = whole < 0, .digits = whole < 0 ? (u128)0 - (u128)whole : (u128)whole};
        bool capped;
        *ret_value = scaled(&number, 0, unit == QUANTITY_MILLI ? 3 : 0, ROUND_UP, &capped);
        return true;
    }
    char plain[128];
    struct str text;
    return plain_number(node->value, plain, sizeof(plain), &text) && quantity_parse(text, unit, ret_value);
}

/* Cuts a float of Go's notation from the front: digits with an exponent, when a number follows the 'e'. */
static bool take_float(struct str *text, struct decimal *ret_number)
{
    struct str rest = *text;
    if (!take_decimal(&rest, ret_number))
        return false;
    size_t end = 0;
    if (end < rest.len && char_lower(rest.ptr[0]) == 'e') {
        end++;
        end += end < rest.len && (rest.ptr[end] == '+' || rest.ptr[end] == '-');
        while (end < rest.len && char_is_digit(rest.ptr[end]))
            end++;
    }
    int exponent = 0;
    if (end > 0 && exponent_of(str_head(rest, end), &exponent)) {
        ret_number->exponent += exponent;
        rest = str_skip(rest, end);
    }
    *text = rest;
    return true;
}

/* "", "b", "k", "kb", "kib" and so on up to "pib". */
static bool byte_suffix_of(struct str text, unsigned *ret_shift)
{
    *ret_shift = 0;
    if (text.len == 0 || str_eq_fold(text, STR("b")))
        return true;
    struct str rest = str_skip(text, 1);
    char letter = char_lower(text.ptr[0]);
    if (letter == 'e' || !binary_suffix_of((char)(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : 0), ret_shift))
        return false;
    return rest.len == 0 || str_eq_fold(rest, STR("b")) || str_eq_fold(rest, STR("ib"));
}

bool byte_size_parse(struct str text, int64_t *ret_bytes)
{
    struct decimal number;
    unsigned shift;
    if (!take_float(&text, &number))
        return false;
    if (text.len > 0 && text.ptr[0] == ' ')
        text = str_skip(text, 1);
    if (!byte_suffix_of(text, &shift) || (number.negative && number.digits != 0))
        return false;
    bool capped;
    int64_t bytes = scaled(&number, shift, 0, ROUND_DOWN, &capped);
    if (!capped)
        *ret_bytes = bytes;
    return !capped;
}

bool cpus_parse(struct str text, int64_t *ret_milli)
{
    struct decimal number;
    if (!take_float(&text, &number) || text.len > 0 || (number.negative && number.digits != 0))
        return false;
    bool capped;
    int64_t milli = scaled(&number, 0, 3, ROUND_UP, &capped);
    if (!capped)
        *ret_milli = milli;
    return !capped;
}

/* Takes a unit from the front of *TEXT: how many nanoseconds it is; 0 for none. */
static int64_t take_duration_unit(struct str *text, enum duration_units units)
{
    static const struct {
        struct str name;
        int64_t ns;
    } known[] = {
        {STR_INIT("ns"), 1},
        {STR_INIT("us"), 1000},
        {STR_INIT("\xC2\xB5s"), 1000}, /* micro sign */
        {STR_INIT("\xCE\xBCs"), 1000}, /* Greek mu */
        {STR_INIT("ms"), 1000000},
        {STR_INIT("s"), 1000000000},
        {STR_INIT("m"), 60000000000},
        {STR_INIT("h"), 3600000000000},
        {STR_INIT("d"), 86400000000000},
        {STR_INIT("w"), 604800000000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(known) - (units == DURATION_GO ? 2 : 0); i++) {
        if (str_starts(*text, known[i].name)) {
            *text = str_skip(*text, known[i].name.len);
            return known[i].ns;
        }
    }
    return 0;
}

/* digits * 10^exponent * unit, towards zero; false beyond 64 bits. */
static bool duration_part(struct decimal number, int64_t unit_ns, int64_t *ret_ns)
{
    number.digits *= (u128)unit_ns;
    bool capped;
    *ret_ns = scaled(&number, 0, 0, ROUND_DOWN, &capped);
    return !capped;
}

bool duration_parse(struct str text, enum duration_units units, int64_t *ret_ns)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    if (text.len > 0 && (negative || text.ptr[0] == '+'))
        text = str_skip(text, 1);
    int64_t total = 0;
    bool zero = str_eq(text, STR("0"));
    if (text.len == 0)
        return false;
    while (!zero && text.len > 0) {
        struct decimal number;
        int64_t part = 0;
        if (text.ptr[0] == '-' || text.ptr[0] == '+' || !take_decimal(&text, &number))
            return false;
        int64_t unit_ns = take_duration_unit(&text, units);
        if (unit_ns == 0 || !duration_part(number, unit_ns, &part) || __builtin_add_overflow(total, part, &total))
            return false;
    }
    *ret_ns = negative ? -total : total;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What plain scalars mean: YAML 1.2's core schema (10.3.2), and what go-yaml 2 and 3 do, which Kubernetes and Compose
 * read with: neither is YAML 1.1 or 1.2.
 */
#include "data/yaml.h"

#include <string.h>

static bool is_one_of(struct str text, const struct str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(text, words[i]))
            return true;
    return false;
}

/* The word LOWER as written in lower case, with a capital, or in capitals; not mixed. */
static bool is_word(struct str text, struct str lower)
{
    if (!str_eq_fold(text, lower))
        return false;
    size_t small = 0;
    for (size_t i = 1; i < text.len; i++)
        small += text.ptr[i] == lower.ptr[i];
    return small == text.len - 1 || (small == 0 && text.ptr[0] != lower.ptr[0]);
}

static bool is_null(struct str text)
{
    return text.len == 0 || (text.len == 1 && text.ptr[0] == '~') || is_word(text, STR("null"));
}

static bool is_bool(enum yaml_schema schema, struct str text)
{
    if (is_word(text, STR("true")) || is_word(text, STR("false")))
        return true;
    if (schema != YAML_KUBERNETES)
        return false;
    static const struct str words[] = {STR_INIT("y"),  STR_INIT("n"),  STR_INIT("yes"),
                                       STR_INIT("no"), STR_INIT("on"), STR_INIT("off")};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (is_word(text, words[i]))
            return true;
    return false;
}

static bool is_special_float(struct str text)
{
    static const struct str nans[] = {STR_INIT(".nan"), STR_INIT(".NaN"), STR_INIT(".NAN")};
    static const struct str infs[] = {STR_INIT(".inf"), STR_INIT(".Inf"), STR_INIT(".INF")};
    bool sign = text.len > 0 && (text.ptr[0] == '+' || text.ptr[0] == '-');
    return is_one_of(text, nans, ARRAY_LEN(nans)) || is_one_of(str_skip(text, sign), infs, ARRAY_LEN(infs));
}

/* A number's digits, one after the other, '_' passed over where the schema has that. */
struct digits {
    struct str rest;
    bool underscores;
};

static char peek(struct digits *digits)
{
    while (digits->underscores && digits->rest.len > 0 && digits->rest.ptr[0] == '_')
        digits->rest = str_skip(digits->rest, 1);
    return digits->rest.len > 0 ? digits->rest.ptr[0] : '\0';
}

static bool take(struct digits *digits, char wanted)
{
    if (wanted == '\0' || char_lower(peek(digits)) != wanted)
        return false;
    digits->rest = str_skip(digits->rest, 1);
    return true;
}

/* How many digits up to LAST ('1', '7', '9', 'f' for base 16) follow. */
static size_t take_digits(struct digits *digits, char last)
{
    size_t count = 0;
    for (;; count++) {
        char c = char_lower(peek(digits));
        bool good = last == 'f' ? char_is_digit(c) || (c >= 'a' && c <= 'f') : c >= '0' && c <= last;
        if (!good)
            return count;
        digits->rest = str_skip(digits->rest, 1);
    }
}

static bool at_end(struct digits *digits)
{
    return peek(digits) == '\0' && digits->rest.len == 0;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, which whole decimals fit too. */
static bool is_decimal(struct digits digits)
{
    size_t whole = take_digits(&digits, '9');
    size_t fraction = take(&digits, '.') ? take_digits(&digits, '9') : 0;
    if (whole + fraction == 0)
        return false;
    if (take(&digits, 'e')) {
        if (!take(&digits, '+'))
            (void)take(&digits, '-');
        if (take_digits(&digits, '9') == 0)
            return false;
    }
    return at_end(&digits);
}

/* 0x1f, 0o17, 0b11, 017 behind the sign. */
static bool is_based(enum yaml_schema schema, struct digits digits, bool sign, bool *ret_octal)
{
    if (!take(&digits, '0'))
        return false;
    struct digits plain = digits;
    char base = digits.rest.len > 0 ? peek(&digits) : '\0';
    if (schema == YAML_CORE) {
        digits.rest = str_skip(digits.rest, 1);
        char last = base == 'x' ? 'f' : '7';
        return !sign && (base == 'x' || base == 'o') && take_digits(&digits, last) > 0 && at_end(&digits);
    }
    base = char_lower(base);
    if (base == 'x' || base == 'o' || base == 'b') {
        digits.rest = str_skip(digits.rest, 1);
        char last = base == 'x' ? 'f' : base == 'o' ? '7' : '1';
        return take_digits(&digits, last) > 0 && at_end(&digits);
    }
    *ret_octal = take_digits(&plain, '7') > 0 && at_end(&plain);
    return *ret_octal;
}

static bool is_number(enum yaml_schema schema, struct str text, bool *ret_octal)
{
    char first = text.ptr[0];
    bool sign = first == '+' || first == '-';
    if (!sign && first != '.' && !char_is_digit(first))
        return false;
    if (is_special_float(text))
        return true;
    /* go-yaml takes '_' out of what begins with a sign or a digit. */
    struct digits digits = {str_skip(text, sign), schema != YAML_CORE && first != '.'};
    return is_based(schema, digits, sign, ret_octal) || is_decimal(digits);
}

enum data_kind yaml_plain_kind(enum yaml_schema schema, struct str text, bool *ret_octal)
{
    bool octal = false;
    enum data_kind kind = DATA_STRING;
    char first = text.len > 0 ? text.ptr[0] : '~';
    if (!strchr("~nNtTfFyYoO+-.0123456789", first))
        kind = DATA_STRING; /* most are */
    else if (is_null(text))
        kind = DATA_NULL;
    else if (is_bool(schema, text))
        kind = DATA_BOOL;
    else if (is_number(schema, text, &octal))
        kind = DATA_NUMBER;
    if (ret_octal)
        *ret_octal = octal;
    return kind;
}

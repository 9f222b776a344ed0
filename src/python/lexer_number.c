/* SPDX-License-Identifier: Apache-2.0 */
#include "python/lexer_internal.h"

static bool is_digit_of(char c, unsigned base)
{
    unsigned value = char_is_digit(c)                               ? (unsigned)(c - '0')
                     : char_lower(c) >= 'a' && char_lower(c) <= 'f' ? (unsigned)(char_lower(c) - 'a' + 10)
                                                                    : 16;
    return value < base;
}

/* Digits, with single underscores between them and, if UNDERSCORE_FIRST, before them. At least one digit. */
static bool digits(struct python_lexer *lexer, size_t *at, unsigned base, bool underscore_first, const char *fault)
{
    size_t i = *at;
    if (underscore_first && byte_at(lexer, i) == '_')
        i++;
    for (;;) {
        if (!is_digit_of(byte_at(lexer, i), base))
            return lexer_fail(lexer, i, fault);
        while (is_digit_of(byte_at(lexer, i), base))
            i++;
        if (byte_at(lexer, i) != '_')
            break;
        i++;
    }
    *at = i;
    return true;
}

/* Only some keywords may follow a number without a space ("1if x else 2"). */
static bool ends_well(struct python_lexer *lexer, size_t at, const char *fault)
{
    static const struct str keywords[] = {STR_INIT("and"), STR_INIT("else"), STR_INIT("for"), STR_INIT("if"),
                                          STR_INIT("in"),  STR_INIT("is"),   STR_INIT("not"), STR_INIT("or")};
    if (!char_in(byte_at(lexer, at), CHAR_NAME | CHAR_DIGIT))
        return true;
    struct str rest = str_skip(lexer->source, at);
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
        if (str_starts(rest, keywords[i]))
            return true;
    }
    return lexer_fail(lexer, at, fault);
}

/* 0x, 0o, 0b. */
static bool based(struct python_lexer *lexer, size_t *at, unsigned base, const char *fault)
{
    *at += 2;
    return digits(lexer, at, base, true, fault) && ends_well(lexer, *at, fault);
}

/* "e10", "E-3"; an 'e' without digits is the start of a keyword, or wrong. */
static bool exponent(struct python_lexer *lexer, size_t *at)
{
    size_t i = *at;
    if (char_lower(byte_at(lexer, i)) != 'e')
        return true;
    i++;
    if (byte_at(lexer, i) == '+' || byte_at(lexer, i) == '-') {
        i++;
        if (!char_is_digit(byte_at(lexer, i)))
            return lexer_fail(lexer, i, "invalid decimal literal");
    }
    if (!char_is_digit(byte_at(lexer, i)))
        return true;
    *at = i;
    return digits(lexer, at, 10, false, "invalid decimal literal");
}

static bool decimal(struct python_lexer *lexer, size_t *at)
{
    static const char fault[] = "invalid decimal literal";
    size_t start = *at, i = start;
    bool whole = true;
    if (byte_at(lexer, i) != '.' && !digits(lexer, &i, 10, false, fault))
        return false;
    size_t whole_end = i;
    if (byte_at(lexer, i) == '.') {
        whole = false;
        i++;
        if (char_is_digit(byte_at(lexer, i)) && !digits(lexer, &i, 10, false, fault))
            return false;
    }
    size_t before = i;
    if (!exponent(lexer, &i))
        return false;
    whole = whole && i == before;
    if (char_lower(byte_at(lexer, i)) == 'j') {
        whole = false;
        i++;
    }
    if (whole && byte_at(lexer, start) == '0') {
        for (size_t k = start; k < whole_end; k++) {
            if (byte_at(lexer, k) != '0' && byte_at(lexer, k) != '_')
                return lexer_fail(lexer, start, "leading zeros in decimal integer literals are not permitted");
        }
    }
    *at = i;
    return ends_well(lexer, i, fault);
}

bool lexer_number(struct python_lexer *lexer, size_t *at)
{
    if (byte_at(lexer, *at) == '0') {
        switch (char_lower(byte_at(lexer, *at + 1))) {
        case 'x':
            return based(lexer, at, 16, "invalid hexadecimal literal");
        case 'o':
            return based(lexer, at, 8, "invalid octal literal");
        case 'b':
            return based(lexer, at, 2, "invalid binary literal");
        default:
            break;
        }
    }
    return decimal(lexer, at);
}

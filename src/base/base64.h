/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/base64.h - the alphabets of Base64 (RFC 4648, sections 4 and 5); how much padding and white space a format lets
 * pass is its reader's to say.
 */
#include "base/str.h"

/* The six bits that C stands for in the standard alphabet; -1 for what is not in it ('=' too). */
static inline int base64_sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (char_is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The same in the alphabet that is safe in URLs and file names. */
static inline int base64_url_sextet(char c)
{
    if (c == '+' || c == '/')
        return -1;
    return base64_sextet(c == '-' ? '+' : c == '_' ? '/' : c);
}

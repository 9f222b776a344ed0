/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * http/chars.h - the character classes of RFC 9110 and RFC 3986 as one table.
 */
#include "base/str.h"
#include "http/fault.h"

enum http_char {
    HTTP_TOKEN = 1,  /* tchar (RFC 9110, section 5.6.2) */
    HTTP_TEXT = 2,   /* of field values: HTAB, SP, VCHAR, obs-text */
    HTTP_PATH = 4,   /* pchar and '/' (RFC 3986, section 3.3) but '%', which needs its digits looked at */
    HTTP_QUERY = 8,  /* as HTTP_PATH, '?', and what browsers leave as it is in a query: []{}|^`\ */
    HTTP_LABEL = 16, /* of host names: letters, digits, '-' and '_' */
};

extern const uint8_t http_chars[256];

static inline bool http_char_is(char c, enum http_char class)
{
    return (http_chars[(uint8_t)c] & (unsigned)class) != 0;
}

/* Length of the run of CLASS at the start of TEXT; four at a time, for compilers do not unroll it at -O2. */
static inline size_t http_run(struct str text, enum http_char class)
{
    const char *p = text.ptr;
    size_t i = 0;
    for (; text.len - i >= 4; i += 4) {
        if (!http_char_is(p[i], class))
            return i;
        if (!http_char_is(p[i + 1], class))
            return i + 1;
        if (!http_char_is(p[i + 2], class))
            return i + 2;
        if (!http_char_is(p[i + 3], class))
            return i + 3;
    }
    while (i < text.len && http_char_is(p[i], class))
        i++;
    return i;
}

/* What is wrong with a byte that should not be here: a control character by its name, else OTHERWISE. */
static inline enum http_fault http_bad_byte(char c, enum http_fault otherwise)
{
    if (c == '\0')
        return HTTP_FAULT_NUL;
    if (c == '\r')
        return HTTP_FAULT_BARE_CR;
    if (c == '\n')
        return HTTP_FAULT_BARE_LF;
    return (uint8_t)c < 0x20 || c == 0x7f ? HTTP_FAULT_CONTROL : otherwise;
}

/* TEXT without spaces and tabs (OWS) at both ends. */
static inline struct str http_trim(struct str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = (struct str){text.ptr + 1, text.len - 1};
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* The first fault of a field value; HTTP_FAULT_NONE for none. */
enum http_fault http_text_fault(struct str value);

/* SPDX-License-Identifier: Apache-2.0 */
#include "log/quote.h"

#include <string.h>

enum { ESCAPE_MAX = 6 }; /* \u0000 */

static bool is_plain(unsigned char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static size_t put_hex(char *out, uint32_t character)
{
    static const char digits[] = "0123456789abcdef";
    memcpy(out, "\\u", 2);
    for (unsigned i = 0; i < 4; i++)
        out[2 + i] = digits[character >> (12 - 4 * i) & 15];
    return ESCAPE_MAX;
}

static size_t put_ascii(char *out, char c)
{
    static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
    const char *found = memchr(from, c, sizeof(from) - 1);
    if (!found)
        return put_hex(out, (unsigned char)c);
    out[0] = '\\';
    out[1] = to[found - from];
    return 2;
}

/* Two and three byte forms only: what has to be escaped lies below U+2070. */
static uint32_t decode(const unsigned char *at, size_t len)
{
    if (len == 2)
        return (uint32_t)(at[0] & 31) << 6 | (at[1] & 63);
    return len == 3 ? (uint32_t)(at[0] & 15) << 12 | (uint32_t)(at[1] & 63) << 6 | (at[2] & 63) : UINT32_MAX;
}

static bool is_treacherous(uint32_t c)
{
    return c < 0xa0 || c == 0x61c || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* The first character of REST, which begins beyond ASCII. Returns its length there. */
static size_t put_wide(char *out, struct str rest, size_t *ret_written)
{
    const unsigned char *at = (const unsigned char *)rest.ptr;
    size_t len = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (rest.len < len || str_utf8_valid(str_head(rest, len)) != len) {
        memcpy(out, "\xef\xbf\xbd", 3);
        *ret_written = 3;
        return 1;
    }
    if (is_treacherous(decode(at, len))) {
        *ret_written = put_hex(out, decode(at, len));
    } else {
        memcpy(out, at, len);
        *ret_written = len;
    }
    return len;
}

size_t log_quote(char *out, size_t room, struct str text, bool *ret_cut)
{
    size_t written = 0;
    *ret_cut = false;
    for (size_t i = 0; i < text.len;) {
        char escaped[ESCAPE_MAX + 2];
        size_t len = 1, plain = 0;
        while (i + plain < text.len && is_plain((unsigned char)text.ptr[i + plain]))
            plain++;
        if (plain > 0) {
            size_t fits = plain < room - written ? plain : room - written;
            memcpy(out + written, text.ptr + i, fits);
            written += fits;
            i += plain;
            *ret_cut = fits < plain;
        } else {
            size_t used = 1;
            if ((unsigned char)text.ptr[i] < 0x80)
                len = put_ascii(escaped, text.ptr[i]);
            else
                used = put_wide(escaped, str_skip(text, i), &len);
            *ret_cut = len > room - written;
            if (!*ret_cut)
                memcpy(out + written, escaped, len);
            written += *ret_cut ? 0 : len;
            i += used;
        }
        if (*ret_cut)
            break;
    }
    return written;
}

bool log_is_bare(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (!is_plain(c) || c == ' ' || c == '=')
            return false;
    }
    return text.len > 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "service/percent.h"

static int digit(char c)
{
    if (char_is_digit(c))
        return c - '0';
    char lower = char_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_fine(char c)
{
    uint8_t byte = (uint8_t)c;
    return (byte >= 0x20 && byte != 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

bool percent_decode(struct str text, bool form, struct buf *out)
{
    size_t start = out->len;
    for (size_t i = 0; i < text.len; i++) {
        char c = form && text.ptr[i] == '+' ? ' ' : text.ptr[i];
        if (c == '%') {
            int high = i + 1 < text.len ? digit(text.ptr[i + 1]) : -1;
            int low = i + 2 < text.len ? digit(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (!is_fine(c))
            return false;
        buf_add_char(out, c);
    }
    struct str decoded = str_skip(buf_str(out), start);
    return out->failed || str_utf8_valid(decoded) == decoded.len;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/text.h"

struct text text_of(const char *string)
{
    size_t len = 0;
    while (string[len] != '\0')
        len++;
    return (struct text){string, len};
}

bool text_eq(struct text a, struct text b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (a.at[i] != b.at[i])
            return false;
    }
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_eq_nocase(struct text a, struct text b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    }
    return true;
}

bool text_starts(struct text text, struct text start)
{
    return text.len >= start.len && text_eq(text_head(text, start.len), start);
}

size_t text_find(struct text text, char byte)
{
    size_t i = 0;
    while (i < text.len && text.at[i] != byte)
        i++;
    return i;
}

struct text text_trim(struct text text)
{
    while (text.len > 0 && (*text.at == ' ' || *text.at == '\t'))
        text = text_behind(text, 1);
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

bool text_number(struct text text, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text.at[i] - '0');
        if (digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

void line_add(struct line *line, struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (line->len == sizeof line->bytes) {
            line->cut = true;
            return;
        }
        line->bytes[line->len++] = text.at[i];
    }
}

void line_add_number(struct line *line, uint64_t value)
{
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    line_add(line, (struct text){digits + first, sizeof digits - first});
}

void line_add_foreign(struct line *line, struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?';
        line_add(line, (struct text){&c, 1});
    }
}

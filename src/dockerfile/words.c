/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/internal.h"

const char *dockerfile_shown(struct arena *arena, struct str text)
{
    struct str shown = str_head(text, 80);
    shown.len = str_utf8_valid(shown);
    char *copy = arena_z(arena, shown);
    for (size_t i = 0; copy && i < shown.len; i++)
        if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7F)
            copy[i] = '?';
    return copy;
}

static size_t skip_space(struct str text, size_t at)
{
    while (at < text.len && char_is_space(text.ptr[at]))
        at++;
    return at;
}

bool dockerfile_next_plain(struct str text, size_t *at, size_t *ret_start, size_t *ret_end)
{
    size_t start = skip_space(text, *at);
    size_t end = start;
    while (end < text.len && !char_is_space(text.ptr[end]))
        end++;
    *ret_start = start;
    *ret_end = end;
    *at = end;
    return end > start;
}

bool dockerfile_next_quoted(struct str text, size_t *at, char escape, size_t *ret_start, size_t *ret_end,
                            bool *ret_open_quote)
{
    size_t start = skip_space(text, *at);
    size_t end = start;
    char quote = '\0';
    for (; end < text.len && (quote || !char_is_space(text.ptr[end])); end++) {
        char c = text.ptr[end];
        if (c == escape && quote != '\'' && end + 1 < text.len)
            end++;
        else if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? '\0' : c;
    }
    *ret_start = start;
    *ret_end = end;
    *at = end;
    if (quote)
        *ret_open_quote = true;
    return end > start;
}

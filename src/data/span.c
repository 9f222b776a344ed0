/* SPDX-License-Identifier: Apache-2.0 */
#include "data/span.h"

#include <string.h>

struct data_position data_position_of(struct str source, size_t offset)
{
    struct str before = str_head(source, offset);
    uint32_t line = 1;
    for (size_t at; (at = str_find_char(before, '\n')) < before.len; line++)
        before = str_skip(before, at + 1);
    if (line == 1 && str_starts(before, STR("\xEF\xBB\xBF")))
        before = str_skip(before, 3);
    uint32_t column = 1;
    while (before.len > 0) {
        size_t valid = str_utf8_valid(before);
        for (size_t i = 0; i < valid; i++)
            column += ((unsigned char)before.ptr[i] & 0xC0U) != 0x80U;
        column += valid < before.len;
        before = str_skip(before, valid + 1);
    }
    return (struct data_position){line, column};
}

struct str data_span_text(struct str source, struct data_span span)
{
    return str_head(str_skip(source, span.offset), span.len);
}

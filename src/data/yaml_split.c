/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the documents of a stream stand. `---` and `...` at the start of a line are markers wherever they are, in
 * quotes and block scalars too (YAML 1.2, 9.1.2), so that they can be found without parsing: a broken document never
 * reaches into the next, and libyaml sees one document at a time.
 */
#include "data/internal.h"

#include <string.h>

enum line_kind { LINE_BLANK, LINE_CONTENT, LINE_DIRECTIVE, LINE_START, LINE_END };

static const struct str bom = STR_INIT("\xEF\xBB\xBF");

size_t yaml_break_end(struct str source, size_t at)
{
    if (at >= source.len)
        return at;
    const unsigned char *bytes = (const unsigned char *)source.ptr + at;
    size_t left = source.len - at;
    if (bytes[0] == '\n')
        return at + 1;
    if (bytes[0] == '\r')
        return at + (left > 1 && bytes[1] == '\n' ? 2 : 1);
    if (left > 1 && bytes[0] == 0xC2 && bytes[1] == 0x85)
        return at + 2;
    if (left > 2 && bytes[0] == 0xE2 && bytes[1] == 0x80 && (bytes[2] == 0xA8 || bytes[2] == 0xA9))
        return at + 3;
    return at;
}

/* All of the eight bytes at AT are above '\r' and ASCII, which no break begins with. */
static bool are_plain(const char *at)
{
    const uint64_t each = 0x0101010101010101, high = 0x80 * each;
    uint64_t bytes;
    memcpy(&bytes, at, sizeof(bytes));
    return ((bytes | (bytes - ('\r' + 1) * each)) & high) == 0;
}

/* The first byte behind the line at AT and its break. */
static size_t line_end(struct str source, size_t at, bool *multibyte)
{
    for (; at < source.len; at++) {
        while (source.len - at > sizeof(uint64_t) && are_plain(source.ptr + at))
            at += sizeof(uint64_t);
        unsigned char c = (unsigned char)source.ptr[at];
        if (c > '\r' && c < 0x80)
            continue;
        *multibyte |= c >= 0x80;
        size_t end = yaml_break_end(source, at);
        if (end > at)
            return end;
    }
    return at;
}

/* LINE begins with three times MARK, and they stand alone. */
static bool is_marker(struct str line, char mark)
{
    if (line.len < 3 || line.ptr[0] != mark || line.ptr[1] != mark || line.ptr[2] != mark)
        return false;
    return line.len == 3 || line.ptr[3] == ' ' || line.ptr[3] == '\t' || yaml_break_end(line, 3) > 3;
}

static enum line_kind kind_of(struct str line)
{
    if (line.len > 0 && line.ptr[0] == bom.ptr[0] && str_starts(line, bom))
        line = str_skip(line, bom.len);
    if (is_marker(line, '-'))
        return LINE_START;
    if (is_marker(line, '.'))
        return LINE_END;
    if (line.len > 0 && line.ptr[0] == '%')
        return LINE_DIRECTIVE;
    size_t at = 0;
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
        at++;
    return at == line.len || line.ptr[at] == '#' || yaml_break_end(line, at) > at ? LINE_BLANK : LINE_CONTENT;
}

struct yaml_chunk yaml_chunk_at(struct str source, size_t start, uint32_t line)
{
    if (str_starts(str_skip(source, start), bom))
        start += bom.len;
    struct yaml_chunk chunk = {.start = start, .end = start, .line = line};
    bool started = false; /* by `---` or content */
    while (chunk.end < source.len) {
        bool multibyte = false;
        size_t end = line_end(source, chunk.end, &multibyte);
        enum line_kind kind = kind_of(str_of(source.ptr + chunk.end, end - chunk.end));
        if (kind == LINE_START && started)
            break;
        chunk.end = end;
        chunk.lines += source.ptr[end - 1] == '\n';
        chunk.multibyte |= multibyte;
        chunk.document |= kind == LINE_CONTENT || kind == LINE_START || kind == LINE_DIRECTIVE;
        if (kind == LINE_END && started)
            break;
        started |= kind == LINE_START || kind == LINE_CONTENT;
    }
    return chunk;
}

bool yaml_cut(struct yaml_cutter *cutter, struct str bytes, size_t want, size_t *ret_cut)
{
    for (;;) {
        bool multibyte = false;
        size_t end = line_end(bytes, cutter->at, &multibyte);
        if (end == bytes.len)
            return false; /* the line, or its break, may go on */
        enum line_kind kind = kind_of(str_of(bytes.ptr + cutter->at, end - cutter->at));
        bool starts = kind == LINE_START && cutter->started;
        bool ends = kind == LINE_END && cutter->started;
        size_t cut = ends ? end : cutter->at;
        /* 0xFE and 0xFF are no UTF-8; at a start they would be taken for another encoding's mark. */
        if ((starts || ends) && cut >= want && (unsigned char)bytes.ptr[cut] < 0xFE) {
            *ret_cut = cut;
            return true;
        }
        cutter->at = end;
        cutter->started = !ends && (cutter->started || kind == LINE_START || kind == LINE_CONTENT);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "op/text.h"

void text_z(struct text_out *out, const char *text)
{
    buf_add_z(out->buf, text);
}

void text_f(struct text_out *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_addv(out->buf, format, args);
    va_end(args);
}

/* Length of the character at the head of S when it may go to a terminal as it is; else 0. */
static size_t harmless_character(struct str s)
{
    unsigned char first = (unsigned char)s.ptr[0];
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (str_utf8_valid(str_head(s, len)) != len)
        return 0;
    /* C1 controls (U+0080..U+009F) steer some terminals, as do marks that reorder text (U+202A..E, U+2066..9). */
    unsigned char second = (unsigned char)s.ptr[1];
    if (first == 0xc2 && second < 0xa0)
        return 0;
    if (first == 0xe2) {
        unsigned char third = (unsigned char)s.ptr[2];
        if ((second == 0x80 && third >= 0xaa && third <= 0xae) || (second == 0x81 && third >= 0xa6 && third <= 0xa9))
            return 0;
    }
    return len;
}

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f;
}

/* Length of the plain ASCII at the head of S: most of what is ever told. */
static size_t plain_run(struct str s)
{
    size_t len = 0;
    while (len < s.len && is_plain(s.ptr[len]))
        len++;
    return len;
}

void text_str(struct text_out *out, struct str s)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < s.len;) {
        size_t len = plain_run(str_skip(s, i));
        if (len == 0)
            len = harmless_character(str_skip(s, i));
        if (len > 0) {
            buf_add(out->buf, s.ptr + i, len);
            i += len;
            continue;
        }
        unsigned char byte = (unsigned char)s.ptr[i++];
        const char escape[] = {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
        buf_add(out->buf, escape, sizeof(escape));
    }
}

void text_style(struct text_out *out, enum text_style style)
{
    static const char *const codes[] = {
        [TEXT_PLAIN] = "\033[0m",   [TEXT_BOLD] = "\033[1m", [TEXT_DIM] = "\033[2m",   [TEXT_GREEN] = "\033[32m",
        [TEXT_YELLOW] = "\033[33m", [TEXT_RED] = "\033[31m", [TEXT_CYAN] = "\033[36m",
    };
    if (out->color)
        buf_add_z(out->buf, codes[style]);
}

void text_styled(struct text_out *out, enum text_style style, const char *text)
{
    text_style(out, style);
    text_z(out, text);
    text_style(out, TEXT_PLAIN);
}

void text_size(struct text_out *out, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        text_f(out, "%u B", (unsigned)bytes);
        return;
    }
    size_t unit = 0;
    uint64_t scale = 1000;
    /* 999,950 and more would round to "1000.0 kB". */
    while (unit + 1 < ARRAY_LEN(units) && bytes >= scale * 1000 - scale / 20) {
        scale *= 1000;
        unit++;
    }
    uint64_t tenths = bytes / (scale / 10) + (bytes % (scale / 10) >= scale / 20 ? 1 : 0);
    text_f(out, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10), units[unit]);
}

void text_duration(struct text_out *out, uint64_t ms)
{
    if (ms < 1000)
        text_f(out, "%u ms", (unsigned)ms);
    else if (ms < 99950)
        text_f(out, "%u.%u s", (unsigned)((ms + 50) / 1000), (unsigned)((ms + 50) / 100 % 10));
    else
        text_f(out, "%llu min %u s", (unsigned long long)((ms + 500) / 60000), (unsigned)((ms + 500) / 1000 % 60));
}

void text_count(struct text_out *out, uint64_t count, const char *noun)
{
    text_f(out, "%llu %s%s", (unsigned long long)count, noun, count == 1 ? "" : "s");
}

void text_label(struct text_out *out, const char *label, unsigned width)
{
    unsigned used = text_columns(str_z(label)) + 1;
    text_style(out, TEXT_DIM);
    text_f(out, "%s:", label);
    text_style(out, TEXT_PLAIN);
    buf_add_fill(out->buf, ' ', used < width ? width - used : 1);
}

/* Emits WORDS, which have no line structure of their own. */
static void wrap_words(struct text_out *out, unsigned indent, unsigned column, struct str words)
{
    struct str word;
    bool first = true;
    while (str_next_word(&words, &word)) {
        unsigned need = text_columns(word);
        if (!first && column + 1 + need > out->width) {
            text_z(out, "\n");
            column = 0;
            first = true;
        }
        if (first && column < indent) {
            buf_add_fill(out->buf, ' ', indent - column);
            column = indent;
        }
        if (!first) {
            text_z(out, " ");
            column++;
        }
        buf_add_str(out->buf, word);
        column += need;
        first = false;
    }
    text_z(out, "\n");
}

/* The lines at the head of *REST that flow together, or one that stands by itself. */
static struct str next_block(struct str *rest)
{
    struct str start = *rest, line;
    size_t len = 0;
    while (rest->len > 0) {
        struct str after = *rest;
        (void)str_next_line(&after, &line);
        bool kept = str_starts(line, STR("  "));
        bool alone = kept || str_trim(line).len == 0;
        if (alone && len > 0)
            break;
        len = (size_t)(line.ptr - start.ptr) + line.len;
        *rest = after;
        if (alone)
            break;
    }
    return str_head(start, len);
}

void text_wrap(struct text_out *out, unsigned indent, unsigned column, struct str text)
{
    text = str_trim_right(text);
    if (text.len == 0) {
        text_z(out, "\n");
        return;
    }
    while (text.len > 0) {
        struct str block = next_block(&text);
        if (str_trim(block).len == 0) {
            text_z(out, "\n");
        } else if (str_starts(block, STR("  "))) {
            if (column < indent)
                buf_add_fill(out->buf, ' ', indent - column);
            buf_add_str(out->buf, block);
            text_z(out, "\n");
        } else {
            wrap_words(out, indent, column, block);
        }
        column = 0;
    }
}

static bool is_wide(uint32_t point)
{
    return (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf) ||
           (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xf900 && point <= 0xfaff) ||
           (point >= 0xfe30 && point <= 0xfe6f) || (point >= 0xff00 && point <= 0xff60) ||
           (point >= 0x1f300 && point <= 0x1faff) || (point >= 0x20000 && point <= 0x3fffd);
}

unsigned text_columns(struct str s)
{
    unsigned columns = 0;
    for (size_t i = 0; i < s.len;) {
        unsigned char first = (unsigned char)s.ptr[i];
        if (is_plain(s.ptr[i])) {
            columns++;
            i++;
            continue;
        }
        size_t len = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (i + len > s.len)
            break;
        static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
        uint32_t point = first & masks[len];
        for (size_t k = 1; k < len; k++)
            point = point << 6 | ((unsigned char)s.ptr[i + k] & 0x3fU);
        bool control = point < 0x20 || point == 0x7f;
        bool combining = (point >= 0x300 && point <= 0x36f) || (point >= 0x200b && point <= 0x200f);
        columns += control || combining ? 0 : is_wide(point) ? 2 : 1;
        i += len;
    }
    return columns;
}

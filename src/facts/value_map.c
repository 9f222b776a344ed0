/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/value_map.h"

#include <string.h>

/* The walk along source and value. */
struct walk {
    struct str source; /* the scalar's own text, without quotes or the header of a block */
    struct str value;
    size_t s, v;
    enum data_style style;
    bool variables; /* '$' in the source is the platform's */
    size_t indent;  /* of a block scalar */
    size_t blanks;  /* up to here no line break ends the run of blanks: each byte is looked at once */
};

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

/* Behind the run of blanks and line breaks at S. */
static size_t skip_white(struct str text, size_t s)
{
    while (s < text.len && (text.ptr[s] == ' ' || text.ptr[s] == '\t' || is_break(text.ptr[s])))
        s++;
    return s;
}

/* A line break in a plain or quoted scalar: n breaks are one blank, or n - 1 breaks. */
static bool step_folded(struct walk *walk)
{
    size_t s = walk->s;
    if (s < walk->blanks)
        return false;
    while (s < walk->source.len && (walk->source.ptr[s] == ' ' || walk->source.ptr[s] == '\t'))
        s++;
    if (s >= walk->source.len || !is_break(walk->source.ptr[s])) {
        walk->blanks = s;
        return false;
    }
    char c = walk->value.ptr[walk->v];
    if (c == '\n') {
        walk->v++;
        while (walk->v < walk->value.len && walk->value.ptr[walk->v] == '\n')
            walk->v++;
    } else if (c == ' ') {
        walk->v++;
    } else {
        return false;
    }
    walk->s = skip_white(walk->source, s);
    return true;
}

static bool step_escape(struct walk *walk)
{
    static const char from[] = "\"\\/ntr0abefv ";
    static const char to[] = "\"\\/\n\t\r\0\a\b\033\f\v ";
    struct str source = walk->source;
    if (walk->s + 1 >= source.len)
        return false;
    char c = source.ptr[walk->s + 1];
    if (is_break(c)) {
        walk->s = skip_white(source, walk->s + 1);
        return true;
    }
    const char *found = memchr(from, c, sizeof(from) - 1);
    if (!found || to[found - from] != walk->value.ptr[walk->v])
        return false;
    walk->s += 2;
    walk->v++;
    return true;
}

/* The indentation at the start of a line of a block scalar. */
static void skip_indent(struct walk *walk)
{
    size_t limit = walk->s + walk->indent;
    while (walk->s < walk->source.len && walk->s < limit && walk->source.ptr[walk->s] == ' ')
        walk->s++;
}

static bool step_block(struct walk *walk)
{
    struct str source = walk->source;
    if (source.ptr[walk->s] == '\r' && walk->s + 1 < source.len && source.ptr[walk->s + 1] == '\n')
        walk->s++;
    if (source.ptr[walk->s] != '\n')
        return false;
    char c = walk->value.ptr[walk->v];
    if (walk->style == DATA_STYLE_FOLDED && c == ' ') {
        walk->s++;
        walk->v++;
        skip_indent(walk);
        return true;
    }
    if (c != '\n' || walk->style == DATA_STYLE_FOLDED)
        return false;
    walk->s++;
    walk->v++;
    skip_indent(walk);
    return true;
}

/* One step; false when source and value part ways. */
static bool step(struct walk *walk)
{
    struct str source = walk->source;
    char c = source.ptr[walk->s];
    char next = walk->s + 1 < source.len ? source.ptr[walk->s + 1] : '\0';
    if (walk->variables && c == '$') {
        if (next != '$' || walk->value.ptr[walk->v] != '$')
            return false;
        walk->s += 2;
        walk->v++;
        return true;
    }
    if (walk->style == DATA_STYLE_SINGLE && c == '\'') {
        if (next != '\'' || walk->value.ptr[walk->v] != '\'')
            return false;
        walk->s += 2;
        walk->v++;
        return true;
    }
    if (walk->style == DATA_STYLE_DOUBLE && c == '\\')
        return step_escape(walk);
    if (walk->style == DATA_STYLE_LITERAL || walk->style == DATA_STYLE_FOLDED) {
        if (is_break(c))
            return step_block(walk);
    } else if ((c == ' ' || c == '\t' || is_break(c)) && step_folded(walk)) {
        return true;
    }
    if (c != walk->value.ptr[walk->v])
        return false;
    walk->s++;
    walk->v++;
    return true;
}

/* The end of the variable expression at S ("${A:-${B}}", "$A"). */
static size_t variable_end(struct str text, size_t s)
{
    s++;
    if (s < text.len && text.ptr[s] == '{') {
        size_t depth = 0;
        for (; s < text.len; s++) {
            if (text.ptr[s] == '{')
                depth++;
            else if (text.ptr[s] == '}' && --depth == 0)
                return s + 1;
        }
        return s;
    }
    while (s < text.len && (char_is_alnum(text.ptr[s]) || text.ptr[s] == '_'))
        s++;
    return s;
}

/* From the end backwards, as far as the text behind the last variable reaches: what is the same is the same place. */
static void trace_back(const struct walk *walk, uint32_t *offsets, size_t base)
{
    struct str source = walk->source;
    size_t behind = walk->s;
    for (size_t s = walk->s; s < source.len;) {
        if (source.ptr[s] != '$') {
            s++;
            continue;
        }
        bool doubled = s + 1 < source.len && source.ptr[s + 1] == '$';
        s = doubled ? s + 2 : variable_end(source, s);
        behind = s;
    }
    size_t s = source.len, v = walk->value.len;
    offsets[v] = (uint32_t)(base + s);
    while (s > behind && v > walk->v && source.ptr[s - 1] == walk->value.ptr[v - 1]) {
        s--;
        v--;
        offsets[v] = (uint32_t)(base + s);
    }
}

static int trace(struct value_map *map, struct walk *walk, size_t base, struct arena *arena, struct err *err)
{
    uint32_t *offsets = ARENA_ARRAY(arena, walk->value.len + 1, uint32_t);
    if (!offsets)
        return err_nomem(err);
    for (size_t i = 0; i <= walk->value.len; i++)
        offsets[i] = VALUE_MAP_LOST;
    skip_indent(walk);
    while (walk->v < walk->value.len && walk->s < walk->source.len) {
        size_t v = walk->v, s = walk->s;
        if (!step(walk))
            break;
        if (walk->v > v)
            offsets[v] = (uint32_t)(base + s);
    }
    if (walk->v == walk->value.len) {
        offsets[walk->v] = (uint32_t)(base + walk->s);
    } else if (walk->s < walk->source.len) {
        offsets[walk->v] = (uint32_t)(base + walk->s);
        if (walk->variables)
            trace_back(walk, offsets, base);
    }
    map->offsets = offsets;
    return 0;
}

/* The lines behind the header "|2-", and how far they are indented; false for an indentation that is given. */
static bool block_lines(struct str *text, size_t *base, size_t *ret_indent)
{
    size_t end = str_find_char(*text, '\n');
    if (end >= text->len)
        return false;
    for (size_t i = 0; i < end && text->ptr[i] != '#'; i++)
        if (char_is_digit(text->ptr[i]))
            return false;
    *text = str_skip(*text, end + 1);
    *base += end + 1;
    size_t indent = 0, at = 0;
    for (;; indent = 0) {
        while (at + indent < text->len && text->ptr[at + indent] == ' ')
            indent++;
        if (at + indent >= text->len || !is_break(text->ptr[at + indent]))
            break;
        at += indent + str_find_char(str_skip(*text, at + indent), '\n') + 1;
        if (at >= text->len)
            return false;
    }
    *ret_indent = indent;
    return true;
}

int value_map_init(struct value_map *map, const struct sources *sources, const struct data_node *node,
                   struct arena *arena, struct err *err)
{
    *map = (struct value_map){.whole = place_of(sources, node), .len = node->value.len};
    if (!map->whole.source || (node->flags & DATA_ALIASED) || node->kind == DATA_ARRAY || node->kind == DATA_OBJECT ||
        data_use_span(node).offset != node->span.offset)
        return 0;
    struct str text = data_span_text(map->whole.source->bytes, node->span);
    size_t base = node->span.offset;
    bool quoted = node->style == DATA_STYLE_SINGLE || node->style == DATA_STYLE_DOUBLE;
    if (quoted && text.len >= 2) {
        text = str_of(text.ptr + 1, text.len - 2);
        base++;
    }
    struct walk walk = {.value = node->value, .style = node->style};
    if (node->style == DATA_STYLE_LITERAL || node->style == DATA_STYLE_FOLDED) {
        if (!block_lines(&text, &base, &walk.indent))
            return 0;
    } else if (str_eq(text, node->value)) {
        map->source = map->whole.source;
        map->base = base;
        return 0;
    }
    walk.source = text;
    walk.variables = (node->flags & DATA_INTERPOLATED) && !(node->flags & DATA_UNKNOWN);
    int rc = trace(map, &walk, base, arena, err);
    if (rc == 0)
        map->source = map->whole.source;
    return rc;
}

struct place value_map_place(const struct value_map *map, size_t offset, size_t len)
{
    if (!map->source || offset > map->len || len > map->len - offset)
        return map->whole;
    if (!map->offsets)
        return (struct place){map->source, {(uint32_t)(map->base + offset), (uint32_t)len}};
    uint32_t first = map->offsets[offset];
    if (first == VALUE_MAP_LOST || len == 0)
        return first == VALUE_MAP_LOST ? map->whole : (struct place){map->source, {first, 0}};
    uint32_t end = map->offsets[offset + len];
    /* What follows may be the break of a folded line, or lost: the last byte's own place is then its end. */
    uint32_t last = map->offsets[offset + len - 1];
    if (end == VALUE_MAP_LOST || end < first) {
        if (last == VALUE_MAP_LOST)
            return map->whole;
        end = last + 1;
    }
    return (struct place){map->source, {first, end - first}};
}

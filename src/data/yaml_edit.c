/* SPDX-License-Identifier: Apache-2.0 */
#include "data/yaml_edit.h"

#include "base/limits.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

static size_t end_of(struct data_span span)
{
    return (size_t)span.offset + span.len;
}

static size_t line_start(struct str source, size_t at)
{
    while (at > 0 && !is_break(source.ptr[at - 1]))
        at--;
    return at == 0 && str_starts(source, STR("\xEF\xBB\xBF")) ? 3 : at;
}

/* The line's end before its break. */
static size_t line_stop(struct str source, size_t at)
{
    while (at < source.len && !is_break(source.ptr[at]))
        at++;
    return at;
}

static size_t skip_break(struct str source, size_t at)
{
    at += at < source.len && source.ptr[at] == '\r';
    at += at < source.len && source.ptr[at] == '\n';
    return at;
}

static size_t skip_blanks(struct str source, size_t at)
{
    while (at < source.len && is_blank(source.ptr[at]))
        at++;
    return at;
}

/* Behind the quoted text at AT, or the line's end. */
static size_t skip_quoted(struct str source, size_t at)
{
    char quote = source.ptr[at++];
    for (; at < source.len && !is_break(source.ptr[at]); at++) {
        if (source.ptr[at] == quote)
            return at + 1;
        at += quote == '"' && source.ptr[at] == '\\' && at + 1 < source.len && !is_break(source.ptr[at + 1]);
    }
    return at;
}

/* The comment on the rest of the line from FROM on, which is no middle of a scalar. */
static struct data_span comment_behind(struct str source, size_t from)
{
    char before = from > 0 ? source.ptr[from - 1] : '\n';
    size_t far = from + LIMIT_YAML_COMMENT_BYTES;
    for (size_t at = from; at < source.len && at < far && !is_break(source.ptr[at]);) {
        char c = source.ptr[at];
        bool fresh = is_blank(before) || is_break(before);
        if (c == '#' && fresh)
            return (struct data_span){(uint32_t)at, (uint32_t)(line_stop(source, at) - at)};
        bool quoted = (c == '"' || c == '\'') && (fresh || strchr("[{,:", before) || at == from);
        at = quoted ? skip_quoted(source, at) : at + 1;
        before = source.ptr[at - 1];
    }
    return (struct data_span){0, 0};
}

/* From where the comment behind NODE is looked for. */
static size_t behind_from(struct str source, const struct data_node *node)
{
    size_t key_end = end_of(node->key_span);
    if (node->key.ptr && line_stop(source, key_end) < node->span.offset)
        return key_end;
    bool at_start =
        node->style == DATA_STYLE_BLOCK || node->style == DATA_STYLE_LITERAL || node->style == DATA_STYLE_FOLDED;
    return at_start ? node->span.offset : end_of(node->span);
}

/* The end of what is written before the line of NODE, which starts at LINE: its comments start behind that. */
static size_t floor_of(const struct data_node *node, size_t line)
{
    size_t floor = 0;
    for (; node->parent && floor == 0; node = node->parent) {
        DATA_EACH(child, node->parent)
        {
            if (child == node)
                break;
            struct data_span span = data_use_span(child);
            if (span.offset < line && floor < end_of(span))
                floor = end_of(span);
        }
    }
    return floor;
}

/* The comment on the line above comments->line, if that line starts at FLOOR or later. */
static bool comment_above(const struct yaml_comments *comments, size_t floor, struct data_span *ret_span)
{
    struct str source = comments->source;
    size_t end = comments->line;
    end -= end > 0 && source.ptr[end - 1] == '\n';
    end -= end > 0 && source.ptr[end - 1] == '\r';
    if (end == comments->line)
        return false;
    size_t line = line_start(source, end), start = skip_blanks(source, line);
    if (line < floor || start >= end || source.ptr[start] != '#')
        return false;
    *ret_span = (struct data_span){(uint32_t)start, (uint32_t)(end - start)};
    return true;
}

struct yaml_comments yaml_comments_of(struct str source, const struct data_node *node)
{
    struct yaml_comments comments = {.source = source, .behind = comment_behind(source, behind_from(source, node))};
    size_t start = node->key.ptr ? node->key_span.offset : node->span.offset;
    size_t skip = start > LIMIT_YAML_COMMENT_BYTES ? start - LIMIT_YAML_COMMENT_BYTES : 0;
    size_t line = line_start(str_skip(source, skip), start - skip) + skip;
    if (skip > 0 && line <= skip + 3)
        return comments; /* the line's start is too far away */
    comments.line = comments.floor = line;
    struct data_span above;
    if (comment_above(&comments, 0, &above))
        comments.floor = floor_of(node, line);
    return comments;
}

struct yaml_comments yaml_comments_at_top(struct str source, size_t offset)
{
    return (struct yaml_comments){.source = source, .line = offset, .downwards = true};
}

static bool next_below(struct yaml_comments *comments, struct data_span *ret_span)
{
    struct str source = comments->source;
    while (comments->line < source.len) {
        size_t start = skip_blanks(source, comments->line), end = line_stop(source, start);
        struct str line = str_of(source.ptr + start, end - start);
        bool marker = start == comments->line && (str_eq(str_trim(line), STR("---")) || str_starts(line, STR("%")) ||
                                                  str_starts(line, STR("...")));
        bool comment = str_starts(line, STR("#"));
        if (line.len > 0 && !marker && !comment)
            return false;
        comments->line = skip_break(source, end);
        if (comment) {
            *ret_span = (struct data_span){(uint32_t)start, (uint32_t)line.len};
            return true;
        }
    }
    return false;
}

bool yaml_comments_next(struct yaml_comments *comments, struct data_span *ret_span)
{
    struct str source = comments->source;
    if (comments->downwards)
        return next_below(comments, ret_span);
    if (comments->behind.len > 0) {
        *ret_span = comments->behind;
        comments->behind.len = 0;
        return true;
    }
    if (!comment_above(comments, comments->floor, ret_span))
        return false;
    comments->line = line_start(source, ret_span->offset);
    return true;
}

static struct str line_break_of(struct str source)
{
    size_t at = str_find_char(source, '\n');
    return at > 0 && at < source.len && source.ptr[at - 1] == '\r' ? STR("\r\n") : STR("\n");
}

static uint32_t column_of(struct str source, size_t at)
{
    return (uint32_t)(at - line_start(source, at));
}

/* Blank lines behind a last block scalar with '+' belong to it. */
static size_t skip_kept_lines(struct str source, const struct data_node *node, size_t at)
{
    while (node->style == DATA_STYLE_BLOCK && node->first && !(node->flags & DATA_ALIASED))
        for (node = node->first; node->next;)
            node = node->next;
    bool scalar = node->style == DATA_STYLE_LITERAL || node->style == DATA_STYLE_FOLDED;
    struct str header = str_head(str_skip(source, node->span.offset), 3);
    if (!scalar || (node->flags & DATA_ALIASED) != 0 || !str_has_char(header, '+'))
        return at;
    for (size_t stop; at < source.len; at = skip_break(source, stop)) {
        stop = line_stop(source, at);
        if (skip_blanks(source, at) < stop)
            break;
    }
    return at;
}

static void insert_line(struct str source, size_t end, struct yaml_insertion *insertion)
{
    size_t stop = line_stop(source, end);
    size_t next = skip_break(source, stop);
    insertion->offset = (uint32_t)next;
    insertion->break_before = next == stop;
    insertion->line_break = line_break_of(source);
}

static bool in_flow(struct str source, const struct data_node *node, struct yaml_insertion *ret_insertion)
{
    char open = node->span.len > 1 ? source.ptr[node->span.offset] : '\0';
    if (open != (node->kind == DATA_OBJECT ? '{' : '['))
        return false;
    struct yaml_insertion insertion = {.offset = node->span.offset + 1, .flow = true, .first = node->count == 0};
    insertion.line_break = line_break_of(source);
    struct str inside = str_of(source.ptr + node->span.offset + 1, node->span.len - 2U);
    if (insertion.first && str_trim(inside).len > 0)
        return false; /* '<<' of an empty mapping, or a comment */
    if (!insertion.first) {
        const struct data_node *last = node->first;
        while (last->next)
            last = last->next;
        insertion.offset = (uint32_t)end_of(data_use_span(last));
        insertion.comma_before = true;
    }
    *ret_insertion = insertion;
    return true;
}

bool yaml_insertion_of(struct str source, const struct data_node *node, struct yaml_insertion *ret_insertion)
{
    if ((node->flags & DATA_ALIASED) != 0 || end_of(node->span) > source.len)
        return false;
    bool collection = node->kind == DATA_OBJECT || node->kind == DATA_ARRAY;
    if (collection && node->style == DATA_STYLE_FLOW)
        return in_flow(source, node, ret_insertion);
    struct yaml_insertion insertion = {0};
    insert_line(source, end_of(node->span), &insertion);
    if (collection) {
        insertion.indent = column_of(source, node->span.offset);
        if (!insertion.break_before)
            insertion.offset = (uint32_t)skip_kept_lines(source, node, insertion.offset);
    } else {
        const struct data_node *parent = node->parent;
        bool unwritten = node->kind == DATA_NULL && node->span.len == 0 && node->key.ptr;
        if (!unwritten || !parent || parent->style != DATA_STYLE_BLOCK)
            return false;
        insertion.indent = column_of(source, parent->span.offset) + 2;
        insertion.first = true;
    }
    *ret_insertion = insertion;
    return true;
}

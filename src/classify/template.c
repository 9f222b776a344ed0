/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/template.h"

#include "base/forward.h"

/* "{{", "{%" or "{#" at AT, and no '$' before. */
static bool opens_at(struct str text, size_t at)
{
    if (at + 1 >= text.len || text.ptr[at] != '{' || (at > 0 && text.ptr[at - 1] == '$'))
        return false;
    char next = text.ptr[at + 1];
    return next == '{' || next == '%' || next == '#';
}

/* The words behind the braces at AT. */
static struct str inside(struct str text, size_t at)
{
    struct str rest = str_skip(text, at + 2);
    if (rest.len > 0 && rest.ptr[0] == '-')
        rest = str_skip(rest, 1);
    return str_trim_left(rest);
}

static bool starts_with_any(struct str text, const struct str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_starts(text, words[i]))
            return true;
    return false;
}

static bool is_helm(struct str text, size_t at)
{
    static const struct str words[] = {STR_INIT(".Values."),       STR_INIT("$.Values."),  STR_INIT(".Release."),
                                       STR_INIT("$.Release."),     STR_INIT(".Chart."),    STR_INIT("$.Chart."),
                                       STR_INIT(".Capabilities."), STR_INIT("include \""), STR_INIT("template \"")};
    return starts_with_any(inside(text, at), words, ARRAY_LEN(words));
}

/* Swarm expands these itself. */
static bool is_docker(struct str text, size_t at)
{
    static const struct str words[] = {STR_INIT(".Node."), STR_INIT(".Service."), STR_INIT(".Task.")};
    return starts_with_any(inside(text, at), words, ARRAY_LEN(words));
}

/* Where the reading of YAML stands between two lines. */
struct lines {
    char quote;    /* an open quote, or 0 */
    bool block;    /* in a block scalar */
    size_t indent; /* of its lines, at least */
    size_t flow;   /* open brackets */
};

static size_t skip_blanks(struct str line, size_t at)
{
    while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
        at++;
    return at;
}

/* The quoted text from AT on (behind its quote): sets AT behind its end, or to the line's. */
static bool read_quoted(struct lines *lines, struct str line, size_t *at)
{
    for (; *at < line.len; ++*at) {
        char c = line.ptr[*at];
        if (opens_at(line, *at) && is_helm(line, *at))
            return true;
        if (c == '\\' && lines->quote == '"') {
            ++*at;
        } else if (c == lines->quote) {
            bool doubled = c == '\'' && *at + 1 < line.len && line.ptr[*at + 1] == c;
            if (!doubled) {
                lines->quote = 0;
                ++*at;
                return false;
            }
            ++*at;
        }
    }
    *at = line.len;
    return false;
}

/* A plain scalar from AT on; sets AT to what ends it. */
static bool read_plain(struct lines *lines, struct str line, size_t *at)
{
    size_t start = *at;
    bool blank = false;
    for (; *at < line.len; ++*at) {
        char c = line.ptr[*at];
        char next = *at + 1 < line.len ? line.ptr[*at + 1] : ' ';
        if (opens_at(line, *at)) {
            bool option = line.ptr[start] == '-';
            if (is_helm(line, *at) || (!blank && !option && !is_docker(line, *at)))
                return true;
        }
        if (c == ':' && (char_is_space(next) || (lines->flow && (next == ',' || next == ']' || next == '}'))))
            return false;
        if (c == '#' && blank && char_is_space(line.ptr[*at - 1]))
            return false;
        if (lines->flow && (c == ',' || c == ']' || c == '}'))
            return false;
        blank |= char_is_space(c);
    }
    return false;
}

static bool is_block_header(struct str rest)
{
    if (rest.len == 0 || (rest.ptr[0] != '|' && rest.ptr[0] != '>'))
        return false;
    size_t at = 1;
    while (at < rest.len && (char_is_digit(rest.ptr[at]) || rest.ptr[at] == '-' || rest.ptr[at] == '+'))
        at++;
    struct str behind = str_trim(str_skip(rest, at));
    return behind.len == 0 || behind.ptr[0] == '#';
}

/* A tag or an anchor at AT: behind it. */
static size_t skip_property(struct str line, size_t at)
{
    while (at < line.len && !char_is_space(line.ptr[at]))
        at++;
    return at;
}

/* One line outside of block scalars. */
static bool read_nodes(struct lines *lines, struct str line, size_t at)
{
    size_t parent = lines->indent; /* what a block scalar would be indented by, at least */
    bool fresh = true;             /* only "- " so far */
    while (at < line.len) {
        if (lines->quote) {
            if (read_quoted(lines, line, &at))
                return true;
            continue;
        }
        at = skip_blanks(line, at);
        struct str rest = str_skip(line, at);
        if (rest.len == 0 || rest.ptr[0] == '#')
            return false;
        char c = rest.ptr[0];
        bool dash = (c == '-' || c == '?') && (rest.len == 1 || char_is_space(rest.ptr[1]));
        if (opens_at(line, at) && !is_docker(line, at))
            return true;
        if (!lines->flow && is_block_header(rest)) {
            lines->block = true;
            lines->indent = parent;
            return false;
        }
        if (fresh)
            parent = at + 1;
        fresh &= dash;
        if (dash) {
            at++;
        } else if (c == '"' || c == '\'') {
            lines->quote = c;
            at++;
        } else if (c == '{' || c == '[') {
            lines->flow++;
            at++;
        } else if (c == '}' || c == ']') {
            lines->flow -= lines->flow > 0;
            at++;
        } else if (c == ',' || c == ':') {
            at++;
        } else if (c == '!' || c == '&' || c == '*') {
            at = skip_property(line, at);
        } else if (read_plain(lines, line, &at)) {
            return true;
        }
    }
    return false;
}

static bool is_document_marker(struct str line)
{
    return (str_starts(line, STR("---")) || str_starts(line, STR("..."))) &&
           (line.len == 3 || char_is_space(line.ptr[3]));
}

static bool mentions_braces(struct str text)
{
    for (size_t at = 0; at < text.len; at++) {
        at += str_find_char(str_skip(text, at), '{');
        if (opens_at(text, at))
            return true;
    }
    return false;
}

bool template_is_yaml(struct str head)
{
    if (!mentions_braces(head))
        return false;
    struct lines lines = {0};
    struct str line;
    if (str_starts(head, STR("\xEF\xBB\xBF")))
        head = str_skip(head, 3);
    while (str_next_line(&head, &line)) {
        size_t at = skip_blanks(line, 0);
        bool marker = is_document_marker(line);
        if (marker)
            lines = (struct lines){0};
        if (marker)
            at = 3;
        else if (lines.block && (at == line.len || at >= lines.indent))
            continue;
        lines.block = false;
        lines.indent = 0;
        if (read_nodes(&lines, line, at))
            return true;
    }
    return false;
}

bool template_is_dockerfile(struct str head)
{
    struct str line;
    if (!mentions_braces(head))
        return false;
    while (str_next_line(&head, &line)) {
        line = str_trim(line);
        if (str_find(line, STR("<<")) < line.len)
            return false;
        struct str rest = line, word = STR_NONE;
        if (opens_at(line, 0))
            return true;
        if (str_next_word(&rest, &word) && str_eq_fold(word, STR("FROM")) && mentions_braces(rest))
            return true;
    }
    return false;
}

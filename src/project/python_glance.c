/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a source is worth reading token by token. Looks at the words around each "import" as they stand, in comments
 * and strings too, so that it sees more names than the source imports; what it does not understand is worth reading.
 */
#include "project/python_glance.h"

#include <string.h>

static bool is_word(char c)
{
    return char_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static bool is_end(char c)
{
    return c == '\n' || c == '\r';
}

static struct str skip_blanks(struct str text)
{
    while (text.len > 0 && is_blank(text.ptr[0]))
        text = str_skip(text, 1);
    return text;
}

static struct str word_at(struct str text)
{
    size_t len = 0;
    while (len < text.len && is_word(text.ptr[len]))
        len++;
    return str_head(text, len);
}

/* "a.b as c, d.e": false when one of the first parts is new, or something else stands there. */
static bool knows_list(struct str text, const struct map *known)
{
    for (;;) {
        text = skip_blanks(text);
        struct str word = word_at(text);
        if (word.len > 0 && !map_has(known, word))
            return false;
        size_t at = 0;
        while (at < text.len && !is_end(text.ptr[at]) && text.ptr[at] != ',' && text.ptr[at] != '\\')
            at++;
        if (at == text.len || is_end(text.ptr[at]))
            return true;
        if (text.ptr[at] == '\\')
            return false;
        text = str_skip(text, at + 1);
    }
}

/* What stands before `import` in the same line: nothing, `from` and a module, or what begins no such statement. */
enum before { BEFORE_NOTHING, BEFORE_KNOWN, BEFORE_NEW };

static enum before look_before(struct str line, const struct map *known)
{
    size_t start = line.len;
    while (start > 0 && (is_word(line.ptr[start - 1]) || line.ptr[start - 1] == '.' || is_blank(line.ptr[start - 1])))
        start--;
    struct str run = skip_blanks(str_skip(line, start)), word = word_at(run);
    if (start > 0 && line.ptr[start - 1] != ':' && line.ptr[start - 1] != ';')
        return BEFORE_KNOWN;
    if (run.len == 0)
        return BEFORE_NOTHING;
    struct str module = skip_blanks(str_skip(run, word.len));
    if (!str_eq_z(word, "from") || module.len == 0 || module.ptr[0] == '.')
        return BEFORE_KNOWN;
    return map_has(known, word_at(module)) ? BEFORE_KNOWN : BEFORE_NEW;
}

/* The call's argument, behind "import_module" or "__import__". */
static bool knows_call(struct str text, const struct map *known)
{
    text = skip_blanks(text);
    char first = text.len > 0 ? text.ptr[0] : ' ';
    if (first != '(')
        return !is_end(first) && first != '\\';
    text = skip_blanks(str_skip(text, 1));
    first = text.len > 0 ? text.ptr[0] : ' ';
    if (first == '"' || first == '\'') {
        text = str_skip(text, 1);
        return str_starts(text, STR(".")) || map_has(known, word_at(text));
    }
    struct str word = word_at(text);
    struct str behind = str_skip(text, word.len);
    bool quoted = behind.len > 0 && (behind.ptr[0] == '"' || behind.ptr[0] == '\'');
    return word.len > 0 && !quoted && !str_eq_z(word, "name");
}

bool python_glance(struct str source, const struct map *known)
{
    static const char word[] = "import";
    const size_t len = sizeof(word) - 1;
    size_t at = 0;
    if (str_starts(source, STR("\xEF\xBB\xBF")))
        source = str_skip(source, 3);
    while (at < source.len) {
        const char *found = memmem(source.ptr + at, source.len - at, word, len);
        if (!found)
            return false;
        size_t begin = (size_t)(found - source.ptr), line = begin;
        at = begin + len;
        struct str rest = str_skip(source, at);
        char before = begin > 0 ? source.ptr[begin - 1] : '\n', behind = rest.len > 0 ? rest.ptr[0] : '\n';
        if (is_word(before) || is_word(behind)) {
            bool call = str_starts(rest, STR("_module")) || (before == '_' && str_starts(rest, STR("__")));
            if (call && !knows_call(str_skip(rest, word_at(rest).len), known))
                return true;
            continue;
        }
        while (line > 0 && !is_end(source.ptr[line - 1]))
            line--;
        size_t above = line;
        while (above > 0 && is_end(source.ptr[above - 1]))
            above--;
        if (above < line && above > 0 && source.ptr[above - 1] == '\\')
            return true;
        enum before kind = look_before(str_of(source.ptr + line, begin - line), known);
        if (kind == BEFORE_NEW || (kind == BEFORE_NOTHING && !knows_list(rest, known)))
            return true;
    }
    return false;
}

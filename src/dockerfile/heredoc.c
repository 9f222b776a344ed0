/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/internal.h"

/* BuildKit's shell words of a heredoc line know only this escape, whatever the directive says. */
#define HEREDOC_ESCAPE '\\'

/* "[digits]<<[-]NAME": the index of NAME, or 0 when TEXT is something else. */
static size_t name_at(struct str text, bool *ret_strip_tabs)
{
    size_t at = 0;
    while (at < text.len && char_is_digit(text.ptr[at]))
        at++;
    if (text.len - at < 3 || text.ptr[at] != '<' || text.ptr[at + 1] != '<')
        return 0;
    at += 2;
    *ret_strip_tabs = text.ptr[at] == '-';
    if (*ret_strip_tabs)
        at++;
    return at < text.len && !str_has_char(str_skip(text, at), '<') ? at : 0;
}

bool dockerfile_heredoc_word(struct str text)
{
    bool strip_tabs;
    return name_at(text, &strip_tabs) > 0;
}

/* RAW without quotes and escapes, to OUT. */
static struct str unquote(struct str raw, char *out)
{
    size_t len = 0;
    char quote = '\0';
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.ptr[i];
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? '\0' : c;
        else if (c == HEREDOC_ESCAPE && quote != '\'' && i + 1 < raw.len)
            out[len++] = raw.ptr[++i];
        else
            out[len++] = c;
    }
    return str_of(out, len);
}

static int add_heredoc(const struct dockerfile_line *line, size_t start, size_t end, struct arena *arena,
                       struct dockerfile_heredocs *heredocs, struct err *err)
{
    struct str text = str_of(line->text.ptr + start, end - start);
    bool strip_tabs = false;
    size_t name = name_at(text, &strip_tabs);
    if (!name)
        return 0;
    struct str raw = str_skip(text, name);
    char *copy = arena_alloc(arena, raw.len);
    if (!copy)
        return err_nomem(err);
    struct str plain = unquote(raw, copy);
    if (plain.len == 0)
        return 0;
    struct dockerfile_heredoc *fresh = DOCKERFILE_ADD_TO(arena, heredocs);
    if (!fresh)
        return err_nomem(err);
    fresh->word = dockerfile_line_word(line, start, end - start);
    fresh->name = plain;
    fresh->strip_tabs = strip_tabs;
    fresh->quoted = !str_eq(plain, raw);
    return 0;
}

/* True when the instruction that TEXT starts with takes heredocs; looks through one ONBUILD. */
static bool takes_heredocs(struct str text)
{
    struct str word;
    if (!str_next_word(&text, &word))
        return false;
    enum dockerfile_kind kind = dockerfile_kind_of(word);
    if (kind == DOCKERFILE_ONBUILD && str_next_word(&text, &word))
        kind = dockerfile_kind_of(word);
    return kind == DOCKERFILE_RUN || kind == DOCKERFILE_COPY || kind == DOCKERFILE_ADD;
}

int dockerfile_heredocs_find(const struct dockerfile_line *line, struct arena *arena,
                             struct dockerfile_heredocs *heredocs, struct err *err)
{
    if (str_find(line->text, STR("<<")) == line->text.len || !takes_heredocs(line->text))
        return 0;
    size_t at = 0;
    size_t start;
    size_t end;
    bool open_quote = false;
    /* A quote that is not closed leaves the builder without words: no heredocs. */
    while (dockerfile_next_quoted(line->text, &at, HEREDOC_ESCAPE, &start, &end, &open_quote))
        ;
    at = 0;
    while (!open_quote && dockerfile_next_quoted(line->text, &at, HEREDOC_ESCAPE, &start, &end, &open_quote)) {
        int r = add_heredoc(line, start, end, arena, heredocs, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/lexer.h"

#include "dockerfile/internal.h"

/* One file being cut. Lists grow in the arena. */
struct lexer {
    struct str source;
    struct arena *arena;
    size_t at; /* start of the next physical line */
    struct dockerfile_lines *out;
    struct {
        struct dockerfile_line *items;
        uint32_t count, cap;
    } lines;
    struct {
        struct data_span *items;
        uint32_t count, cap;
    } comments;
    struct {
        struct dockerfile_directive *items;
        uint32_t count, cap;
    } directives;
    struct {
        struct dockerfile_piece *items;
        uint32_t count, cap;
    } pieces; /* of the line in work; copied when it is whole */
};

/* A physical line: its content without the line end. */
struct physical {
    size_t start;
    size_t end;
};

void *dockerfile_grow(struct arena *arena, void *items, uint32_t count, uint32_t *cap, size_t size)
{
    if (*cap > UINT32_MAX / 2)
        return NULL;
    uint32_t more = *cap ? *cap * 2 : 4;
    void *grown = arena_array(arena, more, size);
    if (grown && count)
        memcpy(grown, items, count * size);
    if (grown)
        *cap = more;
    return grown;
}

int dockerfile_diagnose(struct arena *arena, struct dockerfile_diagnostics *diagnostics, struct data_span span,
                        const char *message, const char *hint, struct err *err)
{
    struct dockerfile_diagnostic *fresh = message ? DOCKERFILE_ADD_TO(arena, diagnostics) : NULL;
    if (!fresh)
        return err_nomem(err);
    *fresh = (struct dockerfile_diagnostic){span, message, hint ? hint : "", false};
    return 0;
}

struct data_span dockerfile_line_span(const struct dockerfile_line *line, size_t cooked, size_t len)
{
    /* The last piece that starts at or before a byte holds it. */
    uint32_t low = 0;
    uint32_t high = line->piece_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (line->pieces[middle].cooked <= cooked)
            low = middle;
        else
            high = middle;
    }
    size_t start = line->pieces[low].offset + (cooked - line->pieces[low].cooked);
    if (len == 0)
        return (struct data_span){(uint32_t)start, 0};
    size_t last = cooked + len - 1;
    while (low + 1 < line->piece_count && line->pieces[low + 1].cooked <= last)
        low++;
    size_t end = line->pieces[low].offset + (last - line->pieces[low].cooked) + 1;
    return (struct data_span){(uint32_t)start, (uint32_t)(end - start)};
}

struct dockerfile_word dockerfile_line_word(const struct dockerfile_line *line, size_t cooked, size_t len)
{
    return (struct dockerfile_word){str_of(line->text.ptr + cooked, len), dockerfile_line_span(line, cooked, len)};
}

struct dockerfile_word dockerfile_word_part(const struct dockerfile_line *line, const struct dockerfile_word *word,
                                            size_t from, size_t len)
{
    return dockerfile_line_word(line, (size_t)(word->text.ptr - line->text.ptr) + from, len);
}

static bool next_physical(struct lexer *lexer, struct physical *ret)
{
    if (lexer->at >= lexer->source.len)
        return false;
    const char *start = lexer->source.ptr + lexer->at;
    size_t left = lexer->source.len - lexer->at;
    const char *newline = memchr(start, '\n', left);
    size_t len = newline ? (size_t)(newline - start) : left;
    ret->start = lexer->at;
    ret->end = lexer->at + len;
    while (ret->end > ret->start && lexer->source.ptr[ret->end - 1] == '\r')
        ret->end--;
    lexer->at += len + (newline ? 1 : 0);
    return true;
}

static size_t skip_space(struct str source, size_t from, size_t end)
{
    while (from < end && char_is_space(source.ptr[from]))
        from++;
    return from;
}

/* Index of the escape character that makes the line go on, or END. */
static size_t continuation_at(const struct lexer *lexer, size_t start, size_t end)
{
    const char *text = lexer->source.ptr;
    size_t last = end;
    while (last > start && (text[last - 1] == ' ' || text[last - 1] == '\t'))
        last--;
    if (last == start || text[last - 1] != lexer->out->escape)
        return end;
    if (last - 1 > start && text[last - 2] == lexer->out->escape)
        return end;
    return last - 1;
}

static int add_comment(struct lexer *lexer, size_t start, size_t end, struct err *err)
{
    struct data_span *fresh = DOCKERFILE_ADD_TO(lexer->arena, &lexer->comments);
    if (!fresh)
        return err_nomem(err);
    *fresh = (struct data_span){(uint32_t)start, (uint32_t)(end - start)};
    return 0;
}

static int complain(struct lexer *lexer, struct data_span span, const char *message, const char *hint, struct err *err)
{
    return dockerfile_diagnose(lexer->arena, &lexer->out->diagnostics, span, message, hint, err);
}

static struct dockerfile_word source_word(struct str source, size_t start, size_t end)
{
    return (struct dockerfile_word){str_of(source.ptr + start, end - start),
                                    {(uint32_t)start, (uint32_t)(end - start)}};
}

/* "# name = value"; false when the line is something else. */
static bool split_directive(struct str source, struct physical line, struct dockerfile_directive *ret)
{
    size_t at = line.start;
    if (at == line.end || source.ptr[at] != '#')
        return false;
    at = skip_space(source, at + 1, line.end);
    size_t name = at;
    while (at < line.end && char_is_alnum(source.ptr[at]))
        at++;
    size_t name_end = at;
    at = skip_space(source, at, line.end);
    if (name_end == name || char_is_digit(source.ptr[name]) || at == line.end || source.ptr[at] != '=')
        return false;
    at = skip_space(source, at + 1, line.end);
    size_t end = line.end;
    while (end > at && char_is_space(source.ptr[end - 1]))
        end--;
    ret->name = source_word(source, name, name_end);
    ret->value = source_word(source, at, end);
    return end > at;
}

static int take_directive(struct lexer *lexer, const struct dockerfile_directive *directive, struct err *err)
{
    for (uint32_t i = 0; i < lexer->directives.count; i++)
        if (str_eq_fold(lexer->directives.items[i].name.text, directive->name.text))
            return complain(lexer, directive->name.span, "a parser directive is given twice", "keep one of the two",
                            err);
    struct dockerfile_directive *fresh = DOCKERFILE_ADD_TO(lexer->arena, &lexer->directives);
    if (!fresh)
        return err_nomem(err);
    *fresh = *directive;
    if (!str_eq_fold(directive->name.text, STR("escape")))
        return 0;
    struct str value = directive->value.text;
    if (value.len != 1 || (value.ptr[0] != '\\' && value.ptr[0] != '`'))
        return complain(lexer, directive->value.span, "the escape character is neither '\\' nor '`'",
                        "write '# escape=\\' or '# escape=`'", err);
    lexer->out->escape = value.ptr[0];
    return 0;
}

static int read_directives(struct lexer *lexer, struct err *err)
{
    for (;;) {
        size_t before = lexer->at;
        struct physical line;
        struct dockerfile_directive directive;
        bool known =
            next_physical(lexer, &line) && split_directive(lexer->source, line, &directive) &&
            (str_eq_fold(directive.name.text, STR("syntax")) || str_eq_fold(directive.name.text, STR("escape")) ||
             str_eq_fold(directive.name.text, STR("check")));
        if (!known) {
            lexer->at = before;
            return 0;
        }
        int r = take_directive(lexer, &directive, err);
        if (r < 0)
            return r;
    }
}

static int add_piece(struct lexer *lexer, size_t start, size_t end, size_t *cooked_len, struct err *err)
{
    if (start == end)
        return 0;
    struct dockerfile_piece *piece = DOCKERFILE_ADD_TO(lexer->arena, &lexer->pieces);
    if (!piece)
        return err_nomem(err);
    *piece = (struct dockerfile_piece){(uint32_t)*cooked_len, (uint32_t)start};
    *cooked_len += end - start;
    return 0;
}

/* The lines after a continuation, up to one that has none. */
static int read_continuations(struct lexer *lexer, size_t *cooked_len, struct err *err)
{
    struct physical line;
    struct data_span blank = {0, 0};
    bool blank_seen = false;
    bool more = true;
    while (more && next_physical(lexer, &line)) {
        size_t text = skip_space(lexer->source, line.start, line.end);
        int r = 0;
        if (text == line.end) {
            if (!blank_seen)
                blank = (struct data_span){(uint32_t)line.start, (uint32_t)(line.end - line.start)};
            blank_seen = true;
        } else if (lexer->source.ptr[text] == '#') {
            r = add_comment(lexer, text, line.end, err);
        } else {
            size_t end = continuation_at(lexer, line.start, line.end);
            more = end < line.end;
            r = add_piece(lexer, line.start, end, cooked_len, err);
        }
        if (r < 0)
            return r;
    }
    if (!blank_seen)
        return 0;
    int complained = complain(lexer, blank, "a blank line stands inside a continued instruction",
                              "remove it, or put a comment there", err);
    if (complained == 0)
        lexer->out->diagnostics.items[lexer->out->diagnostics.count - 1].tolerated = true;
    return complained;
}

/* Joins the pieces and trims: the first and last byte of the text are no white space. */
static int join_pieces(struct lexer *lexer, size_t cooked_len, struct dockerfile_line *ret, struct err *err)
{
    const struct dockerfile_piece *pieces = lexer->pieces.items;
    uint32_t count = lexer->pieces.count;
    const char *text = lexer->source.ptr + (count ? pieces[0].offset : 0);
    if (count > 1) {
        char *copy = arena_alloc(lexer->arena, cooked_len);
        if (!copy)
            return err_nomem(err);
        for (uint32_t i = 0; i < count; i++) {
            size_t end = i + 1 < count ? pieces[i + 1].cooked : cooked_len;
            memcpy(copy + pieces[i].cooked, lexer->source.ptr + pieces[i].offset, end - pieces[i].cooked);
        }
        text = copy;
    }
    struct str whole = str_of(text, cooked_len);
    struct str left = str_trim_left(whole);
    uint32_t cut = (uint32_t)(whole.len - left.len);
    ret->text = str_trim_right(left);
    struct dockerfile_piece *kept = count ? ARENA_ARRAY(lexer->arena, count, struct dockerfile_piece) : NULL;
    if (count && !kept)
        return err_nomem(err);
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 < count && pieces[i + 1].cooked <= cut)
            continue;
        uint32_t inside = pieces[i].cooked < cut ? cut - pieces[i].cooked : 0;
        kept[ret->piece_count++] =
            (struct dockerfile_piece){pieces[i].cooked + inside - cut, pieces[i].offset + inside};
    }
    ret->pieces = kept;
    return 0;
}

/* The lines up to the delimiter of HEREDOC. */
static int read_body(struct lexer *lexer, struct dockerfile_heredoc *heredoc, struct err *err)
{
    size_t start = lexer->at;
    struct physical line;
    while (next_physical(lexer, &line)) {
        size_t text = line.start;
        while (heredoc->strip_tabs && text < line.end && lexer->source.ptr[text] == '\t')
            text++;
        if (!str_eq(str_of(lexer->source.ptr + text, line.end - text), heredoc->name))
            continue;
        heredoc->body = (struct data_span){(uint32_t)start, (uint32_t)(line.start - start)};
        heredoc->terminator = (struct data_span){(uint32_t)text, (uint32_t)(line.end - text)};
        return 0;
    }
    heredoc->body = (struct data_span){(uint32_t)start, (uint32_t)(lexer->source.len - start)};
    heredoc->terminator = (struct data_span){(uint32_t)lexer->source.len, 0};
    const char *name = dockerfile_shown(lexer->arena, heredoc->name);
    if (!name)
        return err_nomem(err);
    return complain(lexer, heredoc->word.span, "the heredoc has no end",
                    arena_printf(lexer->arena, "end it with a line that holds only '%s'", name), err);
}

static int take_line(struct lexer *lexer, size_t cooked_len, size_t start, struct err *err)
{
    struct dockerfile_line line = {.text = STR_NONE};
    int r = join_pieces(lexer, cooked_len, &line, err);
    if (r < 0)
        return r;
    if (line.text.len == 0)
        return complain(lexer, (struct data_span){(uint32_t)start, 1}, "nothing follows the continued line",
                        "remove the escape character", err);
    if (lexer->lines.count == LIMIT_DOCKERFILE_INSTRUCTIONS)
        return err_set(err, ERR_LIMIT, "more than %d instructions", LIMIT_DOCKERFILE_INSTRUCTIONS);
    line.span = dockerfile_line_span(&line, 0, line.text.len);
    struct dockerfile_heredocs heredocs = {0};
    r = dockerfile_heredocs_find(&line, lexer->arena, &heredocs, err);
    for (uint32_t i = 0; i < heredocs.count && r == 0; i++)
        r = read_body(lexer, &heredocs.items[i], err);
    if (r < 0)
        return r;
    line.heredocs = heredocs.items;
    line.heredoc_count = heredocs.count;
    struct dockerfile_line *fresh = DOCKERFILE_ADD_TO(lexer->arena, &lexer->lines);
    if (!fresh)
        return err_nomem(err);
    *fresh = line;
    return 0;
}

static int read_line(struct lexer *lexer, struct physical line, struct err *err)
{
    size_t text = skip_space(lexer->source, line.start, line.end);
    if (text == line.end)
        return 0;
    if (lexer->source.ptr[text] == '#')
        return add_comment(lexer, text, line.end, err);
    lexer->pieces.count = 0;
    size_t cooked_len = 0;
    size_t end = continuation_at(lexer, text, line.end);
    int r = add_piece(lexer, text, end, &cooked_len, err);
    if (r == 0 && end < line.end)
        r = read_continuations(lexer, &cooked_len, err);
    return r < 0 ? r : take_line(lexer, cooked_len, text, err);
}

int dockerfile_lex(struct str source, struct arena *arena, struct dockerfile_lines *ret_lines, struct err *err)
{
    if (source.len > LIMIT_DOCKERFILE_BYTES)
        return err_set(err, ERR_LIMIT, "the Dockerfile is larger than %llu bytes", LIMIT_DOCKERFILE_BYTES);
    struct dockerfile_lines out = {.source = source, .escape = '\\'};
    struct lexer lexer = {.source = source, .arena = arena, .out = &out};
    if (str_starts(source, STR("\xEF\xBB\xBF")))
        lexer.at = 3;
    int r = read_directives(&lexer, err);
    struct physical line;
    while (r == 0 && next_physical(&lexer, &line))
        r = read_line(&lexer, line, err);
    if (r < 0)
        return r;
    out.directives = lexer.directives.items;
    out.directive_count = lexer.directives.count;
    out.lines = lexer.lines.items;
    out.line_count = lexer.lines.count;
    out.comments = lexer.comments.items;
    out.comment_count = lexer.comments.count;
    *ret_lines = out;
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/shell.h"

/* The word being read. Its text is a view until quotes or escapes make it differ from what is written. */
struct draft {
    size_t start;
    bool differs;
    bool expanded;
    struct buf text;
};

void shell_skip_blanks(struct shell_reading *reading)
{
    while (!shell_done(reading)) {
        char c = shell_peek(reading, 0);
        if (c == ' ' || c == '\t' || c == '\r')
            reading->at++;
        else if (c == '\\' && shell_peek(reading, 1) == '\n')
            reading->at += 2;
        else
            return;
    }
}

/* Takes LEN bytes; they are of the word's text when KEEP. */
static void take(struct shell_reading *reading, struct draft *draft, size_t len, bool keep)
{
    size_t left = reading->text.len - reading->at;
    len = len < left ? len : left;
    if (draft && !keep && !draft->differs) {
        draft->differs = true;
        buf_add(&draft->text, reading->text.ptr + draft->start, reading->at - draft->start);
    }
    if (draft && keep && draft->differs)
        buf_add(&draft->text, reading->text.ptr + reading->at, len);
    reading->at += len;
}

/* What a nested reader took since FROM is of the word's text as written. */
static void keep_since(const struct shell_reading *reading, struct draft *draft, size_t from)
{
    if (draft && draft->differs)
        buf_add(&draft->text, reading->text.ptr + from, reading->at - from);
}

static bool name_char(char c)
{
    return char_is_alnum(c) || c == '_';
}

static void skip_expansion(struct shell_reading *reading, bool *ret_expands);
static void read_double(struct shell_reading *reading, struct draft *draft);

static void read_single(struct shell_reading *reading, struct draft *draft)
{
    take(reading, draft, 1, false);
    size_t len = str_find_char(str_skip(reading->text, reading->at), '\'');
    take(reading, draft, len, true);
    take(reading, draft, 1, false);
}

/* $'...': what an escape means is not worked out; \' does not close. */
static void read_ansi(struct shell_reading *reading, struct draft *draft)
{
    take(reading, draft, 2, false);
    while (!shell_done(reading) && shell_peek(reading, 0) != '\'')
        take(reading, draft, shell_peek(reading, 0) == '\\' ? 2 : 1, true);
    take(reading, draft, 1, false);
}

/* Up to CLOSE: "}" of ${...}, or the "))" of $((...)). */
static void skip_nested(struct shell_reading *reading, char close)
{
    size_t parentheses = close == ')' ? 2 : 0;
    while (!shell_done(reading)) {
        char c = shell_peek(reading, 0);
        bool expands;
        if (c == '`' && reading->backticks)
            return;
        if (c == '$' || c == '`') {
            skip_expansion(reading, &expands);
        } else if (c == '"') {
            read_double(reading, NULL);
        } else if (c == '\'' && close == '}') {
            read_single(reading, NULL);
        } else {
            take(reading, NULL, c == '\\' ? 2 : 1, true);
            if (c == '(' && close == ')')
                parentheses++;
            if (c == close && (c == '}' || --parentheses == 0))
                return;
        }
    }
}

static void skip_backticks(struct shell_reading *reading)
{
    reading->at++;
    reading->backticks++;
    shell_read_list(reading, '`', "`");
    reading->backticks--;
}

/* Inside double quotes ${V-'} has no quoting of its own; a stray quote there at worst takes more into the word. */
static void skip_dollar(struct shell_reading *reading, bool *ret_expands)
{
    char next = shell_peek(reading, 1);
    *ret_expands = true;
    if (next == '(' && reading->depth < LIMIT_SHELL_DEPTH) {
        bool arithmetic = shell_peek(reading, 2) == '(';
        reading->at += arithmetic ? 3 : 2;
        if (arithmetic)
            skip_nested(reading, ')');
        else
            shell_read_list(reading, ')', "$(");
    } else if (next == '{' && reading->depth < LIMIT_SHELL_DEPTH) {
        reading->at += 2;
        skip_nested(reading, '}');
    } else if (char_is_alpha(next) || next == '_') {
        reading->at += 2;
        while (name_char(shell_peek(reading, 0)))
            reading->at++;
    } else if (next && (char_is_digit(next) || str_has_char(STR("@*#?$!-"), next))) {
        reading->at += 2;
    } else {
        *ret_expands = next == '(' || next == '{';
        reading->at++;
    }
}

/* At '$' or '`'. */
static void skip_expansion(struct shell_reading *reading, bool *ret_expands)
{
    reading->depth++;
    *ret_expands = true;
    if (shell_peek(reading, 0) == '$')
        skip_dollar(reading, ret_expands);
    else if (reading->depth < LIMIT_SHELL_DEPTH)
        skip_backticks(reading);
    else
        reading->at++;
    reading->depth--;
}

static void read_expansion(struct shell_reading *reading, struct draft *draft)
{
    size_t from = reading->at;
    bool expands = false;
    skip_expansion(reading, &expands);
    keep_since(reading, draft, from);
    if (draft && expands)
        draft->expanded = true;
}

static void read_double(struct shell_reading *reading, struct draft *draft)
{
    take(reading, draft, 1, false);
    while (!shell_done(reading)) {
        char c = shell_peek(reading, 0);
        char next = shell_peek(reading, 1);
        if (c == '`' && reading->backticks)
            return;
        if (c == '"')
            break;
        if (c == '\\' && next == '\n') {
            take(reading, draft, 2, false);
        } else if (c == '\\' && next && str_has_char(STR("$`\"\\"), next)) {
            take(reading, draft, 1, false);
            take(reading, draft, 1, true);
        } else if (c == '$' || c == '`') {
            read_expansion(reading, draft);
        } else {
            take(reading, draft, c == '\\' ? 2 : 1, true);
        }
    }
    take(reading, draft, 1, false);
}

static void read_plain(struct shell_reading *reading, struct draft *draft, size_t *bracket)
{
    char c = shell_peek(reading, 0);
    if (c == '*' || (c == '~' && reading->at == draft->start))
        draft->expanded = true;
    if (c == '[')
        *bracket = reading->at;
    if (c == ']' && *bracket != SIZE_MAX && reading->at > *bracket + 1)
        draft->expanded = true;
    take(reading, draft, 1, true);
}

static void read_escape(struct shell_reading *reading, struct draft *draft)
{
    if (shell_peek(reading, 1) == '\n') {
        take(reading, draft, 2, false);
        return;
    }
    bool last = reading->at + 1 >= reading->text.len;
    take(reading, draft, 1, last);
    take(reading, draft, 1, true);
}

void shell_read_word(struct shell_reading *reading, struct command_word *ret_word)
{
    struct draft draft = {.start = reading->at, .text = BUF_INIT};
    size_t bracket = SIZE_MAX;
    do {
        char c = shell_peek(reading, 0);
        if (c == '\\')
            read_escape(reading, &draft);
        else if (c == '\'')
            read_single(reading, &draft);
        else if (c == '"')
            read_double(reading, &draft);
        else if (c == '$' && shell_peek(reading, 1) == '\'')
            read_ansi(reading, &draft);
        else if (c == '$' && shell_peek(reading, 1) == '"')
            take(reading, &draft, 1, false);
        else if (c == '$' || (c == '`' && !reading->backticks))
            read_expansion(reading, &draft);
        else
            read_plain(reading, &draft, &bracket);
    } while (!shell_done(reading) && !shell_delimiter(shell_peek(reading, 0)) &&
             !(shell_peek(reading, 0) == '`' && reading->backticks));
    size_t len = reading->at - draft.start;
    *ret_word = (struct command_word){.text = str_of(reading->text.ptr + draft.start, len), .expanded = draft.expanded};
    if (draft.differs)
        ret_word->text = arena_buf(reading->arena, &draft.text);
    if (!ret_word->text.ptr)
        reading->nomem = true;
    if (reading->map)
        ret_word->at = reading->map->place(reading->map->self, draft.start, len);
    buf_done(&draft.text);
}

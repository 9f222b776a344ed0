/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/shell.h - one shell script while it is read (facts/shell*.c only).
 *
 * A single pass: each function starts at `at` and leaves it behind what it took, never going back, so that time is
 * linear. Words are collected with the number of their command and sorted out at the end, because a word's own
 * $(...) holds commands that begin and end inside it.
 */
#include "base/limits.h"
#include "base/vec.h"
#include "facts/command.h"

#define SHELL_NO_COMMAND SIZE_MAX

struct shell_draft_word {
    size_t command;
    bool assignment;
    struct command_word word;
};

struct shell_draft_command {
    const char *joined;
    bool dropped; /* was the name of a function */
    size_t words;
    size_t assignments;
};

struct shell_reading {
    struct str text;
    size_t at;
    unsigned depth;
    unsigned backticks; /* levels of `...` around: the next one closes */
    const struct shell_map *map;
    struct arena *arena;
    VEC(struct shell_draft_word) words;
    VEC(struct shell_draft_command) commands;
    bool operators, redirects, expands, nomem;
};

static inline char shell_peek(const struct shell_reading *reading, size_t ahead)
{
    size_t at = reading->at + ahead;
    return at < reading->text.len ? reading->text.ptr[at] : '\0';
}
static inline bool shell_done(const struct shell_reading *reading)
{
    return reading->at >= reading->text.len || reading->nomem;
}
/* A byte that ends a word when it is not quoted. */
static inline bool shell_delimiter(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';' || c == '&' || c == '|' || c == '(' ||
           c == ')' || c == '<' || c == '>';
}

/* Spaces, tabs, continued lines. */
void shell_skip_blanks(struct shell_reading *reading);

/* Reads one word; at least one byte is taken. *RET_WORD is complete; its text lives in the text or the arena. */
void shell_read_word(struct shell_reading *reading, struct command_word *ret_word);

/* Commands up to END (')', '`', or 0: the end of the text), which is taken too. */
void shell_read_list(struct shell_reading *reading, char end, const char *joined);

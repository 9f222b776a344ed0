/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/shell_syntax.h - what only a shell would understand, in the words of a command that no shell reads.
 *
 * Certain cases only: "$PORT", "${PORT:-80}", "&&", ">/dev/null", "~/x", "/app/<star>.jar" for programs that take no
 * pattern. Words of programs that understand such a thing themselves (awk, jq, find, java -cp, make ...) are passed
 * over. Kubernetes expands "$(NAME)" itself, and "$$" is its escape.
 */
#include "facts/command.h"
#include "facts/pod.h"

enum shell_syntax {
    SHELL_SYNTAX_NONE,
    SHELL_SYNTAX_VARIABLE,     /* $NAME, ${NAME} */
    SHELL_SYNTAX_SUBSTITUTION, /* $(command), `command` */
    SHELL_SYNTAX_OPERATOR,     /* &&, |, >file */
    SHELL_SYNTAX_HOME,         /* ~/ */
    SHELL_SYNTAX_GLOB,
    SHELL_SYNTAX_ASSIGNMENT, /* NAME=value as the program */
    SHELL_SYNTAX_BUILTIN,    /* cd, export as the program */
};

/* A whole command line. `program` of the words is the one that does the work (command_program_of). */
struct shell_syntax_line {
    enum surface surface;
    const struct command_word *words;
    size_t count;
    size_t program; /* COUNT when there is none */
    size_t text;    /* words from here on are a shell's text and its arguments ("sh -c"); COUNT for none */
    bool complete;  /* words[0] is what is started, whatever the image says */
};

/* Joins ENTRYPOINT with COMMAND as platforms do; either may be absent or for a shell. Errors: ERR_NOMEM. */
int shell_syntax_join(enum surface surface, const struct fact_command *entrypoint, const struct fact_command *command,
                      struct arena *arena, struct shell_syntax_line *ret_line, struct err *err);

/* What is in word AT of LINE; *ret_piece: the part that says so. */
enum shell_syntax shell_syntax_of(const struct shell_syntax_line *line, size_t at, struct str *ret_piece);

/* The next "$(NAME)" of TEXT from *AT on, as Kubernetes reads it ("$$" stands for "$"). */
bool shell_syntax_next_reference(struct str text, size_t *at, struct str *ret_piece, struct str *ret_name);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/command.h - a command line as a surface gives it: who splits it, who expands it, what its words are.
 *
 * The forms: an array goes to execve as it is; a Dockerfile's bare text and CMD-SHELL go to a shell; a Compose string
 * (`command: serve --port 80`) is split into words like a shell would, but no shell runs it.
 */
#include "facts/fact.h"

enum command_form {
    COMMAND_EXEC,        /* an array */
    COMMAND_SHELL,       /* a text for the image's shell */
    COMMAND_BROKEN_EXEC, /* starts like an array but is none, so that the shell gets it */
    COMMAND_SPLIT,       /* a text that the platform splits itself */
};

struct command_word {
    struct str text; /* decoded: what the program would get; of COMMAND_SHELL as the shell would see it, quotes gone */
    struct place at;
    bool unknown; /* hangs on an unresolved variable of the platform */
    bool
        expanded; /* COMMAND_SHELL: the shell expands something in it ($, `, ~, *), which stands in `text` as written */
};

/* A simple command of a shell's text: `VAR=1 curl -f URL || exit 1` has two. */
struct shell_command {
    const struct command_word *words; /* without leading assignments and redirections; may be none */
    size_t word_count;
    const struct command_word *assignments; /* "VAR=1" */
    size_t assignment_count;
    const char *joined; /* how it follows the one before: "", "&&", "||", "|", ";", "&", "(" ... */
};

/* Where bytes of a shell's text stand in the source: texts of continued lines are not contiguous there. */
struct shell_map {
    struct place (*place)(const void *self, size_t offset, size_t len);
    const void *self;
};

struct shell_script {
    const struct shell_command *commands; /* also those in $(...), `...`, subshells, if, for, while, case bodies */
    size_t count;
    bool operators; /* more than one simple command, or a compound one: a shell is needed */
    bool redirects; /* likewise */
    bool expands;   /* some word needs expansion; likewise */
};

/*
 * Splits TEXT as POSIX sh would (with the words of bash that change what follows: [[, function, <(, &>, $'), without
 * expanding anything. Commands stand in the order of their first bytes. Reserved words, lists of `for`, patterns of
 * `case`, redirections, comments and bodies of here-documents are no words. Never fails on odd input: what can't be
 * understood is words. MAP may be NULL. Linear in time. Errors: ERR_NOMEM; words beyond LIMIT_SHELL_WORDS are left
 * out, and what is nested deeper than LIMIT_SHELL_DEPTH is text.
 */
int shell_script_read(struct str text, const struct shell_map *map, struct arena *arena,
                      struct shell_script *ret_script, struct err *err);

struct fact_command {
    struct fact fact; /* ABSENT: the image's own holds. `at`: the whole value */
    enum command_form form;
    const struct command_word *words; /* EXEC, SPLIT: argv. SHELL, BROKEN_EXEC: of script.commands[0] */
    size_t word_count;
    struct shell_script script; /* SHELL and BROKEN_EXEC; and of EXEC with a shell as its program and -c: the text */
    bool shell_in_exec;         /* EXEC: ["sh", "-c", ...] */
    struct str text;            /* SHELL, BROKEN_EXEC, SPLIT: as written */
    struct str shell;           /* SHELL, BROKEN_EXEC of a Dockerfile: the program that gets the text: "/bin/sh" unless
                                   SHELL names another; no words and no script are read for cmd, powershell ... */
};

/* The program that a command starts: the first word, or the empty view. */
struct str command_program(const struct fact_command *command);
/*
 * Which of WORDS is the program that does the work: behind env, exec, sudo, time, nice, timeout, tini ... with their
 * options. COUNT when none is left.
 */
size_t command_program_of(const struct command_word *words, size_t count);
/* The index of the text that a shell among WORDS reads as its script (behind -c, -ec, -lc), or COUNT. */
size_t command_script_of(const struct command_word *words, size_t count);
/* Fills text, script and words of a SHELL or BROKEN_EXEC command. Errors: ERR_NOMEM. */
int command_set_text(struct fact_command *command, struct str text, const struct shell_map *map, struct arena *arena,
                     struct err *err);
/*
 * Takes COUNT words of an EXEC command (which live as long as it does) and, when they are a shell with -c, reads its
 * text as a script. Errors: ERR_NOMEM.
 */
int command_set_words(struct fact_command *command, const struct command_word *words, size_t count, struct arena *arena,
                      struct err *err);
/* "curl" of "/usr/bin/curl". */
struct str command_base_name(struct str program);
/* sh, bash, dash, ash, ksh, zsh, busybox ... by base name. */
bool command_is_shell(struct str program);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * dockerfile/instruction.h - one logical line as a typed instruction.
 *
 * Implements the grammar of each instruction of the Dockerfile reference (BuildKit's current syntax). What stands in
 * which field, for each kind:
 *
 *     FROM                       args: image [AS name]; image and name
 *     ARG, ENV, LABEL            pairs (ARG may lack values)
 *     RUN, CMD, ENTRYPOINT       command; heredocs for RUN
 *     SHELL                      command, exec form
 *     HEALTHCHECK                command (CMD), or health_none
 *     COPY, ADD                  args: sources and, last, the destination; heredocs; json tells the form
 *     VOLUME, EXPOSE             args
 *     USER, WORKDIR, STOPSIGNAL, MAINTAINER   args: one
 *     ONBUILD                    trigger
 *     others                     args
 *
 * Words are as written: nothing is expanded and quotes are kept (dockerfile/expand.h), except in the JSON form, whose
 * strings are decoded. Spans are as in dockerfile/lexer.h. `broken` tells that a diagnostic was recorded, so that
 * fields may be missing.
 */
#include "dockerfile/lexer.h"

enum dockerfile_kind {
    DOCKERFILE_UNKNOWN,
    DOCKERFILE_ADD,
    DOCKERFILE_ARG,
    DOCKERFILE_CMD,
    DOCKERFILE_COPY,
    DOCKERFILE_ENTRYPOINT,
    DOCKERFILE_ENV,
    DOCKERFILE_EXPOSE,
    DOCKERFILE_FROM,
    DOCKERFILE_HEALTHCHECK,
    DOCKERFILE_LABEL,
    DOCKERFILE_MAINTAINER,
    DOCKERFILE_ONBUILD,
    DOCKERFILE_RUN,
    DOCKERFILE_SHELL,
    DOCKERFILE_STOPSIGNAL,
    DOCKERFILE_USER,
    DOCKERFILE_VOLUME,
    DOCKERFILE_WORKDIR,
    DOCKERFILE_KINDS,
};

struct dockerfile_words {
    struct dockerfile_word *items;
    uint32_t count;
    uint32_t cap;
};

/* NAME=VALUE of ENV, LABEL, ARG, and of the fields of --mount. */
struct dockerfile_pair {
    struct dockerfile_word key;
    struct dockerfile_word value; /* where the value would be, when there is none */
    bool has_value;
};

struct dockerfile_pairs {
    struct dockerfile_pair *items;
    uint32_t count;
    uint32_t cap;
};

struct dockerfile_flag {
    struct dockerfile_word word; /* "--from=builder" */
    struct str name;             /* "from" */
    struct dockerfile_word value;
    bool has_value;
    struct dockerfile_pairs fields; /* of --mount: type=..., target=... (a view of the value's words) */
};

struct dockerfile_command {
    bool exec;                     /* a JSON array of strings */
    bool looks_like_exec;          /* starts with '[' but is no JSON array of strings: the shell gets it */
    struct dockerfile_word text;   /* all of it as written; empty when nothing stands there (e.g. a heredoc alone) */
    struct dockerfile_words words; /* exec: decoded strings, spans with their quotes; else split at white space */
};

struct dockerfile_instruction {
    enum dockerfile_kind kind;
    bool broken;
    bool json;
    bool health_none;
    bool health_cmd;
    struct data_span span; /* first to last byte of the logical line, without heredoc bodies */
    struct dockerfile_word name;
    struct dockerfile_word rest; /* all behind name and flags */
    const struct dockerfile_line *line;
    const struct dockerfile_flag *flags;
    uint32_t flag_count;
    uint32_t heredoc_count;
    const struct dockerfile_heredoc *heredocs;
    struct dockerfile_words args;
    struct dockerfile_pairs pairs;
    const struct dockerfile_command *command;
    const struct dockerfile_instruction *trigger;
    struct dockerfile_word image;      /* FROM */
    struct dockerfile_word stage_name; /* FROM ... AS; empty when there is none */
};

/* Reads LINE; what is wrong goes to DIAGNOSTICS. ESCAPE is the file's. *WORD_BUDGET counts down to 0 (ERR_LIMIT). */
int dockerfile_instruction_read(const struct dockerfile_line *line, char escape, struct arena *arena,
                                uint32_t *word_budget, struct dockerfile_diagnostics *diagnostics,
                                struct dockerfile_instruction *ret_instruction, struct err *err);

/* The last flag NAME ("from"), or NULL. */
const struct dockerfile_flag *dockerfile_flag(const struct dockerfile_instruction *instruction, const char *name);

/* The value of FIELD in a --mount flag, or NULL ("target" also finds its other names "dst" and "destination", "source"
 * finds "src"). */
const struct dockerfile_pair *dockerfile_mount_field(const struct dockerfile_flag *flag, const char *field);

/* "HEALTHCHECK"; "" for DOCKERFILE_UNKNOWN. */
const char *dockerfile_kind_name(enum dockerfile_kind kind);

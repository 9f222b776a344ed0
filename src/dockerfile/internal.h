/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * dockerfile/internal.h - what the parts of this module share.
 */
#include "base/limits.h"
#include "dockerfile/file.h"

#include <string.h>

/* Adds a cleared element to {items, count, cap} in ARENA; NULL when memory is short. */
void *dockerfile_grow(struct arena *arena, void *items, uint32_t count, uint32_t *cap, size_t size) MUST_CHECK;
#define DOCKERFILE_ADD_TO(arena, list)                                                                                 \
    ({                                                                                                                 \
        void *grown_ = (list)->count < (list)->cap ? (void *)(list)->items                                             \
                                                   : dockerfile_grow((arena), (list)->items, (list)->count,            \
                                                                     &(list)->cap, sizeof(*(list)->items));            \
        if (grown_)                                                                                                    \
            (list)->items = grown_;                                                                                    \
        grown_ ? &(list)->items[(list)->count++] : NULL;                                                               \
    })

/* MESSAGE and HINT are kept as they are: static, or in the arena. */
int dockerfile_diagnose(struct arena *arena, struct dockerfile_diagnostics *diagnostics, struct data_span span,
                        const char *message, const char *hint, struct err *err);

/* TEXT for a message: its valid start, at most 80 bytes, control bytes as '?'. NULL when memory is short. */
const char *dockerfile_shown(struct arena *arena, struct str text);

/* Makes WORD of LEN bytes at COOKED of LINE. */
struct dockerfile_word dockerfile_line_word(const struct dockerfile_line *line, size_t cooked, size_t len);

/* The part of WORD from byte FROM on, LEN bytes. */
struct dockerfile_word dockerfile_word_part(const struct dockerfile_line *line, const struct dockerfile_word *word,
                                            size_t from, size_t len);

/*
 * words.c: the next word of TEXT at *AT, in quotes or not; quotes and escapes stay in it. False at the end.
 * *RET_OPEN_QUOTE is set when a quote is not closed.
 */
bool dockerfile_next_quoted(struct str text, size_t *at, char escape, size_t *ret_start, size_t *ret_end,
                            bool *ret_open_quote);
/* As that, but ends at white space only. */
bool dockerfile_next_plain(struct str text, size_t *at, size_t *ret_start, size_t *ret_end);

/* heredoc.c: the heredoc words of a logical line (without bodies), when its instruction takes any. */
struct dockerfile_heredocs {
    struct dockerfile_heredoc *items;
    uint32_t count;
    uint32_t cap;
};
int dockerfile_heredocs_find(const struct dockerfile_line *line, struct arena *arena,
                             struct dockerfile_heredocs *heredocs, struct err *err);
/* True when TEXT is a heredoc word. */
bool dockerfile_heredoc_word(struct str text);

/* The kind of NAME in any case. */
enum dockerfile_kind dockerfile_kind_of(struct str name);

/* What the readers of one instruction share. */
struct dockerfile_reading {
    const struct dockerfile_line *line;
    struct arena *arena;
    struct dockerfile_diagnostics *diagnostics;
    uint32_t *word_budget;
    struct dockerfile_instruction *out;
    char escape;
};

int dockerfile_complain(struct dockerfile_reading *reading, struct data_span span, const char *message,
                        const char *hint, struct err *err);
/* Adds a word to WORDS, within the budget. */
int dockerfile_add_word(struct dockerfile_reading *reading, struct dockerfile_words *words, struct dockerfile_word word,
                        struct err *err);
/* command.c: TEXT as a command; *RET_STRINGS_ONLY is false when it is a JSON array of something else. */
int dockerfile_command_read(struct dockerfile_reading *reading, struct dockerfile_word text,
                            struct dockerfile_command *ret_command, bool *ret_strings_only, struct err *err);
/* entries.c: ENV, LABEL, ARG. */
int dockerfile_pairs_read(struct dockerfile_reading *reading, struct err *err);
/* entries.c: the flags at AT of the line's text; moves it behind them. */
int dockerfile_flags_read(struct dockerfile_reading *reading, size_t *at, struct err *err);

/* pattern.c: ${V#p} and the like. False: PATTERN is invalid or the budget is spent (*ret_problem tells). */
enum dockerfile_trim { DOCKERFILE_TRIM_PREFIX, DOCKERFILE_TRIM_SUFFIX };
bool dockerfile_pattern_trim(struct str pattern, struct str value, enum dockerfile_trim side, bool longest,
                             struct dockerfile_budget *budget, struct str *ret_rest, const char **ret_problem);
/* The leftmost longest match of PATTERN in VALUE from byte FROM on; *ret_start is value.len + 1 when there is none. */
bool dockerfile_pattern_find(struct str pattern, struct str value, size_t from, struct dockerfile_budget *budget,
                             size_t *ret_start, size_t *ret_end, const char **ret_problem);

/* scope.c: every variable of a file with its definitions. */
struct dockerfile_scopes;
struct dockerfile_scopes *dockerfile_scopes_new(struct arena *arena);
/* STAGE NULL: global. Positions of one stage never fall, stages come in order. */
int dockerfile_scopes_define(struct dockerfile_scopes *scopes, const struct dockerfile_stage *stage, uint32_t position,
                             bool env, struct str name, const struct dockerfile_value *value, struct err *err);
/* Where a name is looked for. */
struct dockerfile_place {
    const struct dockerfile_scopes *scopes;
    const struct dockerfile_stage *stage; /* NULL: as FROM sees it */
    uint32_t position;                    /* definitions of this stage up to it count */
};
struct dockerfile_value dockerfile_scopes_lookup(void *place, struct str name);
struct dockerfile_value dockerfile_scopes_global(const struct dockerfile_scopes *scopes, struct str name);
/* TARGETPLATFORM and its like. */
bool dockerfile_platform_arg(struct str name);

/* stage.c: applies the instructions of STAGE. */
struct dockerfile_evaluation {
    struct dockerfile *file;
    struct dockerfile_scopes *scopes;
    struct arena *arena;
    struct dockerfile_budget *budget;
    struct dockerfile_stage *stages;
    uint32_t triggers_left; /* so that triggers of one stage are not run without end */
};
int dockerfile_stage_evaluate(struct dockerfile_evaluation *evaluation, struct dockerfile_stage *stage,
                              struct err *err);
/* Expands WORD where PLACE is; a problem becomes a diagnostic. */
int dockerfile_evaluate_word(struct dockerfile_evaluation *evaluation, struct dockerfile_place *place,
                             const struct dockerfile_word *word, struct dockerfile_value *ret_value, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * dockerfile/file.h - a whole Dockerfile: directives, instructions, stages and what is wrong.
 *
 * Implements the rest of the Dockerfile reference that needs more than one instruction: an ARG before the first FROM
 * is seen by FROM lines only, until a stage declares it again; a stage's ARG holds in the stages that start from it;
 * ENV beats ARG; TARGETPLATFORM and its like are known to FROM and, once declared, to stages, with values that can't
 * be known here; HTTP_PROXY and its like need no declaration.
 *
 * Bytes in, structures out: no files. Everything lives in the arena and views the source, which must outlive it.
 * Diagnostics of one file are sorted by place.
 */
#include "dockerfile/stage.h"

struct dockerfile {
    struct dockerfile_lines lines; /* source, escape, directives, comments */
    const struct dockerfile_instruction *instructions;
    uint32_t instruction_count;
    uint32_t stage_count;
    const struct dockerfile_stage *stages;
    struct dockerfile_entries global_args;
    const struct dockerfile_scopes *scopes;    /* every variable's definitions; the module's own */
    struct dockerfile_diagnostics diagnostics; /* of all levels */
};

/*
 * Errors: ERR_NOMEM, ERR_LIMIT (LIMIT_DOCKERFILE_*). A file that is broken, empty or binary is no error: it has
 * diagnostics.
 */
int dockerfile_read(struct str source, struct arena *arena, struct dockerfile *ret_file, struct err *err);

/* The stage that a build without --target makes (TARGET empty: the last), or the one that TARGET names (by name in any
 * case, or by index); NULL when there is none. */
const struct dockerfile_stage *dockerfile_final_stage(const struct dockerfile *file, struct str target);

/*
 * The earlier stage that NAME means in COPY --from or RUN --mount from= of stage BEFORE (its index): by name in any
 * case, the nearest one when a name was given twice, or by number; NULL: an image or a named context.
 */
const struct dockerfile_stage *dockerfile_stage_named(const struct dockerfile *file, struct str name, uint32_t before);

/*
 * Expands WORD as instruction number INSTRUCTION of the file would (in the scope that holds at its line). For words
 * that the stage's settings do not carry: sources of COPY, values of flags. Errors: ERR_NOMEM.
 */
int dockerfile_expand_at(const struct dockerfile *file, uint32_t instruction, const struct dockerfile_word *word,
                         struct arena *arena, struct dockerfile_expansion *ret_expansion, struct err *err);

/* As that, for many words: what all of them cost counts against BUDGET. */
int dockerfile_expand_within(const struct dockerfile *file, uint32_t instruction, const struct dockerfile_word *word,
                             struct dockerfile_budget *budget, struct arena *arena,
                             struct dockerfile_expansion *ret_expansion, struct err *err);

/*
 * As dockerfile_expand_at, for the body of a heredoc of COPY or ADD: quotes and escapes stay, a quoted delimiter
 * expands nothing. Tabs that "<<-" strips are still there.
 */
int dockerfile_expand_body_at(const struct dockerfile *file, uint32_t instruction,
                              const struct dockerfile_heredoc *heredoc, struct arena *arena,
                              struct dockerfile_expansion *ret_expansion, struct err *err);

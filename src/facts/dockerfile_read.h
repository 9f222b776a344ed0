/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/dockerfile_read.h - what the parts of the Dockerfile's reader share (facts/dockerfile_*.c only).
 */
#include "facts/read.h"

/* One instruction that is carried out, in the order of the file; a trigger stands where the FROM that runs it does. */
struct build_step {
    const struct dockerfile_stage *stage;
    const struct dockerfile_instruction *instruction;
    uint32_t position;
    bool trigger;
    struct str shell; /* that holds here */
};

struct build_reading {
    const struct source *source;
    const struct dockerfile *file;
    struct arena *arena;
    const struct build_step *steps; /* RUN, COPY, ADD, CMD, ENTRYPOINT, HEALTHCHECK */
    size_t step_count;
    struct dockerfile_budget budget; /* of all words that are expanded here */
    struct build *build;
};

static inline struct place build_place(const struct build_reading *reading, struct data_span span)
{
    return (struct place){reading->source, span};
}

/* VALUE as a fact; it points to OTHERWISE when no word of the file stands behind it. */
struct fact_text build_text(const struct build_reading *reading, const struct dockerfile_value *value,
                            struct place otherwise);

bool build_stage_ships(const struct build *build, const struct dockerfile_stage *stage);

/* dockerfile_run.c */
int build_command(const struct build_reading *reading, const struct dockerfile_instruction *instruction,
                  struct str shell, struct fact_command *ret_command, struct err *err);
int build_read_runs(struct build_reading *reading, struct err *err);
/* dockerfile_copy.c */
int build_read_copies(struct build_reading *reading, struct err *err);
/* Whether a shell is at the end, which a copy may bring in. */
void build_find_shell(struct build_reading *reading);
/* dockerfile_settings.c */
int build_read_settings(struct build_reading *reading, struct err *err);

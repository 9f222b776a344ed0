/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * dockerfile/stage.h - a build stage and what holds at its end.
 *
 * What a stage starts from is resolved after ARG defaults: scratch, an earlier stage (names in any case; they shadow
 * images; a number is never a stage here), or an image. A stage that starts from another inherits its settings
 * (state INHERITED, spans from where they were set). ABSENT means that no instruction of this file sets it: with an
 * image as base (`root`), the image's own setting holds, which is not known here.
 *
 * CMD is dropped when this stage sets ENTRYPOINT and CMD came with the base (then `cmd_dropped`). Triggers (ONBUILD)
 * of the stage that this one starts from are run first.
 */
#include "dockerfile/expand.h"

enum dockerfile_base {
    DOCKERFILE_BASE_IMAGE,
    DOCKERFILE_BASE_SCRATCH,
    DOCKERFILE_BASE_STAGE,
    DOCKERFILE_BASE_UNKNOWN, /* hangs on a variable that can't be known, or the FROM is broken */
};

/* A setting that a whole instruction makes. */
struct dockerfile_setting {
    enum dockerfile_state state;                      /* ABSENT, KNOWN, INHERITED */
    const struct dockerfile_instruction *instruction; /* NULL when absent; for triggers, the inner one */
};

/* A variable, label, port or volume of one stage. */
struct dockerfile_entry {
    struct dockerfile_value key;   /* the port or path itself for EXPOSE and VOLUME */
    struct dockerfile_value value; /* ENV, LABEL */
    const struct dockerfile_instruction *instruction;
    uint32_t position; /* index into file->instructions; for a trigger, that of the FROM that runs it */
};

struct dockerfile_entries {
    struct dockerfile_entry *items;
    uint32_t count;
    uint32_t cap;
};

struct dockerfile_stage {
    uint32_t index;
    uint32_t first; /* index into file->instructions of the FROM */
    uint32_t count; /* instructions with the FROM */
    const struct dockerfile_instruction *from;
    struct dockerfile_word name; /* empty when it has none */

    enum dockerfile_base base;
    struct dockerfile_value image;         /* FROM's image word after expansion, whatever `base` is */
    struct dockerfile_value platform;      /* --platform; ABSENT without */
    const struct dockerfile_stage *parent; /* base == STAGE; earlier in the file, so that there are no circles */
    /* The stage at the end of the chain of parents, whose base lies outside the file: this one when parent is NULL. */
    const struct dockerfile_stage *root;

    struct dockerfile_value user;
    struct dockerfile_value workdir; /* relative ones joined with what held before */
    struct dockerfile_value stopsignal;
    struct dockerfile_setting user_from, workdir_from, stopsignal_from; /* the instructions of these three */
    struct dockerfile_setting entrypoint;
    struct dockerfile_setting cmd;
    struct dockerfile_setting healthcheck;
    struct dockerfile_setting shell; /* ABSENT: ["/bin/sh", "-c"] */
    bool cmd_dropped;

    /* Set in this stage, in order; later ones override earlier ones of the same key. The parent's hold too. */
    struct dockerfile_entries args; /* unlike the others they are no part of the image */
    struct dockerfile_entries env;
    struct dockerfile_entries labels;
    struct dockerfile_entries ports;
    struct dockerfile_entries volumes;
    const struct dockerfile_instruction **triggers; /* ONBUILD's inner instructions */
    uint32_t trigger_count;
    uint32_t trigger_cap;
};

/* The value of the environment variable / label NAME at the end of STAGE; INHERITED when a parent set it. */
struct dockerfile_value dockerfile_stage_env(const struct dockerfile_stage *stage, struct str name);
struct dockerfile_value dockerfile_stage_label(const struct dockerfile_stage *stage, struct str name);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/init_work.h - one run of "init": what it is told, what it finds out, what it asks.
 *
 * A source (a directory, a program, an image) fills `options` where the caller said nothing, and remembers each answer
 * with its place (init_remember). Everything lives in ctx->arena.
 */
#include "op/services.h"
#include "ops_local/init_result.h"
#include "ops_pure/init_params.h"
#include "survey/survey.h"

struct init_work {
    const struct op_services *services;
    const struct op_ctx *ctx;
    const struct init_local_args *args;
    struct init_options options; /* the caller's, then with what was found */
    bool asks;                   /* somebody is there, and wants to be asked */
    struct str noun;             /* "a Go module" */
    struct str directory;        /* where files are written */
    struct init_found *found;
    size_t found_count, found_room;
    struct str *notes; /* whole sentences without a full stop */
    size_t note_count, note_room;
};

/* Whether the caller gave the parameter NAME, be it with its default. */
bool init_given(const struct init_work *work, const char *name);

/* Nothing happens when ANSWER has no value. Errors: ERR_NOMEM. */
int init_remember(struct init_work *work, const char *what, const struct survey_answer *answer, struct err *err);
int init_work_note(struct init_work *work, struct err *err, const char *format, ...) PRINTF_LIKE(3, 4);

/* TEXT as a DNS label: "My_Shop" is "my-shop"; "app" when nothing is left. ptr NULL: memory is short. */
struct str init_label(struct arena *arena, struct str text);

/* --- sources ------------------------------------------------------------------------------------------------ */

/* Errors of all: those of reading; ERR_UNSUPPORTED, ERR_INVALID (what it is instead); ERR_USAGE; ERR_CANCELLED. */
int init_from_directory(struct init_work *work, struct str path, struct err *err);
int init_from_program(struct init_work *work, struct str path, struct err *err);
int init_from_image(struct init_work *work, struct str name, struct err *err);

/* --- what was not found, or has rivals ----------------------------------------------------------------------- */

struct init_question {
    const char *option; /* "port" */
    const char *text;   /* "port that it listens on (0: it is no server)" */
    struct survey_answer *answer;
    bool said;           /* the caller did already */
    bool optional;       /* an empty answer will do */
    struct str fallback; /* suggested when nothing was found */
    const char *without; /* what is told when nothing was found and nobody is there, or NULL */
    int (*check)(const char *option, struct str value, struct err *err); /* ERR_USAGE, or NULL */
};

/*
 * Asks when somebody is there and the answer is missing or has rivals; else takes the best and warns. The answer has
 * no rivals then. Errors: ERR_CANCELLED, ERR_NOMEM.
 */
int init_settle(struct init_work *work, const struct init_question *question, struct err *err);

/* A port: 0, or from 1024 on. As init_question.check. */
int init_check_port(const char *option, struct str value, struct err *err);

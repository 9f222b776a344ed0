/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * survey/choose.h - one program among those that a project builds.
 *
 * The highest score decides; of equals the first by name, and the others are rivals. The sources of those that were
 * not chosen go to surveying->others.
 */
#include "survey/internal.h"

struct choose_framework {
    const char *dependency, *name;
};

struct choose_item {
    struct str value;
    struct str dir; /* or file: where its sources are */
    struct str path;
    uint32_t line;
    int score;
};

struct choose {
    struct surveying *surveying;
    VEC(struct choose_item) items;
};

/* VALUE twice: the higher score stays. Copies VALUE, DIR and PATH. */
int choose_add(struct choose *choose, struct str value, struct str dir, struct str path, uint32_t line, int score,
               struct err *err);
/* Nothing is said when there is none. */
int choose_program(struct choose *choose, struct survey_answer *answer, const char *why, struct err *err);
void choose_done(struct choose *choose);

/* The framework NAME, told of where it listens. */
int choose_framework_listens(struct surveying *surveying, const char *name, struct err *err);
/* Digits only. */
bool choose_number(struct str text, uint64_t *ret_value);
/* Names of programs that only developers run: tests, benchmarks, examples. */
bool choose_is_aside(struct str name);

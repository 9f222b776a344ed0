/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * survey/call.h - CMakeLists.txt, meson.build and configure.ac as the calls that they make: NAME(WORD WORD ...).
 *
 * Words are what stands together, or in quotes (m4's brackets too); commas, nested lists and calls only separate. A
 * word that stands before ':' is a keyword of Meson's and kept with its colon. Conditions are not judged: both branches
 * are read, and their calls are marked. Variables (set, `x =`) are put in where one stands alone or in ${...}.
 */
#include "survey/internal.h"

#define CALL_WORDS_MAX 256 /* of one call; lists of sources are longer, and the rest of them is not looked at */

struct call {
    struct str name; /* as written */
    uint32_t line;
    struct str words[CALL_WORDS_MAX];
    size_t count;
    bool conditional; /* it stands between CMake's or Meson's if and endif */
};

enum call_syntax { CALL_CMAKE, CALL_MESON, CALL_M4 };

/* Calls EACH for every call of TEXT in order. Texts live in the arena or are views. Errors: EACH's, ERR_NOMEM. */
int calls_read(struct surveying *surveying, struct str text, enum call_syntax syntax, struct map *variables,
               int (*each)(void *self, const struct call *call, struct err *err), void *self, struct err *err);

/* The word behind KEY ("VERSION", "version:"); empty without. */
struct str call_option(const struct call *call, const char *key);

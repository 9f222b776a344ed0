/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/suggest.h - "did you mean": the known word nearest to what was typed.
 *
 * Distance is Damerau-Levenshtein (insertions, deletions, replacements, neighbours swapped). A word that begins with
 * what was typed counts as near. Words longer than 64 bytes match nothing.
 */
#include "base/str.h"

struct suggest {
    struct str typed;
    struct str best; /* empty: nothing is near enough */
    unsigned distance;
};

struct suggest suggest_begin(struct str typed);

/* Offers one candidate; the first of equals wins. CANDIDATE must outlive the suggestion. */
void suggest_offer(struct suggest *suggest, struct str candidate);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check/waiver_comment.h - one comment that may be a waiver: "# barehull: allow RULE[, RULE...] -- reason".
 */
#include "check/waiver.h"

struct waiver_adding {
    const struct source *source;
    struct arena *arena;
    struct waivers *waivers;
    struct findings *findings;
};

/*
 * Reads the comment COMMENT (from its '#' on) and adds a waiver for each rule that it names, as MODEL but for rule,
 * reason and place; what is wrong with it becomes a finding. A comment about something else adds nothing.
 */
int waiver_comment_read(struct waiver_adding *adding, struct data_span comment, const struct waiver *model,
                        struct err *err);

/* Adds a waiver for RULE; an unknown rule or an empty REASON becomes a finding at AT or, for the reason, REASON_AT. */
int waiver_add(struct waiver_adding *adding, struct str rule, struct place at, struct str reason,
               struct place reason_at, const struct waiver *model, struct err *err);

/* A valid-waivers finding. MESSAGE and REMEDY are in the arena or static; REMEDY may be NULL. */
int waiver_complain(struct waiver_adding *adding, struct place at, const char *message, const char *remedy,
                    struct err *err);

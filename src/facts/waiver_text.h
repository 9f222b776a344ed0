/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/waiver_text.h - the words of an exception: "# barehull: allow RULE[, RULE...] -- reason".
 *
 * Where it stands, what it covers, and what is wrong with it, is the reader's (check/waiver.h; classify/kustomization.h
 * for entries of `images`).
 */
#include "base/str.h"

/* Splits what stands behind "allow" into the rules' names and the reason; either may be empty. */
void waiver_text_split(struct str text, struct str *ret_rules, struct str *ret_reason);

/* The comment COMMENT, from its '#' on, when it is a whole exception, with rules and a reason. */
bool waiver_text_read(struct str comment, struct str *ret_rules, struct str *ret_reason);

/* RULES names the rule ID, or all by "*". */
bool waiver_text_names(struct str rules, struct str id);

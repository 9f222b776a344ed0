/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/rule_page.h - all that is said of one rule, from its descriptor: as Markdown for docs/rules/ and SARIF's
 * help, and as text for a terminal. Pure functions of the descriptor; failures are the buffer's.
 */
#include "op/text.h"
#include "rules/rule.h"

enum rule_page_part {
    RULE_PAGE_WHOLE, /* docs/rules/ID.md: with title, and how to waive it */
    RULE_PAGE_ALONE, /* the same by itself: without what only makes sense among the other documents */
    RULE_PAGE_HELP,  /* what SARIF's help shows under a title of its own */
};

void rule_page_markdown(const struct rule *rule, enum rule_page_part part, struct buf *out);
void rule_page_text(const struct rule *rule, struct text_out *out);

/* TEXT, with what Markdown would take for markup made harmless. */
void rule_page_prose(const char *text, struct buf *out);

/* "dockerfile, compose" / "standard, pss-baseline". */
void rule_page_surfaces(const struct rule *rule, struct buf *out);
void rule_page_profiles(const struct rule *rule, struct buf *out);
/* What to do, for terminals and other plain text: a line a surface, each with its name when they differ. */
void rule_page_remedies(const struct rule *rule, struct buf *out);
/* "Dockerfile", "Compose", "Kubernetes", "Image": for headings. */
const char *rule_page_surface_title(enum surface surface);

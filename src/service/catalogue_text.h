/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/catalogue_text.h - the texts of the catalogue, made from the rules' descriptors: what a resource holds, and
 * what a prompt lays before an agent. Failures are the buffer's.
 */
#include "base/buf.h"
#include "rules/rule.h"

#define CATALOGUE_MARKDOWN     STR("text/markdown")
#define CATALOGUE_STANDARD_URI STR("barehull://standard")
#define CATALOGUE_RULES_PREFIX STR("barehull://rules/")

/* The whole standard as one Markdown text. */
void catalogue_standard(struct buf *out);
/* One rule's page. */
void catalogue_rule(const struct rule *rule, struct buf *out);

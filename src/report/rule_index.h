/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/rule_index.h - the list of all rules, by what they are about: for docs/rules/README.md and a terminal.
 */
#include "op/text.h"
#include "rules/rule.h"

enum rule_family {
    RULE_FAMILY_TEXT,     /* the checked files themselves */
    RULE_FAMILY_IMAGE,    /* how an image is made: judged on Dockerfiles, and where an image is used */
    RULE_FAMILY_WORKLOAD, /* how a container runs */
    RULE_FAMILIES,
};

enum rule_family rule_family_of(const struct rule *rule);
const char *rule_family_title(enum rule_family family);

void rule_index_markdown(struct buf *out);
void rule_index_text(struct text_out *out);

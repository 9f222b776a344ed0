/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/families.h - the rules by family: one file each, in the order of the table (rules/table.c).
 */
#include "rules/rule.h"

/* document.c: the checked texts themselves; check/ tells their findings. */
extern const struct rule valid_syntax_rule;
extern const struct rule not_rendered_rule;
extern const struct rule valid_waivers_rule;

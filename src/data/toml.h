/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/toml.h - TOML 1.0 as the tree of data/node.h: Cargo.toml, pyproject.toml, lock files.
 *
 * Read whole: tables, arrays of tables, dotted and quoted keys, all four kinds of strings, arrays, inline tables,
 * booleans. Numbers keep their text (DATA_NUMBER). Dates and times are strings of their text with DATA_STYLE_PLAIN.
 * More is taken than the specification allows (a table that is opened twice, a number such as 1__0); what has two
 * meanings is not: a key that has two values is ERR_INVALID.
 * Spans are the values' own; a table's is its header, an array of tables' its first header.
 */
#include "base/arena.h"
#include "data/node.h"

/*
 * BYTES must outlive the tree. Errors: ERR_INVALID "line 3: ...", ERR_LIMIT (LIMIT_TOML_BYTES, _DEPTH, _NODES,
 * _MEMBERS of one table), ERR_NOMEM.
 */
int toml_parse(struct str bytes, struct arena *arena, const struct data_node **ret_root, struct err *err);

/* The line of NODE in BYTES, from 1. */
uint32_t toml_line(struct str bytes, const struct data_node *node);

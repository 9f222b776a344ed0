/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/table.h - finding things in the tables of op/operation.h, and proving that a table is well made.
 */
#include "op/operation.h"
#include "op/services.h"

/* NULL when there is none. */
const struct operation *op_table_find(const struct op_table *table, struct str name);
const struct op_param *op_param_find(const struct op_param *params, struct str name);
const struct op_param *op_param_find_letter(const struct op_param *params, char letter);

size_t op_param_count(const struct op_param *params);

/* What stands for the value in help: "APP", "KEY=VALUE", "text|json". Appended to OUT. */
void op_param_metavar(const struct op_param *param, struct buf *out);

/* The JSON name: "-" becomes "_". */
void op_param_json_name(const struct op_param *param, char name[OP_NAME_MAX]);

/* Stable names of the effects, in order: "reads-files"... Returns how many were put into NAMES (room for 4). */
size_t op_effect_names(unsigned effects, const char **names);

/*
 * Checks what the compiler can't: names and letters are unique, field sizes fit their types, choices hold their
 * default, positional parameters stand in a sane order, summaries follow the style, see-also names exist. A mistake
 * is the programmer's: ERR_INTERNAL naming it. Tests run it over every table.
 */
int op_table_check(const struct op_table *table, struct err *err);

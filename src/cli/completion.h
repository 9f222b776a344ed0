/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/completion.h - completion scripts for shells, from the tables of operations.
 *
 * Each knows commands, options (long and short), the values of choices, files and directories. No script calls
 * barehull while one types. Failures are OUT's.
 */
#include "base/buf.h"
#include "op/services.h"

void completion_bash(struct buf *out, const struct op_table *table);
void completion_zsh(struct buf *out, const struct op_table *table);
void completion_fish(struct buf *out, const struct op_table *table);

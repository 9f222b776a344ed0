/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/reference.h - what the pages say: one for the program, one for each operation, all from the tables.
 *
 * --help, manual pages and docs/commands/ are the same walk with different back-ends (cli/doc.h), so that none can
 * know an option that another does not.
 */
#include "cli/doc.h"
#include "op/table.h"

enum reference_style { REFERENCE_HELP, REFERENCE_MAN, REFERENCE_MARKDOWN };

/* OUT's colour and width are used by REFERENCE_HELP. OPERATION NULL: the page of the program. Failures are OUT's. */
void reference_write(struct text_out *out, enum reference_style style, const struct op_table *table,
                     const struct operation *operation, const char *version);

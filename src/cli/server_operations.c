/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command_serve.h"
#include "cli/commands.h"
#include "cli/operations.h"
#include "ops_pure/explain.h"
#include "ops_pure/rules.h"

/* What the service alone offers at the command line; operations.c has the whole program's. */
static const struct operation *const items[] = {
    &explain_operation,
    &rules_operation,
    &serve_operation,
    &cli_help_operation,
    &cli_completion_operation,
    &cli_version_operation,
    NULL,
};

const struct op_table cli_operations = {items};

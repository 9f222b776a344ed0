/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/operations.h"

#include "cli/command_serve.h"
#include "cli/commands.h"
#include "ops_local/build.h"
#include "ops_local/cache.h"
#include "ops_local/check.h"
#include "ops_local/init.h"
#include "ops_local/inspect.h"
#include "ops_pure/explain.h"
#include "ops_pure/rules.h"

/* A new command: its file in ops_local/ or ops_pure/, and a line here. */
static const struct operation *const items[] = {
    &build_operation,    &check_operation,          &init_files_operation,  &explain_operation,
    &rules_operation,    &cache_operation,          &inspect_operation,     &serve_operation,
    &cli_help_operation, &cli_completion_operation, &cli_version_operation, NULL,
};

const struct op_table cli_operations = {items};

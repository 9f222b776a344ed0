/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/commands.h - the operations that are about the command line itself: help, completion, version. One file each.
 */
#include "op/operation.h"

extern const struct operation cli_help_operation, cli_completion_operation, cli_version_operation;

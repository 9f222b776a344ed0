/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/operations.h - the commands of barehull, in the order that help shows.
 */
#include "op/services.h"

extern const struct op_table cli_operations;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/check.h - "check" over files and directories. Over named texts it is ops_pure's; both answer alike
 * (ops_pure/check_result.h).
 */
#include "op/operation.h"

extern const struct operation check_operation;

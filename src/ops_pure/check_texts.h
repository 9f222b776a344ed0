/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/check_texts.h - "check" over texts that are sent along: what the service and agents call. The command line
 * checks paths (ops_local/check.h); the answer is the same for the same files (ops_pure/texts.h).
 */
#include "op/operation.h"

extern const struct operation check_texts_operation;

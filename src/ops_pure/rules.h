/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/rules.h - the operation "rules": the list of rules for programs, by surface and profile.
 */
#include "op/operation.h"

extern const struct operation rules_operation;

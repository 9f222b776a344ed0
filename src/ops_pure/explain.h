/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/explain.h - the operation "explain": what a rule is, why, and how it is kept; without one, all of them.
 */
#include "op/operation.h"

extern const struct operation explain_operation;

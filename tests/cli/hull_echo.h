/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * hull_echo.h - an operation with every type of parameter and field: what the decoder made of its arguments comes back
 * as the result. "finding" as the word gives exit status 1; --flag warns.
 */
#include "op/operation.h"

extern const struct operation hull_echo_operation;

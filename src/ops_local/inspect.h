/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/inspect.h - the operation "inspect": what is in a built image.
 */
#include "op/operation.h"

extern const struct operation inspect_operation;

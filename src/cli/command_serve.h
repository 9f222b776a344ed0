/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/command_serve.h - the operation "serve". It stands here and not among the others because it wires everything.
 */
#include "op/operation.h"

extern const struct operation serve_operation;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/init.h - the operation "init" that touches nothing: a description in, the files in its answer. The one of
 * this machine (ops_local) finds out, asks and writes; both take the options of ops_pure/init_params.h.
 */
#include "op/operation.h"

extern const struct operation init_description_operation;

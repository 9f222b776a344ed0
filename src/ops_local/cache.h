/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/cache.h - the operation "cache": what is kept on this machine, and its removal.
 */
#include "op/operation.h"

extern const struct operation cache_operation;

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/build.h - the operation "build": a program becomes a distroless image.
 */
#include "op/operation.h"

extern const struct operation build_operation;

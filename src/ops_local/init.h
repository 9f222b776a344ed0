/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/init.h - "init" over what is on this machine: an application's deployment files, written beside it. From a
 * description alone it is ops_pure's.
 */
#include "op/operation.h"

extern const struct operation init_files_operation;

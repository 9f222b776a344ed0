/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/build_result.h - what "build" answers: the fields of struct build_result (pack/build.h), for JSON and for
 * people.
 */
#include "op/operation.h"

extern const struct op_record build_result_record;

void build_result_render(const void *result, struct text_out *out);

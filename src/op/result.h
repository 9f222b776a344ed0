/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/result.h - a result structure as JSON, by its record's table (op/operation.h says what is left out when absent).
 */
#include "data/json_writer.h"
#include "op/operation.h"

/* Writes one object. */
void op_result_write(const struct op_record *record, const void *result, struct json_writer *json);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/schema.h - JSON Schemas (2020-12) of an operation's arguments and result, from the same tables that decode and
 * write them. Each function writes one schema object. Input schemas allow no unknown names; output schemas do, so
 * that results may grow. A parameter's description is its summary with all that help tells besides: how a value is
 * written, what each choice means, the details.
 */
#include "data/json_writer.h"
#include "op/operation.h"

void op_schema_input(const struct operation *operation, struct json_writer *json);
/* Of one parameter: a member of the above, or what a query holds. */
void op_schema_param(const struct op_param *param, struct json_writer *json);
/* Its "description" alone, for a schema of another form. */
void op_schema_description(const struct op_param *param, struct json_writer *json);
void op_schema_output(const struct operation *operation, struct json_writer *json);

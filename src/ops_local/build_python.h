/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/build_python.h - what "build" tells of a Python application: fields for JSON, lines for people.
 */
#include "op/operation.h"

struct build_python;

extern const struct op_record build_python_record;

/* What was found and why; the lines begin with labels WIDTH wide. */
void build_python_render(const struct build_python *python, struct str suite, struct text_out *out, unsigned width);

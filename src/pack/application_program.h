/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/application_program.h - a compiled program becomes an application: the ELF file at options->app, its private
 * libraries, what is included. Part of application_read, with its errors; APP is cleared, and the caller's to free
 * after an error too.
 */
#include "pack/application.h"

int application_program_read(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                             struct err *err);

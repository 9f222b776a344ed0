/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/python_internal.h - the parts of python_app_read, for the sources of this module only.
 *
 * They run in the order in which they stand here. Each fills its fields of APP and needs those above.
 */
#include "project/python.h"

/*
 * Fills `entry`. Needs root, files, environment (with files), program.interpreter, distributions; the content of
 * "*.py" everywhere, of "Procfile", and of the environment's "entry_points.txt" and "direct_url.json".
 * Errors: ERR_USAGE (none or several found: lists them; --module names nothing), ERR_INVALID (syntax error).
 */
int python_find_entry(const struct op_ctx *ctx, const struct python_request *request, struct python_app *app,
                      struct err *err);

/*
 * Fills mentions, finds_libraries, own_modules, needs; warns of sources of the project that can't be read. Needs what
 * python_find_entry needs, and `entry`; files that are dropped do not count. Another scan of the same APP, when files
 * that were dropped came back, looks at those alone.
 */
int python_scan(const struct op_ctx *ctx, struct python_app *app, struct err *err);

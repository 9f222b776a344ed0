/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/init_judge.h - what "check" says of files that init made, by the standard's own policy.
 */
#include "init/files.h"
#include "op/services.h"
#include "ops_local/init_result.h"

/* Everything lives in ctx->arena. Errors: ERR_NOMEM, ERR_CANCELLED. */
int init_judge(const struct op_services *services, const struct op_ctx *ctx, const struct init_files *files,
               struct init_judgement *ret_judgement, struct err *err);

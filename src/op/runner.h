/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/runner.h - who runs operations for a protocol (REST, MCP): the one place between a request and operation->run,
 * where the service lends op_services and counts what came of it. Protocols decode and write; they never call
 * operation->run themselves.
 */
#include "op/operation.h"

struct op_runner {
    /* As operation->run. ARGS were decoded and finished. Any thread, several at once. */
    int (*run)(void *self, const struct operation *operation, const struct op_ctx *ctx, const void *args, void *result,
               struct err *err);
    void *self;
};

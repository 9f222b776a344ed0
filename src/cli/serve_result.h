/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/serve_result.h - what `serve --check-config` answers: each variable with its effective value and where it comes
 * from, and what is wrong with the environment.
 */
#include "config/service.h"
#include "op/operation.h"

struct serve_variable {
    struct str variable, value, source; /* "default", "environment" */
    struct str type, summary, example;
    struct str default_text, minimum, maximum, details; /* may be absent */
};

struct serve_problem {
    struct str severity; /* "error", "warning" */
    struct str variable, message, example;
};

struct serve_result {
    bool shown; /* --check-config; otherwise there is nothing to tell */
    bool valid;
    struct str mode; /* "http", "stdio" */
    OP_LIST(struct serve_variable) variables;
    OP_LIST(struct serve_problem) problems;
};

extern const struct op_record serve_result_record;

/* Errors: ERR_NOMEM. */
int serve_result_fill(enum service_mode mode, const struct service_config *config,
                      const struct service_problems *problems, struct arena *arena, struct serve_result *ret_result,
                      struct err *err);
void serve_result_render(const void *result, struct text_out *out);
int serve_result_status(const void *result);

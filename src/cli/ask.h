/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/ask.h - questions to a person on a terminal: asked on standard error, answered on standard input.
 *
 *     port that the service listens on (main.go:12 listens on it) [8080]:
 *
 * An empty answer takes the suggestion. A wrong one is told why and asked for again. The end of input (Ctrl-D) is
 * ERR_CANCELLED, and so is Ctrl-C (cli/signals.h). Words of others can't steer the terminal. Limit:
 * LIMIT_ANSWER_BYTES.
 */
#include "op/services.h"

struct cli_progress;

/* Whether somebody is there to be asked: both streams are terminals. */
bool cli_can_ask(int in_fd, int out_fd);

struct cli_asking {
    int in_fd, out_fd;
    bool color;
    struct cli_progress *progress; /* its line is wiped first */
};

/* As op_services.ask; *ret_answer lives in ctx->arena. */
int cli_ask(const struct cli_asking *asking, const struct op_ctx *ctx, const struct op_question *question,
            struct str *ret_answer, struct err *err);

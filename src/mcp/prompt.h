/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * mcp/prompt.h - finding prompts and their arguments, for prompts/get and completion/complete; part of the module's
 * inside.
 */
#include "mcp/internal.h"

/* NULL for an unknown name. */
const struct mcp_prompt *mcp_prompt_find(const struct mcp_server *server, struct str name);
const struct mcp_prompt_argument *mcp_prompt_argument_find(const struct mcp_prompt *prompt, struct str name);

/* turn->fault: there is no prompt NAME. */
int mcp_refuse_prompt(struct mcp_turn *turn, struct str name, struct err *err);

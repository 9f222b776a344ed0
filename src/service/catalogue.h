/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/catalogue.h - what agents can read and ask for besides tools: the standard and each rule as resources
 * (barehull://rules/ID, barehull://standard), prompts, and completion of rule ids.
 */
#include "mcp/tool.h"

extern const struct mcp_resources catalogue_resources;
extern const struct mcp_prompt catalogue_prompts[];
mcp_complete_function catalogue_complete;

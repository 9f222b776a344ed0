/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A small server of the protocol with one of everything: two operations, a function with mirrored arguments, three
 * resources and a template, two prompts, completions.
 */
#include "mcp/server.h"

/* What every test of messages talks to. */
extern const struct mcp_description mcp_fixture_whole;
/* The same with one item a page. */
extern const struct mcp_description mcp_fixture_pages;
/* Nothing but a name. */
extern const struct mcp_description mcp_fixture_bare;

/* The last event that one of them told of; texts are good until the next. */
extern struct mcp_event mcp_fixture_event;

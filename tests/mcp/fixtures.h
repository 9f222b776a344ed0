/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * fixtures.h - the tools, resources, prompts and completions that the conformance suite of the Model Context Protocol
 * asks for by name, with the very texts that it describes. Never part of the program.
 */
#include "mcp/tool.h"

extern const struct mcp_tool fixture_tools[];
extern const struct mcp_resources fixture_resources;
extern const struct mcp_prompt fixture_prompts[];
mcp_complete_function fixture_complete;

/* One red pixel; four samples of silence: base64. */
#define FIXTURE_PNG STR("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC")
#define FIXTURE_WAV STR("UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQgAAAAAAAAAAAAAAA==")

/* {"type":"text","text":TEXT} and the like, into the open array. */
void fixture_text(struct json_writer *json, struct str text);
/* TYPE: "image", "audio". */
void fixture_data(struct json_writer *json, const char *type, struct str base64, const char *mime_type);
void fixture_resource(struct json_writer *json, struct str uri, const char *mime_type, struct str text);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * op/decode_json.h - arguments from a JSON object (REST, MCP), and the one JSON value that the command line takes.
 *
 * Names are the JSON names of op/table.h. Unknown names, wrong types and numbers with a fraction are refused; null is
 * as if the name were not there.
 *
 * What a person writes into a file (decoder.by_hand; YAML) is taken as it is meant: one value where a list is wanted,
 * a number where a text is wanted, as it is written (3.10 stays "3.10"), an object for OP_PAIRS. A null is refused:
 * it is a value that was forgotten. Booleans are no texts, for true, True and yes are not the same to all readers.
 */
#include "data/json.h"
#include "op/decode.h"

/* Takes every member of OBJECT; then call op_decode_finish. */
int op_decode_object(struct op_decoder *decoder, const struct data_node *object, struct err *err);

/* Takes one member of an object. On failure decoder->refused is where its source is wrong. */
int op_decode_member(struct op_decoder *decoder, const struct data_node *member, struct err *err);

/* A JSON array of strings written as text ('["/app","--serve"]'). */
int op_decode_argv_text(struct op_decoder *decoder, const struct op_param *param, struct str value, struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/json.h - JSON (RFC 8259) into a document tree, strictly.
 *
 * Refused, each with its line and column and a remedy: anything that the RFC's grammar does not have (comments,
 * trailing commas, NaN, a byte order mark), invalid UTF-8, lone surrogates, duplicate keys, bytes behind the value,
 * nesting beyond LIMIT_JSON_DEPTH, more than LIMIT_JSON_NODES values or LIMIT_JSON_BYTES. There is no recursion: a
 * hostile document costs time and memory in proportion to its size (about 90 bytes for a value).
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/op.h"
#include "data/node.h"

/*
 * BYTES must outlive the tree, which lives in ARENA. Errors: ERR_INVALID and ERR_LIMIT, "line 3, column 5: ..."
 * without the document's name (wrap it: err_wrap(err, "'%s'", name)); ERR_NOMEM.
 */
int json_parse(struct str bytes, struct arena *arena, const struct data_node **ret_root, struct err *err);

/* As json_parse, with at most NODE_MAX values: for documents whose sender pays nothing for our memory. */
int json_parse_small(struct str bytes, unsigned node_max, struct arena *arena, const struct data_node **ret_root,
                     struct err *err);

/* As json_parse, and asks CTX (may be NULL) now and then whether to go on. Errors: op_check's too. */
int json_parse_long(const struct op_ctx *ctx, struct str bytes, struct arena *arena, const struct data_node **ret_root,
                    struct err *err);

/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/layer_key.h - what decides a layer's bytes, as one digest: a layer that was made before is found by it, without
 * its tar being written again.
 *
 * Of every node: path, type, mode, owner, time, target, size and the SHA-256 of its content; files that still lie on
 * this machine are read. Contents are digested side by side.
 */
#include "base/op.h"
#include "io/tree.h"

struct pool;

/*
 * The digest of TREE, as 64 hex digits in RET_KEY. Errors: ERR_IO... of files that are read; ERR_CANCELLED.
 */
int layer_key(const struct op_ctx *ctx, struct pool *pool, const struct tree *tree, char ret_key[static 65],
              struct err *err);

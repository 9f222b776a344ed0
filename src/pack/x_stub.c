/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/python.h"

/* Until the parts themselves are here. */

__attribute__((weak)) int python_bytecode_put(const struct op_ctx *ctx, struct store *store, struct pool *pool,
                                              struct supply *supply, struct application *app, struct str *ret_reason,
                                              struct err *err)
{
    (void)ctx, (void)store, (void)pool, (void)supply, (void)app, (void)err;
    *ret_reason = STR("nothing compiles it yet");
    return 0;
}

__attribute__((weak)) int python_bytecode_put_runtime(const struct op_ctx *ctx, struct store *store, struct pool *pool,
                                                      unsigned version, struct tree *tree, struct err *err)
{
    (void)ctx, (void)store, (void)pool, (void)version, (void)tree, (void)err;
    return 0;
}

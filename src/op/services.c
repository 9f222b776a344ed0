/* SPDX-License-Identifier: Apache-2.0 */
#include "op/services.h"

int op_services_cache_dir(const struct op_services *services, struct str *ret_path, struct err *err)
{
    if (services->cache_dir.len == 0) {
        err_set(err, ERR_NOT_FOUND, "no place for the cache: the environment names no home directory");
        return err_hint(err, "set BAREHULL_CACHE_DIR to a directory that you may write to");
    }
    *ret_path = services->cache_dir;
    return 0;
}

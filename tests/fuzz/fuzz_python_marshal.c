/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the version; what is canonical stays as it is, and has the same size or less. */
#include "python/marshal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf once CLEANUP_BUF = BUF_INIT;
    struct buf twice CLEANUP_BUF = BUF_INIT;
    if (size == 0)
        return 0;
    unsigned version = 0x030bU + (data[0] & 3);
    struct str code = str_of((const char *)data + 1, size - 1);
    if (python_marshal_canonical(code, version, &once, NULL) < 0) {
        if (once.len > 0)
            abort();
        return 0;
    }
    int r = python_marshal_canonical(buf_str(&once), version, &twice, NULL);
    if (r < 0 || !str_eq(buf_str(&once), buf_str(&twice)))
        abort();
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "data/toml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL;
    struct str text = str_of((const char *)data, size > 65536 ? 65536 : size);
    if (toml_parse(text, &arena, &root, NULL) < 0)
        return 0;
    uint32_t count = 0;
    DATA_EACH(child, root)
    {
        count++;
        if (!child->key.ptr || child->parent != root || toml_line(text, child) == 0)
            abort();
    }
    if (count != root->count)
        abort();
    return 0;
}

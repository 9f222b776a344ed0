/* SPDX-License-Identifier: Apache-2.0 */
#include "base/vec.h"

#include <string.h>

bool vec_grow(void **ptr, size_t *len, size_t *cap, size_t size)
{
    if (*len == *cap) {
        size_t want = *cap ? *cap * 2 : 8;
        void *grown = want > *cap ? mem_realloc(*ptr, want, size) : NULL;
        if (!grown)
            return false;
        *ptr = grown;
        *cap = want;
    }
    memset((char *)*ptr + *len * size, 0, size);
    (*len)++;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Versions "A\nB\nC": the order is antisymmetric, reflexive and transitive for any bytes. */
#include "pkg/version.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size);
    struct str v[3] = {STR_NONE, STR_NONE, STR_NONE};
    for (size_t i = 0; i < 3 && str_next(&rest, '\n', &v[i]); i++)
        (void)version_validate(v[i], NULL);
    for (size_t i = 0; i < 3; i++) {
        if (version_compare(v[i], v[i]) != 0)
            abort();
        for (size_t j = 0; j < 3; j++)
            if ((version_compare(v[i], v[j]) < 0) != (version_compare(v[j], v[i]) > 0))
                abort();
    }
    if (version_compare(v[0], v[1]) <= 0 && version_compare(v[1], v[2]) <= 0 && version_compare(v[0], v[2]) > 0)
        abort();
    return 0;
}

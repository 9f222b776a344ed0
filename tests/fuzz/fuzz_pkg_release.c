/* SPDX-License-Identifier: Apache-2.0 */
/* Release: every file of the result is found again, and none has a weak digest. */
#include "pkg/release.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct release release;
    if (release_parse(str_of((const char *)data, size), &arena, &release, NULL))
        return 0;
    for (size_t i = 0; i < release.file_count; i++)
        if (release_find(&release, release.files[i].path) != &release.files[i] ||
            release.files[i].digest.algorithm == DIGEST_MD5)
            abort();
    (void)release_has_component(&release, STR("main"));
    (void)release_has_architecture(&release, STR("amd64"));
    return 0;
}

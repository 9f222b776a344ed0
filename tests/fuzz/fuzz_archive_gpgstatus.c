/* SPDX-License-Identifier: Apache-2.0 */
/* Status lines: what is accepted holds a GOODSIG, a VALIDSIG and no BADSIG line. */
#include "archive/gpgstatus.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str status = str_of((const char *)data, size);
    static const struct str asked[] = {STR_INIT("B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8")};
    struct err err = ERR_INIT;
    for (size_t count = 0; count <= 1; count++) {
        struct gpg_verdict verdict;
        gpg_status_read(status, asked, count, &verdict);
        if (gpg_verdict_check(&verdict, "input", &err) != 0)
            continue;
        if (str_find(status, STR("GOODSIG")) == size || str_find(status, STR("VALIDSIG")) == size || verdict.bad > 0 ||
            verdict.signer[0] == '\0')
            abort();
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle joins itself without growing, and a certificate that is read is read again from its own block. */
#include "pack/authorities.h"
#include "pack/pem.h"
#include "pack/x509.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_certificate(struct str der)
{
    struct x509_certificate certificate;
    const char *problem = NULL;
    if (!x509_read(der, &certificate, &problem)) {
        if (!problem)
            abort();
        return;
    }
    if (certificate.name.len > der.len)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    try_certificate(text);
    struct pem_reader blocks = {.rest = text};
    struct pem_block block;
    bool found = true;
    while (found && pem_next(&blocks, &block, &found, NULL) == 0 && found) {
        struct buf der CLEANUP_BUF = BUF_INIT;
        if (pem_decode(block.body, &der))
            try_certificate(buf_str(&der));
    }
    struct buf once CLEANUP_BUF = BUF_INIT;
    struct buf twice CLEANUP_BUF = BUF_INIT;
    if (authorities_add_missing(STR_NONE, text, &once, NULL) < 0)
        return 0;
    if (authorities_add_missing(buf_str(&once), text, &twice, NULL) < 0 || twice.len)
        abort();
    return 0;
}

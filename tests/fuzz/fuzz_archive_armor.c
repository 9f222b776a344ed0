/* SPDX-License-Identifier: Apache-2.0 */
/* Armour taken off: never more bytes than three for four characters, and the frame of a signed message. */
#include "archive/armor.h"
#include "archive/signature.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    int rc = armor_decode_keys(text, "input", &out, &err);
    if (out.len > size / 4 * 3 || (rc != 0 && out.len != 0) || (rc == 0 && out.len == 0))
        abort();
    struct str part;
    if (signature_frame(text, "input", &part, &err) == 0 && (part.ptr < text.ptr || part.len >= text.len))
        abort();
    return 0;
}

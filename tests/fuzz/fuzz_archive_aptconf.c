/* SPDX-License-Identifier: Apache-2.0 */
/* apt.conf(5): what is found is a part of the text. */
#include "archive/host.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str keys[] = {STR_INIT("Acquire::Check-Valid-Until"), STR_INIT("a"), STR_INIT("A::b::C")};
    struct str text = str_of((const char *)data, size), value;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (host_apt_setting(text, keys[i], &value) && value.len > 0 &&
            (value.ptr < text.ptr || value.ptr + value.len > text.ptr + text.len))
            abort();
    return 0;
}

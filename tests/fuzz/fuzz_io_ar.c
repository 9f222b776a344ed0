/* SPDX-License-Identifier: Apache-2.0 */
/* Members lie within the archive, behind one another, and have sound names; their contents come whole. */
#include "io/ar.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader *source CLEANUP_READER = NULL;
    struct ar_reader *ar CLEANUP_AR_READER = NULL;
    struct err err = ERR_INIT;
    if (mem_reader_new(str_of((const char *)data, size), &source, &err) || ar_reader_new(source, "fuzz", &ar, &err))
        abort();
    uint64_t end = 8;
    for (unsigned i = 0;; i++) {
        struct ar_entry entry;
        bool more;
        if (ar_reader_next(ar, &entry, &more, &err) || !more)
            break;
        if (entry.offset_bytes < end + 60 || entry.name.len == 0 || str_has_char(entry.name, '/'))
            abort();
        end = entry.offset_bytes + entry.size_bytes;
        if (i % 2) /* pass over every other one */
            continue;
        uint64_t done = 0;
        char bytes[64];
        int rc = 0;
        for (size_t got = 1; !rc && got > 0; done += got)
            if ((rc = ar_reader_content(ar, bytes, sizeof(bytes), &got, &err)))
                break;
        if (rc ? end <= size : done != entry.size_bytes || end > size)
            abort();
    }
    return 0;
}

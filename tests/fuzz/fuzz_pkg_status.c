/* SPDX-License-Identifier: Apache-2.0 */
/* status.d: a record reads as a paragraph of the same package, made again it stays the same; so do md5sums. */
#include "pkg/deb822.h"
#include "pkg/status.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct buf CLEANUP_BUF once = BUF_INIT;
    struct buf CLEANUP_BUF twice = BUF_INIT;
    struct status_package package;
    struct status_package again;
    if (status_record(text, &once, &package, NULL) == 0 &&
        (status_record(buf_str(&once), &twice, &again, NULL) != 0 || !str_eq(buf_str(&once), buf_str(&twice)) ||
         !str_eq(package.name, again.name) || !str_eq(package.version, again.version) ||
         str_has_char(package.name, '/')))
        abort();
    buf_reset(&once);
    buf_reset(&twice);
    if (status_md5sums(text, true, NULL, NULL, &once, NULL) == 0 &&
        (status_md5sums(buf_str(&once), false, NULL, NULL, &twice, NULL) != 0 ||
         !str_eq(buf_str(&once), buf_str(&twice))))
        abort();
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Relations: what was read and printed reads again as the same. */
#include "base/buf.h"
#include "pkg/relation.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size);
    struct relation relation;
    while (relation_next(&rest, &relation, NULL) == 0 && relation.name.len > 0) {
        struct buf CLEANUP_BUF out = BUF_INIT;
        relation_print(&out, &relation);
        struct str again = buf_str(&out);
        struct relation same;
        if (relation_next(&again, &same, NULL) != 0 || again.len != 0 || !str_eq(same.name, relation.name) ||
            !str_eq(same.qualifier, relation.qualifier) || !str_eq(same.version, relation.version) ||
            same.op != relation.op)
            abort();
        if (relation_matches(&relation, relation.version) !=
            (relation.op != RELATION_EARLIER && relation.op != RELATION_LATER))
            abort();
    }
    return 0;
}

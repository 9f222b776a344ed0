/* SPDX-License-Identifier: Apache-2.0 */
/* apt sources in both formats: each source is complete, and a failure leaves the list as it was. */
#include "pkg/sources.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str names[] = {STR_INIT("a.list"), STR_INIT("b.sources")};
    struct str text = str_of((const char *)data, size);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        CLEANUP_SOURCE_LIST struct source_list list = SOURCE_LIST_INIT;
        struct err err = ERR_INIT;
        if (sources_parse(STR("deb http://m s main\n"), STR("0.list"), STR("amd64"), &arena, &list, &err))
            abort();
        int rc = sources_parse(text, names[i], STR("amd64"), &arena, &list, &err);
        if (rc != 0 && (list.len != 1 || list.ptr[0].components.len != 1))
            abort();
        for (size_t at = 0; at < list.len; at++) {
            const struct source *source = &list.ptr[at];
            if (!str_ends(source->uri, STR("/")) || source->suite.len == 0 || source->line == 0 ||
                source_is_exact_path(source) != (source->components.len == 0))
                abort();
            (void)source_takes_architecture(source, STR("amd64"));
        }
    }
    return 0;
}

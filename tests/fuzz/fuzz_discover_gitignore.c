/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is a path, the rest a .gitignore: the same answer twice, and what ends with the opposite says so. */
#include "discover/gitignore.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size), path;
    if (!str_next(&rest, '\n', &path) || path.len > 4096 || path.len == 0)
        return 0;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct gitignore list;
    if (gitignore_parse(rest, &arena, &list, NULL) != 0)
        return 0;
    enum gitignore_verdict as_dir = gitignore_match(&list, path, true);
    enum gitignore_verdict as_file = gitignore_match(&list, path, false);
    bool dir_only = false;
    for (size_t i = 0; i < list.count; i++) {
        const struct gitignore_rule *rule = &list.rules[i];
        if (rule->pattern.len == 0 && rule->anywhere)
            abort();
        dir_only |= rule->dir_only;
        struct gitignore one = {rule, 1};
        enum gitignore_verdict said = gitignore_match(&one, path, true);
        if (said == (rule->negative ? GITIGNORE_EXCLUDED : GITIGNORE_INCLUDED))
            abort();
        if (i + 1 == list.count && said != GITIGNORE_NONE && said != as_dir)
            abort();
    }
    if (!dir_only && as_dir != as_file)
        abort();
    return 0;
}

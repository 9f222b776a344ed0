/* SPDX-License-Identifier: Apache-2.0 */
/* The last line is a path; what the others leave out, they leave out with all that is below it, unless it may return.
 */
#include "project/ignore.h"

#include "base/path.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct str text = str_of((const char *)data, size > 4096 ? 4096 : size);
    size_t cut = str_rfind_char(text, '\n');
    struct str path = cut < text.len ? str_skip(text, cut + 1) : text;
    struct project_ignore *ignore;
    if (project_ignore_new(str_head(text, cut), (struct str_list){NULL, 0}, &arena, &ignore, NULL))
        return 0;
    if (!path_is_clean_relative(path))
        return 0;
    bool whole = project_ignore_matches(ignore, path);
    for (struct str dir = path_dir(path); dir.len; dir = path_dir(dir))
        if (project_ignore_matches(ignore, dir) && !project_ignore_may_return(ignore, dir) && !whole)
            abort();
    return 0;
}

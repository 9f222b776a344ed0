/* SPDX-License-Identifier: Apache-2.0 */
/* Entry points, .pth files and finders: what is valid has its parts, lines count upwards. */
#include "python/entry.h"
#include "python/pth.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void entries(struct str text, struct arena *arena)
{
    struct python_entry *found;
    size_t count;
    if (python_entries_read(text, arena, &found, &count, NULL))
        return;
    for (size_t i = 0; i < count; i++) {
        if (found[i].valid != (found[i].module.len > 0) || (i && found[i].line <= found[i - 1].line))
            abort();
        if (found[i].valid && !python_entry_find(found, count, found[i].group, found[i].name))
            abort();
    }
}

static void paths(struct str text, struct arena *arena)
{
    struct python_pth_line *lines;
    struct python_finder_entry *mapped;
    size_t count;
    if (!python_pth_read(text, arena, &lines, &count, NULL))
        for (size_t i = 0; i < count; i++)
            if (lines[i].text.len == 0 || (lines[i].kind == PYTHON_PTH_FINDER) != (lines[i].finder.len > 0))
                abort();
    if (!python_finder_read(text, arena, &mapped, &count, NULL))
        for (size_t i = 0; i < count; i++)
            if (!mapped[i].path.ptr || !mapped[i].package.ptr)
                abort();
    (void)python_path_file(text);
    (void)python_egg_link(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct str text = str_of((const char *)data, size);
    entries(text.len > 4096 ? str_head(text, 4096) : text, &arena);
    paths(text, &arena);
    return 0;
}

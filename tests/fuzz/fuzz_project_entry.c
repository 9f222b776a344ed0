/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A project that is drawn as in tests/unit/project_fixture.h, of any files: an entry is found or an error has words,
 * and what it names is there. The first look at a source never overlooks an import that the scan finds.
 */
#include "../unit/project_fixture.h"
#include "base/map.h"
#include "project/python_glance.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* With all names known but one, the source is worth reading for that one. */
static void check_glance(struct str source)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct python_imports imports;
    require(python_imports_scan(source, 0, &arena, &imports, NULL) == 0);
    for (uint32_t i = 0; i < imports.count && i < 64; i++) {
        CLEANUP_MAP struct map known = MAP_INIT;
        struct str top = python_module_top(imports.items[i].module);
        for (uint32_t k = 0; k < imports.count; k++) {
            struct str other = python_module_top(imports.items[k].module);
            if (!str_eq(other, top) && !map_set(&known, other, &known))
                return;
        }
        if (imports.items[i].level == 0 && top.len > 0)
            require(python_glance(source, &known));
    }
}

static void check_entry(struct project_fixture *fixture)
{
    const struct python_app_entry *entry = &fixture->app.entry;
    struct python_start start;
    struct err err = ERR_INIT;
    int result = python_find_entry(&fixture->ctx, &fixture->request, &fixture->app, &err);
    if (result < 0) {
        require(err.code == ERR_USAGE || err.code == ERR_INVALID || err.code == ERR_LIMIT);
        require(err.message[0] != '\0');
        return;
    }
    require(entry->module.len > 0 && entry->chosen.len > 0);
    if (entry->path.len > 0 && !entry->installed)
        require(project_files_find(&fixture->app.files, entry->path) != NULL);
    result = python_app_start(&fixture->app, (struct str_list){0}, 8080, &fixture->arena, &start, &err);
    require(result == 0 ? start.arg_count >= 1 && start.arg_count <= PYTHON_START_MAX && start.port_note != NULL
                        : err.code == ERR_DEPENDENCY);
    require(python_scan(&fixture->ctx, &fixture->app, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct project_fixture fixture;
    struct str text = str_of((const char *)data, size);
    if (size > 16384)
        return 0;
    check_glance(text);
    project_fixture_init(&fixture, text, "flask gunicorn shop uvicorn");
    fixture.request.app = STR("/work/shop");
    check_entry(&fixture);
    project_fixture_done(&fixture);
    project_fixture_init(&fixture, text, "");
    fixture.request.app = STR("/work/shop");
    fixture.request.module = text;
    struct str line;
    if (str_next_line(&text, &line))
        fixture.request.module = line;
    if (fixture.request.module.len > 0)
        check_entry(&fixture);
    project_fixture_done(&fixture);
    return 0;
}

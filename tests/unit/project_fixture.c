/* SPDX-License-Identifier: Apache-2.0 */
#include "project_fixture.h"

#include "base/vec.h"

#include <stdlib.h>

static void add_warning(void *self, struct str message)
{
    struct project_fixture *fixture = self;
    buf_add_str(&fixture->warnings, message);
    buf_add_char(&fixture->warnings, '\n');
}

static int compare_files(const void *a, const void *b)
{
    return str_cmp(((const struct project_file *)a)->path, ((const struct project_file *)b)->path);
}

static void add_file(struct project_fixture *fixture, struct str path, struct str content)
{
    bool environment = str_starts(path, STR("env:"));
    struct project_files *files = environment ? &fixture->app.environment.files : &fixture->app.files;
    path = str_skip(path, environment ? 4 : 0);
    bool dropped = str_ends(path, STR("!"));
    path.len -= dropped ? 1 : 0;
    for (size_t i = 0; i < files->len; i++) {
        if (str_eq(files->ptr[i].path, path))
            return;
    }
    struct project_file *file = VEC_ADD(files);
    if (!file)
        abort();
    file->path = file->host_path = path;
    file->type = TREE_FILE;
    file->content = content;
    file->size_bytes = content.len;
    file->dropped = dropped ? "test" : NULL;
    file->is_elf = str_ends(path, STR(".so"));
}

static void add_distributions(struct project_fixture *fixture, const char *names)
{
    struct str rest = str_z(names), name;
    struct python_distribution *list = ARENA_ARRAY(&fixture->arena, 32, struct python_distribution);
    size_t count = 0;
    if (!list)
        abort();
    while (count < 32 && str_next_word(&rest, &name)) {
        list[count].name = list[count].normalized = name;
        char *directory = arena_printf(&fixture->arena, "%.*s-1.dist-info", STR_ARG(name));
        if (!directory)
            abort();
        list[count++].directory = str_z(directory);
    }
    fixture->app.distributions = list;
    fixture->app.distribution_count = count;
}

void project_fixture_init(struct project_fixture *fixture, struct str text, const char *distributions)
{
    struct str line, path = STR_NONE, whole = text;
    size_t begin = 0, at = 0;
    *fixture = (struct project_fixture){.arena = ARENA_INIT, .warnings = BUF_INIT};
    fixture->sink = (struct op_sink){.warning = add_warning, .self = fixture};
    fixture->ctx = (struct op_ctx){.sink = &fixture->sink, .arena = &fixture->arena};
    fixture->app.root = STR("/work/shop");
    fixture->app.program.interpreter = (struct python_interpreter){.major = 3, .minor = 11};
    fixture->app.environment.kind = PYTHON_ENVIRONMENT_VENV;
    fixture->app.environment.site_packages = STR("lib/python3.11/site-packages");
    for (; str_next_line(&text, &line); at = whole.len - text.len) {
        if (!str_starts(line, STR("== ")))
            continue;
        if (path.len > 0)
            add_file(fixture, path, str_of(whole.ptr + begin, at - begin));
        path = str_skip(line, 3);
        begin = whole.len - text.len;
    }
    if (path.len > 0)
        add_file(fixture, path, str_of(whole.ptr + begin, whole.len - begin));
    if (fixture->app.files.len > 1)
        qsort(fixture->app.files.ptr, fixture->app.files.len, sizeof(struct project_file), compare_files);
    if (fixture->app.environment.files.len > 1)
        qsort(fixture->app.environment.files.ptr, fixture->app.environment.files.len, sizeof(struct project_file),
              compare_files);
    add_distributions(fixture, distributions);
}

void project_fixture_done(struct project_fixture *fixture)
{
    VEC_DONE(&fixture->app.files);
    VEC_DONE(&fixture->app.environment.files);
    buf_done(&fixture->warnings);
    arena_done(&fixture->arena);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What does not ship because nothing uses it: installers, tests, parts of an interpreter of the application's own. */
#include "project/python_reading.h"

#include "base/path.h"
#include "base/vec.h"
#include "python/dist.h"
#include "python/imports.h"

/* Compared by their addresses. */
static const char installer[] = "installers";
static const char test[] = "tests";

/* --- directories -------------------------------------------------------------------------------------------------- */

/* Drops directories below SITE that hold nothing but what was dropped because of WHY. */
static void drop_directories(struct project_files *files, struct str site, const char *why)
{
    for (size_t i = files->len; i-- > 0;) {
        struct project_file *dir = &files->ptr[i];
        if (dir->type != TREE_DIR || dir->dropped || !path_is_below(dir->path, site) || str_eq(dir->path, site))
            continue;
        bool any = false, all = true;
        for (size_t k = i + 1; k < files->len && all && str_starts(files->ptr[k].path, dir->path); k++) {
            if (!path_is_below(files->ptr[k].path, dir->path))
                continue;
            all = files->ptr[k].dropped != NULL;
            any |= files->ptr[k].dropped == why;
        }
        if (any && all)
            dir->dropped = why;
    }
}

/* --- installers --------------------------------------------------------------------------------------------------- */

struct build_tool {
    const char *name;       /* normalized */
    const char *modules[4]; /* that belong to it; the import of one of them keeps it */
};

static const struct build_tool build_tools[] = {
    {"pip", {NULL}},
    {"setuptools", {"setuptools", "pkg_resources", "_distutils_hack"}},
    {"wheel", {"wheel"}},
    {"pkg-resources", {"pkg_resources"}},
};

static const struct build_tool *build_tool(struct str normalized)
{
    for (size_t i = 0; i < ARRAY_LEN(build_tools); i++)
        if (str_eq_z(normalized, build_tools[i].name))
            return &build_tools[i];
    return NULL;
}

bool python_is_installer(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(build_tools); i++)
        if (python_dist_same(name, str_z(build_tools[i].name)))
            return true;
    return false;
}

static bool is_owned(const struct python_reading *reading, const struct python_distribution *distribution,
                     struct str path)
{
    const struct python_distribution *owner = map_get(&reading->owners, path);
    if (owner || path_is_below(path, distribution->directory))
        return !owner || owner == distribution;
    /* Without a RECORD: its directories. */
    struct str site = python_site(reading->app);
    struct str inner = site.len == 0 ? path : path_is_below(path, site) ? str_skip(path, site.len + 1) : STR("");
    struct str top = str_head(inner, str_find_char(inner, '/'));
    if (str_eq(distribution->normalized, top))
        return true;
    const struct build_tool *tool = build_tool(distribution->normalized);
    for (size_t i = 0; tool && i < ARRAY_LEN(tool->modules) && tool->modules[i]; i++)
        if (str_eq_z(top, tool->modules[i]))
            return true;
    return false;
}

static void drop_distribution(struct python_reading *reading, struct python_distribution *distribution)
{
    struct project_files *files = &reading->app->environment.files;
    distribution->dropped = true;
    for (size_t i = 0; i < files->len; i++)
        if (files->ptr[i].type != TREE_DIR && is_owned(reading, distribution, files->ptr[i].path))
            python_drop(files, &files->ptr[i], installer);
}

static void take_back(struct python_reading *reading, struct python_distribution *distribution)
{
    struct project_files *files = &reading->app->environment.files;
    distribution->dropped = false;
    for (size_t i = 0; i < files->len; i++) {
        struct project_file *file = &files->ptr[i];
        if (file->dropped != installer || file->type == TREE_DIR || !is_owned(reading, distribution, file->path))
            continue;
        file->dropped = NULL;
        if (file->type == TREE_FILE)
            files->dropped_bytes -= file->size_bytes;
    }
}

static bool is_mentioned(const struct python_app *app, const char *module)
{
    for (size_t i = 0; i < app->mentions.len; i++)
        if (str_eq_z(app->mentions.ptr[i], module))
            return true;
    return false;
}

/* True when a distribution that ships asks for NAME, without an extra. */
static int is_required(const struct python_reading *reading, struct str name, bool *ret_required, struct err *err)
{
    const struct python_app *app = reading->app;
    *ret_required = false;
    for (size_t i = 0; i < app->distribution_count; i++) {
        struct str path = python_join(reading->ctx->arena, app->distributions[i].directory, STR("METADATA"));
        const struct project_file *file = path.ptr ? project_files_find(&app->environment.files, path) : NULL;
        if (app->distributions[i].dropped || !file || !file->content.ptr)
            continue;
        struct python_metadata fields;
        int r = python_metadata_read(file->content, reading->ctx->arena, &fields, err);
        if (r < 0)
            return r;
        for (size_t k = 0; k < fields.requirement_count; k++)
            if (!fields.requirements[k].extra && python_dist_same(fields.requirements[k].name, name))
                *ret_required = true;
    }
    return 0;
}

static bool wants(const struct python_app *app, const struct build_tool *tool)
{
    for (size_t i = 0; i < ARRAY_LEN(tool->modules) && tool->modules[i]; i++)
        if (is_mentioned(app, tool->modules[i]))
            return true;
    /* From 3.12 on it is setuptools that brings distutils. */
    const struct python_interpreter *interpreter = &app->program.interpreter;
    return str_eq_z(str_z(tool->name), "setuptools") && interpreter->major == 3 && interpreter->minor >= 12 &&
           is_mentioned(app, "distutils");
}

int python_drop_after_scan(struct python_reading *reading, bool *ret_again, struct err *err)
{
    *ret_again = false;
    for (size_t i = 0; i < reading->app->distribution_count; i++) {
        struct python_distribution *distribution = &reading->distributions[i];
        const struct build_tool *tool = distribution->dropped ? build_tool(distribution->normalized) : NULL;
        if (!tool || !tool->modules[0])
            continue;
        bool required;
        int r = is_required(reading, distribution->normalized, &required, err);
        if (r < 0)
            return r;
        if (required || wants(reading->app, tool)) {
            take_back(reading, distribution);
            *ret_again = true;
        }
    }
    drop_directories(&reading->app->environment.files, python_site(reading->app), installer);
    return 0;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

struct test_directory {
    struct project_files *files;
    size_t at;
    struct str module; /* "shop.tests" */
    bool kept;
};

struct tests {
    VEC(struct test_directory) vec;
};

static bool is_test_source(struct str name)
{
    return str_eq_z(name, "conftest.py") || (str_starts(name, STR("test_")) && str_ends(name, STR(".py"))) ||
           str_ends(name, STR("_test.py"));
}

/* "tests" with modules, or "test" with what pytest looks for. */
static bool is_test_directory(const struct project_files *files, size_t at)
{
    const struct project_file *dir = &files->ptr[at];
    struct str name = path_base(dir->path);
    bool plural = str_eq_z(name, "tests");
    if (dir->type != TREE_DIR || dir->dropped || (!plural && !str_eq_z(name, "test")))
        return false;
    for (size_t i = at + 1; i < files->len && str_starts(files->ptr[i].path, dir->path); i++) {
        const struct project_file *file = &files->ptr[i];
        if (!path_is_below(file->path, dir->path) || file->type != TREE_FILE)
            continue;
        struct str inner = str_skip(file->path, dir->path.len + 1);
        if (plural ? str_ends(inner, STR(".py")) : is_test_source(inner))
            return true;
    }
    return false;
}

/* "lib/python3.11/site-packages/shop/tests" is "shop.tests". */
static struct str module_of(struct arena *arena, struct str site, struct str path)
{
    struct str inner = site.len && path_is_below(path, site) ? str_skip(path, site.len + 1) : path;
    if (str_starts(inner, STR("src/")))
        inner = str_skip(inner, 4);
    char *module = arena_z(arena, inner);
    for (size_t i = 0; module && i < inner.len; i++)
        if (module[i] == '/')
            module[i] = '.';
    return str_z(module);
}

static int find_tests(struct python_reading *reading, struct project_files *files, struct str site, struct tests *tests,
                      struct err *err)
{
    struct str last = STR_NONE;
    for (size_t i = 0; i < files->len; i++) {
        struct str path = files->ptr[i].path;
        if ((last.ptr && path_is_below(path, last)) || !is_test_directory(files, i))
            continue;
        last = path;
        struct test_directory found = {.files = files, .at = i, .module = module_of(reading->ctx->arena, site, path)};
        if (!found.module.ptr || !VEC_PUSH(&tests->vec, found))
            return err_nomem(err);
    }
    return 0;
}

static bool module_is_below(struct str module, struct str of)
{
    return str_starts(module, of) && (module.len == of.len || module.ptr[of.len] == '.');
}

/* Keeps the directories that MODULE lies in; true when one was not kept before. */
static bool keep(struct tests *tests, struct str module)
{
    bool fresh = false;
    for (size_t i = 0; i < tests->vec.len; i++) {
        struct test_directory *dir = &tests->vec.ptr[i];
        if (!dir->kept && module_is_below(module, dir->module))
            dir->kept = fresh = true;
    }
    return fresh;
}

static int look_at_source(struct python_reading *reading, const struct project_file *file, struct str site,
                          struct tests *tests, bool *fresh, struct err *err)
{
    struct arena scratch CLEANUP_ARENA = ARENA_INIT;
    struct python_imports imports;
    int r = python_imports_scan(file->content, 0, &scratch, &imports, err);
    if (r == -ERR_LIMIT)
        return 0;
    bool is_package = str_eq_z(path_base(file->path), "__init__.py");
    struct str package = r == 0 ? module_of(&scratch, site, path_dir(file->path)) : STR_NONE;
    if (r == 0 && !package.ptr)
        return err_nomem(err);
    (void)is_package;
    for (size_t i = 0; r == 0 && i < imports.count; i++) {
        const struct python_import *import = &imports.items[i];
        struct str module;
        if (import->context & PYTHON_IMPORT_NEVER)
            continue;
        struct err ignored = ERR_INIT;
        r = python_import_absolute(import, package, &scratch, &module, &ignored);
        if (r == -ERR_INVALID) {
            r = 0;
            continue;
        }
        if (r < 0)
            return err_nomem(err);
        struct str whole = import->name.len
                               ? str_z(arena_printf(&scratch, "%.*s.%.*s", STR_ARG(module), STR_ARG(import->name)))
                               : module;
        if (!whole.ptr)
            return err_nomem(err);
        *fresh |= keep(tests, whole);
    }
    (void)reading;
    return r;
}

static bool in_dropped_test(const struct tests *tests, const struct project_files *files, struct str path)
{
    for (size_t i = 0; i < tests->vec.len; i++) {
        const struct test_directory *dir = &tests->vec.ptr[i];
        if (!dir->kept && dir->files == files && path_is_below(path, files->ptr[dir->at].path))
            return true;
    }
    return false;
}

/* Keeps what modules that ship import; what is kept may import more. */
static int keep_imported(struct python_reading *reading, struct tests *tests, struct err *err)
{
    struct python_app *app = reading->app;
    struct project_files *lists[] = {&app->files, &app->environment.files};
    struct str sites[] = {STR(""), python_site(app)};
    bool fresh = tests->vec.len > 0;
    while (fresh) {
        fresh = false;
        for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
            for (size_t i = 0; i < lists[l]->len; i++) {
                const struct project_file *file = &lists[l]->ptr[i];
                bool source = !file->dropped && str_ends(file->path, STR(".py")) && file->content.ptr;
                if (!source || str_find(file->content, STR("test")) == file->content.len ||
                    in_dropped_test(tests, lists[l], file->path))
                    continue;
                int r = op_check(reading->ctx, err);
                if (r == 0)
                    r = look_at_source(reading, file, sites[l], tests, &fresh, err);
                if (r < 0)
                    return r;
            }
        }
    }
    return 0;
}

static int drop_tests(struct python_reading *reading, struct err *err)
{
    struct python_app *app = reading->app;
    struct tests tests = {0};
    int r = find_tests(reading, &app->files, STR(""), &tests, err);
    if (r == 0)
        r = find_tests(reading, &app->environment.files, python_site(app), &tests, err);
    if (r == 0 && reading->request->module.len)
        (void)keep(&tests, str_head(reading->request->module, str_find_char(reading->request->module, ':')));
    if (r == 0)
        r = keep_imported(reading, &tests, err);
    for (size_t i = 0; r == 0 && i < tests.vec.len; i++)
        if (!tests.vec.ptr[i].kept)
            python_drop_below(tests.vec.ptr[i].files, tests.vec.ptr[i].at, test);
    VEC_DONE(&tests.vec);
    return r;
}

int python_drop_before_scan(struct python_reading *reading, struct err *err)
{
    python_drop_secrets(reading);
    for (size_t i = 0; i < reading->app->distribution_count; i++)
        if (build_tool(reading->distributions[i].normalized))
            drop_distribution(reading, &reading->distributions[i]);
    return drop_tests(reading, err);
}

/* --- an interpreter of the application's own ---------------------------------------------------------------------- */

struct optional {
    const char *what;       /* for the list of what is left out; entries with the same words are one line of it */
    const char *path;       /* below lib/python3.X: a directory, a file, or the beginning of an extension's name */
    const char *modules[5]; /* one of them is mentioned: it ships */
};

static const struct optional optionals[] = {
    {"module tkinter", "tkinter", {"tkinter", "turtle", "_tkinter"}},
    {"module turtle", "turtle.py", {"turtle"}},
    {"module tkinter", "lib-dynload/_tkinter.", {"tkinter", "turtle", "_tkinter"}},
    {"module lib2to3", "lib2to3", {"lib2to3"}},
    {"module dbm.gnu", "lib-dynload/_gdbm.", {"dbm", "shelve", "_gdbm"}},
    {"module dbm.ndbm", "lib-dynload/_dbm.", {"dbm", "shelve", "_dbm"}},
    {"module nis", "lib-dynload/nis.", {"nis"}},
    {"module readline", "lib-dynload/readline.", {"readline", "rlcompleter"}},
    {"module curses", "lib-dynload/_curses.", {"curses", "_curses"}},
    {"module curses", "lib-dynload/_curses_panel.", {"curses", "_curses_panel"}},
    {"module sqlite3", "lib-dynload/_sqlite3.", {"sqlite3", "_sqlite3", "dbm", "shelve"}},
    {"module crypt", "lib-dynload/_crypt.", {"crypt", "_crypt"}},
};

static bool is_wanted(const struct python_app *app, const struct optional *optional)
{
    for (size_t i = 0; i < ARRAY_LEN(optional->modules) && optional->modules[i]; i++)
        if (is_mentioned(app, optional->modules[i]))
            return true;
    return false;
}

void python_drop_interpreter(struct python_app *app)
{
    struct project_files *files = &app->program.files;
    for (size_t o = 0; o < ARRAY_LEN(optionals); o++) {
        struct str name = str_z(optionals[o].path);
        bool beginning = name.ptr[name.len - 1] == '.';
        if (is_wanted(app, &optionals[o]))
            continue;
        for (size_t i = 0; i < files->len; i++) {
            struct project_file *file = &files->ptr[i];
            if (!path_is_below(file->path, app->program.library) || file->path.len == app->program.library.len)
                continue;
            struct str inner = str_skip(file->path, app->program.library.len + 1);
            if (beginning ? str_starts(inner, name) : path_is_below(inner, name))
                python_drop(files, file, optionals[o].what);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Names first: sources are read one by one afterwards, and only those of the language that it turns out to be. */
#include "survey/internal.h"

#include "base/path.h"
#include "discover/walk.h"
#include "io/file.h"

#include <string.h>

/* What a build, a package manager or others brought; nobody's own sources. */
static const char *const foreign[] = {
    ".bzr",
    ".cache",
    ".eggs",
    ".git",
    ".hg",
    ".idea",
    ".mypy_cache",
    ".nox",
    ".svn",
    ".terraform",
    ".tox",
    ".venv",
    ".vscode",
    "CMakeFiles",
    "Godeps",
    "_build",
    "_deps",
    "_vendor",
    "__pycache__",
    "autom4te.cache",
    "bower_components",
    "build",
    "builddir",
    "cmake-build-debug",
    "cmake-build-release",
    "contrib",
    "debian",
    "deps",
    "dist",
    "extern",
    "external",
    "node_modules",
    "out",
    "site-packages",
    "subprojects",
    "target",
    "third-party",
    "third_party",
    "thirdparty",
    "vendor",
    "vendored",
    "venv",
};

static const char *const asides[] = {
    ".github",  "bench",    "benches",   "benchmark", "benchmarks", "ci",    "demo",      "demos",       "doc",
    "docs",     "e2e",      "example",   "examples",  "fixtures",   "fuzz",  "hack",      "integration", "mock",
    "mocks",    "sample",   "samples",   "scripts",   "spec",       "test",  "testdata",  "testing",     "tests",
    "testutil", "unittest", "unittests", "tools",     "tutorial",   "utils", "testsuite", "locustfiles",
};

static bool is_one_of(struct str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(name, names[i]))
            return true;
    return false;
}

#define IS_ONE_OF(name, names) is_one_of((name), (names), sizeof(names) / sizeof((names)[0]))

static bool is_foreign(struct str path)
{
    struct str part;
    for (struct str rest = path_dir(path); rest.len > 0 && str_next(&rest, '/', &part);)
        if (IS_ONE_OF(part, foreign) || str_starts(part, STR(".")))
            return true;
    return false;
}

static bool is_test_file(struct str name)
{
    struct str stem = str_head(name, str_rfind_char(name, '.'));
    return str_ends(stem, STR("_test")) || str_ends(stem, STR("_tests")) || str_starts(stem, STR("test_")) ||
           str_starts(stem, STR("test-")) || str_ends(stem, STR("-test")) || str_starts(stem, STR("bench_")) ||
           str_ends(stem, STR("_bench")) || str_starts(stem, STR("fuzz_")) || str_ends(stem, STR("_fuzzer")) ||
           str_ends(stem, STR("_unittest")) || str_eq_z(stem, "conftest") || str_eq_z(stem, "tests") ||
           str_eq_z(name, "locustfile.py") || str_eq_z(name, "noxfile.py") || str_eq_z(name, "build.rs");
}

bool survey_is_aside(struct str path)
{
    struct str part, rest = path_dir(path);
    while (rest.len > 0 && str_next(&rest, '/', &part))
        if (IS_ONE_OF(part, asides) || str_starts(part, STR("test")) || str_ends(part, STR("-examples")) ||
            str_ends(part, STR("_examples")) || str_ends(part, STR("-tests")))
            return true;
    return is_test_file(path_base(path));
}

/* Names that any of the languages asks for. */
static bool wants(void *self, const char *name)
{
    (void)self;
    static const char *const ends[] = {".c",       ".cc", ".cpp", ".cxx", ".h",    ".hh",     ".hpp",
                                       ".go",      ".rs", ".py",  ".am",  ".toml", ".csproj", ".sln",
                                       ".gemspec", ".C",  ".txt", ".cfg", ".ac",   ".fsproj", ".hxx"};
    static const char *const names[] = {
        "CMakeLists.txt", "Dockerfile",   "GNUmakefile",      "Gemfile",       "Makefile",      "Pipfile",
        "Procfile",       "build.gradle", "build.gradle.kts", "composer.json", "config.ru",     "configure",
        "configure.in",   "go.mod",       "makefile",         "manage.py",     "meson.build",   "meson.options",
        "mix.exs",        "package.json", "pom.xml",          "uv.lock",       "Containerfile", "poetry.lock",
        "deno.json",      "index.php",    "Package.swift",    "build.zig",     "Cargo.lock",    "artisan",
    };
    struct str text = str_z(name);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (str_ends(text, str_z(ends[i])))
            return true;
    return IS_ONE_OF(text, names);
}

static int visit(void *self, const struct walk_dir *dir, const char *name, struct err *err)
{
    struct surveying *surveying = self;
    char *path = arena_printf(surveying->ctx->arena, "%.*s%s", STR_ARG(dir->sub), name);
    if (!path)
        return err_nomem(err);
    if (is_foreign(str_z(path)))
        return 0;
    struct survey_file file = {str_z(path), survey_is_aside(str_z(path))};
    return VEC_PUSH(&surveying->files, file) ? 0 : err_nomem(err);
}

static int unreadable(void *self, const struct walk_dir *dir, const char *reason, struct err *err)
{
    (void)err;
    const struct surveying *surveying = self;
    op_warn(surveying->ctx, "'%.*s' is left out: %s", STR_ARG(dir->shown), reason);
    return 0;
}

int survey_tree_read(struct surveying *surveying, struct err *err)
{
    uint64_t files_left = LIMIT_DISCOVER_FILES;
    char *start = arena_printf(surveying->ctx->arena, "%.*s%s", STR_ARG(surveying->root),
                               str_ends(surveying->root, STR("/")) ? "" : "/");
    if (!start)
        return err_nomem(err);
    struct walk_options options = {.shown = str_z(""),
                                   .absolute = str_z(start),
                                   .base = surveying->root,
                                   .gitignore = true,
                                   .files_left = &files_left};
    const struct walk_visitor visitor = {wants, visit, unreadable, surveying};
    return walk_directory(surveying->ctx, surveying->rootfd, &options, &visitor, err);
}

bool survey_has(const struct surveying *surveying, const char *path)
{
    for (size_t i = 0; i < surveying->files.len; i++)
        if (str_eq_z(surveying->files.ptr[i].path, path))
            return true;
    return false;
}

int survey_text(struct surveying *surveying, struct str path, struct buf *text, bool *ret_ok, struct err *err)
{
    struct err inner = ERR_INIT;
    struct str name = arena_str(surveying->ctx->arena, path);
    *ret_ok = false;
    buf_reset(text);
    if (!name.ptr)
        return err_nomem(err);
    int r = file_read_all(surveying->rootfd, name.ptr, LIMIT_SURVEY_FILE_BYTES, text, &inner);
    if (r == -ERR_NOMEM || r == -ERR_CANCELLED) {
        if (err)
            *err = inner;
        return r;
    }
    if (r == -ERR_NOT_FOUND)
        return 0;
    if (r < 0) {
        op_warn(surveying->ctx, "'%.*s' is left out: %s", STR_ARG(path), inner.message);
        return 0;
    }
    if (text->len > 0 && memchr(text->ptr, '\0', text->len)) /* no text, whatever its name says */
        return 0;
    *ret_ok = true;
    return 0;
}

int survey_text_z(struct surveying *surveying, const char *path, struct str *ret_text, bool *ret_ok, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    *ret_text = STR("");
    int r = survey_text(surveying, str_z(path), &text, ret_ok, err);
    if (r < 0 || !*ret_ok)
        return r;
    struct str kept = arena_take_buf(surveying->ctx->arena, &text);
    if (!kept.ptr)
        return err_nomem(err);
    *ret_text = kept;
    return 0;
}

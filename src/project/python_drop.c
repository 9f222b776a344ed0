/* SPDX-License-Identifier: Apache-2.0 */
/* What does not ship, by its name alone. */
#include "project/python_reading.h"

#include "base/path.h"

struct rule {
    const char *pattern; /* a name; "*x" an ending, "x*" a beginning */
    const char *why;
};

static bool fits(const char *pattern, struct str name)
{
    struct str text = str_z(pattern);
    if (text.ptr[0] == '*')
        return name.len >= text.len && str_ends(name, str_skip(text, 1));
    if (text.ptr[text.len - 1] == '*')
        return str_starts(name, str_head(text, text.len - 1));
    return str_eq(name, text);
}

static const char *look_up(const struct rule *rules, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (fits(rules[i].pattern, name))
            return rules[i].why;
    return NULL;
}

#define CACHE   "caches"
#define CODE    "bytecode of other builds"
#define VCS     "version control"
#define TOOLS   "settings of editors and services"
#define RECIPE  "recipes of images"
#define STATIC  "static libraries"
#define OBJECT  "object files"
#define SOURCE  "sources of extension modules"
#define HEADER  "headers"
#define SCRIPT  "activation scripts"
#define TEST    "tests"
#define SCRATCH "scratch files of editors"
#define MAKER   "marks of the environment's maker"

static const struct rule everywhere[] = {
    {"__pycache__", CODE}, {"*.pyc", CODE}, {"*.pyo", CODE}, {"*.a", STATIC}, {"*.la", STATIC}, {"*.o", OBJECT},
};

static const struct rule own_directories[] = {
    {".pytest_cache", CACHE},
    {".mypy_cache", CACHE},
    {".ruff_cache", CACHE},
    {".hypothesis", CACHE},
    {".tox", CACHE},
    {".nox", CACHE},
    {".cache", CACHE},
    {".eggs", CACHE},
    {".pytype", CACHE},
    {".pyre", CACHE},
    {".ipynb_checkpoints", CACHE},
    {"htmlcov", CACHE},
    {"node_modules", CACHE},
    {".git", VCS},
    {".hg", VCS},
    {".svn", VCS},
    {".bzr", VCS},
    {".jj", VCS},
    {".idea", TOOLS},
    {".vscode", TOOLS},
    {".vs", TOOLS},
    {".github", TOOLS},
    {".gitlab", TOOLS},
    {".circleci", TOOLS},
    {".devcontainer", TOOLS},
    {".uv_cache", CACHE},
    {"*.egg-info", "results of builds"},
    {".pdm-build", CACHE},
};

static const struct rule own_files[] = {
    {"Dockerfile", RECIPE},
    {"Dockerfile.*", RECIPE},
    {"*.dockerfile", RECIPE},
    {"*.Dockerfile", RECIPE},
    {"Containerfile", RECIPE},
    {"compose.yaml", RECIPE},
    {"compose.yml", RECIPE},
    {"docker-compose*", RECIPE},
    {"barehull.yaml", RECIPE},
    {"barehull.yml", RECIPE},
    {".barehull.yaml", RECIPE},
    {".dockerignore", RECIPE},
    {".git", VCS},
    {".gitignore", VCS},
    {".gitattributes", VCS},
    {".gitmodules", VCS},
    {".gitkeep", VCS},
    {".hgignore", VCS},
    {".editorconfig", TOOLS},
    {".pre-commit-config.yaml", TOOLS},
    {".gitlab-ci.yml", TOOLS},
    {".travis.yml", TOOLS},
    {".python-version", TOOLS},
    {".coverage", CACHE},
    {".coverage.*", CACHE},
    {".DS_Store", CACHE},
    {"*.swp", SCRATCH},
    {"*.swo", SCRATCH},
    {"*~", SCRATCH},
    {".#*", SCRATCH},
};

static const struct rule environment_files[] = {
    {"*.pyx", SOURCE}, {"*.pxd", SOURCE}, {"*.pxi", SOURCE}, {"*.c", SOURCE},   {"*.cc", SOURCE},
    {"*.cpp", SOURCE}, {"*.cxx", SOURCE}, {"*.h", HEADER},   {"*.hpp", HEADER}, {"*.hh", HEADER},
    {"*.hxx", HEADER}, {"*.f", SOURCE},   {"*.f90", SOURCE}, {"*.cu", SOURCE},
};

static const struct rule library[] = {
    {"test", TEST},
    {"tests", TEST},
    {"idle_test", TEST},
    {"idlelib", "IDLE"},
    {"turtledemo", "demos of turtle"},
    {"ensurepip", "installers"},
    {"config-*", "build configuration"},
    {"pydoc_data", "topics of help()"},
};

static const struct rule dynload[] = {
    {"_test*", TEST},
    {"_ctypes_test*", TEST},
    {"_xx*", TEST},
    {"xx*", TEST},
};

const char *python_drop_own(struct str path, bool directory)
{
    struct str name = path_base(path);
    const char *why = look_up(everywhere, ARRAY_LEN(everywhere), name);
    if (why)
        return why;
    return directory ? look_up(own_directories, ARRAY_LEN(own_directories), name)
                     : look_up(own_files, ARRAY_LEN(own_files), name);
}

const char *python_drop_environment(struct str path, bool directory)
{
    struct str name = path_base(path), dir = path_dir(path);
    const char *why = look_up(everywhere, ARRAY_LEN(everywhere), name);
    if (why)
        return why;
    if (str_eq_z(dir, "bin") && !directory &&
        (str_starts(name, STR("activate")) || str_starts(name, STR("Activate")) || str_starts(name, STR("deactivate"))))
        return SCRIPT;
    if (directory && str_eq_z(path, "include"))
        return HEADER;
    if (directory && (str_eq_z(path, "share/man") || str_eq_z(path, "share/doc")))
        return "documentation";
    if (dir.len == 0 && (str_eq_z(name, ".gitignore") || str_eq_z(name, "CACHEDIR.TAG") || str_eq_z(name, ".lock")))
        return MAKER;
    return directory ? NULL : look_up(environment_files, ARRAY_LEN(environment_files), name);
}

const char *python_drop_library(struct str path, bool directory)
{
    struct str name = path_base(path), dir = path_dir(path);
    const char *why = look_up(everywhere, ARRAY_LEN(everywhere), name);
    if (why)
        return why;
    if (directory && str_eq_z(path, "venv/scripts"))
        return SCRIPT;
    if (str_eq_z(dir, "lib-dynload"))
        return look_up(dynload, ARRAY_LEN(dynload), name);
    return directory ? look_up(library, ARRAY_LEN(library), name) : NULL;
}

void python_drop(struct project_files *files, struct project_file *file, const char *why)
{
    if (file->dropped)
        return;
    file->dropped = why;
    if (file->type == TREE_FILE)
        files->dropped_bytes += file->size_bytes;
}

void python_drop_below(struct project_files *files, size_t at, const char *why)
{
    struct str dir = files->ptr[at].path;
    for (size_t i = at; i < files->len && str_starts(files->ptr[i].path, dir); i++)
        if (path_is_below(files->ptr[i].path, dir))
            python_drop(files, &files->ptr[i], why);
}

/* --- secrets ------------------------------------------------------------------------------------------------------ */

static bool is_dotenv(struct str name)
{
    static const char *const samples[] = {".example", ".sample", ".template", ".dist", ".defaults"};
    if (str_eq_z(name, ".env") || str_eq_z(name, ".envrc"))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(samples); i++)
        if (str_ends(name, str_z(samples[i])))
            return false;
    return str_starts(name, STR(".env."));
}

static bool is_secret(const struct project_file *file)
{
    static const char *const names[] = {"id_rsa",  "id_dsa",  "id_ecdsa",         "id_ed25519", ".netrc",
                                        ".pypirc", ".pgpass", ".git-credentials", ".npmrc",     ".htpasswd"};
    struct str name = path_base(file->path);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(name, names[i]))
            return true;
    if (str_ends(name, STR(".p12")) || str_ends(name, STR(".pfx")) || str_ends(name, STR(".jks")) || is_dotenv(name))
        return true;
    bool may_be_key = str_ends(name, STR(".pem")) || str_ends(name, STR(".key"));
    return may_be_key && str_find(file->content, STR("PRIVATE KEY-----")) < file->content.len;
}

void python_drop_secrets(struct python_reading *reading)
{
    struct project_files *files = &reading->app->files;
    for (size_t i = 0; i < files->len; i++) {
        struct project_file *file = &files->ptr[i];
        if (file->dropped || file->type != TREE_FILE || !is_secret(file))
            continue;
        python_drop(files, file, "secrets");
        op_warn(reading->ctx,
                "'%.*s' looks like a secret, and secrets don't ship: give it to the container when it runs, or add it "
                "with --include",
                STR_ARG(file->path));
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "io/digest.h"
#include "io/file.h"
#include "pack/python.h"
#include "pack/python_runner.h"
#include "python/marshal.h"

#include <fcntl.h>

#define WARNINGS_MAX 10

/* A module, and the tree and node that it came from. */
struct module {
    struct tree *tree;
    struct tree_node node; /* its texts are the tree's */
    bool own;              /* the project's own: a person may want to mend it */
};

struct compiling {
    const struct op_ctx *ctx;
    struct store *store;
    struct pool *pool;
    unsigned version;
    VEC(struct module) modules;
    struct bytecode_source *sources;
};

/*
 * What of a standard library a running application hardly ever imports, below the library's directory: a program that
 * does has it compiled as before. Not of them: unittest, which Django imports at its start; wsgiref, which
 * hypercorn and Django's own server do; doctest, pdb and pydoc, which scientific packages do. (design/027-bytecode.md
 * has the figures.)
 */
static const char *const rare[] = {
    "config-*/**",   "distutils/**", "ensurepip/**",   "idlelib/**",    "lib2to3/**",      "pydoc_data/**",
    "test/**",       "**/tests/**",  "tkinter/**",     "turtledemo/**", "venv/**",         "msilib/**",
    "__phello__/**", "turtle.py",    "antigravity.py", "this.py",       "_aix_support.py", "_osx_support.py",
    "_pydecimal.py", "_pyio.py",     "_pylong.py",     "nturl2path.py", "ntpath.py",
};

static bool is_rare(struct str path)
{
    for (size_t i = 0; i < ARRAY_LEN(rare); i++)
        if (path_glob(str_z(rare[i]), path))
            return true;
    return false;
}

/* Where PATH lies in a standard library: what follows "lib/python3.X/"; empty when it doesn't. */
static struct str in_standard_library(struct str path, struct str library)
{
    if (library.len == 0 || !path_is_below(path, library) || path.len == library.len)
        return STR_NONE;
    struct str rest = str_skip(path, library.len + 1);
    bool packages = str_starts(rest, STR("site-packages/")) || str_starts(rest, STR("dist-packages/"));
    return packages ? STR_NONE : rest;
}

/* Reads the module at NODE into SOURCE. Too large a one stays empty, with its problem. */
static int read_source(const struct compiling *compiling, const struct module *module, struct bytecode_source *source,
                       struct err *err)
{
    struct arena *arena = compiling->ctx->arena;
    char *place = arena_printf(arena, "/%.*s", STR_ARG(module->node.path));
    if (!place)
        return err_nomem(err);
    *source = (struct bytecode_source){.place = str_z(place), .text = module->node.content};
    if (module->node.host_path.len == 0)
        return 0;
    struct buf text CLEANUP_BUF = BUF_INIT;
    int r = file_read_all(AT_FDCWD, module->node.host_path.ptr, LIMIT_PROJECT_READ_BYTES, &text, err);
    if (r < 0)
        return r;
    source->text = arena_take_buf(arena, &text);
    return source->text.ptr ? 0 : err_nomem(err);
}

static int put_module(const struct compiling *compiling, const struct module *module, struct str pyc, struct err *err)
{
    struct buf path CLEANUP_BUF = BUF_INIT;
    python_pyc_path(module->node.path, compiling->version, &path);
    int r = buf_check(&path, err);
    const struct tree_node node = {.path = buf_str(&path),
                                   .type = TREE_FILE,
                                   .mode = 0644,
                                   .uid = module->node.uid,
                                   .gid = module->node.gid,
                                   .mtime = module->node.mtime,
                                   .content = pyc,
                                   .size_bytes = pyc.len,
                                   .owner = module->node.owner};
    return r == 0 ? tree_put(module->tree, &node, err) : r;
}

/*
 * Adds what of TREE is a module, links to one too (Debian's sitecustomize.py is one into /etc); LIBRARY is where a
 * standard library lies, empty where there is none.
 */
static int add_modules(struct compiling *compiling, struct tree *tree, struct str library, struct err *err)
{
    for (size_t i = 0; tree && i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        if (!str_ends(node->path, STR(".py")) || is_rare(in_standard_library(node->path, library)))
            continue;
        const struct tree_node *file = tree_lookup(tree, node->path);
        if (!file || file->type != TREE_FILE || file->place)
            continue;
        struct module module = {.tree = tree, .node = *node};
        module.node.content = file->content;
        module.node.host_path = file->host_path;
        if (!VEC_PUSH(&compiling->modules, module))
            return err_nomem(err);
    }
    return 0;
}

static void warn_of_problems(const struct compiling *compiling)
{
    size_t count = 0;
    for (size_t i = 0; i < compiling->modules.len; i++) {
        const struct bytecode_source *source = &compiling->sources[i];
        if (source->problem.len == 0 || !compiling->modules.ptr[i].own || count++ >= WARNINGS_MAX)
            continue;
        op_warn(compiling->ctx, "'%.*s' ships without bytecode: %.*s", STR_ARG(source->place),
                STR_ARG(source->problem));
    }
    if (count > WARNINGS_MAX)
        op_warn(compiling->ctx, "%zu more modules ship without bytecode", count - WARNINGS_MAX);
}

/* That an interpreter can't run here is no failure, but a reason. */
static int settle(int r, struct str *ret_reason)
{
    if (r != -ERR_UNSUPPORTED)
        return r;
    *ret_reason = STR("this machine can't run the image's interpreter");
    return 0;
}

/* Compiles the modules with RUNNER and puts what comes of it beside them. */
static int compile_modules(struct compiling *compiling, struct str identity, struct python_runner *runner,
                           struct err *err)
{
    size_t count = compiling->modules.len;
    compiling->sources = ARENA_ARRAY(compiling->ctx->arena, count + 1, struct bytecode_source);
    if (!compiling->sources)
        return err_nomem(err);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = i % 64 == 0 ? op_check(compiling->ctx, err) : 0;
        if (r == 0)
            r = read_source(compiling, &compiling->modules.ptr[i], &compiling->sources[i], err);
    }
    if (r == 0)
        r = bytecode_compile(compiling->ctx, compiling->store, compiling->pool, identity, compiling->version,
                             python_runner_open, runner, compiling->sources, count, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        if (compiling->sources[i].pyc.len)
            r = put_module(compiling, &compiling->modules.ptr[i], compiling->sources[i].pyc, err);
    if (r == 0)
        warn_of_problems(compiling);
    return r;
}

/* What changes when the code that PROGRAM makes might: the program, the libraries it keeps its compiler in. */
static int program_identity(struct arena *arena, const struct str *contents, size_t count, struct str *ret_identity,
                            struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    buf_add_z(&text, PYTHON_BYTECODE_FORMAT);
    for (size_t i = 0; i < count; i++) {
        char hex[DIGEST_TEXT_MAX];
        struct digest digest = digest_of(DIGEST_SHA256, contents[i]);
        buf_addf(&text, " %s", digest_hex(&digest, hex));
    }
    *ret_identity = arena_buf(arena, &text);
    return ret_identity->ptr ? 0 : err_nomem(err);
}

int python_bytecode_put_runtime(const struct op_ctx *ctx, struct store *store, struct pool *pool, unsigned version,
                                struct tree *tree, struct str *ret_reason, struct err *err)
{
    struct compiling compiling = {.ctx = ctx, .store = store, .pool = pool, .version = version};
    struct python_runner runner CLEANUP_RUNNER = {.ctx = ctx, .store = store, .version = version, .tree = tree};
    *ret_reason = STR_NONE;
    char *program = arena_printf(ctx->arena, "/usr/bin/python%u.%u", version >> 8, version & 0xff);
    char *library = arena_printf(ctx->arena, "usr/lib/python%u.%u", version >> 8, version & 0xff);
    if (!program || !library)
        return err_nomem(err);
    const struct tree_node *node = tree_lookup(tree, str_z(program));
    if (!node || node->type != TREE_FILE || !node->content.ptr || !python_marshal_knows(version))
        return 0;
    struct str identity;
    int r = program_identity(ctx->arena, &node->content, 1, &identity, err);
    if (r == 0)
        r = add_modules(&compiling, tree, str_z(library), err);
    if (r == 0)
        r = compile_modules(&compiling, identity, &runner, err);
    VEC_DONE(&compiling.modules);
    return settle(r, ret_reason);
}

/* The interpreter of the archive: its packages' names, versions and digests. */
static int archive_identity(const struct op_ctx *ctx, struct supply *supply, unsigned version, struct str *ret_identity,
                            struct err *err)
{
    char *name = arena_printf(ctx->arena, "python%u.%u-minimal", version >> 8, version & 0xff);
    struct package package;
    if (!name)
        return err_nomem(err);
    int r = supply_find(supply, str_z(name), &package, err);
    if (r < 0)
        return r;
    char digest[DIGEST_TEXT_MAX];
    char *text = arena_printf(ctx->arena, PYTHON_BYTECODE_FORMAT " %s %.*s %.*s %s", name, STR_ARG(package.version),
                              STR_ARG(package.architecture), digest_text(&package.digest, digest));
    *ret_identity = str_z(text);
    return text ? 0 : err_nomem(err);
}

/* Takes away what lies elsewhere than in the interpreter's own directories: other programs' modules. */
static void only_libraries(struct compiling *compiling)
{
    size_t kept = 0;
    for (size_t i = 0; i < compiling->modules.len; i++)
        if (str_starts(compiling->modules.ptr[i].node.path, STR("usr/lib/python3")))
            compiling->modules.ptr[kept++] = compiling->modules.ptr[i];
    compiling->modules.len = kept;
}

int python_bytecode_put_packages(const struct op_ctx *ctx, struct store *store, struct pool *pool,
                                 struct supply *supply, enum elf_machine machine, unsigned version, struct tree *tree,
                                 struct str *ret_reason, struct err *err)
{
    struct compiling compiling = {.ctx = ctx, .store = store, .pool = pool, .version = version};
    struct python_runner runner CLEANUP_RUNNER = {
        .ctx = ctx, .store = store, .version = version, .supply = supply, .machine = machine};
    char *library = arena_printf(ctx->arena, "usr/lib/python%u.%u", version >> 8, version & 0xff);
    struct str identity;
    *ret_reason = STR_NONE;
    if (!library)
        return err_nomem(err);
    if (!python_marshal_knows(version))
        return 0;
    int r = add_modules(&compiling, tree, str_z(library), err);
    only_libraries(&compiling);
    if (r == 0 && compiling.modules.len)
        r = archive_identity(ctx, supply, version, &identity, err);
    if (r == 0 && compiling.modules.len)
        r = compile_modules(&compiling, identity, &runner, err);
    VEC_DONE(&compiling.modules);
    return settle(r, ret_reason);
}

static int brought_identity(const struct op_ctx *ctx, const struct python_program *program, struct str *ret_identity,
                            struct err *err)
{
    struct str *contents = ARENA_ARRAY(ctx->arena, program->files.len + 1, struct str);
    size_t count = 0;
    if (!contents)
        return err_nomem(err);
    for (size_t i = 0; i < program->files.len; i++) {
        const struct project_file *file = &program->files.ptr[i];
        bool library = str_starts(path_base(file->path), STR("libpython"));
        if (file->type == TREE_FILE && file->content.ptr && (library || str_eq(file->path, program->program)))
            contents[count++] = file->content;
    }
    return program_identity(ctx->arena, contents, count, ret_identity, err);
}

/* Sets RUNNER to the application's interpreter. */
static int choose_runner(const struct application *app, struct supply *supply, struct python_runner *runner,
                         struct str *ret_identity, struct err *err)
{
    const struct application_python *python = app->python;
    struct arena *arena = runner->ctx->arena;
    runner->supply = supply;
    runner->machine = app->machine;
    if (python->archive)
        return archive_identity(runner->ctx, supply, python->version, ret_identity, err);
    struct base_external *externals = ARENA_ARRAY(arena, app->external_count + 1, struct base_external);
    if (!externals)
        return err_nomem(err);
    for (size_t i = 0; i < app->external_count; i++)
        externals[i] = (struct base_external){.name = app->externals[i].name,
                                              .candidates = app->externals[i].candidates,
                                              .needed_by = app->externals[i].needed_by->as_requester.path};
    runner->externals = externals;
    runner->external_count = app->external_count;
    const struct python_program *program = &python->app.program;
    char *path = arena_printf(arena, "%.*s/%.*s", STR_ARG(program->host_prefix), STR_ARG(program->program));
    runner->host_prefix = program->host_prefix;
    runner->host_program = str_z(path);
    return path ? brought_identity(runner->ctx, program, ret_identity, err) : err_nomem(err);
}

/* The image's directory of a brought interpreter's standard library, relative; empty: none. */
static struct str brought_library(const struct application_python *python, struct arena *arena)
{
    struct str prefix = path_dir(path_dir(python->program)); /* of ".../bin/python3.12" */
    char *path = python->archive ? NULL
                                 : arena_printf(arena, "%.*s/%.*s", STR_ARG(str_skip(prefix, 1)),
                                                STR_ARG(python->app.program.library));
    return str_z(path);
}

/* The project's own modules: not the environment's, and no packages that lie in the project. */
static void mark_own(struct compiling *compiling, const struct application *app)
{
    for (size_t i = 0; i < compiling->modules.len; i++) {
        struct module *module = &compiling->modules.ptr[i];
        struct str environment = str_skip(app->python->environment, 1);
        module->own = module->tree == app->tree && path_is_below(module->node.path, STR("app")) &&
                      (environment.len == 0 || !path_is_below(module->node.path, environment)) &&
                      str_find(module->node.path, STR("-packages/")) == module->node.path.len;
    }
}

int python_bytecode_put(const struct op_ctx *ctx, struct store *store, struct pool *pool, struct supply *supply,
                        struct application *app, struct str *ret_reason, struct err *err)
{
    unsigned version = app->python->version;
    struct compiling compiling = {.ctx = ctx, .store = store, .pool = pool, .version = version};
    struct python_runner runner CLEANUP_RUNNER = {.ctx = ctx, .store = store, .version = version};
    struct str identity;
    *ret_reason = STR_NONE;
    if (!python_marshal_knows(version)) {
        *ret_reason = STR("bytecode of this version of Python is of a format that is not known");
        return 0;
    }
    struct str library = brought_library(app->python, ctx->arena);
    int r = choose_runner(app, supply, &runner, &identity, err);
    if (r == 0)
        r = add_modules(&compiling, app->dependencies, library, err);
    if (r == 0)
        r = add_modules(&compiling, app->tree, library, err);
    if (r == 0) {
        mark_own(&compiling, app);
        r = compile_modules(&compiling, identity, &runner, err);
    }
    VEC_DONE(&compiling.modules);
    return settle(r, ret_reason);
}

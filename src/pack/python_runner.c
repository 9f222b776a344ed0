/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/python_runner.h"

#include "base/limits.h"
#include "base/path.h"
#include "elf/closure.h"
#include "io/file.h"
#include "io/store.h"
#include "pack/base_closure.h"
#include "pack/base_tree.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What the interpreter needs of its library: codecs that sources may be written in, beside those that are built in. */
static const char *const codecs[] = {"encodings/*.py", "lib-dynload/_codecs_*", "lib-dynload/_multibytecodec.*",
                                     "linecache.py"}; /* since 3.13 "-c" keeps its text there */

struct providing {
    struct python_runner *runner;
    struct arena *arena;
};

void python_runner_done(struct python_runner *runner)
{
    if (runner->dir)
        (void)file_remove_tree(AT_FDCWD, runner->dir, NULL);
    if (runner->dir && runner->dir_lock >= 0)
        close(runner->dir_lock);
    runner->dir = NULL;
}

static bool may_run_programs(const char *dir)
{
    struct statvfs fs;
    return dir[0] && statvfs(dir, &fs) == 0 && !(fs.f_flag & ST_NOEXEC);
}

static int make_dir(struct python_runner *runner, struct err *err)
{
    static const char *const parents[] = {"/tmp", "/var/tmp", "/dev/shm"};
    struct arena *arena = runner->ctx->arena;
    runner->dir_lock = -1;
    if (runner->store && may_run_programs(store_dir(runner->store))) {
        struct buf path CLEANUP_BUF = BUF_INIT;
        int r = store_work_dir(runner->store, &path, &runner->dir_lock, err);
        if (r < 0)
            return r;
        runner->dir = arena_z(arena, buf_str(&path));
        if (runner->dir)
            return 0;
        (void)file_remove_tree(AT_FDCWD, buf_z(&path), NULL);
        close(runner->dir_lock);
        return err_nomem(err);
    }
    for (size_t i = 0; i < ARRAY_LEN(parents); i++) {
        if (!may_run_programs(parents[i]))
            continue;
        char *dir = arena_printf(arena, "%s/.barehull-python-XXXXXX", parents[i]);
        if (!dir)
            return err_nomem(err);
        if (mkdtemp(dir)) {
            runner->dir = dir;
            return 0;
        }
    }
    return err_set(err, ERR_UNSUPPORTED, "there is no directory that a program can be written to and run from");
}

static int write_file(const struct python_runner *runner, struct str path, mode_t mode, struct str content,
                      struct err *err)
{
    char *full = arena_printf(runner->ctx->arena, "%s/%.*s", runner->dir, STR_ARG(path));
    char *dir = full ? arena_z(runner->ctx->arena, path_dir(str_z(full))) : NULL;
    if (!full || !dir)
        return err_nomem(err);
    int r = file_make_dirs(AT_FDCWD, dir, 0700, err);
    return r == 0 ? file_write_all(AT_FDCWD, full, mode, content, err) : r;
}

static const struct tree_node *find_below(const struct tree *tree, const char *prefix, struct str path, int depth);

/* PATH (absolute) in the tree, which may be a layer without the links of a merged root: "/lib" is "/usr/lib" there. */
static const struct tree_node *find(const struct tree *tree, struct str path, int depth)
{
    const struct tree_node *node = find_below(tree, "", path, depth);
    return node ? node : find_below(tree, "/usr", path, depth);
}

static const struct tree_node *find_below(const struct tree *tree, const char *prefix, struct str path, int depth)
{
    struct buf full CLEANUP_BUF = BUF_INIT;
    buf_addf(&full, "%s%.*s", prefix, STR_ARG(path));
    if (full.failed || full.len < 2)
        return NULL;
    const struct tree_node *node = tree_lookup(tree, buf_str(&full));
    if (node)
        return node->type == TREE_FILE && node->content.ptr ? node : NULL;
    node = tree_get(tree, str_skip(buf_str(&full), 1));
    bool follows = node && node->type == TREE_SYMLINK && str_starts(node->target, STR("/")) && depth < LIMIT_LINK_DEPTH;
    return follows ? find(tree, node->target, depth + 1) : NULL;
}

static int open_in_tree(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    const struct providing *providing = self;
    const struct tree_node *node = find(providing->runner->tree, path, 0);
    *ret_found = node != NULL;
    if (!node)
        return 0;
    char *real = arena_printf(providing->arena, "/%.*s", STR_ARG(node->path));
    *ret = (struct elf_candidate){.path = path, .real_path = str_z(real), .bytes = node->content};
    return real ? 0 : err_nomem(err);
}

/* The loader, whose link /lib64 may be another layer's: it lies among the libraries. */
static int find_elsewhere(void *self, struct str name, const struct elf_object *needed_by, struct elf_candidate *ret,
                          bool *ret_found, struct err *err)
{
    const struct providing *providing = self;
    struct str triplet = needed_by ? elf_machine_info(needed_by->file->machine)->triplet : STR_NONE;
    char *path = arena_printf(providing->arena, "/usr/lib/%.*s/%.*s", STR_ARG(triplet), STR_ARG(path_base(name)));
    return path ? open_in_tree(self, str_z(path), ret, ret_found, err) : err_nomem(err);
}

/* Writes the program and what its loader maps, all libraries into one directory. */
static int write_objects(const struct python_runner *runner, const struct elf_closure *closure, struct str *ret_loader,
                         struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < elf_closure_count(closure); i++) {
        const struct elf_object *object = elf_closure_at(closure, i);
        const struct tree_node *node = find(runner->tree, object->as_requester.path, 0);
        struct str name = path_base(object->name);
        bool program = object->kind == ELF_OBJECT_PROGRAM;
        char *path = arena_printf(runner->ctx->arena, "%s/%.*s", program ? "bin" : "lib", STR_ARG(name));
        if (!path || !node)
            return path ? err_set(err, ERR_UNSUPPORTED, "the interpreter lacks '%.*s'", STR_ARG(name)) : err_nomem(err);
        if (object->kind == ELF_OBJECT_INTERPRETER)
            *ret_loader = str_z(path);
        r = write_file(runner, str_z(path), 0700, node->content, err);
    }
    if (r == 0 && elf_closure_unresolved_count(closure))
        r = err_set(err, ERR_UNSUPPORTED, "the interpreter lacks '%.*s'",
                    STR_ARG(elf_closure_unresolved_at(closure, 0)->name));
    return r;
}

static int write_program(struct python_runner *runner, struct str program, struct str *ret_loader, struct err *err)
{
    struct providing providing = {.runner = runner, .arena = runner->ctx->arena};
    struct elf_provider provider = {.open = open_in_tree, .missing = find_elsewhere, .self = &providing};
    struct elf_search search = {.style = ELF_SEARCH_DEBIAN};
    struct elf_closure *closure CLEANUP_CLOSURE = NULL;
    const struct tree_node *node = find(runner->tree, program, 0);
    if (!node)
        return err_set(err, ERR_UNSUPPORTED, "there is no interpreter at '%.*s'", STR_ARG(program));
    struct elf_candidate root = {.path = program, .bytes = node->content};
    int r = elf_closure_new(&search, &provider, runner->ctx->arena, &closure, err);
    if (r == 0)
        r = elf_closure_add(closure, &root, ELF_OBJECT_PROGRAM, NULL, err);
    return r == 0 ? write_objects(runner, closure, ret_loader, err) : r;
}

static int write_codecs(const struct python_runner *runner, const char *library, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < tree_count(runner->tree); i++) {
        const struct tree_node *node = tree_at(runner->tree, i);
        struct str rest = node->path;
        if (node->type != TREE_FILE || !node->content.ptr || !str_starts(rest, str_z(library)))
            continue;
        rest = str_skip(rest, str_z(library).len + 1);
        bool wanted = false;
        for (size_t j = 0; j < ARRAY_LEN(codecs); j++)
            wanted |= path_glob(str_z(codecs[j]), rest);
        if (wanted)
            r = write_file(runner, str_skip(node->path, 4), 0600, node->content, err); /* without "usr/" */
    }
    return r;
}

static int write_tree(struct python_runner *runner, struct bytecode_interpreter *ret, struct err *err)
{
    struct arena *arena = runner->ctx->arena;
    struct str loader = STR_NONE;
    char *name = arena_printf(arena, "python%u.%u", runner->version >> 8, runner->version & 0xff);
    char *program = name ? arena_printf(arena, "/usr/bin/%s", name) : NULL;
    char *library = name ? arena_printf(arena, "usr/lib/%s", name) : NULL;
    const char **argv = ARENA_ARRAY(arena, 12, const char *);
    const char **env = ARENA_ARRAY(arena, 2, const char *);
    if (!program || !library || !argv || !env)
        return err_nomem(err);
    int r = make_dir(runner, err);
    if (r == 0)
        r = write_program(runner, str_z(program), &loader, err);
    if (r == 0)
        r = write_codecs(runner, library, err);
    if (r < 0)
        return r;
    size_t argc = 0;
    if (loader.len) { /* else it is static */
        argv[argc++] = arena_printf(arena, "%s/%.*s", runner->dir, STR_ARG(loader));
        argv[argc++] = "--library-path";
        argv[argc++] = arena_printf(arena, "%s/lib", runner->dir);
    }
    argv[argc++] = arena_printf(arena, "%s/bin/%s", runner->dir, name);
    env[0] = arena_printf(arena, "PYTHONHOME=%s", runner->dir);
    for (size_t i = 0; i < argc; i++)
        if (!argv[i])
            return err_nomem(err);
    ret->argv = argv;
    ret->env = env;
    return env[0] ? 0 : err_nomem(err);
}

enum { PACKAGES = 3 }; /* python3.X-minimal, libpython3.X-minimal, libpython3.X-stdlib */

/* The packages with the program and the codecs, and the libraries that these need. */
static int fill_tree(struct python_runner *runner, struct base_tree *base, struct err *err)
{
    struct arena *arena = runner->ctx->arena;
    unsigned major = runner->version >> 8, minor = runner->version & 0xff;
    struct package found[PACKAGES];
    const struct base_library *libraries;
    size_t count;
    int r = tree_new(arena, &base->tree, err);
    for (size_t i = 0; r == 0 && i < PACKAGES; i++) {
        struct buf name CLEANUP_BUF = BUF_INIT;
        buf_add_z(&name, i == 0 ? "python" : "libpython");
        buf_addf(&name, "%u.%u-%s", major, minor, i < 2 ? "minimal" : "stdlib");
        struct str kept = arena_buf(arena, &name);
        r = kept.ptr ? supply_find(runner->supply, kept, &found[i], err) : err_nomem(err);
    }
    if (r == 0)
        r = supply_fetch(runner->supply, found, PACKAGES, err);
    char *program = arena_printf(arena, "usr/bin/python%u.%u", major, minor);
    if (r == 0)
        r = program ? base_tree_put_matching(base, found[0].name, str_z(program), err) : err_nomem(err);
    for (size_t i = 1; r == 0 && i < PACKAGES; i++)
        for (size_t j = 0; r == 0 && j < ARRAY_LEN(codecs); j++) {
            char *pattern = arena_printf(arena, "usr/lib/python%u.%u/%s", major, minor, codecs[j]);
            r = pattern ? base_tree_put_matching(base, found[i].name, str_z(pattern), err) : err_nomem(err);
        }
    return r == 0 ? base_closure_run(base, &libraries, &count, err) : r;
}

static int write_packages(struct python_runner *runner, struct bytecode_interpreter *ret, struct err *err)
{
    const struct base_request request = {.machine = runner->machine};
    struct base_tree base = {.ctx = runner->ctx, .supply = runner->supply, .request = &request};
    int r = fill_tree(runner, &base, err);
    runner->tree = base.tree;
    if (r == 0)
        r = write_tree(runner, ret, err);
    runner->tree = NULL;
    tree_free(base.tree);
    base_tree_done(&base);
    return r;
}

/* Writes what of the archive an interpreter of this machine's needs; *ret_loader stays empty for a static one. */
static int write_libraries(struct python_runner *runner, struct str *ret_loader, struct err *err)
{
    const struct base_request request = {
        .machine = runner->machine, .externals = runner->externals, .external_count = runner->external_count};
    struct base_tree base = {.ctx = runner->ctx, .supply = runner->supply, .request = &request};
    struct str loader = elf_machine_info(runner->machine)->loader;
    const struct base_library *libraries = NULL;
    size_t count = 0;
    int r = tree_new(runner->ctx->arena, &base.tree, err);
    if (r == 0)
        r = base_closure_run(&base, &libraries, &count, err);
    if (r == 0 && count)
        r = make_dir(runner, err);
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct tree_node *node = find(base.tree, libraries[i].path, 0);
        char *path = arena_printf(runner->ctx->arena, "lib/%.*s", STR_ARG(libraries[i].soname));
        if (!path)
            r = err_nomem(err);
        else if (node)
            r = write_file(runner, str_z(path), 0700, node->content, err);
        if (path && str_eq(libraries[i].soname, path_base(loader)))
            *ret_loader = str_z(path);
    }
    tree_free(base.tree);
    base_tree_done(&base);
    return r;
}

static int open_host(struct python_runner *runner, struct bytecode_interpreter *ret, struct err *err)
{
    struct arena *arena = runner->ctx->arena;
    const char **argv = ARENA_ARRAY(arena, 12, const char *);
    const char **env = ARENA_ARRAY(arena, 2, const char *);
    struct str loader = STR_NONE;
    if (!argv || !env)
        return err_nomem(err);
    int r = write_libraries(runner, &loader, err);
    if (r < 0)
        return r;
    size_t argc = 0;
    if (loader.len) {
        argv[argc++] = arena_printf(arena, "%s/%.*s", runner->dir, STR_ARG(loader));
        argv[argc++] = "--library-path";
        argv[argc++] = arena_printf(arena, "%s/lib:%.*s/lib", runner->dir, STR_ARG(runner->host_prefix));
    }
    argv[argc++] = arena_z(arena, runner->host_program);
    env[0] = arena_printf(arena, "PYTHONHOME=%.*s", STR_ARG(runner->host_prefix));
    for (size_t i = 0; i < argc; i++)
        if (!argv[i])
            return err_nomem(err);
    ret->argv = argv;
    ret->env = env;
    return env[0] ? 0 : err_nomem(err);
}

int python_runner_open(void *self, struct bytecode_interpreter *ret_interpreter, struct err *err)
{
    /* No site, no user's directory, no bytecode of its own, no current directory; -I would not take PYTHONHOME. */
    static const char *const flags[] = {"-S", "-s", "-B", "-P"};
    struct python_runner *runner = self;
    int r;
    if (runner->tree)
        r = write_tree(runner, ret_interpreter, err);
    else if (runner->host_program.len)
        r = open_host(runner, ret_interpreter, err);
    else
        r = write_packages(runner, ret_interpreter, err);
    if (r < 0)
        return r;
    union { /* the arrays are ours, with room for the flags */
        const char *const *in;
        const char **out;
    } argv = {.in = ret_interpreter->argv};
    size_t argc = 0;
    while (argv.out[argc])
        argc++;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        argv.out[argc++] = flags[i];
    argv.out[argc] = NULL;
    ret_interpreter->version = runner->version;
    return 0;
}

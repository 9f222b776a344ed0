/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ELF files of a Python application load.
 *
 * An extension module is opened by itself: a library that another package bundles under the same name is no answer to
 * its needs. So each module has a closure of its own that tells what it wants of the archive, and all together have
 * one that tells what is there. A library that no module leads to is opened by name (ctypes), and counts as a module.
 */
#include "pack/python_place.h"

#include "base/path.h"
#include "python/abi.h"

/* Files that are there and can't be loaded, by their reason; the first of each is told by name. */
enum useless { USELESS_BROKEN, USELESS_FOREIGN, USELESS_MUSL, USELESS_KINDS };

struct closing {
    struct python_placing *placing;
    struct elf_search search;
    struct elf_provider files;    /* the trees, and what lies around */
    struct elf_provider provider; /* with what packages load themselves */
    struct elf_candidate program; /* a brought interpreter; path empty: none */
    struct {
        struct str path;
        size_t count;
    } useless[USELESS_KINDS];
    bool libraries; /* the second pass */
};

/* "uvloop" of "/app/.venv/lib/python3.11/site-packages/uvloop/x.so", and of ".../uvloop.libs/y.so". */
static struct str package_of(const struct python_placing *placing, struct str path)
{
    const struct python_environment *environment = &placing->python->app.environment;
    struct str rest = STR_NONE;
    if (placing->environment.len && path_is_below(path, placing->environment)) {
        rest = str_skip(path, placing->environment.len + 1);
        if (environment->site_packages.len && path_is_below(rest, environment->site_packages))
            rest = str_skip(rest, environment->site_packages.len + 1);
    } else if (path_is_below(path, STR(PYTHON_PLACE))) {
        rest = str_skip(path, sizeof(PYTHON_PLACE));
    }
    rest = str_head(rest, str_find_char(rest, '/'));
    return str_ends(rest, STR(".libs")) ? str_head(rest, rest.len - 5) : rest;
}

/* True for a directory of this machine whose content has another place in the image. */
static bool is_left(const struct python_placing *placing, struct str path)
{
    for (size_t i = 0; i < placing->move_count; i++)
        if (path_is_below(path, placing->moves[i].from))
            return !str_eq(placing->moves[i].from, placing->moves[i].to);
    return false;
}

static int open_file(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err)
{
    struct closing *closing = self;
    *ret_found = false;
    if (is_left(closing->placing, path) && !application_lookup(closing->placing->app, path))
        return 0;
    return closing->files.open(closing->files.self, path, ret, ret_found, err);
}

/*
 * Absolute RPATHs into what moves, as a shared build of CPython has one to its libpython: the loader comes to nothing
 * there, and the cache has to lead it to the new place.
 */
static int note_moved_dirs(struct closing *closing, struct str search_path, struct err *err)
{
    struct application_reading *reading = closing->placing->reading;
    struct str entry;
    while (str_next(&search_path, ':', &entry)) {
        struct buf normal CLEANUP_BUF = BUF_INIT;
        struct str place = STR_NONE;
        if (!str_starts(entry, STR("/")) || !path_normalize(&normal, STR("/"), entry)) {
            if (normal.failed)
                return err_nomem(err);
            continue;
        }
        int r = is_left(closing->placing, buf_str(&normal))
                    ? python_place_of(closing->placing, buf_str(&normal), &place, err)
                    : 0;
        if (r < 0)
            return r;
        bool known = place.len == 0 || !application_lookup(reading->app, place);
        for (size_t i = 0; i < reading->library_dirs.len; i++)
            known |= str_eq(reading->library_dirs.ptr[i], place);
        if (!known && !VEC_PUSH(&reading->library_dirs, place))
            return err_nomem(err);
    }
    return 0;
}

static int find_moved_dirs(struct closing *closing, struct err *err)
{
    const struct application_reading *reading = closing->placing->reading;
    for (size_t i = 0; i < reading->found.len; i++) {
        struct elf_file file;
        struct err why = ERR_INIT;
        int r = elf_read(reading->found.ptr[i].bytes, reading->ctx->arena, &file, &why);
        if (r == -(int)ERR_NOMEM)
            return err_nomem(err);
        if (r < 0)
            continue; /* told later */
        r = note_moved_dirs(closing, file.rpath, err);
        if (r == 0)
            r = note_moved_dirs(closing, file.runpath, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/*
 * A package that loads its libraries before its modules (ctypes.CDLL in its __init__.py) does without RUNPATH: what
 * the needing file's own package has under that name is meant.
 */
static int supply_own(void *self, struct str name, const struct elf_object *needed_by, struct elf_candidate *ret,
                      bool *ret_found, struct err *err)
{
    struct closing *closing = self;
    const struct application_reading *reading = closing->placing->reading;
    *ret_found = false;
    struct str package = package_of(closing->placing, needed_by->as_requester.path);
    if (package.len == 0)
        return 0;
    for (size_t i = 0; i < reading->found.len; i++) {
        const struct application_elf *found = &reading->found.ptr[i];
        if (!str_eq(path_base(found->path), name))
            continue;
        char *path = arena_printf(reading->ctx->arena, "/%.*s", STR_ARG(found->path));
        if (!path)
            return err_nomem(err);
        if (!str_eq(package_of(closing->placing, str_z(path)), package))
            continue;
        *ret = (struct elf_candidate){.path = str_z(path), .bytes = found->bytes};
        *ret_found = true;
        return 0;
    }
    return 0;
}

static void note_useless(struct closing *closing, enum useless kind, struct str path)
{
    if (closing->libraries) /* told in the first pass */
        return;
    if (closing->useless[kind].count++ == 0)
        closing->useless[kind].path = path;
}

static void tell_useless(const struct closing *closing)
{
    static const char *const reasons[USELESS_KINDS][2] = {
        {"it is no whole ELF file", "they are no whole ELF files"},
        {"it is for another machine", "they are for another machine"},
        {"it needs musl, and the image has glibc", "they need musl, and the image has glibc"}};
    for (size_t kind = 0; kind < USELESS_KINDS; kind++) {
        size_t count = closing->useless[kind].count;
        struct str path = closing->useless[kind].path;
        if (count == 1)
            op_warn(closing->placing->ctx, "'/%.*s' can't be loaded: %s", STR_ARG(path), reasons[kind][0]);
        else if (count > 1)
            op_warn(closing->placing->ctx, "'/%.*s' and %zu others can't be loaded: %s", STR_ARG(path), count - 1,
                    reasons[kind][1]);
    }
}

/* True when FOUND has to be looked at; *ret_file is filled in then. */
static int is_loadable(struct closing *closing, const struct application_elf *found, struct elf_file *ret_file,
                       bool *ret_loadable, struct err *err)
{
    struct err why = ERR_INIT;
    *ret_loadable = false;
    int r = elf_read(found->bytes, closing->placing->ctx->arena, ret_file, &why);
    if (r == -(int)ERR_NOMEM || (r < 0 && found->included)) {
        if (err)
            *err = why;
        return found->included ? err_wrap(err, "the included '/%.*s'", STR_ARG(found->path)) : r;
    }
    if (r < 0) {
        note_useless(closing, USELESS_BROKEN, found->path);
        return 0;
    }
    if (ret_file->type != ELF_TYPE_LIBRARY && !elf_is_program(ret_file))
        return 0;
    if (ret_file->machine != closing->placing->app->machine)
        note_useless(closing, USELESS_FOREIGN, found->path);
    else if (ret_file->libc == ELF_LIBC_MUSL)
        note_useless(closing, USELESS_MUSL, found->path);
    else
        *ret_loadable = true;
    return 0;
}

/* A library by its name: something else loads it, as a rule. */
static bool is_library(struct str path, const struct elf_file *file)
{
    struct python_ext ext = python_ext_parse(path);
    return file->type == ELF_TYPE_LIBRARY &&
           (ext.kind == PYTHON_EXT_NONE || (ext.kind == PYTHON_EXT_PLAIN && str_starts(path_base(path), STR("lib"))));
}

/* What ROOT wants in a process of its own, beside the interpreter. */
static int add_needs(struct closing *closing, const struct elf_candidate *root, enum elf_object_kind kind,
                     struct err *err)
{
    struct application_reading *reading = closing->placing->reading;
    struct elf_closure *closure CLEANUP_CLOSURE = NULL;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    size_t before = reading->externals.len;
    int r = elf_closure_new(&closing->search, &closing->provider, &arena, &closure, err);
    if (r == 0 && closing->program.path.len && kind == ELF_OBJECT_PLUGIN)
        r = elf_closure_add(closure, &closing->program, ELF_OBJECT_PROGRAM, NULL, err);
    if (r == 0)
        r = elf_closure_add(closure, root, kind, NULL, err);
    if (r == 0)
        r = application_add_externals(reading, closure, err);
    if (reading->externals.len > before) /* they name objects of this closure */
        arena_adopt(closing->placing->ctx->arena, &arena);
    return r;
}

static int add_root(struct closing *closing, const struct application_elf *found, const struct elf_file *file,
                    struct err *err)
{
    struct application_reading *reading = closing->placing->reading;
    char *path = arena_printf(reading->ctx->arena, "/%.*s", STR_ARG(found->path));
    if (!path)
        return err_nomem(err);
    struct elf_candidate root = {.path = str_z(path), .bytes = found->bytes};
    if (str_eq(root.path, closing->program.path))
        return 0;
    const struct elf_object *object;
    int r = elf_closure_add(reading->app->closure, &root, ELF_OBJECT_PLUGIN, &object, err);
    if (r < 0 || object->kind == ELF_OBJECT_LIBRARY)
        return r; /* a module leads to it */
    if (file->interpreter.len > 0 && !VEC_PUSH(&reading->programs, object))
        return err_nomem(err);
    return add_needs(closing, &root, ELF_OBJECT_PLUGIN, err);
}

/* Modules and programs first, so that libraries which they lead to are no roots. */
static int add_roots(struct closing *closing, struct err *err)
{
    const struct application_reading *reading = closing->placing->reading;
    for (unsigned pass = 0; pass < 2; pass++) {
        closing->libraries = pass == 1;
        for (size_t i = 0; i < reading->found.len; i++) {
            const struct application_elf *found = &reading->found.ptr[i];
            struct elf_file file;
            bool loadable;
            int r = op_check(reading->ctx, err);
            if (r == 0)
                r = is_loadable(closing, found, &file, &loadable, err);
            if (r == 0 && loadable && is_library(found->path, &file) == closing->libraries)
                r = add_root(closing, found, &file, err);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

static int find_program(struct closing *closing, struct err *err)
{
    struct python_placing *placing = closing->placing;
    if (!placing->python->app.program.brought)
        return 0;
    struct str path = placing->python->program;
    const struct tree_node *node = application_lookup(placing->app, path);
    if (!node || node->type != TREE_FILE || !elf_is_elf(node->content)) {
        err_set(err, ERR_INVALID, "the interpreter '%.*s' is not among the files that ship", STR_ARG(path));
        return err_hint(err, "name another one with --python, or let the archive's be taken: --python archive");
    }
    closing->program = (struct elf_candidate){.path = path, .bytes = node->content};
    return 0;
}

int python_place_close(struct python_placing *placing, struct err *err)
{
    struct closing closing = {.placing = placing};
    struct application *app = placing->app;
    int r = find_moved_dirs(&closing, err);
    application_search(placing->reading, true, &closing.search);
    application_provider(placing->reading, &closing.files);
    closing.provider = (struct elf_provider){.open = open_file, .missing = supply_own, .self = &closing};
    if (r == 0)
        r = elf_closure_new(&closing.search, &closing.provider, placing->ctx->arena, &app->closure, err);
    if (r == 0)
        r = find_program(&closing, err);
    if (r == 0 && closing.program.path.len) {
        r = elf_closure_add(app->closure, &closing.program, ELF_OBJECT_PROGRAM, NULL, err);
        if (r == 0)
            r = add_needs(&closing, &closing.program, ELF_OBJECT_PROGRAM, err);
    }
    if (r == 0)
        r = add_roots(&closing, err);
    if (r == 0) {
        tell_useless(&closing);
        r = application_finish(placing->reading, err);
    }
    return r;
}

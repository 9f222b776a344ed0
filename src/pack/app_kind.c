/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/app_kind.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"
#include "detect/app.h"
#include "io/file.h"
#include "io/reader.h"
#include "project/python.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 4096 /* of a directory: enough to tell what it is */

/* The first names of a directory; the list is the arena's. */
static int read_names(struct arena *arena, struct str path, struct str_list *ret_names, struct err *err)
{
    DIR *stream = opendir(path.ptr);
    if (!stream)
        return err_errno(err, errno, "cannot read the directory '%.*s'", STR_ARG(path));
    VEC(struct str)
    names = {0};
    bool complete = true;
    for (struct dirent *entry; complete && names.len < NAMES_MAX && (entry = readdir(stream));) {
        struct str name = arena_str(arena, str_z(entry->d_name));
        complete = name.ptr && VEC_PUSH(&names, name);
    }
    closedir(stream);
    struct str *kept = complete ? ARENA_ARRAY(arena, names.len + 1, struct str) : NULL;
    if (kept && names.len)
        memcpy(kept, names.ptr, names.len * sizeof(*kept));
    *ret_names = (struct str_list){kept, names.len};
    VEC_DONE(&names);
    return kept ? 0 : err_nomem(err);
}

/* NAME/FILE in the directory PATH. */
static bool is_there(struct arena *arena, struct str path, struct str name, const char *file)
{
    struct stat st;
    char *inner = arena_printf(arena, "%.*s/%.*s/%s", STR_ARG(path), STR_ARG(name), file);
    return inner && stat(inner, &st) == 0 && S_ISREG(st.st_mode);
}

/* A package, "shop/__init__.py" or "shop/__main__.py": a Python project without a file that says so. */
static bool has_package(struct arena *arena, struct str path, struct str_list names)
{
    for (size_t i = 0; i < names.len; i++) {
        bool hidden = str_starts(names.ptr[i], STR("."));
        if (!hidden &&
            (is_there(arena, path, names.ptr[i], "__init__.py") || is_there(arena, path, names.ptr[i], "__main__.py")))
            return true;
    }
    return false;
}

/* The first directory in PATH, in byte order, that is a Python project of its own; empty: none. */
static struct str project_below(struct arena *arena, struct str path, struct str_list names)
{
    struct str found = STR_NONE;
    for (size_t i = 0; i < names.len; i++) {
        struct str name = names.ptr[i];
        struct str_list inner = {NULL, 0};
        char *dir = arena_printf(arena, "%.*s/%.*s", STR_ARG(path), STR_ARG(name));
        if (!dir || str_starts(name, STR(".")) || (found.len && str_cmp(name, found) > 0))
            continue;
        if (read_names(arena, str_z(dir), &inner, NULL) == 0 && python_app_looks_like(inner.ptr, inner.len))
            found = name;
    }
    return found;
}

/* What a directory is, by the names in it. */
static int detect_names(struct arena *arena, struct str path, struct app *app, struct err *err)
{
    struct str_list names;
    int r = read_names(arena, path, &names, err);
    if (r < 0)
        return r;
    detect_directory(names.ptr, names.len, app);
    struct str below = app->language.len == 0 ? project_below(arena, path, names) : STR_NONE;
    if (below.len > 0) {
        char *remedy = arena_printf(arena, "if that is meant: barehull build %.*s/%.*s", STR_ARG(path), STR_ARG(below));
        char *noun =
            arena_printf(arena, "%.*s, and '%.*s' in it is a Python project", STR_ARG(app->noun), STR_ARG(below));
        if (!remedy || !noun)
            return err_nomem(err);
        app->noun = str_z(noun);
        app->remedy = str_z(remedy);
    }
    return 0;
}

/* The whole of an ELF file; of others what tells their kind. */
static int read_bytes(struct arena *arena, struct str path, struct str *ret_bytes, struct err *err)
{
    int fd CLEANUP_FD = -1;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    int r = file_open(AT_FDCWD, path.ptr, &fd, NULL, err);
    if (r < 0)
        return r;
    char *head = buf_extend(&bytes, DETECT_HEAD_BYTES);
    if (!head)
        return err_nomem(err);
    ssize_t got = pread(fd, head, DETECT_HEAD_BYTES, 0);
    if (got < 0)
        return err_errno(err, errno, "cannot read '%.*s'", STR_ARG(path));
    buf_truncate(&bytes, (size_t)got);
    if (elf_is_elf(buf_str(&bytes))) {
        buf_reset(&bytes);
        r = file_read_all(AT_FDCWD, path.ptr, LIMIT_ELF_BYTES, &bytes, err);
        if (r < 0)
            return r;
    }
    *ret_bytes = arena_take_buf(arena, &bytes);
    return ret_bytes->ptr ? 0 : err_nomem(err);
}

static int check_machine(const struct build_options *options, struct str path, const struct elf_file *file,
                         struct err *err)
{
    if (file->machine == ELF_MACHINE_UNKNOWN) {
        char scratch[ELF_MACHINE_NAME_MAX];
        err_set(err, ERR_ARCHITECTURE, "'%.*s' is for %s, which Debian has no port for", STR_ARG(path),
                elf_machine_name(file->machine_code, file->is_64, file->is_big_endian, file->flags, scratch));
        return err_hint(err, "build it for amd64, arm64 or another of Debian's architectures");
    }
    struct str debian = elf_machine_info(file->machine)->debian;
    if (options->architecture.len && !str_eq(options->architecture, debian)) {
        err_set(err, ERR_ARCHITECTURE, "'%.*s' is for %.*s, and --arch asks for %.*s", STR_ARG(path), STR_ARG(debian),
                STR_ARG(options->architecture));
        return err_hint(err, "drop --arch, or give a program that was built for %.*s", STR_ARG(options->architecture));
    }
    return 0;
}

int app_kind_read(const struct op_ctx *ctx, const struct build_options *options, struct str path,
                  struct app_program *ret_program, struct err *err)
{
    struct stat st;
    struct app app = {0};
    struct str bytes = STR_NONE;
    if (stat(path.ptr, &st) != 0)
        return err_errno(err, errno, "cannot read the program '%.*s'", STR_ARG(path));
    int r;
    if (S_ISDIR(st.st_mode)) {
        r = detect_names(ctx->arena, path, &app, err);
    } else {
        r = S_ISREG(st.st_mode) ? read_bytes(ctx->arena, path, &bytes, err) : 0;
        if (r == 0)
            r = detect_app(path, st.st_mode, bytes, ctx->arena, &app, err);
    }
    if (r == 0 && !detect_is_program(&app))
        r = detect_refuse(&app, path, err);
    if (r == 0)
        r = check_machine(options, path, &app.elf, err);
    if (r < 0)
        return r;
    if (app.elf.needs_executable_stack)
        op_warn(ctx, "'%.*s' asks for an executable stack; link it with -z noexecstack", STR_ARG(path));
    char *description =
        arena_printf(ctx->arena, "%s %s for %.*s%s%s%.*s", app.elf.is_static ? "static" : "dynamic",
                     elf_type_name(app.elf.type), STR_ARG(elf_machine_info(app.elf.machine)->debian),
                     app.elf.is_static ? "" : ", glibc", app.language.len ? ", " : "", STR_ARG(app.language));
    if (!description)
        return err_nomem(err);
    *ret_program = (struct app_program){.bytes = bytes, .elf = app.elf, .description = str_z(description)};
    return 0;
}

/* A script by its name, or by what its first line says of a file that isn't named like one. */
static int is_python_file(struct arena *arena, struct str path, bool *ret_python, struct err *err)
{
    struct str name = path_base(path);
    *ret_python = python_app_looks_like(&name, 1);
    if (*ret_python)
        return 0;
    struct str bytes = STR_NONE;
    struct app app = {0};
    int r = read_bytes(arena, path, &bytes, err);
    if (r == 0)
        r = detect_app(path, S_IFREG | 0755, bytes, arena, &app, err);
    *ret_python = r == 0 && app.kind == APP_SCRIPT && str_starts(path_base(app.interpreter), STR("python"));
    return r;
}

int app_kind_is_python(const struct op_ctx *ctx, const struct build_options *options, bool *ret_python, struct err *err)
{
    *ret_python = options->language == LANGUAGE_PYTHON;
    if (*ret_python || options->app.len == 0)
        return 0;
    struct stat st;
    struct app app = {0};
    char *path = arena_z(ctx->arena, options->app);
    if (!path)
        return err_nomem(err);
    if (stat(path, &st) != 0)
        return 0; /* whoever reads it says so */
    if (S_ISREG(st.st_mode))
        return is_python_file(ctx->arena, str_z(path), ret_python, err);
    struct str_list names = {NULL, 0};
    int r = S_ISDIR(st.st_mode) ? read_names(ctx->arena, str_z(path), &names, err) : 0;
    *ret_python = r == 0 && python_app_looks_like(names.ptr, names.len);
    if (r == 0 && !*ret_python) {
        detect_directory(names.ptr, names.len, &app);
        *ret_python = app.language.len == 0 && has_package(ctx->arena, str_z(path), names);
    }
    return r;
}

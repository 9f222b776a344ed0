/* SPDX-License-Identifier: Apache-2.0 */
/* An interpreter of this machine: where its prefix and its library are, and which files are its own. */
#include "project/python_reading.h"

#include "base/limits.h"
#include "base/path.h"
#include "elf/file.h"
#include "python/version.h"

#include <errno.h>
#include <string.h>

static const char elsewhere[] = "elsewhere"; /* compared by its address */

#define REMEDY "give --python a CPython for Linux with its whole library (its program or prefix), or --python archive"

struct bring {
    struct str prefix, library, program;    /* the latter two below the prefix */
    const struct python_interpreter *named; /* by the name of its library */
};

/* "lib/python3.12" below PREFIX, where os.py lies; empty: none. */
static int find_library(struct python_reading *reading, struct str prefix, const struct python_interpreter *wanted,
                        struct str *ret_library, struct python_interpreter *ret_named, struct err *err)
{
    static const char *const dirs[] = {"lib", "lib64"};
    struct arena *arena = reading->ctx->arena;
    for (size_t d = 0; d < ARRAY_LEN(dirs) && ret_library->len == 0; d++) {
        struct str host = python_join(arena, prefix, str_z(dirs[d]));
        struct str_list names = {NULL, 0};
        if (!host.ptr)
            return err_nomem(err);
        if (!python_is_directory(host, STR("")))
            continue;
        int r = python_names(reading->ctx, host, &names, err);
        if (r < 0)
            return r;
        for (size_t i = 0; i < names.len; i++) {
            struct python_interpreter found;
            if (!python_name_parse(names.ptr[i], &found) ||
                (wanted->major && (found.major != wanted->major || found.minor != wanted->minor)) ||
                (wanted->free_threaded && !found.free_threaded))
                continue;
            struct str landmark = python_join(arena, names.ptr[i], STR("os.py"));
            if (!landmark.ptr || !python_is_file(host, landmark))
                continue;
            *ret_library = python_join(arena, str_z(dirs[d]), names.ptr[i]);
            *ret_named = found;
            if (!ret_library->ptr)
                return err_nomem(err);
            if (found.free_threaded == wanted->free_threaded)
                break;
        }
    }
    return 0;
}

/* Upwards from the program's directory, as getpath does it. */
static int find_prefix(struct python_reading *reading, struct str program, const struct python_interpreter *wanted,
                       struct bring *bring, struct python_interpreter *ret_named, struct err *err)
{
    for (struct str dir = path_dir(program); dir.len > 1; dir = path_dir(dir)) {
        struct str prefix = arena_str(reading->ctx->arena, dir);
        if (!prefix.ptr)
            return err_nomem(err);
        if (python_is_file(prefix, STR("pyvenv.cfg"))) {
            err_set(err, ERR_USAGE, "'%.*s' is the program of a virtual environment", STR_ARG(program));
            return err_hint(err, "give the interpreter that made it: 'home' in '%.*s/pyvenv.cfg'", STR_ARG(prefix));
        }
        if (python_is_directory(prefix, STR("conda-meta"))) {
            err_set(err, ERR_UNSUPPORTED, "'%.*s' is conda's interpreter", STR_ARG(program));
            return err_hint(err, "it links with conda's own libraries: use another CPython, or --python archive");
        }
        int r = find_library(reading, prefix, wanted, &bring->library, ret_named, err);
        if (r < 0)
            return r;
        if (bring->library.len) {
            bring->prefix = prefix;
            bring->program = str_skip(program, prefix.len + 1);
            return 0;
        }
    }
    err_set(err, ERR_INVALID, "'%.*s' has no library: there is no 'lib/python3.X/os.py' beside it", STR_ARG(program));
    return err_hint(err, REMEDY);
}

/* --- its files ---------------------------------------------------------------------------------------------------- */

/* "libpython3.12.so.1.0", not "libpython3.12.so" and "libpython3.so", which only linkers ask for. */
static bool is_libpython(struct str name)
{
    return str_starts(name, STR("libpython")) && str_find(name, STR(".so.")) < name.len;
}

static const char *skip_top(const struct bring *bring, struct str path, bool directory)
{
    struct str lib = path_dir(bring->library), dir = path_dir(path), name = path_base(path);
    if (str_eq(path, lib) || str_eq(path, path_dir(bring->program)))
        return NULL;
    if (str_eq(dir, lib))
        return is_libpython(name) && !directory ? NULL : elsewhere;
    if (!str_eq(dir, path_dir(bring->program)) || directory)
        return elsewhere;
    struct python_interpreter of;
    bool exact = python_name_parse(name, &of) && of.minor == bring->named->minor && of.major == bring->named->major;
    if (str_eq(path, bring->program) || exact || str_eq_z(name, "python") || str_eq_z(name, "python3"))
        return NULL;
    return elsewhere;
}

static const char *skip(void *self, struct str path, bool directory)
{
    const struct bring *bring = self;
    if (str_eq(path, bring->library))
        return NULL;
    if (!path_is_below(path, bring->library))
        return skip_top(bring, path, directory);
    struct str inner = str_skip(path, bring->library.len + 1);
    if (directory && (str_eq_z(inner, "site-packages") || str_eq_z(inner, "dist-packages")))
        return "packages installed into the interpreter";
    return python_drop_library(inner, directory);
}

static bool reads(void *self, struct str path)
{
    (void)self;
    return str_ends(path, STR(".py"));
}

/* Links that lead to the program stay, others go; the list keeps what is the interpreter's. */
static int tidy(struct python_reading *reading, const struct bring *bring, struct project_files *files, struct err *err)
{
    size_t kept = 0;
    struct str program = python_join(reading->ctx->arena, bring->prefix, bring->program);
    if (!program.ptr)
        return err_nomem(err);
    for (size_t i = 0; i < files->len; i++) {
        struct project_file *file = &files->ptr[i];
        bool other = file->dropped == elsewhere;
        if (file->type == TREE_SYMLINK && !file->dropped) {
            errno = 0;
            struct str real = python_real(reading->ctx->arena, file->host_path);
            if (!real.ptr && errno == ENOMEM)
                return err_nomem(err);
            bool in_bin = str_eq(path_dir(file->path), path_dir(bring->program));
            other = !real.ptr || (in_bin ? !str_eq(real, program) : !path_is_below(real, bring->prefix));
            if (!other && file->target.len && file->target.ptr[0] == '/') {
                struct buf target CLEANUP_BUF = BUF_INIT;
                struct str dir = python_join(reading->ctx->arena, bring->prefix, path_dir(file->path));
                path_relative(&target, dir, real);
                file->target = arena_buf(reading->ctx->arena, &target);
                if (!dir.ptr || !file->target.ptr)
                    return err_nomem(err);
            }
        }
        if (other && file->dropped)
            files->dropped_bytes -= file->size_bytes;
        if (!other)
            files->ptr[kept++] = *file;
    }
    files->len = kept;
    return 0;
}

/* "_sysconfigdata_d_linux_x86_64-linux-gnu.py": letters of the ABI and the platform. */
static void look_at_sysconfig(const struct project_files *files, const struct bring *bring,
                              struct python_interpreter *interpreter)
{
    for (size_t i = 0; i < files->len; i++) {
        struct str name = path_base(files->ptr[i].path);
        if (!str_starts(name, STR("_sysconfigdata_")) || !str_ends(name, STR(".py")) ||
            !str_eq(path_dir(files->ptr[i].path), bring->library))
            continue;
        struct str rest = str_head(str_skip(name, 15), name.len - 18);
        struct str flags = str_head(rest, str_find_char(rest, '_'));
        interpreter->debug |= str_has_char(flags, 'd');
        interpreter->free_threaded |= str_has_char(flags, 't');
        struct str system = str_skip(rest, flags.len + 1);
        if (str_starts(system, STR("linux_")))
            interpreter->platform = str_skip(system, 6);
        return;
    }
}

/* PY_VERSION, behind which a NUL stands; linkers let it be the tail of another text ("/src/Python-3.12.1"). */
static struct str find_version(struct str bytes, const struct python_interpreter *interpreter)
{
    struct buf head CLEANUP_BUF = BUF_INIT;
    buf_addf(&head, "%u.%u.", interpreter->major, interpreter->minor);
    while (bytes.len && !head.failed) {
        size_t at = str_find(bytes, buf_str(&head));
        if (at == bytes.len)
            break;
        char before = at ? bytes.ptr[at - 1] : '\0';
        struct str found = str_head(str_skip(bytes, at), 24);
        size_t digits = head.len;
        while (digits < found.len && char_is_digit(found.ptr[digits]))
            digits++;
        bool alone = !char_is_alnum(before) && before != '.' && digits > head.len;
        if (alone && digits < found.len && found.ptr[digits] == '\0')
            return str_head(found, digits);
        bytes = str_skip(bytes, at + head.len);
    }
    return STR_NONE;
}

/* `#define PY_VERSION "3.12.1"`; empty where there are no headers. */
static int version_in_headers(struct python_reading *reading, const struct bring *bring, struct str *ret_version,
                              struct err *err)
{
    struct err ignored = ERR_INIT;
    struct str text, dir = python_join(reading->ctx->arena, STR("include"), path_base(bring->library));
    struct str path = dir.ptr ? python_join(reading->ctx->arena, dir, STR("patchlevel.h")) : dir;
    if (!path.ptr)
        return err_nomem(err);
    int r = python_read_text(reading->ctx, bring->prefix, path, LIMIT_PYTHON_TEXT_BYTES, &text, &ignored);
    if (r < 0)
        return r == -ERR_NOMEM ? err_nomem(err) : 0;
    struct str mark = STR("#define PY_VERSION"), rest = str_skip(text, str_find(text, mark) + mark.len);
    rest = str_skip(rest, str_find_char(rest, '"') + 1);
    size_t len = 0;
    while (len < rest.len && (char_is_digit(rest.ptr[len]) || rest.ptr[len] == '.'))
        len++;
    *ret_version = str_head(rest, len);
    return 0;
}

static int set_version(struct python_reading *reading, const struct bring *bring, const struct project_files *files,
                       struct python_program *program, struct err *err)
{
    struct python_interpreter *interpreter = &program->interpreter;
    char *known = arena_printf(reading->ctx->arena, "%u.%u", interpreter->major, interpreter->minor);
    if (!known)
        return err_nomem(err);
    int r = version_in_headers(reading, bring, &program->version, err);
    if (r < 0)
        return r;
    for (size_t i = 0; i < files->len && program->version.len == 0; i++)
        if (files->ptr[i].is_elf && !files->ptr[i].dropped &&
            (str_eq(files->ptr[i].path, program->program) ||
             str_starts(path_base(files->ptr[i].path), STR("libpython"))))
            program->version = find_version(files->ptr[i].content, interpreter);
    if (!str_starts(program->version, str_z(known)))
        program->version = str_z(known);
    (void)python_release_number(program->version, 2, &interpreter->micro);
    return 0;
}

static int check_program(struct python_reading *reading, const struct bring *bring, const struct project_files *files,
                         struct err *err)
{
    const struct project_file *file = project_files_find(files, bring->program);
    if (!file || !file->is_elf) {
        err_set(err, ERR_INVALID, "'%.*s/%.*s' is no program: it is not ELF", STR_ARG(bring->prefix),
                STR_ARG(bring->program));
        return err_hint(err, "a script that starts the interpreter, as pyenv's shims are, is not the interpreter; "
                             "give --python the program itself");
    }
    struct elf_file elf;
    int r = elf_read(file->content, reading->ctx->arena, &elf, err);
    if (r < 0)
        return err_wrap(err, "'%.*s'", STR_ARG(file->host_path));
    if (elf.libc == ELF_LIBC_MUSL) {
        err_set(err, ERR_LIBC, "'%.*s' is linked with musl, as Alpine's are", STR_ARG(file->host_path));
        return err_hint(err, "images have glibc: use an interpreter for it (uv's cpython-...-linux-gnu, Debian's)");
    }
    if (elf.machine == ELF_MACHINE_UNKNOWN) {
        char scratch[ELF_MACHINE_NAME_MAX];
        err_set(err, ERR_ARCHITECTURE, "'%.*s' is for %s", STR_ARG(file->host_path),
                elf_machine_name(elf.machine_code, elf.is_64, elf.is_big_endian, elf.flags, scratch));
        return err_hint(err, REMEDY);
    }
    reading->app->machine = elf.machine;
    return 0;
}

int python_program_bring(struct python_reading *reading, struct str path, struct python_interpreter told,
                         struct str told_by, struct err *err)
{
    struct python_interpreter wanted = told, named = {.major = 0};
    if (python_name_parse(path_base(path), &named))
        wanted = named;
    if (wanted.implementation != PYTHON_CPYTHON || str_starts(path_base(path), STR("pypy"))) {
        err_set(err, ERR_UNSUPPORTED, "'%.*s' is PyPy", STR_ARG(path));
        return err_hint(err, "images run CPython: " REMEDY);
    }
    struct bring bring = {.named = &named};
    int r = find_prefix(reading, path, &wanted, &bring, &named, err);
    if (r < 0)
        return r;
    if (named.major != 3) {
        err_set(err, ERR_UNSUPPORTED, "'%.*s' is Python %u.%u", STR_ARG(path), named.major, named.minor);
        return err_hint(err, "images run Python 3: " REMEDY);
    }
    struct project_walk walk = {.skip = skip, .reads = reads, .self = &bring};
    struct project_files files = {NULL, 0, 0, 0};
    r = project_files_walk(reading->ctx, bring.prefix, &walk, &files, err);
    if (r == 0)
        r = tidy(reading, &bring, &files, err);
    if (r == 0)
        r = check_program(reading, &bring, &files, err);
    if (r < 0) {
        project_files_done(&files);
        return r;
    }
    struct python_program *program = &reading->app->program;
    *program = (struct python_program){.brought = true,
                                       .interpreter = named,
                                       .told_by = told_by,
                                       .host_prefix = bring.prefix,
                                       .program = bring.program,
                                       .library = bring.library,
                                       .files = files};
    look_at_sysconfig(&files, &bring, &program->interpreter);
    return set_version(reading, &bring, &files, program, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Extension modules, wheels and `Requires-Python` against the interpreter and against each other. */
#include "project/python_reading.h"

#include "base/path.h"
#include "elf/file.h"
#include "python/dist.h"
#include "python/version.h"

#define OTHER_INTERPRETER "extension module for another interpreter"
#define OTHER_PROCESSOR   "for another processor"
#define OTHER_SYSTEM      "for another system"

struct agreement {
    struct python_reading *reading;
    struct python_interpreter interpreter; /* with the platform that everything is held against */
    struct str first;                      /* the file that told the machine */
    bool libpython;                        /* something that ships links with it */
};

/* For messages: the path in the project where it is in there. */
static const char *shown(const struct python_reading *reading, const struct project_files *files, struct str path)
{
    const struct python_environment *environment = &reading->app->environment;
    if (files != &environment->files)
        return path.ptr;
    bool elsewhere = environment->inside.len == 0 && !environment->is_root;
    struct str whole = python_join(reading->ctx->arena, elsewhere ? environment->host_path : environment->inside, path);
    return whole.ptr ? whole.ptr : path.ptr;
}

static const char *owner_name(const struct python_reading *reading, struct str path)
{
    const struct python_distribution *owner = python_distribution_of(reading, path);
    return owner ? arena_z(reading->ctx->arena, owner->name) : NULL;
}

/* Says how to get what fits: of the distribution, where it is known. */
static int remedy(const struct agreement *agreement, struct str path, enum err_code code, struct err *err)
{
    const char *owner = owner_name(agreement->reading, path);
    const char *space = owner ? " " : "";
    owner = owner ? owner : "";
    const struct python_interpreter *interpreter = &agreement->interpreter;
    const struct elf_machine_info *machine = elf_machine_info(agreement->reading->app->machine);
    if (code == ERR_LIBC)
        return err_hint(err,
                        "install%s%s on a system with glibc: build the environment in python:3.X-slim or on Debian, "
                        "not in Alpine",
                        space, owner);
    if (code == ERR_ARCHITECTURE)
        return err_hint(err, "install%s%s for %s%.*s: build the environment on the platform that it runs on", space,
                        owner, machine->oci_arch.len ? "linux/" : "Linux", STR_ARG(machine->oci_arch));
    return err_hint(err,
                    "install%s%s anew with Python %u.%u, or choose the interpreter that it was made for with --python",
                    space, owner, interpreter->major, interpreter->minor);
}

static bool is_extension(enum python_ext_kind kind)
{
    return kind == PYTHON_EXT_ABI3 || kind == PYTHON_EXT_CPYTHON || kind == PYTHON_EXT_PYPY || kind == PYTHON_EXT_OTHER;
}

/* --- wheels ------------------------------------------------------------------------------------------------------- */

/* *RET_KNOWN: the distribution has tags, and *RET_FITS is what they say. */
static int wheel_fits(const struct agreement *agreement, const struct python_distribution *distribution,
                      bool *ret_known, bool *ret_fits, struct python_wheel *ret_wheel, struct buf *reason,
                      struct err *err)
{
    struct arena *arena = agreement->reading->ctx->arena;
    *ret_known = *ret_fits = false;
    struct str path = python_join(arena, distribution->directory, STR("WHEEL"));
    const struct project_file *file =
        path.ptr ? project_files_find(&agreement->reading->app->environment.files, path) : NULL;
    if (!file || !file->content.ptr || agreement->interpreter.major == 0)
        return 0;
    int r = python_wheel_read(file->content, arena, ret_wheel, err);
    for (size_t i = 0; r == 0 && i < ret_wheel->tag_count && !*ret_fits; i++) {
        struct err ignored = ERR_INIT;
        if (reason)
            buf_reset(reason);
        if (python_tag_fits(ret_wheel->tags[i], &agreement->interpreter, ret_fits, reason, &ignored) == 0)
            *ret_known = true;
        else
            *ret_fits = true; /* no tag that anybody knows: it tells nothing */
    }
    return r;
}

static enum err_code code_of_tag(const struct python_wheel *wheel, const struct python_interpreter *interpreter)
{
    struct str tag = wheel->tags[wheel->tag_count - 1];
    struct str platform = str_skip(tag, str_rfind_char(tag, '-') + 1);
    if (str_starts(platform, STR("musllinux")))
        return ERR_LIBC;
    bool for_linux = str_find(platform, STR("linux")) < platform.len || str_eq_z(platform, "any");
    struct str machine = str_head(interpreter->platform, str_find_char(interpreter->platform, '-'));
    bool same = str_eq_z(platform, "any") || machine.len == 0 || str_ends(platform, machine);
    return for_linux && same ? ERR_PYTHON_VERSION : ERR_ARCHITECTURE;
}

static int check_wheel(const struct agreement *agreement, const struct python_distribution *distribution,
                       struct err *err)
{
    struct buf reason CLEANUP_BUF = BUF_INIT;
    struct python_wheel wheel;
    bool known, does_fit;
    int r = wheel_fits(agreement, distribution, &known, &does_fit, &wheel, &reason, err);
    if (r < 0)
        return err_wrap(err, "WHEEL of '%.*s'", STR_ARG(distribution->name));
    if (!known || does_fit)
        return 0;
    enum err_code code = code_of_tag(&wheel, &agreement->interpreter);
    err_set(err, code, "'%.*s' %.*s was installed from a wheel that %s", STR_ARG(distribution->name),
            STR_ARG(distribution->version), buf_z(&reason));
    return remedy(agreement, distribution->directory, code, err);
}

/* With an unknown last number, a version is refused only when none would do. */
static bool version_matches(const struct agreement *agreement, struct str specifiers)
{
    const struct python_interpreter *interpreter = &agreement->interpreter;
    const struct python_program *program = &agreement->reading->app->program;
    struct arena *arena = agreement->reading->ctx->arena;
    struct str tried[2] = {STR_NONE, STR_NONE};
    unsigned micro;
    if (program->brought && python_release_number(program->version, 2, &micro)) {
        tried[0] = program->version;
    } else {
        tried[0] = str_z(arena_printf(arena, "%u.%u.0", interpreter->major, interpreter->minor));
        tried[1] = str_z(arena_printf(arena, "%u.%u.99", interpreter->major, interpreter->minor));
    }
    for (size_t i = 0; i < ARRAY_LEN(tried) && tried[i].ptr; i++) {
        bool matches = false;
        struct err ignored = ERR_INIT;
        if (python_specifiers_match(specifiers, tried[i], &matches, &ignored) != 0 || matches)
            return true;
    }
    return false;
}

static int check_requires(const struct agreement *agreement, const struct python_distribution *distribution,
                          struct err *err)
{
    struct python_reading *reading = agreement->reading;
    struct str path = python_join(reading->ctx->arena, distribution->directory, STR("METADATA"));
    const struct project_file *file = path.ptr ? project_files_find(&reading->app->environment.files, path) : NULL;
    if (!file || !file->content.ptr)
        return 0;
    struct python_metadata metadata;
    int r = python_metadata_read(file->content, reading->ctx->arena, &metadata, err);
    if (r < 0 || metadata.requires_python.len == 0 || version_matches(agreement, metadata.requires_python))
        return r;
    err_set(err, ERR_PYTHON_VERSION, "'%.*s' %.*s wants Python %.*s, and the interpreter is %.*s (%s)",
            STR_ARG(distribution->name), STR_ARG(distribution->version), STR_ARG(metadata.requires_python),
            STR_ARG(reading->app->program.version), shown(reading, &reading->app->environment.files, file->path));
    return remedy(agreement, distribution->directory, ERR_PYTHON_VERSION, err);
}

/* `requires-python = ">=3.12"` of the project's own pyproject.toml. */
static int check_project(const struct agreement *agreement, struct err *err)
{
    struct python_reading *reading = agreement->reading;
    const struct project_file *file = project_files_find(&reading->app->files, STR("pyproject.toml"));
    struct str rest = file ? file->content : STR_NONE, line;
    while (rest.len && str_next_line(&rest, &line)) {
        if (!str_starts(line, STR("requires-python")))
            continue;
        struct str value = str_trim(str_skip(line, str_find_char(line, '=') + 1));
        if (value.len < 2 || (value.ptr[0] != '"' && value.ptr[0] != '\''))
            continue;
        char quote = value.ptr[0];
        value = str_skip(value, 1);
        value = str_head(value, str_find_char(value, quote));
        if (version_matches(agreement, value))
            continue;
        err_set(err, ERR_PYTHON_VERSION, "'pyproject.toml' wants Python %.*s, and the interpreter is %.*s",
                STR_ARG(value), STR_ARG(reading->app->program.version));
        return err_hint(err, "choose another interpreter (--python, --suite), or make the environment with the right "
                             "one");
    }
    return 0;
}

/* --- extension modules -------------------------------------------------------------------------------------------- */

/* True when another file of the same module, in the same directory, fits. */
static bool has_fitting_sibling(const struct agreement *agreement, const struct project_files *files, size_t at)
{
    struct python_ext ext = python_ext_parse(files->ptr[at].path);
    for (size_t i = 0; i < files->len; i++) {
        const struct project_file *file = &files->ptr[i];
        if (i == at || file->dropped || !str_eq(path_dir(file->path), path_dir(files->ptr[at].path)))
            continue;
        struct python_ext other = python_ext_parse(file->path);
        if (is_extension(other.kind) && str_eq(other.module, ext.module) &&
            python_ext_fits(&other, &agreement->interpreter, NULL))
            return true;
    }
    return false;
}

/* Not for this interpreter: left out where something else is there in its place, refused otherwise. */
static int refuse_extension(const struct agreement *agreement, struct project_files *files, size_t at,
                            enum err_code code, const char *reason, struct err *err)
{
    struct python_reading *reading = agreement->reading;
    struct project_file *file = &files->ptr[at];
    const struct python_distribution *owner = python_distribution_of(reading, file->path);
    bool known = false, does_fit = false;
    if (owner && files == &reading->app->environment.files) {
        struct python_wheel wheel;
        int r = wheel_fits(agreement, owner, &known, &does_fit, &wheel, NULL, err);
        if (r < 0)
            return r;
    }
    if ((known && does_fit) || has_fitting_sibling(agreement, files, at)) {
        python_drop(files, file, OTHER_INTERPRETER);
        return 0;
    }
    err_set(err, code, "'%s' %s", shown(reading, files, file->path), reason);
    return remedy(agreement, file->path, code, err);
}

static enum err_code code_of_extension(const struct python_interpreter *wanted, const struct python_ext *ext)
{
    struct str platform = ext->platform;
    if (str_find(platform, STR("-musl")) < platform.len)
        return ERR_LIBC;
    if (platform.len && !str_eq(platform, wanted->platform))
        return ERR_ARCHITECTURE;
    return ERR_PYTHON_VERSION;
}

/* The machine of a file, held against the first one's. 1: another one. */
static int compare_machine(struct agreement *agreement, const struct project_files *files,
                           const struct project_file *file, const struct elf_file *elf)
{
    struct python_app *app = agreement->reading->app;
    if (app->machine == ELF_MACHINE_UNKNOWN && elf->machine != ELF_MACHINE_UNKNOWN) {
        app->machine = elf->machine;
        agreement->first = str_z(shown(agreement->reading, files, file->path));
        if (!agreement->interpreter.platform.len)
            agreement->interpreter.platform = elf_machine_info(elf->machine)->triplet;
    }
    return elf->machine != app->machine;
}

static int refuse_machine(const struct agreement *agreement, const struct project_files *files,
                          const struct project_file *file, const struct elf_file *elf, struct err *err)
{
    char scratch[ELF_MACHINE_NAME_MAX];
    struct str other = elf_machine_info(agreement->reading->app->machine)->debian;
    const char *name = elf_machine_name(elf->machine_code, elf->is_64, elf->is_big_endian, elf->flags, scratch);
    const char *path = shown(agreement->reading, files, file->path);
    if (agreement->first.len)
        err_set(err, ERR_ARCHITECTURE, "'%s' is for %s, and '%.*s' is for %.*s", path, name, STR_ARG(agreement->first),
                STR_ARG(other));
    else if (agreement->reading->app->program.brought)
        err_set(err, ERR_ARCHITECTURE, "'%s' is for %s, and the interpreter is for %.*s", path, name, STR_ARG(other));
    else
        err_set(err, ERR_ARCHITECTURE, "'%s' is for %s, which no Debian has a port for", path, name);
    return remedy(agreement, file->path, ERR_ARCHITECTURE, err);
}

/* What is in the file is for another machine than its name says. */
static bool belies_its_name(const struct python_ext *ext, const struct elf_file *elf)
{
    enum elf_machine named = elf_machine_of_triplet(ext->platform);
    return named != ELF_MACHINE_UNKNOWN && elf->machine != named;
}

/* Whatever else there is, an interpreter would choose this one, and fail. */
static int refuse_name(const struct agreement *agreement, const struct project_files *files, size_t at,
                       const struct python_ext *ext, const struct elf_file *elf, struct err *err)
{
    char scratch[ELF_MACHINE_NAME_MAX];
    struct python_app *app = agreement->reading->app;
    struct str path = files->ptr[at].path;
    enum elf_machine named = elf_machine_of_triplet(ext->platform);
    err_set(err, ERR_ARCHITECTURE, "'%s' is for %s, and its name says %.*s", shown(agreement->reading, files, path),
            elf_machine_name(elf->machine_code, elf->is_64, elf->is_big_endian, elf->flags, scratch),
            STR_ARG(elf_machine_info(named)->debian));
    if (app->machine == ELF_MACHINE_UNKNOWN)
        app->machine = named; /* of the remedy */
    return remedy(agreement, path, ERR_ARCHITECTURE, err);
}

static int check_extension(struct agreement *agreement, struct project_files *files, size_t at,
                           const struct python_ext *ext, const struct elf_file *elf, struct err *err)
{
    struct project_file *file = &files->ptr[at];
    struct python_reading *reading = agreement->reading;
    if (elf && elf->libc == ELF_LIBC_MUSL) {
        err_set(err, ERR_LIBC, "'%s' is linked with musl, as what is made in Alpine is",
                shown(reading, files, file->path));
        return remedy(agreement, file->path, ERR_LIBC, err);
    }
    if (elf && belies_its_name(ext, elf))
        return refuse_name(agreement, files, at, ext, elf, err);
    struct python_interpreter wanted = agreement->interpreter;
    if (wanted.major == 0) {
        wanted.implementation = PYTHON_CPYTHON;
        wanted.major = 3;
        wanted.minor = ext->minor;
        wanted.free_threaded = ext->free_threaded;
    }
    /* What is no ELF file is for another system; any platform will do to say so. */
    if (!wanted.platform.len)
        wanted.platform = elf_machine_info(elf ? elf->machine : ELF_MACHINE_AMD64)->triplet;
    struct buf reason CLEANUP_BUF = BUF_INIT;
    bool fits = python_ext_fits(ext, &wanted, &reason);
    int r = buf_check(&reason, err);
    if (r < 0)
        return r;
    if (!fits)
        return refuse_extension(agreement, files, at, code_of_extension(&wanted, ext), buf_z(&reason), err);
    if (!elf)
        return refuse_extension(agreement, files, at, ERR_ARCHITECTURE, "is no ELF file, so it is not for Linux", err);
    return compare_machine(agreement, files, file, elf) ? refuse_machine(agreement, files, file, elf, err) : 0;
}

static bool needs_libpython(const struct elf_file *elf)
{
    for (size_t i = 0; i < elf->needed_count; i++)
        if (str_starts(elf->needed[i], STR("libpython")))
            return true;
    return false;
}

/* TAGGED: only files whose name says that they are extension modules; then the others. */
static int check_file(struct agreement *agreement, struct project_files *files, size_t at, bool tagged, struct err *err)
{
    struct project_file *file = &files->ptr[at];
    struct python_ext ext = python_ext_parse(file->path);
    if (is_extension(ext.kind) != tagged)
        return 0;
    if (ext.kind == PYTHON_EXT_WINDOWS || str_ends(file->path, STR(".dylib")) || str_ends(file->path, STR(".dll"))) {
        python_drop(files, file, OTHER_SYSTEM);
        return 0;
    }
    if (!file->is_elf)
        return tagged ? check_extension(agreement, files, at, &ext, NULL, err) : 0;
    struct arena scratch CLEANUP_ARENA = ARENA_INIT;
    struct elf_file elf;
    int r = elf_read(file->content, &scratch, &elf, err);
    if (r == -ERR_ELF && !tagged)
        return 0;
    if (r < 0) {
        err_wrap(err, "'%s'", shown(agreement->reading, files, file->path));
        return r == -ERR_ELF ? err_hint(err, "the file is damaged: install what it belongs to anew") : r;
    }
    agreement->libpython |= needs_libpython(&elf);
    if (tagged)
        return check_extension(agreement, files, at, &ext, &elf, err);
    bool loaded = elf.type == ELF_TYPE_LIBRARY || elf_is_program(&elf);
    if (!loaded)
        return 0;
    if (elf.libc == ELF_LIBC_MUSL && ext.kind == PYTHON_EXT_PLAIN)
        return check_extension(agreement, files, at, &ext, &elf, err);
    if (compare_machine(agreement, files, file, &elf))
        python_drop(files, file, OTHER_PROCESSOR);
    return 0;
}

static int check_files(struct agreement *agreement, struct project_files *files, bool tagged, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < files->len; i++) {
        if (files->ptr[i].dropped || files->ptr[i].type != TREE_FILE)
            continue;
        r = op_check(agreement->reading->ctx, err);
        if (r == 0)
            r = check_file(agreement, files, i, tagged, err);
    }
    return r;
}

/* An interpreter that has libpython inside does not load the library beside it. */
static int drop_libpython(struct agreement *agreement, struct err *err)
{
    struct python_program *program = &agreement->reading->app->program;
    const struct project_file *file = program->brought ? project_files_find(&program->files, program->program) : NULL;
    if (!file || agreement->libpython)
        return 0;
    struct arena scratch CLEANUP_ARENA = ARENA_INIT;
    struct elf_file elf;
    int r = elf_read(file->content, &scratch, &elf, err);
    if (r < 0 || needs_libpython(&elf))
        return r;
    for (size_t i = 0; i < program->files.len; i++)
        if (str_starts(path_base(program->files.ptr[i].path), STR("libpython")))
            python_drop(&program->files, &program->files.ptr[i], "library that nothing loads");
    return 0;
}

int python_agreement_check(struct python_reading *reading, struct err *err)
{
    struct python_app *app = reading->app;
    struct agreement agreement = {.reading = reading, .interpreter = app->program.interpreter};
    if (app->machine != ELF_MACHINE_UNKNOWN && !agreement.interpreter.platform.len)
        agreement.interpreter.platform = elf_machine_info(app->machine)->triplet;
    int r = 0;
    for (unsigned pass = 0; r == 0 && pass < 2; pass++) {
        r = check_files(&agreement, &app->environment.files, pass == 0, err);
        if (r == 0)
            r = check_files(&agreement, &app->files, pass == 0, err);
    }
    for (size_t i = 0; r == 0 && i < app->distribution_count; i++) {
        if (reading->distributions[i].dropped)
            continue;
        r = check_wheel(&agreement, &reading->distributions[i], err);
        if (r == 0 && agreement.interpreter.major)
            r = check_requires(&agreement, &reading->distributions[i], err);
    }
    if (r == 0 && agreement.interpreter.major)
        r = check_project(&agreement, err);
    return r == 0 ? drop_libpython(&agreement, err) : r;
}

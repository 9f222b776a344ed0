/* SPDX-License-Identifier: Apache-2.0 */
/* Which interpreter runs the application: the archive's, or one of this machine that ships with it. */
#include "project/python_reading.h"

#include "base/path.h"
#include "python/version.h"

#include <errno.h>
#include <stdio.h>

/* "3.11", "3.11.2", "3.13t", "python3.11". */
static bool parse_version(struct str text, struct python_interpreter *ret, struct str *ret_version)
{
    if (str_starts(text, STR("python")))
        text = str_skip(text, 6);
    struct python_interpreter found = {.implementation = PYTHON_CPYTHON};
    struct str release = text;
    if (release.len && release.ptr[release.len - 1] == 't') {
        found.free_threaded = true;
        release = str_head(release, release.len - 1);
    }
    for (size_t i = 0; i < release.len; i++)
        if (!char_is_digit(release.ptr[i]) && release.ptr[i] != '.')
            return false;
    if (!python_release_number(release, 0, &found.major) || !python_release_number(release, 1, &found.minor) ||
        !str_has_char(release, '.') || found.major == 0)
        return false;
    (void)python_release_number(release, 2, &found.micro);
    *ret = found;
    *ret_version = release;
    return true;
}

static struct str short_version(const struct python_reading *reading, const struct python_interpreter *interpreter)
{
    return interpreter->major
               ? str_z(arena_printf(reading->ctx->arena, "%u.%u", interpreter->major, interpreter->minor))
               : STR("");
}

/* What the environment was made for: its pyvenv.cfg, else the name of its library. Major 0: nothing is told. */
static struct python_interpreter told_by_environment(const struct python_reading *reading, struct str *ret_told_by)
{
    const struct python_environment *environment = &reading->app->environment;
    struct python_interpreter told = {.major = 0};
    struct str name = environment->inside.len ? environment->inside : environment->host_path;
    if (environment->kind == PYTHON_ENVIRONMENT_VENV) {
        struct python_interpreter library = {.major = 0};
        (void)python_name_parse(environment->library, &library);
        told = environment->config.interpreter;
        *ret_told_by = str_z(arena_printf(reading->ctx->arena, "pyvenv.cfg of '%.*s'", STR_ARG(name)));
        if (told.major == 0) {
            told = library;
            *ret_told_by = str_z(arena_printf(reading->ctx->arena, "'%.*s' of '%.*s'",
                                              STR_ARG(environment->site_packages), STR_ARG(name)));
        }
        told.free_threaded = library.free_threaded;
        told.debug |= library.debug;
    } else if (str_starts(environment->inside, STR("__pypackages__/"))) {
        struct str version = str_skip(environment->inside, 15), release;
        (void)parse_version(str_head(version, str_find_char(version, '/')), &told, &release);
        *ret_told_by = str_z(arena_printf(reading->ctx->arena, "'%.*s'", STR_ARG(name)));
    }
    return told;
}

static void look_at_tags(const struct python_reading *reading, const struct project_files *files,
                         struct python_interpreter *told, struct str *ret_told_by)
{
    for (size_t i = 0; i < files->len && told->major == 0; i++) {
        const struct project_file *file = &files->ptr[i];
        if (file->dropped || !file->is_elf)
            continue;
        struct python_ext ext = python_ext_parse(file->path);
        if (ext.kind != PYTHON_EXT_CPYTHON)
            continue;
        told->major = ext.major;
        told->minor = ext.minor;
        told->debug = ext.debug;
        told->free_threaded = ext.free_threaded;
        *ret_told_by = str_z(arena_printf(reading->ctx->arena, "'%.*s'", STR_ARG(file->path)));
    }
}

static int use_archive(struct python_reading *reading, struct python_interpreter interpreter, struct str told_by,
                       struct err *err)
{
    struct python_program *program = &reading->app->program;
    program->interpreter = interpreter;
    program->interpreter.platform = STR_NONE;
    program->version = short_version(reading, &interpreter);
    program->told_by = told_by;
    return program->version.ptr ? 0 : err_nomem(err);
}

/* --- where it is -------------------------------------------------------------------------------------------------- */

static bool is_debians(struct str program)
{
    struct str dir = path_dir(program);
    return str_eq_z(dir, "/usr/bin") || str_eq_z(dir, "/bin");
}

/* The interpreter's program in DIR, real; ptr NULL: none. */
static struct str program_in(const struct python_reading *reading, struct str dir,
                             const struct python_interpreter *wanted)
{
    struct arena *arena = reading->ctx->arena;
    char exact[40], plain[40];
    snprintf(exact, sizeof(exact), "python%u.%u%s%s", wanted->major, wanted->minor, wanted->free_threaded ? "t" : "",
             wanted->debug ? "d" : "");
    snprintf(plain, sizeof(plain), "python%u.%u", wanted->major, wanted->minor);
    const struct str names[] = {str_z(exact), str_z(plain), STR("python3"), STR("python")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!python_is_file(dir, names[i]))
            continue;
        struct str path = python_join(arena, dir, names[i]);
        return path.ptr ? python_real(arena, path) : STR_NONE;
    }
    return STR_NONE;
}

static int use_program(struct python_reading *reading, struct str program, struct python_interpreter told,
                       struct str told_by, struct err *err)
{
    if (!is_debians(program))
        return python_program_bring(reading, program, told, told_by, err);
    struct python_interpreter named;
    if (python_name_parse(path_base(program), &named))
        told = told.major ? told : named;
    return use_archive(reading, told, told_by, err);
}

/* A virtual environment's own. */
static int use_home(struct python_reading *reading, struct python_interpreter told, struct str told_by, struct err *err)
{
    const struct python_environment *environment = &reading->app->environment;
    struct str home = environment->config.home;
    if (environment->config.problems & PYTHON_VENV_RELATIVE_HOME)
        home = python_join(reading->ctx->arena, environment->host_path, home);
    struct str program = program_in(reading, home, &told);
    if (program.ptr)
        return use_program(reading, program, told, told_by, err);
    if (!str_eq_z(environment->config.home, "/usr/bin"))
        op_warn(reading->ctx,
                "%.*s: its home '%.*s' has no interpreter on this machine; the archive's is taken instead",
                STR_ARG(told_by), STR_ARG(environment->config.home));
    return use_archive(reading, told, told_by, err);
}

/* --- what --python says ------------------------------------------------------------------------------------------- */

static int check_wanted(const struct python_reading *reading, const struct python_interpreter *wanted, struct err *err)
{
    const struct python_environment *environment = &reading->app->environment;
    if (environment->kind != PYTHON_ENVIRONMENT_VENV)
        return 0;
    struct buf reason CLEANUP_BUF = BUF_INIT;
    if (python_venv_fits(&environment->config, environment->library, wanted, &reason))
        return 0;
    if (reason.failed)
        return err_nomem(err);
    struct str name = environment->inside.len ? environment->inside : environment->host_path;
    err_set(err, ERR_PYTHON_VERSION, "'%.*s' does not fit the interpreter: %s", STR_ARG(name), buf_z(&reason));
    return err_hint(err,
                    "make the environment anew with this interpreter (python%u.%u -m venv --clear %.*s), or choose "
                    "the one that made it with --python",
                    wanted->major, wanted->minor, STR_ARG(name));
}

static int use_version(struct python_reading *reading, struct python_interpreter wanted, struct str version,
                       struct python_interpreter told, struct err *err)
{
    struct str told_by = str_z(arena_printf(reading->ctx->arena, "--python %.*s", STR_ARG(version)));
    if (!told_by.ptr)
        return err_nomem(err);
    int r = check_wanted(reading, &wanted, err);
    if (r < 0)
        return r;
    const struct python_environment *environment = &reading->app->environment;
    struct str program = STR_NONE;
    if (told.major && environment->kind == PYTHON_ENVIRONMENT_VENV)
        program = program_in(reading, environment->config.home, &wanted);
    struct str local = str_z(arena_printf(reading->ctx->arena, "/usr/local/bin/python%u.%u%s", wanted.major,
                                          wanted.minor, wanted.free_threaded ? "t" : ""));
    if (!program.ptr && local.ptr && python_is_file(local, STR("")))
        program = python_real(reading->ctx->arena, local);
    return program.ptr ? use_program(reading, program, wanted, told_by, err)
                       : use_archive(reading, wanted, told_by, err);
}

static int use_path(struct python_reading *reading, struct str given, struct err *err)
{
    struct arena *arena = reading->ctx->arena;
    struct str real = python_real(arena, given);
    if (!real.ptr) {
        err_errno(err, errno, "cannot use --python '%.*s'", STR_ARG(given));
        return err_hint(err, "give a program, a prefix that has bin/python3, a version such as 3.12, or archive");
    }
    if (python_is_directory(real, STR(""))) {
        struct str bin = python_join(arena, real, STR("bin"));
        if (!bin.ptr)
            return err_nomem(err);
        struct str program = program_in(reading, bin, &(struct python_interpreter){.major = 0});
        if (!program.ptr) {
            err_set(err, ERR_USAGE, "--python: '%.*s' has no bin/python3", STR_ARG(given));
            return err_hint(err, "give the interpreter's prefix, for instance /usr/local, or its program");
        }
        real = program;
    }
    struct str told_by = str_z(arena_printf(arena, "--python %.*s", STR_ARG(given)));
    if (!told_by.ptr)
        return err_nomem(err);
    return use_program(reading, real, (struct python_interpreter){.major = 0}, told_by, err);
}

int python_program_find(struct python_reading *reading, struct err *err)
{
    struct str told_by = STR(""), version, given = reading->request->python;
    struct python_interpreter told = told_by_environment(reading, &told_by), wanted;
    if (!told.major) {
        look_at_tags(reading, &reading->app->environment.files, &told, &told_by);
        look_at_tags(reading, &reading->app->files, &told, &told_by);
    }
    if (!told_by.ptr)
        return err_nomem(err);
    int r;
    if (str_eq_z(given, "archive"))
        r = use_archive(reading, told, told_by, err);
    else if (given.len && parse_version(given, &wanted, &version))
        r = use_version(reading, wanted, version, told, err);
    else if (given.len)
        r = use_path(reading, given, err);
    else if (reading->app->environment.kind == PYTHON_ENVIRONMENT_VENV)
        r = use_home(reading, told, told_by, err);
    else
        r = use_archive(reading, told, told_by, err);
    if (r < 0)
        return r;
    const struct python_interpreter *chosen = &reading->app->program.interpreter;
    return chosen->major ? check_wanted(reading, chosen, err) : 0;
}

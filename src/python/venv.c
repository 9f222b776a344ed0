/* SPDX-License-Identifier: Apache-2.0 */
/* pyvenv.cfg, read as CPython's Modules/getpath.py and Lib/site.py do. */
#include "python/venv.h"
#include "base/limits.h"
#include "python/version.h"

#define BOM STR("\xef\xbb\xbf")

enum key {
    KEY_HOME,
    KEY_SYSTEM_SITE,
    KEY_VERSION,
    KEY_VERSION_INFO,
    KEY_IMPLEMENTATION,
    KEY_EXECUTABLE,
    KEY_BASE_EXECUTABLE,
    KEY_BASE_PREFIX,
    KEY_COMMAND,
    KEY_PROMPT,
    KEY_VIRTUALENV,
    KEY_UV,
    KEY_RELOCATABLE,
    KEYS
};

static const char *const key_names[KEYS] = {
    "home",
    "include-system-site-packages",
    "version",
    "version_info",
    "implementation",
    "executable",
    "base-executable",
    "base-prefix",
    "command",
    "prompt",
    "virtualenv",
    "uv",
    "relocatable",
};

/* The first and the last value of each key. */
struct values {
    struct str first[KEYS], last[KEYS];
};

static void read_lines(struct str text, struct values *values)
{
    struct str line;
    while (str_next_line(&text, &line)) {
        size_t at = str_find_char(line, '=');
        if (at == line.len)
            continue;
        struct str name = str_trim(str_head(line, at)), value = str_trim(str_skip(line, at + 1));
        for (unsigned key = 0; key < KEYS; key++) {
            if (!str_eq_fold(name, str_z(key_names[key])))
                continue;
            if (!values->first[key].ptr)
                values->first[key] = value;
            values->last[key] = value;
        }
    }
}

static unsigned problems_of(struct str text, const struct values *values)
{
    unsigned problems = 0;
    struct str home = values->first[KEY_HOME];
    if (home.len == 0)
        problems |= PYTHON_VENV_NO_HOME;
    else if (home.ptr[0] != '/')
        problems |= PYTHON_VENV_RELATIVE_HOME;
    if (!str_eq(home, values->last[KEY_HOME]))
        problems |= PYTHON_VENV_TWO_HOMES;
    if (str_starts(text, BOM))
        problems |= PYTHON_VENV_BOM;
    if (str_utf8_valid(text) < text.len)
        problems |= PYTHON_VENV_NOT_UTF8;
    return problems;
}

static struct str first_of(const struct values *values, enum key a, enum key b)
{
    return values->first[a].len ? values->first[a] : values->first[b];
}

static void set_maker(const struct values *values, struct python_venv *venv)
{
    if (values->first[KEY_UV].ptr) {
        venv->maker = PYTHON_VENV_UV;
        venv->maker_version = values->first[KEY_UV];
    } else if (values->first[KEY_VIRTUALENV].ptr) {
        venv->maker = PYTHON_VENV_VIRTUALENV;
        venv->maker_version = values->first[KEY_VIRTUALENV];
    } else if (venv->home.len && values->first[KEY_VERSION].ptr) {
        venv->maker = PYTHON_VENV_VENV;
    }
}

/* "3.11.2", "3.11.2.final.0", "3.14.0rc1" */
static void set_interpreter(const struct values *values, struct python_venv *venv)
{
    struct str implementation = values->first[KEY_IMPLEMENTATION];
    struct python_interpreter *interpreter = &venv->interpreter;
    if (implementation.len && !str_eq_fold(implementation, STR("CPython")))
        interpreter->implementation = str_eq_fold(implementation, STR("PyPy")) ? PYTHON_PYPY : PYTHON_OTHER;
    venv->version = first_of(values, KEY_VERSION_INFO, KEY_VERSION);
    size_t len = 0;
    while (len < venv->version.len && (char_is_digit(venv->version.ptr[len]) || venv->version.ptr[len] == '.'))
        len++;
    struct str release = str_head(venv->version, len);
    unsigned major, minor, micro = 0;
    if (!python_release_number(release, 0, &major) || major == 0 || !str_has_char(release, '.') ||
        !python_release_number(release, 1, &minor))
        return;
    (void)python_release_number(release, 2, &micro);
    interpreter->major = major;
    interpreter->minor = minor;
    interpreter->micro = micro;
}

static struct str unquoted(struct str text)
{
    if (text.len >= 2 && (text.ptr[0] == '\'' || text.ptr[0] == '"') && text.ptr[text.len - 1] == text.ptr[0])
        return str_of(text.ptr + 1, text.len - 2);
    return text;
}

int python_venv_read(struct str text, struct python_venv *ret_venv, struct err *err)
{
    if (text.len > LIMIT_PYTHON_TEXT_BYTES)
        return err_set(err, ERR_LIMIT, "a pyvenv.cfg of more than %llu bytes", LIMIT_PYTHON_TEXT_BYTES);
    struct values values = {0};
    read_lines(text, &values);
    struct python_venv venv = {.home = values.first[KEY_HOME], .problems = problems_of(text, &values)};
    set_maker(&values, &venv);
    set_interpreter(&values, &venv);
    struct str system_site = values.last[KEY_SYSTEM_SITE];
    venv.system_site_packages = !system_site.ptr || str_eq_fold(system_site, STR("true"));
    venv.relocatable = str_eq_fold(values.last[KEY_RELOCATABLE], STR("true"));
    venv.executable = first_of(&values, KEY_EXECUTABLE, KEY_BASE_EXECUTABLE);
    venv.prefix = values.first[KEY_BASE_PREFIX];
    venv.command = values.first[KEY_COMMAND];
    venv.prompt = unquoted(values.first[KEY_PROMPT]);
    *ret_venv = venv;
    return 0;
}

static bool same_version(const struct python_interpreter *a, const struct python_interpreter *b)
{
    return a->implementation == b->implementation && a->major == b->major && a->minor == b->minor;
}

bool python_venv_fits(const struct python_venv *venv, struct str library, const struct python_interpreter *interpreter,
                      struct buf *reason)
{
    struct python_interpreter from_library = {.major = 0};
    if (library.len && !python_name_parse(library, &from_library)) {
        if (reason)
            buf_addf(reason, "its packages lie in 'lib/%.*s', which names no version of Python", STR_ARG(library));
        return false;
    }
    bool told = venv->interpreter.major != 0;
    if (told && !same_version(&venv->interpreter, interpreter)) {
        if (reason) {
            buf_add_z(reason, "its pyvenv.cfg says ");
            python_interpreter_name(&venv->interpreter, reason);
            buf_add_z(reason, ", and the interpreter is ");
            python_interpreter_name(interpreter, reason);
        }
        return false;
    }
    if (library.len &&
        (!same_version(&from_library, interpreter) || from_library.free_threaded != interpreter->free_threaded)) {
        if (reason) {
            buf_addf(reason, "its packages lie in 'lib/%.*s', and the interpreter is ", STR_ARG(library));
            python_interpreter_name(interpreter, reason);
        }
        return false;
    }
    return true;
}

void python_venv_write(const struct python_venv *venv, struct str home, struct buf *out)
{
    static const char *const implementations[] = {"CPython", "PyPy", NULL};
    buf_addf(out, "home = %.*s\n", STR_ARG(home));
    buf_addf(out, "include-system-site-packages = %s\n", venv->system_site_packages ? "true" : "false");
    if (implementations[venv->interpreter.implementation])
        buf_addf(out, "implementation = %s\n", implementations[venv->interpreter.implementation]);
    if (venv->interpreter.major)
        buf_addf(out, "version = %u.%u.%u\n", venv->interpreter.major, venv->interpreter.minor,
                 venv->interpreter.micro);
}

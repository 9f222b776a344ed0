/* SPDX-License-Identifier: Apache-2.0 */
/* File names of extension modules, and what an interpreter makes of them (CPython, Python/dynload_shlib.c). */
#include "python/abi.h"
#include "base/num.h"
#include "base/path.h"

static struct str take_digits(struct str *rest)
{
    size_t len = 0;
    while (len < rest->len && char_is_digit(rest->ptr[len]))
        len++;
    struct str digits = str_head(*rest, len);
    *rest = str_skip(*rest, len);
    return digits;
}

/* "311" is 3.11, "39" 3.9. */
static bool take_version(struct str *rest, unsigned *ret_major, unsigned *ret_minor)
{
    struct str digits = take_digits(rest);
    uint32_t minor;
    if (digits.len < 2 || !num_parse_u32(str_skip(digits, 1), &minor))
        return false;
    *ret_major = (unsigned)(digits.ptr[0] - '0');
    *ret_minor = minor;
    return true;
}

static bool take_char(struct str *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = str_skip(*rest, 1);
    return true;
}

/* "-x86_64-linux-gnu", or nothing. */
static bool take_platform(struct str rest, struct str *ret_platform)
{
    if (rest.len && rest.ptr[0] != '-')
        return false;
    *ret_platform = str_skip(rest, 1);
    return true;
}

static bool parse_cpython(struct str rest, struct python_ext *ext)
{
    if (!take_version(&rest, &ext->major, &ext->minor))
        return false;
    for (bool more = true; more;) {
        more = false;
        more |= take_char(&rest, 't') && (ext->free_threaded = true);
        more |= take_char(&rest, 'd') && (ext->debug = true);
        more |= take_char(&rest, 'm') && (ext->pymalloc = true);
        more |= take_char(&rest, 'u'); /* wide characters, up to 3.2 */
    }
    ext->kind = PYTHON_EXT_CPYTHON;
    return take_platform(rest, &ext->platform);
}

/* "pypy39-pp73-x86_64-linux-gnu" */
static bool parse_pypy(struct str rest, struct python_ext *ext)
{
    if (!take_version(&rest, &ext->major, &ext->minor) || !take_char(&rest, '-'))
        return false;
    struct str abi = str_head(rest, str_find_char(rest, '-'));
    ext->kind = PYTHON_EXT_PYPY;
    return take_platform(str_skip(rest, abi.len), &ext->platform);
}

/* ".cp311-win_amd64.pyd" */
static void parse_windows(struct python_ext *ext)
{
    struct str rest = ext->tag;
    ext->kind = PYTHON_EXT_WINDOWS;
    if (!str_starts(rest, STR("cp")))
        return;
    rest = str_skip(rest, 2);
    if (take_version(&rest, &ext->major, &ext->minor))
        ext->platform = str_skip(rest, str_find_char(rest, '-') + 1);
}

static bool is_module(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_alnum(name.ptr[i]) && name.ptr[i] != '_' && (unsigned char)name.ptr[i] < 0x80)
            return false;
    return name.len > 0;
}

static bool parse_tag(struct python_ext *ext)
{
    struct str tag = ext->tag;
    if (tag.len == 0)
        ext->kind = PYTHON_EXT_PLAIN;
    else if (str_eq(tag, STR("abi3")))
        ext->kind = PYTHON_EXT_ABI3;
    else if (str_starts(tag, STR("cpython-")))
        return parse_cpython(str_skip(tag, 8), ext);
    else if (str_starts(tag, STR("pypy")))
        return parse_pypy(str_skip(tag, 4), ext);
    else if (str_starts(tag, STR("graalpy")) || str_starts(tag, STR("jython")))
        ext->kind = PYTHON_EXT_OTHER;
    return ext->kind != PYTHON_EXT_NONE;
}

struct python_ext python_ext_parse(struct str path)
{
    struct python_ext ext = {.kind = PYTHON_EXT_NONE};
    struct str name = path_base(path);
    bool windows = str_ends(name, STR(".pyd"));
    if (!windows && !str_ends(name, STR(".so")))
        return ext;
    name = str_head(name, name.len - (windows ? 4 : 3));
    ext.module = str_head(name, str_find_char(name, '.'));
    ext.tag = str_skip(name, ext.module.len + 1);
    bool named = is_module(ext.module) && (ext.tag.len || name.len == ext.module.len);
    if (named && windows)
        parse_windows(&ext);
    else if (!named || !parse_tag(&ext))
        return (struct python_ext){.kind = PYTHON_EXT_NONE};
    return ext;
}

void python_interpreter_name(const struct python_interpreter *interpreter, struct buf *out)
{
    static const char *const names[] = {"CPython", "PyPy", "Python"};
    buf_addf(out, "%s %u.%u", names[interpreter->implementation], interpreter->major, interpreter->minor);
    if (interpreter->debug)
        buf_add_z(out, " with debugging");
    if (interpreter->free_threaded)
        buf_add_z(out, " without the GIL");
}

void python_soabi(const struct python_interpreter *interpreter, struct buf *out)
{
    buf_addf(out, "cpython-%u%u", interpreter->major, interpreter->minor);
    if (interpreter->free_threaded)
        buf_add_char(out, 't');
    if (interpreter->debug)
        buf_add_char(out, 'd');
    if (interpreter->major == 3 && interpreter->minor < 8)
        buf_add_char(out, 'm');
    if (interpreter->platform.len)
        buf_addf(out, "-%.*s", STR_ARG(interpreter->platform));
}

/* The processor of "x86_64-linux-gnu" and of "win_amd64". */
static struct str machine_of(struct str platform)
{
    return str_head(platform, str_find_char(platform, '-'));
}

static const char *libc_of(struct str platform)
{
    if (str_find(platform, STR("-musl")) < platform.len)
        return "musl (Alpine)";
    return str_find(platform, STR("-gnu")) < platform.len ? "glibc" : NULL;
}

/* Why an extension of PLATFORM is none of WANTED's; false when it is. */
static bool other_platform(struct str platform, struct str wanted, struct buf *reason)
{
    if (platform.len == 0 || wanted.len == 0 || str_eq(platform, wanted))
        return false;
    if (!reason)
        return true;
    if (!str_has_char(platform, '-') || str_find(platform, STR("-linux")) == platform.len)
        buf_addf(reason, "is built for the platform '%.*s', not for Linux", STR_ARG(str_head(platform, 60)));
    else if (!str_eq(machine_of(platform), machine_of(wanted)))
        buf_addf(reason, "is built for %.*s, and the interpreter is for %.*s",
                 STR_ARG(str_head(machine_of(platform), 60)), STR_ARG(machine_of(wanted)));
    else if (libc_of(platform) && libc_of(wanted) && libc_of(platform) != libc_of(wanted))
        buf_addf(reason, "is built for %s, and the interpreter is for %s", libc_of(platform), libc_of(wanted));
    else
        buf_addf(reason, "is built for the platform '%.*s', and the interpreter is for '%.*s'",
                 STR_ARG(str_head(platform, 60)), STR_ARG(wanted));
    return true;
}

static bool refuse(const struct python_interpreter *built_for, const struct python_interpreter *interpreter,
                   struct buf *reason)
{
    if (reason) {
        buf_add_z(reason, "is built for ");
        python_interpreter_name(built_for, reason);
        buf_add_z(reason, ", and the interpreter is ");
        python_interpreter_name(interpreter, reason);
    }
    return false;
}

static bool fits_version(const struct python_ext *ext, const struct python_interpreter *interpreter, struct buf *reason)
{
    struct python_interpreter built_for = {
        .implementation = ext->kind == PYTHON_EXT_PYPY ? PYTHON_PYPY : PYTHON_CPYTHON,
        .major = ext->major,
        .minor = ext->minor,
        .debug = ext->debug,
        .free_threaded = ext->free_threaded,
    };
    bool same = built_for.implementation == interpreter->implementation && ext->major == interpreter->major &&
                ext->minor == interpreter->minor && ext->free_threaded == interpreter->free_threaded;
    /* Since 3.8 a debugging interpreter takes the others' too (ALT_SOABI), never the other way round. */
    bool debug = ext->debug == interpreter->debug || (interpreter->debug && interpreter->minor >= 8);
    if (!same || !debug)
        return refuse(&built_for, interpreter, reason);
    /* "cpython-37m": from 3.8 on the letter is gone, and a name that has it is nobody's. */
    bool old = ext->kind == PYTHON_EXT_CPYTHON && ext->major == 3 && ext->minor < 8;
    if (ext->pymalloc == old)
        return true;
    if (reason)
        buf_addf(reason, "has the tag '%.*s', which its version of Python does not look for",
                 STR_ARG(str_head(ext->tag, 60)));
    return false;
}

bool python_ext_fits(const struct python_ext *ext, const struct python_interpreter *interpreter, struct buf *reason)
{
    const char *why = NULL;
    switch (ext->kind) {
    case PYTHON_EXT_PLAIN:
        return true;
    case PYTHON_EXT_CPYTHON:
    case PYTHON_EXT_PYPY:
        return fits_version(ext, interpreter, reason) && !other_platform(ext->platform, interpreter->platform, reason);
    case PYTHON_EXT_ABI3:
        if (interpreter->implementation != PYTHON_CPYTHON)
            why = "is built for the stable ABI of CPython, and the interpreter is not CPython";
        else if (interpreter->free_threaded)
            why = "is built for the stable ABI, which an interpreter without the GIL does not have";
        break;
    case PYTHON_EXT_OTHER:
        why = "is built for another implementation of Python";
        break;
    case PYTHON_EXT_WINDOWS:
        why = "is built for Windows";
        break;
    case PYTHON_EXT_NONE:
        why = "is no extension module by its name";
        break;
    }
    if (why && reason)
        buf_add_z(reason, why);
    return !why;
}

bool python_name_parse(struct str name, struct python_interpreter *ret)
{
    struct python_interpreter found = {.implementation = PYTHON_CPYTHON};
    struct str rest = path_base(name);
    if (str_starts(rest, STR("pypy"))) {
        found.implementation = PYTHON_PYPY;
        rest = str_skip(rest, 4);
    } else if (str_starts(rest, STR("python"))) {
        rest = str_skip(rest, 6);
    } else {
        return false;
    }
    if (!num_parse_u32(take_digits(&rest), &found.major) || !take_char(&rest, '.') ||
        !num_parse_u32(take_digits(&rest), &found.minor))
        return false;
    found.free_threaded = take_char(&rest, 't');
    found.debug = take_char(&rest, 'd');
    if (rest.len)
        return false;
    *ret = found;
    return true;
}

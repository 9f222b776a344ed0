/* SPDX-License-Identifier: Apache-2.0 */
/* Wheel tags: PEP 425, manylinux (PEP 513, 571, 599, 600), musllinux (PEP 656). */
#include "base/limits.h"
#include "base/num.h"
#include "python/abi.h"

/* What keeps a combination from fitting, from the farthest to the nearest. */
enum distance { SYSTEM, MACHINE, LIBC, LIBC_VERSION, IMPLEMENTATION, VERSION, ABI, FITS };

struct verdict {
    enum distance distance;
    struct str python, abi, platform;
};

/* "python" and its digits: "cp311", "py3". */
static bool split_python(struct str tag, struct str *ret_name, unsigned *ret_major, unsigned *ret_minor,
                         bool *ret_has_minor)
{
    size_t len = 0;
    while (len < tag.len && (char_is_alpha(tag.ptr[len]) || tag.ptr[len] == '_'))
        len++;
    *ret_name = str_head(tag, len);
    struct str digits = str_skip(tag, len);
    if (digits.len == 0 || !char_is_digit(digits.ptr[0]))
        return false;
    *ret_major = (unsigned)(digits.ptr[0] - '0');
    *ret_minor = 0;
    *ret_has_minor = digits.len > 1;
    uint32_t minor = 0;
    if (digits.len > 1 && !num_parse_u32(str_skip(digits, 1), &minor))
        return false;
    *ret_minor = minor;
    return true;
}

/* The name that wheels have for the processor of "x86_64-linux-gnu": uname's. */
static struct str wheel_machine(struct str platform)
{
    struct str machine = str_head(platform, str_find_char(platform, '-'));
    if (str_eq(machine, STR("i386")))
        return STR("i686");
    if (str_eq(machine, STR("arm")))
        return STR("armv7l");
    if (str_eq(machine, STR("powerpc64le")))
        return STR("ppc64le");
    return machine;
}

/* "manylinux_2_17_x86_64" behind its first word: two numbers and the machine. */
static bool split_versioned(struct str rest, unsigned *ret_major, unsigned *ret_minor, struct str *ret_machine)
{
    struct str major, minor;
    uint32_t a, b;
    if (!str_next(&rest, '_', &major) || !str_next(&rest, '_', &minor) || !num_parse_u32(major, &a) ||
        !num_parse_u32(minor, &b))
        return false;
    *ret_major = a;
    *ret_minor = b;
    *ret_machine = rest;
    return true;
}

/* True for manylinux of any spelling, with the glibc that it asks for. */
static bool split_manylinux(struct str platform, unsigned *ret_major, unsigned *ret_minor, struct str *ret_machine)
{
    static const struct {
        struct str prefix;
        unsigned minor;
    } legacy[] = {{STR_INIT("manylinux1_"), 5}, {STR_INIT("manylinux2010_"), 12}, {STR_INIT("manylinux2014_"), 17}};
    for (size_t i = 0; i < ARRAY_LEN(legacy); i++) {
        if (!str_starts(platform, legacy[i].prefix))
            continue;
        *ret_major = 2;
        *ret_minor = legacy[i].minor;
        *ret_machine = str_skip(platform, legacy[i].prefix.len);
        return true;
    }
    return str_starts(platform, STR("manylinux_")) &&
           split_versioned(str_skip(platform, 10), ret_major, ret_minor, ret_machine);
}

static enum distance judge_linux(struct str machine, bool musl, unsigned major, unsigned minor,
                                 const struct python_interpreter *interpreter)
{
    struct str own = interpreter->platform;
    if (own.len && !str_eq(machine, wheel_machine(own)))
        return MACHINE;
    if (own.len && musl != (str_find(own, STR("-musl")) < own.len))
        return LIBC;
    if (interpreter->libc_major == 0)
        return FITS;
    bool newer = major != interpreter->libc_major ? major > interpreter->libc_major : minor > interpreter->libc_minor;
    return newer || (musl && major != interpreter->libc_major) ? LIBC_VERSION : FITS;
}

static enum distance judge_platform(struct str platform, const struct python_interpreter *interpreter)
{
    unsigned major = 0, minor = 0;
    struct str machine;
    if (str_eq(platform, STR("any")))
        return FITS;
    if (split_manylinux(platform, &major, &minor, &machine))
        return judge_linux(machine, false, major, minor, interpreter);
    if (str_starts(platform, STR("musllinux_")) && split_versioned(str_skip(platform, 10), &major, &minor, &machine))
        return judge_linux(machine, true, major, minor, interpreter);
    if (!str_starts(platform, STR("linux_")))
        return SYSTEM;
    struct str own = interpreter->platform;
    return own.len && !str_eq(str_skip(platform, 6), wheel_machine(own)) ? MACHINE : FITS;
}

/* "cp311", "cp313t", "cp311d", "cp37m" as INTERPRETER's own. */
static bool is_own_abi(struct str abi, const struct python_interpreter *interpreter)
{
    bool old = interpreter->major == 3 && interpreter->minor < 8;
    bool t = false, d = false, m = false;
    while (abi.len && char_is_alpha(abi.ptr[abi.len - 1]) && !str_eq(abi, STR("cp"))) {
        char letter = abi.ptr[abi.len - 1];
        t |= letter == 't';
        d |= letter == 'd';
        m |= letter == 'm';
        if (!t && !d && !m)
            return false;
        abi = str_head(abi, abi.len - 1);
    }
    unsigned major, minor;
    bool has_minor;
    struct str name;
    if (!split_python(abi, &name, &major, &minor, &has_minor) || !str_eq(name, STR("cp")))
        return false;
    return major == interpreter->major && minor == interpreter->minor && has_minor && m == old &&
           t == interpreter->free_threaded && (d == interpreter->debug || (interpreter->debug && !old));
}

static enum distance judge_cpython(struct str abi, bool older, bool same, bool any,
                                   const struct python_interpreter *interpreter)
{
    if (str_eq(abi, STR("abi3")))
        return interpreter->free_threaded ? ABI : (older || same) && !any ? FITS : VERSION;
    if (!same)
        return VERSION;
    return str_eq(abi, STR("none")) || (!any && is_own_abi(abi, interpreter)) ? FITS : ABI;
}

static enum distance judge_python(struct str python, struct str abi, bool any,
                                  const struct python_interpreter *interpreter)
{
    unsigned major, minor;
    bool has_minor;
    struct str name;
    if (!split_python(python, &name, &major, &minor, &has_minor))
        return IMPLEMENTATION;
    bool same = major == interpreter->major && minor == interpreter->minor && has_minor;
    bool older = major == interpreter->major && (!has_minor || minor < interpreter->minor);
    if (str_eq(name, STR("py"))) {
        if (!older && !same)
            return VERSION;
        return str_eq(abi, STR("none")) ? FITS : ABI;
    }
    if (str_eq(name, STR("cp")) && interpreter->implementation == PYTHON_CPYTHON)
        return judge_cpython(abi, older && has_minor && minor >= 2, same, any, interpreter);
    if (str_eq(name, STR("pp")) && interpreter->implementation == PYTHON_PYPY)
        return same ? FITS : VERSION;
    return IMPLEMENTATION;
}

static void say(const struct verdict *verdict, const struct python_interpreter *interpreter, struct buf *out)
{
    struct str python = str_head(verdict->python, 40), abi = str_head(verdict->abi, 40);
    struct str platform = str_head(verdict->platform, 60), own = interpreter->platform;
    switch (verdict->distance) {
    case SYSTEM:
        buf_addf(out, "is for the platform '%.*s', not for Linux", STR_ARG(platform));
        return;
    case MACHINE:
        buf_addf(out, "is for the platform '%.*s', and the interpreter is for %.*s", STR_ARG(platform),
                 STR_ARG(wheel_machine(own)));
        return;
    case LIBC:
        buf_addf(out, "is for %s ('%.*s'), and the interpreter is for %s",
                 str_starts(platform, STR("musl")) ? "musl (Alpine)" : "glibc", STR_ARG(platform),
                 str_starts(platform, STR("musl")) ? "glibc" : "musl (Alpine)");
        return;
    case LIBC_VERSION:
        buf_addf(out, "asks for a newer C library ('%.*s') than the interpreter's %u.%u", STR_ARG(platform),
                 interpreter->libc_major, interpreter->libc_minor);
        return;
    case IMPLEMENTATION:
    case VERSION:
        buf_addf(out, "is for '%.*s', and the interpreter is ", STR_ARG(python));
        python_interpreter_name(interpreter, out);
        return;
    case ABI:
        buf_addf(out, "is for the ABI '%.*s', and the interpreter is ", STR_ARG(abi));
        python_interpreter_name(interpreter, out);
        return;
    case FITS:
        return;
    }
}

static size_t alternatives(struct str part)
{
    size_t count = 1;
    for (size_t i = 0; i < part.len; i++)
        count += part.ptr[i] == '.';
    return count;
}

static struct verdict judge_one(struct str python, struct str abi, struct str platform,
                                const struct python_interpreter *interpreter)
{
    struct verdict verdict = {judge_platform(platform, interpreter), python, abi, platform};
    if (verdict.distance == FITS)
        verdict.distance = judge_python(python, abi, str_eq(platform, STR("any")), interpreter);
    return verdict;
}

int python_tag_fits(struct str tag, const struct python_interpreter *interpreter, bool *ret_fits, struct buf *reason,
                    struct err *err)
{
    struct str rest = str_trim(tag), pythons, abis, python;
    if (!str_next(&rest, '-', &pythons) || !str_next(&rest, '-', &abis) || rest.len == 0 || str_has_char(rest, '-') ||
        pythons.len == 0 || abis.len == 0)
        return err_set(err, ERR_INVALID, "'%.*s' is no wheel tag", STR_ARG(str_head(tag, 80)));
    if (alternatives(pythons) > LIMIT_PYTHON_TAG_PARTS || alternatives(abis) > LIMIT_PYTHON_TAG_PARTS ||
        alternatives(rest) > LIMIT_PYTHON_TAG_PARTS)
        return err_set(err, ERR_INVALID, "a wheel tag with more than %d alternatives", LIMIT_PYTHON_TAG_PARTS);
    struct verdict best = {.distance = SYSTEM, .platform = rest};
    bool first = true;
    while (str_next(&pythons, '.', &python)) {
        struct str abi, abis_left = abis;
        while (str_next(&abis_left, '.', &abi)) {
            struct str platform, platforms_left = rest;
            while (str_next(&platforms_left, '.', &platform)) {
                struct verdict verdict = judge_one(python, abi, platform, interpreter);
                if (first || verdict.distance > best.distance)
                    best = verdict;
                first = false;
            }
        }
    }
    *ret_fits = best.distance == FITS;
    if (!*ret_fits && reason)
        say(&best, interpreter, reason);
    return 0;
}

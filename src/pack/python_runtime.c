/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/python.h"

#include "python/stdlib.h"

/* Which Python a release of Debian has. */
static const struct {
    const char *suite;
    unsigned version;
} versions[] = {
    {"bookworm", 0x030b},
    {"trixie", 0x030d},
};

#define OLD  1 /* 3.11 */
#define NEW  2 /* 3.13 */
#define BOTH (OLD | NEW)

/*
 * What of the interpreter's packages stays out as long as nothing mentions it. `mentions` are top-level modules, "x*"
 * by their beginning; `patterns` are below the library's directory. Modules of the standard library that only try to
 * import one of these (cmd and pdb try readline) do without it, so they don't count.
 */
static const struct leave {
    const char *what;
    unsigned versions;
    const char *mentions;
    const char *patterns[7];
    const char *extension; /* whose libraries stay out with it (python/stdlib.h); NULL: none */
    const char *reason;
} leaves[] = {
    {"module nis", OLD, "nis", {"lib-dynload/nis.*"}, "nis", "nothing imports it"},
    {"module dbm.ndbm", BOTH, "_dbm dbm shelve", {"lib-dynload/_dbm.*"}, "_dbm", "nothing imports it"},
    {"module curses",
     BOTH,
     "_curses _curses_panel curses",
     {"lib-dynload/_curses.*", "lib-dynload/_curses_panel.*"},
     "_curses",
     "nothing imports it"},
    {"module readline", BOTH, "readline rlcompleter", {"lib-dynload/readline.*"}, "readline", "nothing imports it"},
    {"module sqlite3", OLD, "_sqlite3 sqlite3", {"lib-dynload/_sqlite3.*"}, "_sqlite3", "nothing imports it"},
    {"module sqlite3",
     NEW,
     "_sqlite3 dbm shelve sqlite3",
     {"lib-dynload/_sqlite3.*"},
     "_sqlite3",
     "nothing imports it"},
    {"module crypt", OLD, "_crypt crypt", {"lib-dynload/_crypt.*"}, "_crypt", "nothing imports it"},
    {"module turtle", BOTH, "turtle", {"turtle.py"}, NULL, "it draws on a display"},
    {"module pydoc_data", BOTH, "pydoc_data", {"pydoc_data/**"}, NULL, "nothing imports it; help() has no topics"},
    {"test modules of Python",
     BOTH,
     "__phello__ _ctypes_test _test* _xxtestfuzz test xxlimited xxlimited_35 xxsubtype",
     {"test/**", "lib-dynload/_test*", "lib-dynload/_ctypes_test.*", "lib-dynload/xx*", "lib-dynload/_xxtestfuzz.*",
      "__phello__/**"},
     NULL,
     "nothing imports them"},
    {"scripts of venv", BOTH, "", {"venv/scripts/**"}, NULL, "they are for a shell"},
};

/* Parts of the standard library that Debian packs apart, by the module that asks for them. */
static const struct {
    const char *module; /* with what lies below it */
    unsigned versions;
    const char *package;
} apart[] = {
    {"distutils", OLD, "python3-distutils"},
    {"lib2to3", OLD, "python3-lib2to3"},
    {"_gdbm", OLD, "python3-gdbm"},
    {"_gdbm", NEW, "python3.13-gdbm"},
};

unsigned python_runtime_version(struct str suite)
{
    for (size_t i = 0; i < ARRAY_LEN(versions); i++)
        if (str_eq_z(suite, versions[i].suite))
            return versions[i].version;
    return 0;
}

/* NAMES has spaces between them; "x*" stands for all that begin so. */
static bool mentions_any(const struct python_runtime_request *request, const char *names)
{
    struct str rest = str_z(names);
    while (rest.len > 0) {
        size_t end = str_find_char(rest, ' ');
        struct str name = {rest.ptr, end};
        rest = str_skip(rest, end < rest.len ? end + 1 : end);
        bool family = str_ends(name, STR("*"));
        if (family)
            name.len--;
        for (size_t i = 0; i < request->mentions.len; i++) {
            struct str module = request->mentions.ptr[i];
            struct str top = {module.ptr, str_find_char(module, '.')};
            if (family ? str_starts(top, name) : str_eq(top, name))
                return true;
        }
    }
    return false;
}

static int plan_exclusions(struct arena *arena, const struct python_runtime_request *request, unsigned version,
                           struct base_runtime *runtime, struct err *err)
{
    size_t max = ARRAY_LEN(leaves) * ARRAY_LEN(leaves[0].patterns);
    struct base_exclusion *exclusions = ARENA_ARRAY(arena, max, struct base_exclusion);
    if (!exclusions)
        return err_nomem(err);
    size_t count = 0;
    unsigned kind = version == PYTHON_STDLIB_OLD ? OLD : NEW;
    for (size_t i = 0; i < ARRAY_LEN(leaves); i++) {
        const struct leave *leave = &leaves[i];
        if (!(leave->versions & kind) || mentions_any(request, leave->mentions))
            continue;
        struct python_stdlib_module module = {0};
        if (leave->extension)
            (void)python_stdlib_find(str_z(leave->extension), version, &module);
        for (size_t j = 0; j < ARRAY_LEN(leave->patterns) && leave->patterns[j]; j++) {
            char *pattern = arena_printf(arena, "usr/lib/%.*s/%s", STR_ARG(runtime->name), leave->patterns[j]);
            if (!pattern)
                return err_nomem(err);
            exclusions[count++] =
                (struct base_exclusion){.pattern = str_z(pattern),
                                        .what = str_z(leave->what),
                                        .reason = str_z(leave->reason),
                                        .libraries = module.libraries ? str_z(module.libraries) : STR_NONE};
        }
    }
    runtime->exclusions = exclusions;
    runtime->exclusion_count = count;
    return 0;
}

static int plan_packages(struct arena *arena, const struct python_runtime_request *request, unsigned version,
                         struct base_runtime *runtime, struct err *err)
{
    static const char *const own[][2] = {{"", "minimal"}, {"lib", "minimal"}, {"lib", "stdlib"}};
    struct str *packages = ARENA_ARRAY(arena, ARRAY_LEN(own) + ARRAY_LEN(apart), struct str);
    if (!packages)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        char *name = arena_printf(arena, "%s%.*s-%s", own[i][0], STR_ARG(runtime->name), own[i][1]);
        if (!name)
            return err_nomem(err);
        packages[count++] = str_z(name);
    }
    unsigned kind = version == PYTHON_STDLIB_OLD ? OLD : NEW;
    for (size_t i = 0; i < ARRAY_LEN(apart); i++)
        if ((apart[i].versions & kind) && (request->everything || mentions_any(request, apart[i].module)))
            packages[count++] = str_z(apart[i].package);
    runtime->packages = (struct str_list){packages, count};
    return 0;
}

static int plan_links(struct arena *arena, struct base_runtime *runtime, struct err *err)
{
    struct base_link *links = ARENA_ARRAY(arena, 2, struct base_link);
    if (!links)
        return err_nomem(err);
    links[0] = (struct base_link){STR("usr/bin/python"), runtime->name};
    links[1] = (struct base_link){STR("usr/bin/python3"), runtime->name};
    runtime->links = links;
    runtime->link_count = 2;
    return 0;
}

int python_runtime_plan(struct arena *arena, const struct python_runtime_request *request,
                        struct base_runtime *ret_runtime, struct err *err)
{
    static const struct str ldconfig[] = {STR_INIT("libc-bin:sbin/ldconfig")};
    unsigned version = python_runtime_version(request->suite);
    if (version == 0) {
        err_set(err, ERR_UNSUPPORTED, "which Python Debian %.*s has is not known", STR_ARG(request->suite));
        return err_hint(err, "choose --suite bookworm or trixie, or bring an interpreter with --python");
    }
    char *name = arena_printf(arena, "python%u.%u", version >> 8U, version & 0xffU);
    if (!name)
        return err_nomem(err);
    struct base_runtime runtime = {.name = str_z(name), .utf8_locale = true, .identity = request->identity};
    int r = plan_packages(arena, request, version, &runtime, err);
    if (r == 0)
        r = plan_links(arena, &runtime, err);
    if (r == 0 && !request->everything)
        r = plan_exclusions(arena, request, version, &runtime, err);
    if (r < 0)
        return r;
    if (request->finds_libraries || request->everything) {
        runtime.extras = (struct str_list){ldconfig, ARRAY_LEN(ldconfig)};
        runtime.library_cache = true;
    }
    *ret_runtime = runtime;
    return 0;
}

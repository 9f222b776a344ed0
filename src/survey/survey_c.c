/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C and C++: what the build calls the project, which programs it makes and which libraries it asks for.
 * Meson, CMake and Autotools build out of the source's directory in "build" (Autotools: in it), as init's Dockerfile.
 */
#include "survey/call.h"
#include "survey/choose.h"
#include "survey/make.h"

#include "base/path.h"

struct c_build {
    struct surveying *surveying;
    struct choose choose;
    struct map variables;
    struct str path, dir; /* of the file that is read */
};

static int say_project(struct c_build *build, struct str name, struct str version, uint32_t line, struct err *err)
{
    struct survey *survey = build->surveying->survey;
    struct str label = STR("");
    if (build->dir.len > 0 || str_find(name, STR("$")) < name.len)
        return 0;
    int r = survey_label(build->surveying, name, &label, err);
    if (r == 0 && label.len > 0 && survey->name.value.len == 0)
        r = survey_say(build->surveying, &survey->name, label, build->path, line, "the project's name", err);
    if (r == 0 && version.len > 0 && char_is_digit(version.ptr[0]) && survey->version.value.len == 0)
        r = survey_say(build->surveying, &survey->version, version, build->path, line, "the project's version", err);
    return r;
}

static int add_program(struct c_build *build, const char *top, struct str name, int score, uint32_t line,
                       struct err *err)
{
    struct surveying *surveying = build->surveying;
    struct str label;
    if (name.len == 0 || str_find(name, STR("$")) < name.len || str_find(name, STR("@")) < name.len ||
        choose_is_aside(name) || survey_is_aside(build->path))
        return 0;
    int r = survey_label(surveying, name, &label, err);
    if (r < 0)
        return r;
    struct str project = surveying->survey->name.value.len ? surveying->survey->name.value : surveying->base;
    if (str_eq(label, project))
        score += 10;
    else if (str_starts(label, project) && label.len <= project.len + 7) /* redis-server, memcached */
        score += 4;
    if (str_ends(label, STR("server")) || str_ends(label, STR("d")))
        score += 1;
    char *path = arena_printf(surveying->ctx->arena, "%s%s%.*s%s%.*s", top, *top ? "/" : "", STR_ARG(build->dir),
                              build->dir.len ? "/" : "", STR_ARG(name));
    return path ? choose_add(&build->choose, str_z(path), STR(""), build->path, line, score, err) : err_nomem(err);
}

static bool is_call(const struct call *call, const char *name)
{
    return str_eq_fold(call->name, str_z(name));
}

static int add_packages(struct c_build *build, const struct call *call, size_t from, enum package_name kind,
                        struct err *err)
{
    int r = 0;
    for (size_t i = from; i < call->count && r == 0; i++) {
        struct str list = call->words[i], word;
        while (r == 0 && str_next_word(&list, &word)) { /* "libfoo >= 1 libbar" */
            size_t len = 0;
            while (len < word.len && !str_has_char(STR("<>="), word.ptr[len]))
                len++;
            word = str_head(word, len);
            if (str_starts(word, STR("-l")))
                word = str_skip(word, 2);
            r = package_add(build->surveying, kind, word, build->path, call->line, err);
        }
    }
    return r;
}

static bool has_word(const struct call *call, const char *word)
{
    for (size_t i = 1; i < call->count; i++)
        if (str_eq_z(call->words[i], word))
            return true;
    return false;
}

/* What a build looks for and does without is left to it: a package more is a feature more. */
static bool is_optional(const struct call *call)
{
    return has_word(call, "required:") ? !str_eq_z(call_option(call, "required:"), "true")
                                       : call->conditional && !has_word(call, "REQUIRED");
}

static int on_cmake(void *self, const struct call *call, struct err *err)
{
    struct c_build *build = self;
    if (call->count == 0)
        return 0;
    if (is_call(call, "project"))
        return say_project(build, call->words[0], call_option(call, "VERSION"), call->line, err);
    if (is_call(call, "add_executable")) {
        bool real = call->count < 2 || !(str_eq_z(call->words[1], "IMPORTED") || str_eq_z(call->words[1], "ALIAS"));
        return real ? add_program(build, "build", call->words[0], 0, call->line, err) : 0;
    }
    if (is_call(call, "find_package"))
        return is_optional(call)
                   ? 0
                   : package_add(build->surveying, PACKAGE_CMAKE, call->words[0], build->path, call->line, err);
    if (is_call(call, "pkg_check_modules") || is_call(call, "pkg_search_module"))
        return is_optional(call) ? 0 : add_packages(build, call, 1, PACKAGE_PKG_CONFIG, err);
    if (is_call(call, "target_link_libraries") || is_call(call, "link_libraries") || is_call(call, "find_library"))
        return is_optional(call) ? 0 : add_packages(build, call, 1, PACKAGE_LINKED, err);
    bool flags = is_call(call, "target_link_options") || is_call(call, "add_link_options") ||
                 (is_call(call, "set") && str_eq_z(call->words[0], "CMAKE_EXE_LINKER_FLAGS"));
    for (size_t i = 1; i < call->count && flags; i++)
        if (str_find(call->words[i], STR("-static")) < call->words[i].len &&
            str_find(call->words[i], STR("-static-lib")) >= call->words[i].len)
            build->surveying->survey->links_statically = true;
    return 0;
}

static int on_meson(void *self, const struct call *call, struct err *err)
{
    struct c_build *build = self;
    if (call->count == 0)
        return 0;
    if (is_call(call, "project"))
        return say_project(build, call->words[0], call_option(call, "version:"), call->line, err);
    if (is_call(call, "executable")) {
        int score = str_eq_z(call_option(call, "install:"), "true") ? 3 : 0;
        return add_program(build, "build", call->words[0], score, call->line, err);
    }
    if (is_optional(call))
        return 0;
    if (is_call(call, "dependency")) {
        const char *package;
        enum package_name kind =
            package_find(PACKAGE_PKG_CONFIG, call->words[0], &package) ? PACKAGE_PKG_CONFIG : PACKAGE_CMAKE;
        return package_add(build->surveying, kind, call->words[0], build->path, call->line, err);
    }
    if (is_call(call, "find_library"))
        return package_add(build->surveying, PACKAGE_LINKED, call->words[0], build->path, call->line, err);
    return 0;
}

/* What is on by default, for the conditions of meson.build; options' names are no variables' there. */
static int on_meson_option(void *self, const struct call *call, struct err *err)
{
    static const struct str on = STR_INIT("option: true");
    struct c_build *build = self;
    if (!is_call(call, "option") || call->count == 0 || !str_eq_z(call_option(call, "value:"), "true"))
        return 0;
    return map_set(&build->variables, call->words[0], (void *)(uintptr_t)&on) ? 0 : err_nomem(err);
}

static int on_m4(void *self, const struct call *call, struct err *err)
{
    struct c_build *build = self;
    if (call->count == 0)
        return 0;
    if (str_eq_z(call->name, "AC_INIT"))
        return say_project(build, call->words[0], call->count > 1 ? call->words[1] : STR(""), call->line, err);
    if (str_eq_z(call->name, "PKG_CHECK_MODULES") && call->count > 3)
        return 0; /* it says what is done without */
    if (str_eq_z(call->name, "PKG_CHECK_MODULES") && call->count > 1) {
        struct call one = {.line = call->line, .words = {call->words[1]}, .count = 1};
        return add_packages(build, &one, 0, PACKAGE_PKG_CONFIG, err);
    }
    size_t at = str_eq_z(call->name, "AC_CHECK_LIB") ? 0 : str_eq_z(call->name, "AC_SEARCH_LIBS") ? 1 : CALL_WORDS_MAX;
    if (at >= call->count)
        return 0;
    struct call one = {.line = call->line, .words = {call->words[at]}, .count = 1};
    return add_packages(build, &one, 0, PACKAGE_LINKED, err);
}

/* Every file of NAME in the tree, the root's first: it names the project. */
static int read_calls(struct c_build *build, const char *name, enum call_syntax syntax,
                      int (*each)(void *self, const struct call *call, struct err *err), struct err *err)
{
    struct surveying *surveying = build->surveying;
    int r = 0;
    for (int below = 0; below < 2; below++)
        for (size_t i = 0; i < surveying->files.len && r == 0; i++) {
            struct str path = surveying->files.ptr[i].path, text;
            bool ok = false;
            if (str_has_char(path, '/') != (below == 1) || !str_eq_z(path_base(path), name) ||
                surveying->files.ptr[i].aside)
                continue;
            r = op_check(surveying->ctx, err);
            if (r == 0)
                r = survey_text_z(surveying, path.ptr, &text, &ok, err);
            build->path = path;
            build->dir = path_dir(path);
            if (r == 0 && ok)
                r = calls_read(surveying, text, syntax, &build->variables, each, build, err);
        }
    return r;
}

static int on_program(void *self, struct str name, int score, uint32_t line, struct err *err)
{
    return add_program(self, "", name, score, line, err);
}

static int on_library(void *self, struct str name, bool pkg_config, uint32_t line, struct err *err)
{
    struct c_build *build = self;
    return package_add(build->surveying, pkg_config ? PACKAGE_PKG_CONFIG : PACKAGE_LINKED, name, build->path, line,
                       err);
}

/* NAME is "Makefile" at the root, or "Makefile.am" everywhere. */
static int read_makefiles(struct c_build *build, const char *name, bool everywhere, struct err *err)
{
    struct surveying *surveying = build->surveying;
    int r = 0;
    for (size_t i = 0; i < surveying->files.len && r == 0; i++) {
        struct str path = surveying->files.ptr[i].path, text;
        bool ok = false;
        if (!str_eq_z(path_base(path), name) || surveying->files.ptr[i].aside ||
            (!everywhere && str_has_char(path, '/') && !str_eq_z(path_dir(path), "src")))
            continue;
        r = survey_text_z(surveying, path.ptr, &text, &ok, err);
        build->path = path;
        build->dir = path_dir(path);
        struct make_reader reader = {surveying, on_program, on_library,
                                     build,     everywhere, &surveying->survey->links_statically};
        if (r == 0 && ok)
            r = make_read(&reader, text, err);
    }
    return r;
}

static bool is_cxx(struct str path)
{
    return str_ends(path, STR(".cc")) || str_ends(path, STR(".cpp")) || str_ends(path, STR(".cxx")) ||
           str_ends(path, STR(".C"));
}

/* C unless most of the sources are C++; false: there are none. */
static bool count_sources(struct surveying *surveying, bool *ret_cxx, bool *ret_at_root)
{
    size_t c = 0, cxx = 0;
    *ret_at_root = false;
    for (size_t i = 0; i < surveying->files.len; i++) {
        struct str path = surveying->files.ptr[i].path;
        bool is_c = str_ends(path, STR(".c"));
        if (surveying->files.ptr[i].aside || !(is_c || is_cxx(path)))
            continue;
        c += is_c;
        cxx += !is_c;
        *ret_at_root = *ret_at_root || !str_has_char(path, '/');
    }
    *ret_cxx = cxx > c;
    return c + cxx > 0;
}

struct c_system {
    enum init_build build;
    const char *name, *file, *why;
};

static const struct c_system systems[] = {
    {INIT_BUILD_MESON, "meson", "meson.build", "Meson's project"},
    {INIT_BUILD_CMAKE, "cmake", "CMakeLists.txt", "CMake's project"},
    {INIT_BUILD_AUTOTOOLS, "autotools", "configure.ac", "Autoconf's script"},
    {INIT_BUILD_AUTOTOOLS, "autotools", "configure.in", "Autoconf's script"},
    {INIT_BUILD_AUTOTOOLS, "autotools", "configure", "a script of its own, configure"},
    {INIT_BUILD_MAKE, "make", "GNUmakefile", "make's rules"},
    {INIT_BUILD_MAKE, "make", "makefile", "make's rules"},
    {INIT_BUILD_MAKE, "make", "Makefile", "make's rules"},
};

static int read_system(struct c_build *build, const struct c_system *system, struct err *err)
{
    switch ((int)system->build) {
    case INIT_BUILD_MESON: {
        int r = read_calls(build, "meson_options.txt", CALL_MESON, on_meson_option, err);
        if (r == 0)
            r = read_calls(build, "meson.options", CALL_MESON, on_meson_option, err);
        return r < 0 ? r : read_calls(build, "meson.build", CALL_MESON, on_meson, err);
    }
    case INIT_BUILD_CMAKE:
        return read_calls(build, "CMakeLists.txt", CALL_CMAKE, on_cmake, err);
    case INIT_BUILD_AUTOTOOLS: {
        int r = read_calls(build, system->file, CALL_M4, on_m4, err);
        return r < 0 ? r : read_makefiles(build, "Makefile.am", true, err);
    }
    default:
        return read_makefiles(build, system->file, false, err);
    }
}

static int say_system(struct c_build *build, struct err *err)
{
    struct surveying *surveying = build->surveying;
    struct survey *survey = surveying->survey;
    const struct c_system *chosen = NULL;
    struct str rivals[ARRAY_LEN(systems)];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(systems); i++) {
        if (!survey_has(surveying, systems[i].file))
            continue;
        if (!chosen)
            chosen = &systems[i];
        else if (systems[i].build != chosen->build && systems[i].build != INIT_BUILD_MAKE) /* a Makefile calls others */
            rivals[count++] = str_z(systems[i].name);
    }
    if (!chosen) {
        survey->build = INIT_BUILD_CC;
        return 0;
    }
    survey->build = chosen->build;
    int r = survey_say(surveying, &survey->built_by, str_z(chosen->name), str_z(chosen->file), 0, chosen->why, err);
    if (r == 0)
        r = survey_rivals(surveying, &survey->built_by, rivals, count, err);
    return r < 0 ? r : read_system(build, chosen, err);
}

int survey_c(struct surveying *surveying, bool *ret_is, struct err *err)
{
    struct survey *survey = surveying->survey;
    bool cxx, at_root, described = false;
    bool any = count_sources(surveying, &cxx, &at_root);
    for (size_t i = 0; i < ARRAY_LEN(systems); i++)
        described = described || survey_has(surveying, systems[i].file);
    *ret_is = any && (described || at_root);
    if (!*ret_is)
        return 0;
    survey->language = cxx ? INIT_CXX : INIT_C;
    survey->noun = cxx ? STR("a C++ project") : STR("a C project");
    struct c_build build = {.surveying = surveying, .choose = {.surveying = surveying}, .variables = MAP_INIT};
    int r = say_system(&build, err);
    if (r == 0)
        r = choose_program(&build.choose, &survey->program, "the build makes it", err);
    choose_done(&build.choose);
    map_done(&build.variables);
    return r == 0 ? survey_scan(surveying, TOKEN_C, err) : r;
}

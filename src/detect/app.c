/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/app.h"

#include "detect/internal.h"

#include <sys/stat.h>

int detect_app(struct str path, uint32_t mode, struct str bytes, struct arena *arena, struct app *ret, struct err *err)
{
    struct app app = {.kind = APP_DATA};
    int r = 0;
    if (S_ISDIR(mode))
        detect_directory(NULL, 0, &app);
    else if (!S_ISREG(mode))
        detect_set(&app, APP_SPECIAL, "not a regular file", REMEDY_ANYTHING);
    else if (bytes.len == 0)
        detect_set(&app, APP_EMPTY, "an empty file", "build the program anew; it may be left from a build that failed");
    else if (elf_is_elf(bytes))
        r = detect_elf(bytes, arena, &app, err);
    else if (str_starts(bytes, STR("#!")))
        r = detect_script(str_head(bytes, DETECT_HEAD_BYTES), arena, &app, err);
    else if (!detect_magic(str_head(bytes, DETECT_HEAD_BYTES), &app))
        detect_text(path, str_head(bytes, DETECT_HEAD_BYTES), &app);
    if (r)
        return r;
    *ret = app;
    return 0;
}

bool detect_is_program(const struct app *app)
{
    return app->kind == APP_DYNAMIC || app->kind == APP_STATIC;
}

static enum err_code code_of(enum app_kind kind)
{
    switch (kind) {
    case APP_MUSL:
    case APP_OTHER_LIBC:
        return ERR_LIBC;
    case APP_OTHER_SYSTEM:
    case APP_WINDOWS:
    case APP_MACOS:
        return ERR_ARCHITECTURE;
    case APP_LIBRARY:
    case APP_OBJECT:
    case APP_CORE:
    case APP_DEBUG:
    case APP_DAMAGED_ELF:
    case APP_PACKED:
        return ERR_ELF;
    case APP_DYNAMIC:
    case APP_STATIC:
    case APP_APPIMAGE:
    case APP_SCRIPT:
    case APP_JAVA_CLASS:
    case APP_JAR:
    case APP_WASM:
    case APP_ARCHIVE:
    case APP_DIRECTORY:
    case APP_TEXT:
    case APP_EMPTY:
    case APP_SPECIAL:
    case APP_DATA:
        break;
    }
    return ERR_INVALID;
}

int detect_refuse(const struct app *app, struct str path, struct err *err)
{
    if (app->detail.len)
        err_set(err, code_of(app->kind), "'%.*s' is %.*s: %.*s", STR_ARG(path), STR_ARG(app->noun),
                STR_ARG(app->detail));
    else
        err_set(err, code_of(app->kind), "'%.*s' is %.*s", STR_ARG(path), STR_ARG(app->noun));
    return err_hint(err, "%.*s", STR_ARG(app->remedy));
}

static bool has(const struct str *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(names[i], name))
            return true;
    return false;
}

void detect_directory(const struct str *names, size_t count, struct app *ret)
{
    static const struct {
        const char *file, *noun, *language;
    } projects[] = {
        {"oci-layout", "an OCI image layout", ""},
        {"pyvenv.cfg", "a Python virtual environment", "Python"},
        {"pyproject.toml", "a Python project", "Python"},
        {"setup.py", "a Python project", "Python"},
        {"requirements.txt", "a Python project", "Python"},
        {"go.mod", "a Go project", "Go"},
        {"Cargo.toml", "a Rust project", "Rust"},
        {"package.json", "a Node.js project", "JavaScript"},
        {"pom.xml", "a Java project", "Java"},
        {"build.gradle", "a Java project", "Java"},
        {"build.gradle.kts", "a Java project", "Java"},
        {"CMakeLists.txt", "a CMake project", ""},
        {"meson.build", "a Meson project", ""},
        {"Makefile", "a directory of sources", ""},
        {"Dockerfile", "a directory with a Dockerfile", ""},
    };
    *ret = (struct app){0};
    detect_set(ret, APP_DIRECTORY, "a directory",
               "name the program in it; give what belongs to it with --include DIR:/app/DIR");
    for (size_t i = 0; i < ARRAY_LEN(projects); i++) {
        if (!has(names, count, projects[i].file))
            continue;
        ret->noun = str_z(projects[i].noun);
        ret->language = str_z(projects[i].language);
        return;
    }
}

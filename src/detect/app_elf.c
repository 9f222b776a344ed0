/* SPDX-License-Identifier: Apache-2.0 */
/* Which kind of ELF file. */
#include "detect/internal.h"

/* What costs nothing is asked first: the thorough searches read the whole program. */
static struct str language_of(const struct elf_file *file)
{
    if (file->is_go)
        return STR("Go");
    if (file->is_rust)
        return STR("Rust");
    for (size_t i = 0; i < file->needed_count; i++)
        if (str_starts(file->needed[i], STR("libstdc++.so")))
            return STR("C++");
    if (elf_is_go(file))
        return STR("Go");
    return elf_is_rust(file) ? STR("Rust") : STR("");
}

static int describe_program(struct app *app, struct arena *arena, struct err *err)
{
    const struct elf_file *file = &app->elf;
    app->kind = file->is_static ? APP_STATIC : APP_DYNAMIC;
    app->language = language_of(file);
    const char *linked = file->is_static ? "static" : "dynamic";
    const char *noun = app->language.len ? arena_printf(arena, "a %s program (%s)", linked, app->language.ptr)
                                         : arena_printf(arena, "a %s program", linked);
    app->noun = str_z(noun);
    return noun ? 0 : err_nomem(err);
}

static int classify(struct app *app, struct arena *arena, struct err *err)
{
    const struct elf_file *file = &app->elf;
    const char *appimage = file->bytes.ptr + 8; /* padding of the identification */
    if (file->type == ELF_TYPE_RELOCATABLE)
        detect_set(app, APP_OBJECT, "an object file, not linked yet", "link it, and give the program");
    else if (file->type == ELF_TYPE_CORE)
        detect_set(app, APP_CORE, "a core file, the memory of a program that crashed", REMEDY_ANYTHING);
    else if (file->type == ELF_TYPE_DEBUG)
        detect_set(app, APP_DEBUG, "debugging information without its program",
                   "give the program that it was taken from");
    else if (!elf_os_abi_is_linux(file))
        detect_set(app, APP_OTHER_SYSTEM, "an ELF file for another system than Linux", REMEDY_LINUX);
    else if (file->type == ELF_TYPE_LIBRARY)
        detect_set(app, APP_LIBRARY, "a shared library",
                   "name the program that uses it; a library that is opened by name comes with --include");
    else if (!elf_is_program(file))
        detect_set(app, APP_DATA, "an ELF file of an unknown kind", REMEDY_ANYTHING);
    else if (str_eq(str_of(appimage, 3), STR("AI\1")) || str_eq(str_of(appimage, 3), STR("AI\2")))
        detect_set(app, APP_APPIMAGE, "an AppImage", "unpack it (--appimage-extract), and give the program in it");
    else if (file->is_packed)
        detect_set(app, APP_PACKED, "a program packed with UPX, which hides the libraries that it needs",
                   "unpack it with 'upx -d', or give it as it was before");
    else if (!file->is_static && file->libc == ELF_LIBC_MUSL)
        detect_set(app, APP_MUSL, "a program built with musl, and Debian has glibc",
                   "build it on Debian instead of Alpine, or link it statically (-static)");
    else if (!file->is_static && (file->libc == ELF_LIBC_BIONIC || file->libc == ELF_LIBC_UCLIBC))
        detect_set(app, APP_OTHER_LIBC,
                   file->libc == ELF_LIBC_BIONIC ? "a program for Android" : "a program built with uClibc",
                   "build it on Debian, or link it statically (-static)");
    else
        return describe_program(app, arena, err);
    return 0;
}

int detect_elf(struct str bytes, struct arena *arena, struct app *app, struct err *err)
{
    struct err why = ERR_INIT;
    int r = elf_read(bytes, arena, &app->elf, &why);
    if (r == -ERR_NOMEM)
        return err_nomem(err);
    if (!r)
        return classify(app, arena, err);
    detect_set(app, APP_DAMAGED_ELF, "no program that could be loaded", "copy or build it anew");
    app->detail = arena_str(arena, str_z(why.message));
    return app->detail.ptr ? 0 : err_nomem(err);
}

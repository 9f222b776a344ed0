/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/app_kind.h"

#include <errno.h>
#include <sys/stat.h>

int app_kind_check_file(struct str path, struct err *err)
{
    struct stat st;
    if (stat(path.ptr, &st) != 0)
        return err_errno(err, errno, "cannot read the program '%.*s'", STR_ARG(path));
    if (S_ISREG(st.st_mode))
        return 0;
    if (S_ISDIR(st.st_mode)) {
        err_set(err, ERR_INVALID, "'%.*s' is a directory", STR_ARG(path));
        return err_hint(err, "name the program itself; give directories with --include DIR:/app/DIR");
    }
    err_set(err, ERR_INVALID, "'%.*s' is no regular file", STR_ARG(path));
    return err_hint(err, "give an ELF executable");
}

static int check_machine(const struct build_options *options, struct str path, const struct elf_file *file,
                         struct err *err)
{
    if (!elf_os_abi_is_linux(file)) {
        err_set(err, ERR_ARCHITECTURE, "'%.*s' is a program for %s, not for Linux", STR_ARG(path),
                elf_os_abi_name(file->os_abi));
        return err_hint(err, "build it for Linux");
    }
    if (file->machine == ELF_MACHINE_UNKNOWN) {
        char scratch[ELF_MACHINE_NAME_MAX];
        err_set(err, ERR_ARCHITECTURE, "'%.*s' is for %s, which Debian has no port for", STR_ARG(path),
                elf_machine_name(file->machine_code, file->is_64, file->is_big_endian, file->flags, scratch));
        return err_hint(err, "build it for amd64, arm64 or another of Debian's architectures");
    }
    struct str debian = elf_machine_info(file->machine)->debian;
    if (options->architecture.len && !str_eq(options->architecture, debian)) {
        err_set(err, ERR_ARCHITECTURE, "'%.*s' is for %.*s, and --arch asks for %.*s", STR_ARG(path), STR_ARG(debian),
                STR_ARG(options->architecture));
        return err_hint(err, "drop --arch, or give a program that was built for %.*s", STR_ARG(options->architecture));
    }
    return 0;
}

static int check_program(struct str path, const struct elf_file *file, struct err *err)
{
    if (!elf_is_program(file)) {
        err_set(err, ERR_ELF, "'%.*s' is a %s, not a program", STR_ARG(path), elf_type_name(file->type));
        return err_hint(err, file->type == ELF_TYPE_LIBRARY ? "name the program; give libraries with --include SRC:DST"
                                                            : "link it into an executable first");
    }
    if (file->libc == ELF_LIBC_MUSL && !file->is_static) {
        err_set(err, ERR_LIBC, "'%.*s' was built with musl (its loader is '%.*s'), and Debian has glibc", STR_ARG(path),
                STR_ARG(file->interpreter));
        return err_hint(err, "build it on Debian instead of Alpine, or link it statically (-static)");
    }
    if (!file->is_static && (file->libc == ELF_LIBC_BIONIC || file->libc == ELF_LIBC_UCLIBC)) {
        err_set(err, ERR_LIBC, "'%.*s' was not built with glibc (its loader is '%.*s')", STR_ARG(path),
                STR_ARG(file->interpreter));
        return err_hint(err, "build it on Debian, or link it statically (-static)");
    }
    return 0;
}

static const char *language_of(const struct elf_file *file)
{
    if (file->is_go)
        return ", Go";
    if (file->is_rust)
        return ", Rust";
    for (size_t i = 0; i < file->needed_count; i++)
        if (str_starts(file->needed[i], STR("libstdc++.so")))
            return ", C++";
    return "";
}

int app_kind_read(const struct op_ctx *ctx, const struct build_options *options, struct str path, struct str bytes,
                  struct elf_file *ret_file, struct str *ret_description, struct err *err)
{
    if (!elf_is_elf(bytes)) {
        err_set(err, ERR_INVALID, "'%.*s' is no ELF program", STR_ARG(path));
        return err_hint(err, "give an executable that was compiled for Linux");
    }
    struct elf_file file;
    int r = elf_read(bytes, ctx->arena, &file, err);
    if (r < 0)
        return err_wrap(err, "'%.*s'", STR_ARG(path));
    r = check_machine(options, path, &file, err);
    if (r == 0)
        r = check_program(path, &file, err);
    if (r < 0)
        return r;
    if (file.needs_executable_stack)
        op_warn(ctx, "'%.*s' asks for an executable stack; link it with -z noexecstack", STR_ARG(path));
    char *description = arena_printf(ctx->arena, "%s %s for %.*s%s%s", file.is_static ? "static" : "dynamic",
                                     elf_type_name(file.type), STR_ARG(elf_machine_info(file.machine)->debian),
                                     file.is_static ? "" : ", glibc", language_of(&file));
    if (!description)
        return err_nomem(err);
    *ret_description = str_z(description);
    *ret_file = file;
    return 0;
}
